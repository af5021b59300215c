//! `wsflow ls --follow` of a file that a real mitmdump writes meanwhile.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::mitmproxy::mitmproxy;

#[test]
fn a_connection_is_listed_when_mitmdump_has_written_it() {
    let Some(mitmproxy) = mitmproxy() else { return };
    let folder = tempfile::tempdir().unwrap();
    let capture = folder.path().join("dump.flow");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/follow.py");
    let mitmdump = mitmproxy.program("mitmdump");
    let mut proxy = Command::new(mitmproxy.python())
        .args([&script, &mitmdump, &capture])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut answers = BufReader::new(proxy.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut asked = proxy.stdin.take().unwrap();
    assert_eq!(answers.next().as_deref(), Some("open"), "mitmdump did not start");

    let mut wsflow = Command::new(env!("CARGO_BIN_EXE_wsflow"))
        .args(["ls", "--follow", "--json"])
        .arg(&capture)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(wsflow.stdout.take().unwrap()).lines().map(Result::unwrap);
    // The second is longer than what mitmdump writes at once.
    for (flow, count) in [4, 600, 2].into_iter().enumerate() {
        writeln!(asked, "{count}").unwrap();
        assert_eq!(answers.next(), Some(count.to_string()));
        for message in 0..count {
            let line: serde_json::Value = serde_json::from_str(&lines.next().unwrap()).unwrap();
            assert_eq!((&line["flow"], &line["message"]), (&flow.into(), &message.into()));
            assert_eq!(line["text"], format!("message {}", message / 2));
        }
    }
    assert!(Command::new("kill").args(["-INT", &wsflow.id().to_string()]).status().unwrap().success());
    assert_eq!(wsflow.wait().unwrap().code(), Some(0));
    assert_eq!(lines.next(), None);
    drop(asked);
    proxy.wait().unwrap();
}
