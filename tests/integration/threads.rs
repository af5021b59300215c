//! Any number of threads writes the same bytes.

use std::fs;
use std::path::{Path, PathBuf};

use crate::corpus::{self, Shape};
use crate::support::{captures, fixture, root, wsflow};

/// Commands of which everything that is written is compared. `OUT` is a file.
const COMMANDS: [&[&str]; 24] = [
    &["ls"],
    &["ls", "--json", "--parse"],
    &["ls", "--format", "json"],
    &["ls", "--format", "csv"],
    &["ls", "--format", "raw"],
    &["ls", "-c"],
    &["ls", "--json", "--limit", "5000"],
    &["flows", "--all"],
    &["flows", "--json", "--filter", "~b needle"],
    &["stats"],
    &["stats", "--json"],
    &["stats", "--format", "json", "--filter", "~b needle"],
    &["filter", "~b needle | ~binary"],
    &["filter", "!~b needle", "-o", "OUT"],
    &["filter", "~b needle", "--flows", "--keep-others", "-o", "OUT"],
    &["encode", "--to", "msgpack", "-o", "OUT"],
    &["encode", "--to", "ndjson", "-o", "OUT"],
    &["encode", "--to", "har", "-o", "OUT"],
    &["encode", "--to", "flow", "-o", "OUT"],
    &["ls", "--no-mmap"],
    &["ls", "--id", "0:0-4000"],
    &["flows", "--all", "--format", "csv"],
    &["check"],
    &["check", "--json"],
];

/// The same, of commands that take one file.
const COMMANDS_OF_ONE: [&[&str]; 4] =
    [&["show"], &["show", "--json"], &["drop", "~msg 0 | ~binary", "-o", "OUT"], &["recover", "-o", "OUT"]];

/// All that a run gives: its code, what it wrote, what it said.
fn run(args: &[&str], threads: &str, files: &[PathBuf]) -> (i32, Vec<u8>, String) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let args = args.iter().map(|arg| if *arg == "OUT" { out.as_path() } else { Path::new(arg) });
    let files = files.iter().map(PathBuf::as_path);
    let finished = wsflow(args.chain([Path::new("--threads"), Path::new(threads)]).chain(files)).run();
    let written = fs::read(&out).unwrap_or(finished.stdout);
    let said = finished.stderr.replace(out.to_str().unwrap(), "OUT");
    (finished.code, written, said)
}

#[track_caller]
fn assert_same(files: &[PathBuf]) {
    COMMANDS.iter().for_each(|args| assert_command_is_same(args, files));
    for file in files {
        COMMANDS_OF_ONE.iter().for_each(|args| assert_command_is_same(args, std::slice::from_ref(file)));
    }
}

#[track_caller]
fn assert_command_is_same(args: &[&str], files: &[PathBuf]) {
    let (code, written, said) = run(args, "1", files);
    for threads in ["2", "5"] {
        let (other_code, other_written, other_said) = run(args, threads, files);
        assert_eq!((other_code, &other_said), (code, &said), "{args:?} with {threads} threads");
        assert!(other_written == written, "{args:?} with {threads} threads writes other bytes");
    }
}

#[test]
fn any_number_of_threads_writes_the_same_of_every_fixture() {
    let mut files = captures(&root().join("fixtures"), ".flow");
    files.extend(captures(&fixture("versions"), ".flow"));
    files.extend(captures(&root().join("fixtures"), ".msgpack"));
    assert_same(&files);
}

/// Fixtures are read by one thread before another could start.
#[test]
fn any_number_of_threads_writes_the_same_of_large_files() {
    let folder = tempfile::tempdir().unwrap();
    for (name, shape) in [("mixed", Shape::Mixed), ("giant", Shape::Giant)] {
        let mut capture = Vec::new();
        corpus::write(shape, 4 << 20, 1, &mut capture).unwrap();
        // Damage in the middle, and at the end.
        let at =
            capture.len() / 2 + capture[capture.len() / 2..].windows(8).position(|seen| seen == b"5:false!").unwrap();
        capture[at + 7] = b'~';
        capture.extend_from_slice(b"20:cut off");
        let path = folder.path().join(name);
        fs::write(&path, capture).unwrap();
        assert_same(&[path]);
    }
}
