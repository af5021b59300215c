//! Asking the real mitmproxy.

use std::env;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

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
    /// Runs Python, in a process of its own: mitmproxy's upgrade remembers flows for as long as it lives.
    fn run(&self, args: &[&str]) -> String {
        let output = Command::new(&self.python)
            .args(args)
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
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/upgrade.py");
        let said = self.run(&[script.to_str().unwrap(), file.to_str().unwrap()]);
        said.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}
