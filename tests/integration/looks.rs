//! How output looks: colours and when there are any, the pager, the user's file, the progress bar.

use std::fs;
use std::io::Write as _;
use std::process::Command;
use std::thread;
use std::time::Duration;

use insta::assert_snapshot;

use crate::support::{Wsflow, fixture_bytes, root, wsflow};

/// All that changes a message: dropped, injected, both.
const EDITED: &str = "fixtures/edited-messages.flow";

/// The program for a terminal that has colours.
fn in_color<'a>(args: impl IntoIterator<Item = &'a str>) -> Wsflow {
    wsflow(args).env("TERM", "xterm-256color")
}

/// What a terminal of 80 columns received; `^` is an escape.
fn received(run: Wsflow) -> String {
    String::from_utf8(run.run_in_terminal(80)).unwrap().replace("\r\n", "\n").replace('\u{1b}', "^")
}

/// The same text without colours.
fn plain(text: &str) -> String {
    let mut parts = text.split("^[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| plain + part.split_once('m').expect("only colours are sent").1)
}

#[test]
fn colours_repeat_what_is_there_without_them() {
    for command in [
        &["ls", EDITED][..],
        &["ls", "--json", "fixtures/json.flow"],
        &["ls", "--format", "json", "fixtures/control-characters.flow"],
        &["ls", "--format", "csv", EDITED],
        &["flows", "--all", "fixtures/closes.flow"],
        &["show", "fixtures/tls.flow"],
        &["show", "--json", EDITED],
        &["stats", "fixtures/closes.flow"],
        &["stats", "--json", "fixtures/closes.flow"],
        &["check", "fixtures/invalid-utf8.flow"],
    ] {
        let colored = received(in_color(command.iter().copied()));
        assert_eq!(plain(&colored), received(wsflow(command)), "{command:?}");
        let is_csv = command.contains(&"csv");
        assert_eq!(colored.contains("^["), !is_csv, "{command:?}: {colored}");
    }
}

#[test]
fn marks_have_a_symbol_and_a_colour() {
    let listed = received(in_color(["ls", "--fields", "direction,type,flags,content", EDITED]));
    assert_snapshot!(listed);
    assert_snapshot!(
        "colored_flows",
        received(in_color(["flows", "--fields", "flow,status,close", "fixtures/closes.flow"]))
    );
    assert_snapshot!("colored_show", received(in_color(["show", "fixtures/tls.flow"])));
}

#[test]
fn what_is_said_first_decides_about_colours() {
    let is_colored = |args: &[&str], variables: &[(&str, &str)], in_terminal: bool| {
        let args = args.iter().copied().chain(["--limit", "1", EDITED]);
        let run = variables.iter().fold(in_color(args), |run, (name, value)| run.env(name, value));
        let out = if in_terminal { run.run_in_terminal(80) } else { run.run().ok().stdout };
        out.contains(&0x1b)
    };
    let (never, always) = (["ls", "--color", "never"], ["ls", "--color", "always"]);
    let no_color = ("NO_COLOR", "1");
    let force = ("CLICOLOR_FORCE", "1");
    for (expected, args, variables, in_terminal) in [
        (true, &["ls"][..], &[][..], true),
        (false, &["ls"], &[], false),
        (false, &["ls"], &[no_color], true),
        (true, &["ls"], &[("NO_COLOR", "")], true),
        (false, &["ls"], &[("TERM", "dumb")], true),
        (false, &["ls"], &[("CLICOLOR", "0")], true),
        (true, &["ls"], &[force], false),
        (true, &["ls"], &[force, ("TERM", "dumb")], true),
        (false, &["ls"], &[force, no_color], true),
        (true, &always, &[no_color, ("TERM", "dumb")], false),
        (false, &never, &[force], true),
        // A variable is never a reason to colour what a program reads.
        (true, &["ls", "--json"], &[], true),
        (false, &["ls", "--json"], &[force], false),
        (true, &["ls", "--json", "--color=always"], &[], false),
        (false, &["ls", "--format=raw", "--color=always"], &[], true),
    ] {
        assert_eq!(is_colored(args, variables, in_terminal), expected, "{args:?} {variables:?} {in_terminal}");
    }
}

#[test]
fn the_users_file_changes_looks_and_nothing_that_a_program_reads() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wsflowrc");
    let file = file.to_str().unwrap();
    fs::write(file, "# looks\n--color=always\n--time-format=relative\n--pager\n").unwrap();
    let out = |args: &[&str], file: &str| {
        wsflow(args.iter().chain(&["--limit", "2", EDITED])).env("WSFLOW_CONFIG", file).run().ok().text()
    };
    let table = out(&["ls"], file).replace('\u{1b}', "^");
    assert!(table.contains("^[") && table.contains("+0.000000"), "{table}");
    let table = out(&["ls", "--color=never", "--time-format=unix"], file);
    assert!(table.starts_with("0:0       1795437162.59"), "{table}");
    for format in ["ndjson", "json", "csv", "raw"] {
        let args = ["ls", "--format", format];
        assert_eq!(out(&args, file), out(&args, ""), "{format}");
    }
    fs::write(file, "--color=never\n--json\n").unwrap();
    let refused = wsflow(["ls", EDITED]).env("WSFLOW_CONFIG", file).run().code(2);
    assert!(refused.stderr.starts_with(&format!("wsflow: {file}, line 2: `--json` cannot stand here")), "{refused:?}");
    let missing = wsflow(["ls", EDITED]).env("WSFLOW_CONFIG", "no-such-file").run().code(2);
    assert!(missing.stderr.starts_with("wsflow: no-such-file, which WSFLOW_CONFIG names: "), "{missing:?}");
    // What has no looks does not need it.
    for command in ["completion bash", "man", "--version", "help ls", "help encode"] {
        wsflow(command.split(' ')).env("WSFLOW_CONFIG", "no-such-file").run().ok();
    }
}

#[test]
fn a_pager_gets_the_listing_when_it_is_asked_for() {
    let pager = ("WSFLOW_PAGER", "sed 's/^/paged: /'");
    let paged = |args: &[&str]| received(wsflow(args).env(pager.0, pager.1));
    for command in [&["ls"][..], &["flows"], &["show"], &["stats"], &["check"], &["filter", "~all"]] {
        let args = [command, &["--pager", EDITED]].concat();
        let without = received(wsflow([command, &[EDITED]].concat()));
        assert_eq!(
            paged(&args),
            without.lines().map(|line| format!("paged: {line}\n")).collect::<String>(),
            "{command:?}"
        );
    }
    for args in [&["ls", EDITED][..], &["ls", "--pager", "--no-pager", EDITED]] {
        assert_eq!(paged(args), received(wsflow(["ls", EDITED])));
    }
    // In a pipe there is nobody to turn pages.
    assert_eq!(
        wsflow(["ls", "--pager", EDITED]).env(pager.0, pager.1).run().ok().stdout,
        wsflow(["ls", EDITED]).run().ok().stdout
    );
    // A pager that is left ends it quietly; one that is not there is told.
    assert_eq!(received(wsflow(["ls", "--pager", EDITED]).env("PAGER", "true")), "");
    // What is said of errors comes after it was left.
    let failed = received(wsflow(["ls", "--pager", "--id", "99", EDITED]).env("PAGER", "sh -c 'sleep 0.2; echo left'"));
    assert!(failed.starts_with("left\nwsflow: fixtures/edited-messages.flow: there is no flow 99"), "{failed}");
    let missing = received(wsflow(["ls", "--pager", EDITED]).env("PAGER", "no-such-pager -x"));
    assert!(missing.starts_with("wsflow: the pager `no-such-pager -x` does not start; name another"), "{missing}");
}

#[test]
fn work_over_a_second_has_a_progress_bar_beside_a_pipe() {
    // A named pipe that is written to slowly is work that takes long, on any machine.
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("slow.flow");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let path = pipe.to_str().unwrap().to_owned();
    let feed = |pause: Duration| {
        let (path, capture) = (path.clone(), fixture_bytes("conversation.flow"));
        thread::spawn(move || {
            let mut pipe = fs::OpenOptions::new().write(true).open(path).unwrap();
            pipe.write_all(&capture).unwrap();
            thread::sleep(pause);
        })
    };
    let writer = feed(Duration::from_millis(1600));
    let (listed, said) = in_color(["ls", "-c", &path]).run_beside_terminal(80);
    writer.join().unwrap();
    assert_eq!(listed, b"27\n");
    assert!(said.contains("slow.flow") && said.contains("KiB"), "{said:?}");
    let writer = feed(Duration::ZERO);
    let (listed, said) = in_color(["ls", "-c", &path]).run_beside_terminal(80);
    writer.join().unwrap();
    assert_eq!((listed.as_slice(), said.as_str()), (&b"27\n"[..], ""));
}

#[test]
fn who_forgets_the_command_is_told_it() {
    let finished = wsflow([EDITED]).run().code(2);
    assert!(finished.stderr.ends_with(&format!("is a file; try: wsflow ls {EDITED}\n")), "{}", finished.stderr);
}

#[test]
fn an_option_that_is_none_is_not_taken_for_a_file() {
    for args in [&["ls", "-x", EDITED][..], &["flows", "--id", "3", EDITED], &["ls", "--limit", "-1", EDITED]] {
        let stderr = wsflow(args).run().code(2).stderr;
        assert!(stderr.starts_with("error: unexpected argument") && !stderr.contains("as a value"), "{stderr}");
    }
    let similar = wsflow(["ls", "--field", "id", EDITED]).run().code(2).stderr;
    assert!(similar.contains("a similar argument exists: '--fields'"), "{similar}");
    let zero = wsflow(["ls", "--threads", "0", EDITED]).run().code(2).stderr;
    assert!(zero.contains("expected a number, 1 or more"), "{zero}");
}

#[test]
fn the_pictures_of_the_readme_are_up_to_date() {
    if !Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success()) {
        assert!(std::env::var_os("CI").is_none(), "python3 is needed to test the pictures in CI");
        eprintln!("python3 is not here, so the pictures were not tested");
        return;
    }
    let checked = Command::new("docs/picture")
        .args([env!("CARGO_BIN_EXE_wsflow"), "--check"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for name in ["ls", "flows", "show"] {
        assert!(readme.contains(&format!("docs/{name}.svg")), "{name} is not in the README");
    }
}
