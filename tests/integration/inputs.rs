//! Inputs that are no usual files, or that change while they are read; names that are not UTF-8: every command.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::commands::{self, Use};
use crate::support::{fixture_bytes, wsflow};

fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsflow"));
    command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// All uses that read the file that they are given.
fn reading() -> impl Iterator<Item = Use> {
    commands::uses().filter(|used| used.has("FILE"))
}

fn run(used: &Use, file: &Path, folder: &Path) -> (Output, String) {
    let output = program(folder).args(used.args(file, &folder.join("out"), folder)).output().unwrap();
    let said = String::from_utf8(output.stderr.clone()).expect("stderr is text");
    (output, said)
}

#[test]
fn what_cannot_be_read_is_an_error_of_every_command() {
    let folder = tempfile::tempdir().unwrap();
    for used in reading() {
        // It can be opened, and reading it fails.
        for (file, why) in [
            ("/proc/self/mem", "/proc/self/mem: cannot read: Input/output error"),
            (".", ".: is a directory, not a capture"),
            ("missing", "missing: No such file"),
            ("missing/f", "missing/f: No such file"),
            ("/proc/self/mem/f", "/proc/self/mem/f: Not a directory"),
        ] {
            let (output, said) = run(&used, Path::new(file), folder.path());
            assert_eq!(output.status.code(), Some(2), "{used:?} {file}: {said}");
            assert!(said.starts_with(&format!("wsflow: {why}")), "{used:?} {file}: {said}");
            assert!(!folder.path().join("out").exists(), "{used:?} {file}");
        }
        // A folder as stdin.
        let args = used.args(Path::new("-"), &folder.path().join("out"), folder.path());
        let output = program(folder.path()).args(args).stdin(File::open(".").unwrap()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{used:?}: {said}");
        assert!(said.starts_with("wsflow: <stdin>: cannot read: Is a directory"), "{used:?}: {said}");
    }
}

#[test]
fn a_named_pipe_is_an_input_like_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let capture = fixture_bytes("conversation.flow");
    let (file, pipe, out) = (folder.path().join("file"), folder.path().join("pipe"), folder.path().join("out"));
    fs::write(&file, &capture).unwrap();
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for used in reading() {
        let count = used.args(&file, &out, folder.path()).iter().filter(|arg| **arg == file).count();
        if count > 1 {
            continue;
        }
        let (of_file, said_of_file) = run(&used, &file, folder.path());
        let written = fs::read(&out).ok();
        drop(fs::remove_file(&out));
        let (of_pipe, said) = thread::scope(|scope| {
            // Who writes to it waits until it is opened.
            scope.spawn(|| fs::write(&pipe, &capture));
            run(&used, &pipe, folder.path())
        });
        let text =
            |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(file.to_str().unwrap(), pipe.to_str().unwrap());
        assert_eq!(of_pipe.status.code(), of_file.status.code(), "{used:?}: {said}");
        assert_eq!(text(&of_pipe.stdout), text(&of_file.stdout), "{used:?}");
        assert_eq!(said, text(said_of_file.as_bytes()), "{used:?}");
        assert!(fs::read(&out).ok() == written, "{used:?}");
        drop(fs::remove_file(&out));
    }
}

#[test]
fn a_file_that_grows_is_read_as_far_as_it_came() {
    let folder = tempfile::tempdir().unwrap();
    let flow = fixture_bytes("json.flow");
    let path = folder.path().join("f.flow");
    for no_mmap in [&[][..], &["--no-mmap"]] {
        fs::write(&path, flow.repeat(2000)).unwrap();
        let mut child = program(folder.path()).args(["ls", "--json", "f.flow"]).args(no_mmap).spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        // It has begun, and it cannot end before it is read from.
        let mut listed = vec![0; 1000];
        stdout.read_exact(&mut listed).unwrap();
        File::options().append(true).open(&path).unwrap().write_all(&flow.repeat(100)).unwrap();
        stdout.read_to_end(&mut listed).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
        let lines = String::from_utf8(listed).unwrap();
        let flows = serde_json::from_str::<serde_json::Value>(lines.lines().last().unwrap()).unwrap()["flow"].clone();
        assert_eq!(flows, if no_mmap.is_empty() { 1999 } else { 2099 });
    }
}

#[test]
fn a_file_that_is_shortened_ends_as_one_that_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f.flow");
    let capture = fixture_bytes("conversation.flow").repeat(400);
    for command in [
        "ls --json f.flow",
        "ls --follow f.flow",
        "show f.flow",
        "flows --all --json f.flow",
        "filter ~all f.flow",
        "stats --json f.flow",
        "encode f.flow --to flow -o -",
        "encode f.flow --to har -o -",
    ] {
        fs::write(&path, &capture).unwrap();
        let mut child = program(folder.path()).args(command.split(' ')).arg("--no-mmap").spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let mut written = vec![0; 1000];
        stdout.read_exact(&mut written).unwrap();
        // It waits for its reader, and has not come to the end.
        File::options().write(true).open(&path).unwrap().set_len(capture.len() as u64 / 2 + 7).unwrap();
        if command.contains("--follow") {
            thread::sleep(Duration::from_millis(10));
            drop(stdout);
            assert_eq!(child.wait().unwrap().code(), Some(0));
            continue;
        }
        stdout.read_to_end(&mut written).unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{command}: {said}");
        assert!(said.contains("the last record is incomplete"), "{command}: {said}");
    }
}

/// What a map does then, as the README has it: the program is ended, and nothing stands under the name of the output.
#[test]
fn a_mapped_file_that_is_shortened_leaves_no_output() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f.flow");
    let capture = fixture_bytes("conversation.flow").repeat(4000);
    for shortened in 0..5 {
        fs::write(&path, &capture).unwrap();
        let mut child = program(folder.path()).args(["drop", "~all", "f.flow", "-o", "out"]).spawn().unwrap();
        let begun = Instant::now();
        let is_begun = || fs::read_dir(folder.path()).unwrap().count() > 1;
        while !is_begun() && child.try_wait().unwrap().is_none() {
            assert!(begun.elapsed() < Duration::from_secs(60));
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(Duration::from_millis(shortened));
        File::options().write(true).open(&path).unwrap().set_len(5000).unwrap();
        let status = child.wait().unwrap();
        assert_eq!(folder.path().join("out").exists(), status.success(), "{status}");
        for entry in fs::read_dir(folder.path()).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
    }
}

#[test]
fn names_that_are_not_utf8_are_names() {
    let folder = tempfile::tempdir().unwrap();
    let odd = |name: &[u8]| folder.path().join(OsStr::from_bytes(name));
    let (plain, named) = (folder.path().join("caf.flow"), odd(b"caf\xe9.flow"));
    fs::write(&plain, fixture_bytes("conversation.flow")).unwrap();
    fs::write(&named, fixture_bytes("conversation.flow")).unwrap();
    for used in reading() {
        let (out, odd_out) = (folder.path().join("out"), odd(b"out\xff"));
        let mut runs = Vec::new();
        for (file, out) in [(&plain, &out), (&named, &odd_out)] {
            let output = program(folder.path()).args(used.args(file, out, folder.path())).output().unwrap();
            String::from_utf8(output.stderr).expect("stderr is text");
            runs.push((output.status.code(), output.stdout.split(|byte| *byte == b'\n').count(), fs::read(out).ok()));
            drop(fs::remove_file(out));
        }
        assert!(runs[0] == runs[1], "{used:?}: {:?} {:?}", runs[0].0, runs[1].0);
    }
    // In JSON and in messages a byte that is no text is told as such.
    let listed = wsflow([OsStr::new("ls"), OsStr::new("--json"), OsStr::new("--fields=file"), named.as_os_str()]).run();
    assert!(listed.json_lines()[0]["file"].as_str().unwrap().ends_with("/caf\u{fffd}.flow"));
    let missing = wsflow([OsStr::new("ls"), OsStr::from_bytes(b"missing\xff")]).run().code(2);
    assert!(missing.stderr.starts_with("wsflow: missing\u{fffd}: No such file"), "{}", missing.stderr);
}

#[test]
fn a_file_that_is_not_there_is_told_though_the_limit_was_reached() {
    for command in ["ls", "flows"] {
        let finished =
            wsflow([command, "--limit", "1", "fixtures/conversation.flow", "nope.flow", "src"]).run().code(2);
        assert_eq!(finished.stdout.iter().filter(|byte| **byte == b'\n').count(), 1);
        assert!(finished.stderr.contains("nope.flow: No such file"), "{}", finished.stderr);
        assert!(finished.stderr.contains("src: is a directory"), "{}", finished.stderr);
    }
}

#[test]
fn json_of_others_is_no_capture() {
    let finished = wsflow(["ls"]).stdin("{\n  \"name\": \"x\",\n  \"version\": 1\n}\n").run().code(2);
    assert_eq!(finished.stderr.lines().count(), 1, "{}", finished.stderr);
    assert!(finished.stderr.contains("not a capture"), "{}", finished.stderr);
}
