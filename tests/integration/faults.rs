//! What ends a run that writes: a kill, a full disk, a folder that cannot be written. No input is harmed, and no half
//! file stands under the name of an output.

use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{fixture_bytes, wsflow};

const PROGRAM: &str = env!("CARGO_BIN_EXE_wsflow");

/// A capture so large that a run over it takes a while.
fn large_capture() -> Vec<u8> {
    fixture_bytes("conversation.flow").repeat(60)
}

/// The capture with all messages marked as dropped; none is in the capture itself.
fn all_dropped(capture: &[u8]) -> Vec<u8> {
    wsflow(["drop", "~all", "-", "-o", "-"]).stdin(capture).run().code(0).stdout
}

/// Starts a run, and kills it after a while.
fn kill_after(args: &[&str], folder: &Path, wait: Duration) {
    let mut command = Command::new(PROGRAM);
    command.args(args).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    thread::sleep(wait);
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Takes away what a killed run may leave: temporary files, and nothing else.
fn clean_up(folder: &Path, known: &[&str]) {
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !known.contains(&name.as_str()) {
            assert!(name.starts_with(".wsflow-") && name.ends_with(".tmp"), "{name} was left behind");
            fs::remove_file(folder.join(name)).unwrap();
        }
    }
}

/// Waits between nothing and somewhat longer than a run takes, whatever else the machine has to do.
struct Waits {
    longest: Duration,
    state: u64,
}

impl Waits {
    fn new(run: impl FnOnce()) -> Waits {
        let start = Instant::now();
        run();
        Waits { longest: start.elapsed(), state: 0x2545_f491_4f6c_dd1d }
    }

    /// Takes note of how the last run went, so that about half of them come to their end.
    fn adapt(&mut self, was_done: bool) {
        self.longest = self.longest.mul_f64(if was_done { 0.95 } else { 1.05 });
    }

    fn next(&mut self) -> Duration {
        // xorshift64
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.longest.mul_f64((self.state % 1000) as f64 / 1000.0)
    }
}

#[test]
fn a_kill_leaves_the_old_file_or_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("f.flow");
    let old = large_capture();
    let new = all_dropped(&old);
    fs::write(&file, &old).unwrap();
    let args = |is_old: bool| {
        let args = ["drop", "~all", "f.flow", "--in-place", "--backup", ".bak", "--force", "--undo"];
        if is_old { args[..7].to_vec() } else { args.to_vec() }
    };
    let mut is_old = true;
    let mut waits = Waits::new(|| drop(wsflow(args(is_old)).in_folder(folder.path()).run().code(0)));
    is_old = false;
    let (mut kept, mut replaced) = (0, 0);
    for _ in 0..200 {
        kill_after(&args(is_old), folder.path(), waits.next());
        let found = fs::read(&file).unwrap();
        assert!(found == old || found == new, "the file is neither the old nor the new one");
        if (found == old) == is_old {
            kept += 1
        } else {
            replaced += 1
        }
        is_old = found == old;
        if let Ok(backup) = fs::read(folder.path().join("f.flow.bak")) {
            assert!(backup == old || backup == new, "the backup is neither the old nor the new file");
        }
        clean_up(folder.path(), &["f.flow", "f.flow.bak"]);
    }
    assert!(kept > 10 && replaced > 10, "{kept} old, {replaced} new: the kills came too early or too late");
}

#[test]
fn a_kill_leaves_a_whole_output_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let old = large_capture();
    let new = all_dropped(&old);
    fs::write(folder.path().join("f.flow"), &old).unwrap();
    let out = folder.path().join("out");
    let args = ["drop", "~all", "f.flow", "-o", "out"];
    let mut waits = Waits::new(|| {
        wsflow(args).in_folder(folder.path()).run().code(0);
        fs::remove_file(&out).unwrap();
    });
    let mut written = 0;
    for _ in 0..60 {
        kill_after(&args, folder.path(), waits.next());
        waits.adapt(out.exists());
        if let Ok(found) = fs::read(&out) {
            assert!(found == new, "the output is not whole");
            fs::remove_file(&out).unwrap();
            written += 1;
        }
        clean_up(folder.path(), &["f.flow"]);
    }
    assert!(written > 2 && written < 58, "{written} of 60 were written: the kills came too early or too late");
    assert!(fs::read(folder.path().join("f.flow")).unwrap() == old);
}

/// Whether a signal is ignored here.
fn is_ignored(signal: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.is_some_and(|mask| u64::from_str_radix(mask.trim(), 16).unwrap() >> (signal - 1) & 1 == 1)
}

#[test]
fn a_signal_takes_the_temporary_file_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let names = || -> Vec<_> {
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    for (signal, number) in [("TERM", 15), ("INT", 2), ("HUP", 1)] {
        // What the tests were told to ignore, as under `nohup`, the program ignores too.
        if number != 15 && is_ignored(number) {
            continue;
        }
        let mut command = Command::new(PROGRAM);
        command.args(["encode", "-", "-o", "out.flow"]).current_dir(folder.path());
        let mut child = command.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        // More is waited for, so the output stays open.
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(&fixture_bytes("conversation.flow")).unwrap();
        let begun = Instant::now();
        while names().is_empty() {
            assert!(begun.elapsed() < Duration::from_secs(60), "no temporary file came to be");
            thread::sleep(Duration::from_millis(5));
        }
        assert!(names()[0].starts_with(".wsflow-"), "{:?}", names());
        let sent = Command::new("sh").args(["-c", &format!("kill -{signal} {}", child.id())]).status().unwrap();
        assert!(sent.success());
        let status = child.wait().unwrap();
        assert_eq!(status.signal(), Some(number), "{status}");
        assert_eq!(names(), [""; 0], "SIG{signal}");
    }
}

#[test]
fn a_signal_that_was_ignored_stays_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let script = r#"trap '' HUP; (cat "$2"; sleep 2) | "$1" encode - -o out.flow & sleep 1; kill -HUP $!; wait $!"#;
    let mut command = Command::new("sh");
    command.args(["-c", script, "sh", PROGRAM]).arg(crate::support::fixture("conversation.flow"));
    let status = command.current_dir(folder.path()).stderr(Stdio::null()).status().unwrap();
    assert!(status.success(), "{status}");
    assert!(fs::read(folder.path().join("out.flow")).unwrap() == fixture_bytes("conversation.flow"));
}

/// Runs commands of the shell where a small file system is mounted, seen by nobody else: `$1` is its folder, `$2` a
/// capture of 700 KiB outside, `$3` the program. `None`, and a note, where nothing can be mounted.
fn on_a_small_disk(commands: &str) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let (mount, capture) = (folder.path().join("mount"), folder.path().join("capture"));
    fs::create_dir(&mount).unwrap();
    let flow = fixture_bytes("conversation.flow");
    fs::write(&capture, flow.repeat((700 << 10) / flow.len())).unwrap();
    let script =
        format!("mount -t tmpfs -o size=1m none \"$1\" || exit 77\ncp \"$2\" \"$1/f.flow\"\ncd \"$1\"\n{commands}");
    let namespace = if fs::metadata(folder.path()).unwrap().uid() == 0 { "-m" } else { "-Urm" };
    let run = Command::new("unshare")
        .args([namespace, "sh", "-c", &script, "sh"])
        .args([&mount, &capture])
        .arg(PROGRAM)
        .output();
    match run {
        Ok(output) if output.status.code() == Some(0) => Some(String::from_utf8(output.stdout).unwrap()),
        Ok(output) if ![Some(1), Some(77)].contains(&output.status.code()) => {
            panic!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr))
        }
        _ => {
            assert!(env::var_os("CI").is_none(), "a small file system has to be mounted in CI");
            // Not by a macro, which only the output of failing tests would show.
            drop(writeln!(io::stderr(), "left out: no small file system can be mounted here"));
            None
        }
    }
}

#[test]
fn a_full_disk_harms_nothing() {
    let said = on_a_small_disk(
        r#"
        "$3" drop '~all' f.flow --in-place 2>&1; echo "code $?"
        "$3" drop '~all' f.flow --in-place --backup .bak 2>&1; echo "code $?"
        "$3" drop '~all' f.flow -o out 2>&1; echo "code $?"
        "$3" filter '~all' f.flow --flows -o out 2>&1; echo "code $?"
        cmp f.flow "$2" && echo unharmed
        ls -A
        exit 0
        "#,
    );
    let Some(said) = said else { return };
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines.iter().filter(|line| **line == "code 2").count(), 4, "{said}");
    assert_eq!(lines.iter().filter(|line| line.contains("No space left on device")).count(), 4, "{said}");
    assert!(said.ends_with("unharmed\nf.flow\n"), "{said}");
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error() {
    let said = on_a_small_disk(
        r#"
        mount -o remount,ro "$1" || exit 77
        "$3" drop '~all' f.flow --in-place 2>&1; echo "code $?"
        "$3" drop '~all' f.flow -o out 2>&1; echo "code $?"
        "$3" filter '~all' f.flow --flows -o out 2>&1; echo "code $?"
        "$3" drop '~all' f.flow -n 2>/dev/null; echo "code $?"
        cmp f.flow "$2" && echo unharmed
        ls -A
        exit 0
        "#,
    );
    let Some(said) = said else { return };
    assert_eq!(said.lines().filter(|line| line.contains("cannot write")).count(), 3, "{said}");
    assert_eq!(said.lines().filter(|line| *line == "code 2").count(), 3, "{said}");
    assert!(said.ends_with("code 0\nunharmed\nf.flow\n"), "{said}");
}

/// As on a full disk, wherever the tests run.
#[test]
fn a_file_that_may_not_grow_harms_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let capture = large_capture();
    fs::write(folder.path().join("f.flow"), &capture).unwrap();
    for (command, cannot) in [
        ("drop ~all f.flow --in-place", "cannot write f.flow"),
        ("drop ~all f.flow --in-place --backup .bak", "cannot write f.flow"),
        ("drop ~all f.flow -o out", "cannot write out"),
        ("filter ~all f.flow --flows -o out", "cannot write out"),
        ("encode f.flow --to msgpack -o out", "cannot write out"),
        ("encode f.flow --to ndjson -o out", "cannot write out"),
        ("recover f.flow -o out", "cannot write out"),
        // What is copied there first.
        ("recover - -o out", "<stdin>: cannot be copied to "),
        ("filter ~all --no-mmap f.flow -o out", "f.flow: cannot be copied to "),
    ] {
        let script = r#"ulimit -f 100; trap '' XFSZ; exec "$0" "$@""#;
        let output = Command::new("sh")
            .args(["-c", script, PROGRAM])
            .args(command.split(' '))
            .current_dir(folder.path())
            .stdin(fs::File::open(folder.path().join("f.flow")).unwrap())
            .args(if command.contains("- -o") { &["--no-mmap"][..] } else { &[] })
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{command}: {said}");
        assert!(said.contains(cannot) && said.contains("File too large"), "{command}: {said}");
        let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["f.flow"], "{command}");
        assert!(fs::read(folder.path().join("f.flow")).unwrap() == capture, "{command}");
    }
}

/// Starts the same command several times at once, and gives the codes and what was said.
fn at_once(count: usize, args: &[&str], folder: &Path) -> Vec<(Option<i32>, String)> {
    let start = || {
        let mut command = Command::new(PROGRAM);
        command.args(args).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let started: Vec<_> = (0..count).map(|_| start()).collect();
    let ended = started.into_iter().map(|child| child.wait_with_output().unwrap());
    ended.map(|output| (output.status.code(), String::from_utf8(output.stderr).unwrap())).collect()
}

#[test]
fn of_many_that_write_the_same_output_one_does() {
    let folder = tempfile::tempdir().unwrap();
    let old = large_capture();
    let new = all_dropped(&old);
    fs::write(folder.path().join("f.flow"), &old).unwrap();
    let mut refused_late = 0;
    for _ in 0..5 {
        let ended = at_once(6, &["drop", "~all", "f.flow", "-o", "out"], folder.path());
        assert_eq!(ended.iter().filter(|(code, _)| *code == Some(0)).count(), 1, "{ended:?}");
        for (code, said) in ended.iter().filter(|(code, _)| *code != Some(0)) {
            assert!(*code == Some(2) && said.contains("out: exists already"), "{code:?} {said}");
            refused_late += usize::from(said.contains("since a moment ago"));
        }
        assert!(fs::read(folder.path().join("out")).unwrap() == new);
        assert_holds(folder.path(), &["f.flow", "out"]);
        fs::remove_file(folder.path().join("out")).unwrap();
    }
    assert!(refused_late > 0, "none of them came while another one wrote");
    let ended = at_once(6, &["drop", "~all", "f.flow", "-o", "out", "--force"], folder.path());
    assert!(ended.iter().all(|(code, _)| *code == Some(0)), "{ended:?}");
    assert!(fs::read(folder.path().join("out")).unwrap() == new);
    assert_holds(folder.path(), &["f.flow", "out"]);
}

#[test]
fn of_many_that_change_the_same_file_none_harms_it() {
    let folder = tempfile::tempdir().unwrap();
    let old = large_capture();
    let new = all_dropped(&old);
    let file = folder.path().join("f.flow");
    for _ in 0..5 {
        fs::write(&file, &old).unwrap();
        let ended = at_once(6, &["drop", "~all", "f.flow", "--in-place"], folder.path());
        assert!(ended.iter().any(|(code, _)| *code == Some(0)), "{ended:?}");
        for (code, said) in ended.iter().filter(|(code, _)| *code != Some(0)) {
            assert!(*code == Some(2) && said.starts_with("wsflow: f.flow: "), "{code:?} {said}");
        }
        assert!(fs::read(&file).unwrap() == new);
        assert_holds(folder.path(), &["f.flow"]);
    }
}

/// Nothing else is in the folder.
fn assert_holds(folder: &Path, known: &[&str]) {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, known);
}

#[test]
fn a_reader_that_goes_away_ends_the_run_quietly() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("f.flow"), large_capture()).unwrap();
    for command in ["drop ~all f.flow -o -", "filter ~all f.flow -o -", "filter ~all f.flow"] {
        let mut child = Command::new(PROGRAM)
            .args(command.split(' '))
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
