//! What every command does when stdout is closed or full, or when there is no room for threads.

use std::ffi::OsString;
use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::commands::{self, Use};
use crate::support::fixture_bytes;

/// A folder with a capture so large that most of what is printed of it does not fit into a pipe.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("f.flow"), fixture_bytes("conversation.flow").repeat(20)).unwrap();
    folder
}

fn program(args: &[OsString], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsflow"));
    command.args(args).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// All uses that print something, and what they do when all is well.
fn printing(folder: &Path) -> Vec<(Use, Vec<OsString>, Output)> {
    let runs = commands::uses().map(|used| {
        let args = used.args(&folder.join("f.flow"), Path::new("-"), folder);
        let output = program(&args, folder).output().unwrap();
        (used, args, output)
    });
    let printing: Vec<_> = runs.filter(|(_, _, output)| !output.stdout.is_empty()).collect();
    assert!(printing.len() > 60);
    printing
}

#[test]
fn a_reader_that_goes_away_ends_every_command_quietly() {
    let folder = folder();
    let mut later = 0;
    for (used, args, whole) in printing(folder.path()) {
        for seen in [0, 1, 5_000, 70_000] {
            // A pipe holds 64 KiB of what nobody reads.
            if seen > 0 && whole.stdout.len() < seen + (80 << 10) {
                continue;
            }
            later += usize::from(seen > 0);
            let mut child = program(&args, folder.path()).spawn().unwrap();
            let mut stdout = child.stdout.take().unwrap();
            stdout.read_exact(&mut vec![0; seen]).unwrap();
            drop(stdout);
            let output = child.wait_with_output().unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!((output.status.code(), said.as_str()), (Some(0), ""), "{used:?}, closed after {seen} bytes");
        }
    }
    assert!(later > 60, "{later}");
}

#[test]
fn a_full_stdout_is_an_error_of_every_command() {
    let folder = folder();
    let full = || fs::File::options().write(true).open("/dev/full").unwrap();
    for (used, args, _) in printing(folder.path()) {
        let output = program(&args, folder.path()).stdout(full()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{used:?}: {said}");
        assert_eq!(said.matches("cannot write").count(), 1, "{used:?}: {said}");
        assert!(said.ends_with("cannot write <stdout>: No space left on device (os error 28)\n"), "{used:?}: {said}");
    }
    for args in ["--help", "--version", "help ls", "ls --help"] {
        let args: Vec<_> = args.split(' ').map(OsString::from).collect();
        let output = program(&args, folder.path()).stdout(full()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert_eq!(said, "wsflow: cannot write <stdout>: No space left on device (os error 28)\n", "{args:?}");
        let mut child = program(&args, folder.path()).spawn().unwrap();
        drop(child.stdout.take());
        assert_eq!(child.wait().unwrap().code(), Some(0), "{args:?}");
    }
}

#[test]
fn nobody_has_to_read_stderr() {
    let folder = folder();
    for args in ["ls missing", "ls --nonsense", "drop ~all f.flow -n", "ls f.flow missing"] {
        let args: Vec<_> = args.split(' ').map(OsString::from).collect();
        let code = program(&args, folder.path()).output().unwrap().status.code();
        let mut child = program(&args, folder.path()).stdout(Stdio::null()).spawn().unwrap();
        drop(child.stderr.take());
        assert_eq!(child.wait().unwrap().code(), code, "{args:?}");
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        assert_eq!(program(&args, folder.path()).stderr(full).output().unwrap().status.code(), code, "{args:?}");
    }
}

#[test]
fn without_room_for_threads_every_command_does_the_same_on_one() {
    let folder = folder();
    let out = folder.path().join("out");
    for used in commands::uses() {
        let run = |stack: Option<&str>| {
            drop(fs::remove_file(&out));
            let args = used.args(&folder.path().join("f.flow"), &out, folder.path());
            let mut command = program(&args, folder.path());
            // No address space has room for the stack of a thread then.
            command.envs(stack.map(|stack| ("RUST_MIN_STACK", stack)));
            let output = command.output().unwrap();
            (output.status.code(), output.stdout, String::from_utf8(output.stderr).unwrap(), fs::read(&out).ok())
        };
        let usual = run(None);
        assert_ne!(usual.0, None);
        let alone = run(Some("70368744177664"));
        assert!(alone == usual, "{used:?}: {:?} {}", alone.0, alone.2);
    }
}
