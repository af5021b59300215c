//! Asking the real mitmproxy.

use std::env;
use std::io::{self, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

const RELEASE: &str = "12.2.3";

/// A Python with mitmproxy.
pub(crate) struct Mitmproxy {
    python: PathBuf,
}

/// The mitmproxy that `WSFLOW_MITMPROXY` names; `None`, and a note, where it names none.
pub(crate) fn mitmproxy() -> Option<Mitmproxy> {
    let Some(python) = env::var_os("WSFLOW_MITMPROXY") else {
        leave_out(&format!("WSFLOW_MITMPROXY names no Python with mitmproxy {RELEASE}"));
        return None;
    };
    let mitmproxy = Mitmproxy { python: python.into() };
    let version = mitmproxy.run(&["-c", "from mitmproxy import version; print(version.VERSION)"]);
    assert_eq!(version.trim(), RELEASE, "WSFLOW_MITMPROXY has another mitmproxy");
    Some(mitmproxy)
}

/// Says that a test was left out. Not by a macro, which only the output of failing tests would show.
pub(crate) fn leave_out(why: &str) {
    drop(writeln!(io::stderr(), "left out: {why}"));
}

impl Mitmproxy {
    /// The Python.
    pub(crate) fn python(&self) -> &Path {
        &self.python
    }

    /// A program that was installed beside the Python.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.python.with_file_name(name)
    }

    /// Runs Python, in a process of its own: mitmproxy's upgrade remembers flows for as long as it lives.
    pub(crate) fn run(&self, args: &[&str]) -> String {
        self.run_with(args, Stdio::null())
    }

    fn run_with(&self, args: &[&str], stdin: Stdio) -> String {
        let output = Command::new(&self.python)
            .args(args)
            .stdin(stdin)
            .output()
            .unwrap_or_else(|error| panic!("WSFLOW_MITMPROXY={}: {error}", self.python.display()));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "WSFLOW_MITMPROXY={}: {said}", self.python.display());
        String::from_utf8(output.stdout).unwrap()
    }

    /// What a script of this folder prints.
    pub(crate) fn script(&self, name: &str, args: &[&str]) -> String {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop").join(name);
        self.run(&[&[script.to_str().unwrap()], args].concat())
    }

    /// Each record of a flow file after mitmproxy's own upgrade: an object with `state`, or with `error` where the upgrade
    /// fails; beside `state` stands `refused` where mitmproxy does not take it as a flow.
    pub(crate) fn upgrade(&self, file: &Path) -> Vec<Value> {
        self.ask("upgrade.py", &[file])
    }

    /// The flows that mitmproxy's reader reads in each of the files: objects with `state`, or a last one with `error`.
    pub(crate) fn flows(&self, files: &[PathBuf]) -> Vec<Vec<Value>> {
        let files: Vec<_> = files.iter().map(PathBuf::as_path).collect();
        let mut flows = Vec::new();
        for line in self.ask("flows.py", &files) {
            match (line.get("file"), flows.last_mut()) {
                (Some(_), _) => flows.push(Vec::new()),
                (None, Some(last)) => last.push(line),
                (None, None) => panic!("a flow of no file: {line}"),
            }
        }
        assert_eq!(flows.len(), files.len());
        flows
    }

    /// What a script of this folder says of files, line by line.
    fn ask(&self, script: &str, files: &[&Path]) -> Vec<Value> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop").join(script);
        let args: Vec<_> = [script.as_path()].iter().chain(files).map(|path| path.to_str().unwrap()).collect();
        self.run(&args).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What mitmproxy makes of filter expressions: the first value says how many flows it read of each file, and then
    /// comes one for each expression, null where mitmproxy refuses it.
    pub(crate) fn filter(&self, expressions: &[String], files: &[PathBuf]) -> Vec<Value> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/filter.py");
        let mut args = vec![script.to_str().unwrap()];
        args.extend(files.iter().map(|file| file.to_str().unwrap()));
        let mut stdin = tempfile::tempfile().unwrap();
        serde_json::to_writer(&mut stdin, expressions).unwrap();
        stdin.rewind().unwrap();
        let said = self.run_with(&args, stdin.into());
        said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}
