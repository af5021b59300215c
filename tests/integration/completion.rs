//! Completion, in the shells themselves: bash and zsh on a terminal, where somebody types and presses the tab key;
//! fish, which tells what it would offer.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{open_terminal, wsflow};

/// What is typed behind `wsflow`, and the arguments that it becomes: a command, an option, a field, operators, a file,
/// a format.
const TYPED: &[(&str, &str)] = &[
    ("flo", "flows"),
    ("ls --time-f", "ls --time-format"),
    ("ls --fields dir", "ls --fields direction"),
    ("flows --fields flow,close_r", "flows --fields flow,close_reason"),
    ("filter '~drop", "filter ~dropped"),
    ("filter '~client & ~comm", "filter ~client & ~comment"),
    ("filter '~u a%20b%d & ~drop", "filter ~u a%20b%d & ~dropped"),
    ("ls -f '(~server | ~injec", "ls -f (~server | ~injected"),
    ("ls ", "ls conversation.flow"),
    ("stats ", "stats conversation.flow"),
    ("ls -c ", "ls -c conversation.flow"),
    ("ls --format json ", "ls --format json conversation.flow"),
    ("filter '~b x' ", "filter ~b x conversation.flow"),
    ("drop '~dropped' ", "drop ~dropped conversation.flow"),
    ("ls con", "ls conversation.flow"),
    ("encode --to msg", "encode --to msgpack"),
    ("ls --input-format nd", "ls --input-format ndjson"),
    ("completion zs", "completion zsh"),
    ("help filt", "help filter"),
];

/// What is typed, and words that are offered then, none of them the name of a file.
const OFFERED: &[(&str, &[&str])] = &[
    ("encode --to ", &["flow", "msgpack", "har", "ndjson", "csv"]),
    ("ls --input-format ", &["flow", "msgpack", "har", "ndjson"]),
    ("completion ", &["bash", "elvish", "fish", "powershell", "zsh"]),
];

/// The name of the only file in the folder in which shells are called.
const FILE: &str = "conversation.flow";

/// Whether a shell is here. Where the project is tested as a whole, it has to be.
fn has(shell: &str) -> bool {
    let found = Command::new(shell).args(["-c", "exit 0"]).status().is_ok_and(|status| status.success());
    assert!(found || std::env::var_os("CI").is_none(), "{shell} is needed to test its completion in CI");
    if !found {
        eprintln!("{shell} is not here, so its completion was not tested");
    }
    found
}

/// How long a shell may take to complete and to call.
const PATIENCE: Duration = Duration::from_secs(20);

/// The script for a shell, in a file.
fn script(shell: &str, folder: &Path) -> String {
    let path = folder.join("script");
    fs::write(&path, wsflow(["completion", shell]).run().ok().stdout).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A folder with a file in it, and nothing else.
fn folder_of_a_file(folder: &Path) -> PathBuf {
    let here = folder.join("here");
    fs::create_dir_all(&here).unwrap();
    fs::write(here.join(FILE), "").unwrap();
    here
}

/// What `wsflow` is called with when each line is typed, and the tab key pressed behind it.
fn completed(shell: &[&str], begin: &str, folder: &Path, typed: &[&str]) -> Vec<String> {
    let (controller, terminal) = open_terminal(200);
    let out = folder.join("called");
    let here = folder_of_a_file(folder);
    fs::write(&out, "").unwrap();
    // The shell has to own its terminal, or it will not read keys.
    let mut command = Command::new("setsid");
    command.arg("--ctty").args(shell).env("HOME", folder).env("TERM", "vt100").current_dir(here);
    command.stdin(terminal.try_clone().unwrap()).stderr(terminal.try_clone().unwrap()).stdout(Stdio::from(terminal));
    let mut child = command.spawn().unwrap();
    drop(command);
    let mut keys = File::from(controller.try_clone().unwrap());
    let shown = thread::spawn(move || {
        let mut shown = Vec::new();
        drop(File::from(controller).read_to_end(&mut shown));
        String::from_utf8_lossy(&shown).into_owned()
    });
    let mut lines = Vec::new();
    let mut call = |line: String| {
        keys.write_all(line.as_bytes()).unwrap();
        let asked = Instant::now();
        lines = loop {
            let called: Vec<_> = fs::read_to_string(&out).unwrap().lines().map(str::to_owned).collect();
            if called.len() > lines.len() || asked.elapsed() > PATIENCE {
                break called;
            }
            thread::sleep(Duration::from_millis(20));
        };
    };
    call(format!("wsflow() {{ printf '%s\\n' \"$*\" >> {}; }}; {begin}; wsflow begun\n", out.display()));
    typed.iter().for_each(|typed| call(format!("wsflow {typed}\t\n")));
    // It may still wait for the end of what was not completed.
    child.kill().unwrap();
    child.wait().unwrap();
    drop(keys);
    let shown = shown.join().unwrap();
    assert_eq!(lines.first().map(String::as_str), Some("begun"), "{shown}");
    assert_eq!(lines.len(), typed.len() + 1, "{lines:?}\n{shown}");
    lines.split_off(1)
}

#[track_caller]
fn assert_completes(shell: &[&str], begin: impl Fn(&str) -> String, more: &[(&str, &str)]) {
    if !has(shell[0]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let begin = begin(&script(shell[0], folder.path()));
    let all = [TYPED, more].concat();
    let typed: Vec<_> = all.iter().map(|(typed, _)| *typed).collect();
    let found = completed(shell, &begin, folder.path(), &typed);
    for ((typed, expected), found) in all.iter().zip(found) {
        assert_eq!(found.trim_end(), *expected, "{typed}");
    }
}

/// What only bash completes to these.
const BASH: [(&str, &str); 2] = [
    // What is no user's name, bash leaves as it is.
    ("filter ~drop", "filter ~dropped"),
    ("show conversation.flow ", "show conversation.flow conversation.flow"),
];

#[test]
fn bash_completes() {
    let begin = |script: &str| format!("source {script}");
    assert_completes(&["bash", "--norc", "--noprofile", "-i"], begin, &BASH);
}

#[test]
fn zsh_completes() {
    let begin = |script: &str| format!("autoload -Uz compinit; compinit -u -D; source {script}");
    assert_completes(&["zsh", "-f", "-i"], begin, &[]);
}

/// As a file in a folder of functions, which zsh reads when the key is pressed for the first time.
#[test]
fn zsh_completes_from_a_folder_of_functions() {
    let begin = |script: &str| {
        let folder = Path::new(script).parent().unwrap().display().to_string();
        format!("mv {script} {folder}/_wsflow; fpath=({folder} $fpath); autoload -Uz compinit; compinit -u -D")
    };
    assert_completes(&["zsh", "-f", "-i"], begin, &[]);
}

#[test]
fn fish_completes() {
    if !has("fish") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let script = script("fish", folder.path());
    let here = folder_of_a_file(folder.path());
    let offered = |typed: &str| {
        let output = Command::new("fish")
            .args(["--no-config", "-c", "source $argv[1]; complete -C $argv[2]", &script, &format!("wsflow {typed}")])
            .env("HOME", folder.path())
            .current_dir(&here)
            .output()
            .unwrap();
        let offered = String::from_utf8(output.stdout).unwrap();
        let words = offered.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect::<Vec<_>>();
        (words, String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for (typed, expected) in TYPED.iter().copied().chain([("filter ~drop", "filter ~dropped")]) {
        let (words, stderr) = offered(typed);
        // It offers the whole word, without the quote that it began with.
        assert!(words.iter().any(|word| !word.is_empty() && expected.ends_with(word)), "{typed}: {words:?}{stderr}");
    }
    for (typed, expected) in OFFERED {
        let (mut words, stderr) = offered(typed);
        words.sort_unstable();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(words, expected, "{typed}: {stderr}");
    }
    let (words, stderr) = offered("help fi");
    assert_eq!(words, ["filter"], "{stderr}");
}

#[test]
fn every_operator_is_offered() {
    for shell in ["bash", "zsh", "fish"] {
        let script = wsflow(["completion", shell]).run().ok().text();
        for info in wsflow::filter::OPERATORS {
            assert!(script.contains(info.code), "{} in {shell}", info.code);
        }
        assert!(!script.contains("@OPERATORS@") && !script.contains("@FIELDS@"), "{shell}");
    }
    for shell in ["powershell", "elvish"] {
        assert!(wsflow(["completion", shell]).run().ok().text().contains("recover"), "{shell}");
    }
}
