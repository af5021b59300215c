//! `wsflow drop`: the named messages change, and not a byte besides.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use insta::assert_snapshot;

use crate::support::{Finished, fixture, fixture_bytes, readable_captures, wsflow};
use crate::tree;

/// Runs `drop` from stdin to stdout.
fn drop(args: &[&str], capture: &[u8]) -> Finished {
    wsflow([&["drop", "-", "-o", "-"], args].concat()).stdin(capture).run()
}

/// A few messages of a capture: flow, message, and whether it is dropped; the first, the last, and one between.
fn a_few_messages(capture: &[u8]) -> Vec<(usize, usize, bool)> {
    let mut all = Vec::new();
    for (number, flow) in tree::parse(capture).iter_mut().enumerate() {
        for (message, values) in flow.messages().into_iter().flatten().enumerate() {
            all.push((number, message, values.items()[4] == tree::bool(true)));
        }
    }
    let mut few = vec![0, all.len() / 2, all.len().saturating_sub(1)];
    few.dedup();
    few.into_iter().filter_map(|at| all.get(at).copied()).collect()
}

#[test]
fn a_mark_set_and_cleared_again_gives_the_same_bytes() {
    let mut messages = 0;
    for path in readable_captures() {
        let capture = fs::read(&path).unwrap();
        for (flow, message, is_dropped) in a_few_messages(&capture) {
            let place = format!("{flow}:{message} of {}", path.display());
            let id = format!("{flow}:{message}");
            let (change, undo) = (["--id", &id], ["--id", &id, "--undo"]);
            let (there, back) = if is_dropped { (&undo[..], &change[..]) } else { (&change[..], &undo[..]) };
            let changed = drop(there, &capture).code(0).stdout;

            // All that is another is the flag, and the lengths of what stands around it.
            let mut expected = tree::parse(&capture);
            assert!(tree::encode(&expected) == capture, "{place}");
            expected[flow].messages().unwrap()[message].items()[4] = tree::bool(!is_dropped);
            assert!(changed == tree::encode(&expected), "{place}");

            assert!(drop(back, &changed).code(0).stdout == capture, "{place}");
            messages += 1;
        }
    }
    assert!(messages > 60, "{messages}");
}

#[test]
fn deleted_messages_are_gone_and_nothing_else_is() {
    for path in readable_captures() {
        let capture = fs::read(&path).unwrap();
        for (flow, message, _) in a_few_messages(&capture) {
            let id = format!("{flow}:{message}");
            let changed = drop(&["--delete", "--id", &id], &capture).code(0).stdout;
            let mut expected = tree::parse(&capture);
            expected[flow].messages().unwrap().remove(message);
            assert!(changed == tree::encode(&expected), "{id} of {}", path.display());
        }
    }
}

#[test]
fn messages_are_chosen_by_an_expression_or_by_position() {
    let capture = fixture_bytes("conversation.flow");
    let dropped = |args: &[&str]| {
        let changed = drop(args, &capture).code(0).stdout;
        let listed = wsflow(["ls", "--format", "raw", "--fields", "id", "-f", "~dropped"]).stdin(changed).run();
        listed.ok().lines().join(" ")
    };
    assert_eq!(dropped(&["--id", "0:11-99,2"]), "0:11 0:12 2:0 2:1 2:2 2:3 2:4 2:5 2:6");
    let wanted = wsflow(["ls", "--format", "raw", "--fields", "id", "-f", "~client & ~text"]).stdin(capture.clone());
    let wanted = wanted.run().ok().lines().join(" ");
    assert!(wanted.len() > 10);
    let changed = wsflow(["drop", "~client & ~text", "-", "-o", "-"]).stdin(capture.clone()).run().code(0).stdout;
    let listed = wsflow(["ls", "--format", "raw", "--fields", "id", "-f", "~dropped"]).stdin(changed).run();
    assert_eq!(listed.ok().lines().join(" "), wanted);
}

#[test]
fn it_says_what_changed() {
    let said = |args: &[&str]| wsflow([&["drop", "-n"], args].concat()).run().code(0).stderr;
    const CAPTURE: &str = "fixtures/edited-messages.flow";
    assert_snapshot!(said(&["~all", CAPTURE]),
        @"wsflow: fixtures/edited-messages.flow: would be marked as dropped: 14 messages of 1 connection; 7 more matched, and are marked as dropped already");
    assert_snapshot!(said(&["~all", "--undo", CAPTURE]),
        @"wsflow: fixtures/edited-messages.flow: would no longer be marked as dropped: 7 messages of 2 connections; 14 more matched, and are not marked as dropped");
    assert_snapshot!(said(&["--delete", "--id", "0:0", CAPTURE]),
        @"wsflow: fixtures/edited-messages.flow: would be deleted: 1 message of 1 connection");
    assert_snapshot!(said(&["--undo", "--id", "0:0", CAPTURE]),
        @"wsflow: fixtures/edited-messages.flow: nothing to change: 1 message of 1 connection matched, and is not marked as dropped");
    assert_snapshot!(said(&["~b nowhere", CAPTURE]),
        @"wsflow: fixtures/edited-messages.flow: nothing matched, so there is nothing to change");
    assert_snapshot!(said(&["--delete", "--id", "2:0", "fixtures/backup.flow"]), @r"
    wsflow: fixtures/backup.flow: would be deleted: 1 message of 1 connection
    wsflow: fixtures/backup.flow: 1 of these connections holds an earlier copy in `backup`, with its messages; it is left as it is
    ");
    assert_snapshot!(said(&["--delete", "~client", "fixtures/backup.flow"]), @r"
    wsflow: fixtures/backup.flow: would be deleted: 6 messages of 3 connections
    wsflow: fixtures/backup.flow: 3 of these connections hold an earlier copy in `backup`, with its messages; it is left as it is
    ");
}

#[test]
fn a_backup_keeps_its_messages() {
    let capture = fixture_bytes("backup.flow");
    let changed = wsflow(["drop", "~all", "--delete", "-", "-o", "-"]).stdin(capture.clone()).run().code(0).stdout;
    let (mut before, mut after) = (tree::parse(&capture), tree::parse(&changed));
    for (before, after) in before.iter_mut().zip(&mut after) {
        assert_eq!(before.get("backup"), after.get("backup"));
        assert!(after.messages().is_none_or(|messages| messages.is_empty()));
    }
    assert!(changed.windows(7).any(|window| window == b"hunter2"));
}

#[test]
fn a_dry_run_touches_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("f.flow");
    fs::copy(fixture("conversation.flow"), &file).unwrap();
    let before = fs::metadata(&file).unwrap();
    for args in [&["-n"][..], &["-n", "--in-place", "--backup", ".old"], &["-n", "-o", "out.flow"]] {
        let finished = wsflow([&["drop", "~all", "f.flow"], args].concat()).in_folder(folder.path()).run().code(0);
        assert!(
            finished.stderr.contains("would be marked as dropped: 27 messages of 3 connections"),
            "{}",
            finished.stderr
        );
    }
    let after = fs::metadata(&file).unwrap();
    assert_eq!((before.ino(), before.modified().unwrap()), (after.ino(), after.modified().unwrap()));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    // What would be refused is refused.
    let finished = wsflow(["drop", "~all", "f.flow", "-n", "-o", "f.flow"]).in_folder(folder.path()).run().code(2);
    assert!(finished.stderr.contains("is the input"), "{}", finished.stderr);
}

#[test]
fn in_place_keeps_permissions_and_the_backup_that_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("f.flow");
    let capture = fixture_bytes("conversation.flow");
    fs::write(&file, &capture).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o604)).unwrap();
    let run = |args: &[&str]| wsflow([&["drop", "--in-place", "f.flow"], args].concat()).in_folder(folder.path()).run();

    run(&["--id", "0:0", "--backup", ".old"]).code(0);
    let changed = fs::read(&file).unwrap();
    assert_ne!(changed, capture);
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o7777, 0o604);
    assert_eq!(fs::read(folder.path().join("f.flow.old")).unwrap(), capture);

    let refused = run(&["--id", "0:1", "--backup", ".old"]).code(2);
    assert!(refused.stderr.contains("f.flow.old: a backup exists already"), "{}", refused.stderr);
    assert_eq!(fs::read(&file).unwrap(), changed);

    // Nothing to change, nothing to replace.
    let before = fs::metadata(&file).unwrap().ino();
    run(&["--id", "0:0"]).code(0);
    assert_eq!(fs::metadata(&file).unwrap().ino(), before);
    run(&["--id", "0:0", "--undo"]).code(0);
    assert_ne!(fs::metadata(&file).unwrap().ino(), before);
    assert_eq!(fs::read(&file).unwrap(), capture);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn a_file_that_somebody_writes_is_not_replaced_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("f.flow");
    let capture = fixture_bytes("conversation.flow");
    fs::write(&file, &capture).unwrap();
    let inode = fs::metadata(&file).unwrap().ino();
    let run =
        |args: &[&str]| wsflow([&["drop", "--id", "0:0", "f.flow"], args].concat()).in_folder(folder.path()).run();

    // As mitmdump has it between two flows: the file ends well, and more comes later.
    let mut writer = fs::File::options().append(true).open(&file).unwrap();
    let held_by = format!("process {} (", std::process::id());
    for args in
        [&["--in-place"][..], &["--in-place", "--force"], &["--in-place", "--backup", ".old"], &["-n", "--in-place"]]
    {
        let refused = run(args).code(2);
        assert!(refused.stderr.contains("f.flow: not replaced: "), "{}", refused.stderr);
        assert!(refused.stderr.contains(&held_by), "{}", refused.stderr);
    }
    run(&["-o", "out"]).code(0);
    fs::remove_file(folder.path().join("out")).unwrap();
    writer.write_all(&capture).unwrap();
    assert!(fs::read(&file).unwrap() == [&capture[..], &capture].concat());
    assert_eq!(fs::metadata(&file).unwrap().ino(), inode);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

    std::mem::drop(writer);
    // Who only reads is in nobody's way.
    let _reader = fs::File::open(&file).unwrap();
    run(&["--in-place"]).code(0);
    assert_ne!(fs::metadata(&file).unwrap().ino(), inode);
}

#[test]
fn a_write_protected_file_is_not_replaced_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("f.flow");
    let capture = fixture_bytes("conversation.flow");
    fs::write(&file, &capture).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o444)).unwrap();
    let refused = wsflow(["drop", "--id", "0:0", "f.flow", "--in-place", "--force"]).in_folder(folder.path()).run();
    let said = refused.code(2).stderr;
    assert!(said.contains("f.flow: is write-protected; use -o OUT, or allow it: chmod u+w f.flow"), "{said}");
    assert!(fs::read(&file).unwrap() == capture);
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(fixture("conversation.flow"), folder.path().join("f.flow")).unwrap();
    fs::copy(fixture("mixed-http.msgpack"), folder.path().join("f.msgpack")).unwrap();
    fs::copy(fixture("mixed-http.flow"), folder.path().join("other.flow")).unwrap();
    fs::write(folder.path().join("there"), "mine").unwrap();
    fs::hard_link(folder.path().join("f.flow"), folder.path().join("link")).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.path().join("dangling")).unwrap();
    for (args, said) in [
        (&["~all", "f.flow"][..], "--output <OUT>|--in-place|--dry-run"),
        (&["~all", "-o", "out"], "FILE is missing"),
        (&["f.flow", "-o", "out"], "EXPR is missing: which messages of `f.flow`?"),
        (&["-o", "out", "--id", "1"], "FILE is missing"),
        (&["~all", "f.flow", "--id", "1", "-o", "out"], "either EXPR or --id"),
        (&["-o", "out"], "EXPR is missing"),
        (&["~all", "f.flow", "-o", "out", "--in-place"], "cannot be used with"),
        (&["~all", "f.flow", "-o", "out", "--backup", ".b"], "--backup <SUFFIX>"),
        (&["~all", "f.flow", "-o", "out", "--delete", "--undo"], "cannot be used with"),
        (&["~nothing", "missing.flow", "-o", "out"], "no such operator"),
        (&["~all", "f.flow", "-o", "there"], "there: exists already; --force replaces it"),
        (&["~all", "f.flow", "-o", "f.flow"], "f.flow: is the input f.flow itself"),
        (&["~all", "f.flow", "-o", "link", "--force"], "link: is the input f.flow itself"),
        (&["~all", "f.flow", "-o", "dangling"], "a symbolic link that leads nowhere"),
        (&["~all", "f.flow", "-o", "."], "is a directory"),
        (&["~all", "f.flow", "-o", "no/such/folder"], "cannot write no/such/folder"),
        (&["~all", "missing.flow", "-o", "out"], "missing.flow"),
        (&["~all", "missing.flow", "--in-place"], "missing.flow"),
        (&["~all", "-", "--in-place"], "stdin is none"),
        (&["~all", "f.flow", "--in-place", "--backup", "/x"], "no suffix"),
        (&["--id", "9:9", "f.flow", "-o", "out"], "f.flow: there is no flow 9, so there is no 9:9;"),
        (&["--id", "9:9", "f.flow", "-o", "-"], "f.flow: there is no flow 9, so there is no 9:9;"),
        (&["--id", "0:1,1", "other.flow", "-o", "-"], "flow 0 is no WebSocket connection, so there is no 0:1;"),
        (&["--id", "0:99", "f.flow", "--in-place"], "the last message of flow 0 is 0:12, so there is no 0:99;"),
        (&["~all", "f.flow", "-o", "out.har"], "this command writes flow files, and `.har` means har"),
        (&["~all", "-", "-o", "out.MPK"], "wsflow encode OUT.flow -o out.MPK"),
        (&["~all", "f.msgpack", "-o", "out"], "`wsflow encode f.msgpack -o OUT.flow` makes one of it"),
        (&["~all", "f.msgpack", "--in-place"], "`wsflow encode f.msgpack -o OUT.flow` makes one of it"),
    ] {
        let finished = wsflow([&["drop"], args].concat()).in_folder(folder.path()).run().code(2);
        assert!(finished.stderr.contains(said), "{args:?}: {}", finished.stderr);
        assert_eq!(finished.stdout, b"", "{args:?}");
    }
    let mut names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["dangling", "f.flow", "f.msgpack", "link", "other.flow", "there"]);
    assert_eq!(fs::read(folder.path().join("f.flow")).unwrap(), fixture_bytes("conversation.flow"));
    assert_eq!(fs::read(folder.path().join("there")).unwrap(), b"mine");
}

#[test]
fn force_replaces_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    fs::write(&out, "old").unwrap();
    let capture = fixture("conversation.flow");
    let args = ["drop", "--id", "0:0", capture.to_str().unwrap(), "-o", "out", "--force"];
    wsflow(args).in_folder(folder.path()).run().code(0);
    assert_eq!(fs::read(&out).unwrap(), drop(&["--id", "0:0"], &fixture_bytes("conversation.flow")).stdout);
}

/// A capture of three flows, of which the second is of a version that nobody knows, and what it becomes when all
/// messages are dropped.
fn with_a_broken_flow() -> (Vec<u8>, Vec<u8>) {
    let mut flows = tree::parse(&fixture_bytes("conversation.flow"));
    *flows[1].get("version").unwrap() = tree::Tree::Leaf(b"what".to_vec(), b';');
    let capture = tree::encode(&flows);
    for flow in [0, 2] {
        flows[flow].messages().unwrap().iter_mut().for_each(|message| message.items()[4] = tree::bool(true));
    }
    (capture, tree::encode(&flows))
}

#[test]
fn a_flow_that_is_broken_within_is_copied_as_it_is() {
    let (capture, expected) = with_a_broken_flow();
    let finished = wsflow(["drop", "~all", "-", "-o", "-"]).stdin(capture.clone()).run().code(3);
    assert!(finished.stdout == expected);
    assert!(finished.stderr.contains("record 1"), "{}", finished.stderr);

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("f.flow");
    fs::write(&file, &capture).unwrap();
    wsflow(["drop", "~all", "f.flow", "--in-place"]).in_folder(folder.path()).run().code(3);
    assert!(fs::read(&file).unwrap() == expected);
}

/// Drops all messages of a capture, to an output and in place, and holds the results against what is expected.
#[track_caller]
fn assert_damage_is_copied(capture: &[u8], expected: &[u8], may_still_be_written: bool) {
    let finished = wsflow(["drop", "~all", "-", "-o", "-"]).stdin(capture).run().code(3);
    assert!(finished.stdout == expected);
    assert!(finished.stderr.contains("what is damaged is copied as it is"), "{}", finished.stderr);

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("f.flow");
    fs::write(&file, capture).unwrap();
    let in_place = |args: &[&str]| {
        let args = [&["drop", "~all", "f.flow", "--in-place"], args].concat();
        wsflow(args).in_folder(folder.path()).run()
    };
    if may_still_be_written {
        let refused = in_place(&[]).code(2);
        assert!(refused.stderr.contains("not replaced: it may still be written to"), "{}", refused.stderr);
        assert!(fs::read(&file).unwrap() == capture);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        // Also when it need not be looked at.
        wsflow(["drop", "--id", "0:0", "f.flow", "--in-place"]).in_folder(folder.path()).run().code(2);
        assert!(fs::read(&file).unwrap() == capture);
        in_place(&["--force"]).code(3);
    } else {
        in_place(&[]).code(3);
    }
    assert!(fs::read(&file).unwrap() == expected);
}

fn all_dropped(capture: &str) -> Vec<u8> {
    wsflow(["drop", "~all", "-", "-o", "-"]).stdin(fixture_bytes(capture)).run().code(0).stdout
}

#[test]
fn an_incomplete_last_flow_is_copied_and_not_replaced_in_place() {
    let (sound, next) = (fixture_bytes("conversation.flow"), fixture_bytes("json.flow"));
    for tail in [&next[..next.len() / 2], b"123"] {
        let expected = [&all_dropped("conversation.flow"), tail].concat();
        assert_damage_is_copied(&[&sound, tail].concat(), &expected, true);
    }
}

#[test]
fn damage_is_copied_and_flows_behind_it_are_edited() {
    let (sound, next) = (fixture_bytes("conversation.flow"), fixture_bytes("json.flow"));
    let (sound_after, next_after) = (all_dropped("conversation.flow"), all_dropped("json.flow"));
    for damage in [&b"garbage"[..], b"5:short]", b"3:foo;", &next[7..]] {
        assert_damage_is_copied(&[&sound, damage].concat(), &[&sound_after, damage].concat(), false);
        let between = [&sound, damage, &next].concat();
        assert_damage_is_copied(&between, &[&sound_after, damage, &next_after].concat(), false);
    }
}

#[test]
fn a_newline_at_the_end_is_kept() {
    let capture = [&fixture_bytes("conversation.flow")[..], b"\n"].concat();
    let changed = drop(&["--id", "0:0"], &capture).code(0).stdout;
    assert!(changed.ends_with(b"}\n"));
    assert!(drop(&["--id", "0:0", "--undo"], &changed).code(0).stdout == capture);
}

#[test]
fn threads_and_ways_of_reading_change_nothing() {
    // One connection that is cut into many pieces.
    let mut flows = tree::parse(&fixture_bytes("conversation.flow"));
    let messages = flows[0].messages().unwrap();
    let few = messages.clone();
    messages.extend(std::iter::repeat_n(few, 4000).flatten());
    let capture = tree::encode(&flows);
    assert!(capture.len() > 3 << 20);
    let mut expected = flows.clone();
    for flow in &mut expected {
        for message in flow.messages().unwrap() {
            if message.items()[1] == tree::bool(true) {
                message.items()[4] = tree::bool(true);
            }
        }
    }
    let expected = tree::encode(&expected);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("f.flow"), &capture).unwrap();
    for args in [&["--threads", "1"][..], &["--threads", "7"], &["--no-mmap"]] {
        let args = [&["drop", "~client", "f.flow", "-o", "-"], args].concat();
        assert!(wsflow(args).in_folder(folder.path()).run().code(0).stdout == expected);
    }
    assert!(wsflow(["drop", "~client", "-", "-o", "-"]).stdin(capture).run().code(0).stdout == expected);
}

#[test]
fn a_device_is_written_straight_to() {
    let capture = fixture("conversation.flow");
    let to = |out: &str| wsflow(["drop", "~all", capture.to_str().unwrap(), "-o", out]).run();
    to("/dev/null").code(0);
    let full = to("/dev/full").code(2);
    assert!(full.stderr.contains("cannot write /dev/full"), "{}", full.stderr);
    assert!(!Path::new("/dev/full").is_file());
}
