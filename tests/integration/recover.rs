//! `recover`: what is saved of a damaged capture, what is said of it, and the exit code.

use std::fs;
use std::path::Path;

use crate::support::{Finished, fixture, fixture_bytes, message_value, tls_with, wsflow};

/// Recovers bytes, and gives what was saved, which has to be sound.
#[track_caller]
fn recover(damaged: &[u8], options: &[&str], code: i32) -> (Vec<u8>, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("in"), damaged).unwrap();
    let args = [&["recover", "in", "-o", "out"], options].concat();
    let run = wsflow(args).in_folder(folder.path()).run().code(code);
    assert_eq!(run.text(), "");
    let saved = fs::read(folder.path().join("out")).unwrap();
    if !options.contains(&"--keep-faulty") {
        let args = ["check", "--deny", "incomplete-record", "out"];
        let checked = wsflow(args).in_folder(folder.path()).run();
        assert_eq!((checked.code, checked.stderr.as_str()), (0, ""), "{}", checked.text());
    }
    (saved, run.stderr)
}

#[test]
fn a_sound_capture_is_copied() {
    let capture = fixture_bytes("conversation.flow");
    let (saved, said) = recover(&capture, &[], 0);
    assert!(saved == capture);
    assert_eq!(said, "wsflow: out: 3 flows kept\n");
}

#[test]
fn each_damage_costs_what_it_hit() {
    let parts = ["tls.flow", "unicode.flow", "json.flow", "invalid-utf8.flow", "tls.flow"].map(fixture_bytes);
    let starts: Vec<_> = (0..=parts.len()).map(|count| parts[..count].concat().len()).collect();
    let mut damaged = parts.concat();
    // A tag deep inside of one, the length of another.
    let flags = b"5:false!5:false!]";
    let tag = damaged[starts[1]..].windows(flags.len()).position(|bytes| bytes == flags).unwrap() + starts[1] + 7;
    damaged[tag] = b'?';
    damaged[starts[3]] = b'x';
    let (saved, said) = recover(&damaged, &[], 3);
    assert!(saved == [&parts[0][..], &parts[2], &parts[4]].concat());
    let lines: Vec<_> = said.lines().collect();
    let [first, second, summary] = lines[..] else { panic!("{said}") };
    let lost = [parts[1].len(), parts[3].len()];
    let place = format!("byte {} on: record 1, byte {tag}, websocket.messages[0]: expected a type tag ", starts[1]);
    assert!(first.starts_with(&format!("wsflow: in: lost {} bytes from {place}", lost[0])), "{said}");
    let place = format!("byte {} on: record 3, byte {}: expected ", starts[3], starts[3]);
    assert!(second.starts_with(&format!("wsflow: in: lost {} bytes from {place}", lost[1])), "{said}");
    assert_eq!(summary, format!("wsflow: out: 3 flows kept, {} bytes lost in 2 places", lost[0] + lost[1]));
}

/// Damage of every kind, each seen by the real program: none ends it but with a code that the README tells, and what it
/// saves is sound. Each change of each byte is tried where the library is tested.
#[test]
fn any_damage_ends_with_a_code_that_has_a_meaning() {
    let tls = fixture_bytes("tls.flow");
    let whole = [&tls[..], &tls_with(|flow| assert!(flow.insert("id", "another")))].concat();
    let changed = (0..whole.len()).step_by(83).map(|at| {
        let mut damaged = whole.clone();
        damaged[at] = b"0}9:x,]\xff"[at % 8];
        damaged
    });
    let cut = (0..whole.len()).step_by(331).map(|length| whole[..length].to_vec());
    for damaged in changed.chain(cut) {
        for (args, codes) in [
            (&["ls", "--json"][..], &[0, 2, 3][..]),
            (&["flows", "--all", "--json"], &[0, 2, 3]),
            (&["check", "--json"], &[0, 1, 2]),
            (&["recover", "-", "-o", "-"], &[0, 3]),
        ] {
            let run = wsflow(args).stdin(damaged.clone()).run();
            assert!(codes.contains(&run.code), "{args:?}: {} {}", run.code, run.stderr);
            // What is not as it should be is said.
            assert!(run.code == 0 || !run.stderr.is_empty() || !run.stdout.is_empty(), "{args:?}");
            if args[0] == "recover" {
                let args = ["check", "--input-format", "flow", "--deny", "incomplete-record"];
                assert_eq!(wsflow(args).stdin(run.stdout).run().code, 0);
            }
        }
    }
}

/// Cuts the second of two connections off in its last message.
fn cut_off() -> Vec<u8> {
    let tls = fixture_bytes("tls.flow");
    let second = tls_with(|flow| assert!(flow.insert("id", "another")));
    let last = second.windows(6).position(|bytes| bytes == b"57:1:2").unwrap();
    [&tls, &second[..last + 20]].concat()
}

#[test]
fn a_last_flow_that_is_cut_off_is_rebuilt_from_its_whole_messages() {
    let damaged = cut_off();
    let (saved, said) = recover(&damaged, &[], 3);
    assert!(said.contains(
        "the last flow (1) is cut off, and was rebuilt from its first 2 messages; lost of it: the last 20 bytes"
    ));
    assert!(said.ends_with("wsflow: out: 1 flow kept, 1 rebuilt, 20 bytes lost in 1 place\n"), "{said}");
    let contents = wsflow(["ls", "--fields", "id,content", "--format", "csv"]).stdin(saved.clone()).run().ok().lines();
    assert_eq!(contents.len(), 1 + 3 + 2);
    assert_eq!(contents[4..], [contents[1].replacen("0:", "1:", 1), contents[2].replacen("0:", "1:", 1)]);
    let marked = wsflow(["flows", "--json", "-f", "~meta recovered"]).stdin(saved).run().ok().json_lines();
    assert_eq!(marked.iter().map(|flow| flow["flow"].as_u64()).collect::<Vec<_>>(), [Some(1)]);

    let (saved, said) = recover(&damaged, &["--whole-only"], 3);
    assert!(saved == fixture_bytes("tls.flow"));
    assert!(said.contains("1 flow kept, ") && said.contains("lost in 1 place"), "{said}");
}

/// A connection whose first message holds a whole capture.
fn with_a_capture_in_it() -> Vec<u8> {
    let payload = fixture_bytes("json.flow").repeat(2);
    tls_with(|flow| *message_value(flow, 0, 2) = payload.into())
}

#[test]
fn a_payload_that_looks_like_a_flow_does_not_become_one() {
    let outer = with_a_capture_in_it();
    let next = fixture_bytes("tls.flow");
    // The length of the whole, of the connection, of the messages, of the message, and a tag behind it.
    let colons: Vec<_> = outer.iter().enumerate().filter(|(_, byte)| **byte == b':').map(|(at, _)| at).collect();
    let behind = outer.windows(9).position(|bytes| bytes == b"5:scheme;").unwrap_or(outer.len() - 200);
    for at in colons[..14].iter().copied().chain(0..20).chain([behind]) {
        let mut damaged = [&outer[..], &next].concat();
        damaged[at] = b'?';
        let (saved, _) = recover(&damaged, &[], 3);
        assert!(saved == next, "byte {at}: {} bytes were saved", saved.len());
    }
    // Cut off within the payload, behind the first flow in it.
    let start = outer.windows(6).position(|bytes| bytes == b"5097:9").unwrap_or(300);
    let (saved, said) = recover(&outer[..start + 6000], &[], 3);
    assert!(saved.is_empty(), "{said}");
}

#[test]
fn flows_with_faulty_values_are_kept_when_asked_for() {
    let faulty = tls_with(|flow| *message_value(flow, 0, 0) = 7.into());
    let (saved, said) = recover(&faulty, &[], 3);
    assert!(saved.is_empty() && said.contains("websocket.messages[0].type"), "{said}");
    let (saved, _) = recover(&faulty, &["--keep-faulty"], 0);
    assert!(saved == faulty);
}

#[test]
fn many_losses_are_counted_after_the_first_ten() {
    let tls = fixture_bytes("tls.flow");
    let mut damaged = tls.repeat(31);
    for record in (1..30).step_by(2) {
        damaged[record * tls.len() + 30] = 0xff;
    }
    let (saved, said) = recover(&damaged, &[], 3);
    assert_eq!(saved.len(), 16 * tls.len());
    assert_eq!(said.lines().count(), 10 + 2);
    assert!(said.contains("in: and 5 more losses like these"), "{said}");
}

#[test]
fn what_is_no_capture_at_all_leaves_an_empty_one() {
    let (saved, said) = recover(b"not a capture, and not cut off either", &[], 3);
    assert!(saved.is_empty() && said.contains("0 flows kept"), "{said}");
    recover(b"", &[], 0);
}

#[test]
fn it_reads_stdin_and_writes_stdout() {
    let run = wsflow(["recover", "-", "-o", "-"]).stdin(cut_off()).run().code(3);
    assert!(run.stdout == recover(&cut_off(), &[], 3).0);
    assert!(run.stderr.contains("<stdin>: the last flow (1) is cut off"), "{}", run.stderr);
    assert!(run.stderr.contains("<stdout>: 1 flow kept"), "{}", run.stderr);
}

#[test]
fn it_writes_where_it_may() {
    let folder = tempfile::tempdir().unwrap();
    let tls = fixture_bytes("tls.flow");
    fs::write(folder.path().join("in"), &tls).unwrap();
    fs::write(folder.path().join("there"), "old").unwrap();
    let run = |args: &[&str]| wsflow([&["recover"], args].concat()).in_folder(folder.path()).run();
    let refuses = |finished: Finished, word: &str| assert!(finished.code(2).stderr.contains(word));
    refuses(run(&["missing", "-o", "new"]), "missing");
    refuses(run(&["in", "-o", "there"]), "--force");
    refuses(run(&["in", "-o", "in", "--force"]), "input");
    let read = |name: &str| fs::read(Path::new(folder.path()).join(name)).ok();
    assert_eq!((read("there"), read("new")), (Some(b"old".to_vec()), None));
    run(&["in", "-o", "there", "--force"]).code(0);
    assert!(read("there") == Some(tls));
}

/// Formats that are no flow files are refused, and nothing is written.
#[test]
fn what_is_no_flow_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["capture.har", "capture.msgpack", "capture.ndjson"] {
        let path = folder.path().join(name);
        wsflow(["encode".into(), fixture("tls.flow"), "-o".into(), path.clone()]).run().code(0);
        let out = folder.path().join("out");
        let refused = wsflow(["recover".into(), path, "-o".into(), out.clone()]).run().code(2);
        assert!(refused.stderr.contains("recover takes flow files") && refused.stderr.contains("wsflow encode"));
        assert!(!out.exists());
    }
}

/// Damage in the first bytes, and bytes in front of the first flow.
#[test]
fn damage_at_the_start_costs_the_first_flow_at_most() {
    let capture = fixture_bytes("conversation.flow");
    let mut cases = vec![[b"some garbage: ", &capture[..]].concat()];
    for position in 0..6 {
        for byte in [0, b'{', b'x', 0x85, 0xc5] {
            let mut damaged = capture.clone();
            damaged[position] = byte;
            cases.push(damaged);
        }
    }
    for damaged in cases {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("in");
        fs::write(&path, &damaged).unwrap();
        let listed = wsflow(["flows".as_ref(), "--all".as_ref(), "-c".as_ref(), path.as_os_str()]).run().code(3);
        assert!(listed.stderr.contains("wsflow recover "), "{}", listed.stderr);
        let count: u64 = listed.text().trim().parse().unwrap();
        assert!((2..=3).contains(&count), "{:?}: {}", &damaged[..8], listed.stderr);
        wsflow(["check".as_ref(), path.as_os_str()]).run().code(1);
        assert_eq!(recover(&damaged, &[], 3).0.len() < capture.len(), count == 2);
    }
}

/// A flow whose last message is cut off, and whose other values mitmproxy would not take.
#[test]
fn what_is_rebuilt_is_sound_even_if_the_flow_was_not() {
    let flow = tls_with(|flow| {
        let websocket = flow.get_mut("websocket").unwrap();
        websocket.insert("close_code", 999);
        websocket.insert("closed_by_client", 5);
        websocket.insert("close_reason", "x".repeat(200));
        websocket.insert("timestamp_end", "late");
        websocket.insert("bogus", 1);
    });
    let cut = flow.windows(6).position(|bytes| bytes == b"57:1:2").unwrap() + 20;
    let (saved, said) = recover(&flow[..cut], &[], 3);
    assert!(said.contains("rebuilt from its first 2 messages"), "{said}");
    assert_eq!(wsflow(["check", "--deny", "unknown-key"]).stdin(saved).run().code, 0);
}

/// Websockets within websockets are no flow, and no reason to give up.
#[test]
fn nesting_without_end_is_lost() {
    for name in ["websocket", "backup"] {
        let entry = |number: u64| format!("{}:{}:{name};", 10_u64.pow(8) - number * 40, name.len());
        let nested: String = (0..40_000).map(entry).collect();
        let (saved, _) = recover(nested.as_bytes(), &[], 3);
        assert_eq!(saved.len(), 0);
    }
}
