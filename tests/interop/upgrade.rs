//! A flow that the program upgraded is the flow that mitmproxy makes of it.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use wsflow::capture::Reader;

use crate::captures::{captures, fixtures};
use crate::mitmproxy::{Mitmproxy, leave_out, mitmproxy};

/// Upgrades a capture with `wsflow encode --to flow`, and lets mitmproxy read the result.
fn upgraded(mitmproxy: &Mitmproxy, capture: &Path) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let encoded = Command::new(env!("CARGO_BIN_EXE_wsflow"))
        .args(["encode", "--to", "flow", "-o"])
        .args([out.as_path(), capture])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&encoded.stderr);
    // It says how much it wrote, and nothing else.
    let is_clean = encoded.status.success() && said.lines().count() == 1 && said.contains(": wrote ");
    assert!(is_clean, "{}: {said}", capture.display());
    let read = mitmproxy.upgrade(&out);
    for (number, line) in read.iter().enumerate() {
        assert!(line["refused"].is_null() && line["error"].is_null(), "flow {number}: {line}");
        assert_eq!(line["state"]["version"], 21);
    }
    // Its reader takes them too, one after the other.
    let flows = mitmproxy.flows(&[out]).remove(0);
    assert!(flows.iter().all(|flow| flow["error"].is_null()), "{:?}", flows.last());
    assert_eq!(flows.len(), read.len(), "{}", capture.display());
    read
}

/// Compares key by key, to say where two states differ.
#[track_caller]
fn assert_same(ours: &Value, theirs: &Value, place: &str) {
    match (ours, theirs) {
        (Value::Object(one), Value::Object(other)) => {
            let mut keys: Vec<_> = one.keys().chain(other.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                match (one.get(key), other.get(key)) {
                    (Some(ours), Some(theirs)) => assert_same(ours, theirs, &format!("{place}.{key}")),
                    (ours, theirs) => panic!("{place}.{key}: {ours:?} is not {theirs:?}"),
                }
            }
        }
        _ => assert_eq!(ours, theirs, "{place}"),
    }
}

/// Puts numbers, in the order in which they come, in the place of the ids that are invented for connections.
fn number_connection_ids(lines: &mut [Value]) {
    let mut seen: Vec<Value> = Vec::new();
    for line in lines {
        for connection in ["client_conn", "server_conn"] {
            let connection = line.get_mut("state").and_then(|state| state.get_mut(connection));
            if let Some(id) = connection.and_then(|connection| connection.get_mut("id")) {
                let known = seen.iter().position(|other| other == id);
                let number = known.unwrap_or_else(|| {
                    seen.push(id.clone());
                    seen.len() - 1
                });
                *id = number.into();
            }
        }
    }
}

/// Whether the first record is of a version before 5, which has no ids of connections.
fn is_without_connection_ids(capture: &[u8]) -> bool {
    let record = Reader::from_slice(capture, None).unwrap().next();
    record.is_some_and(|record| {
        let version = wsflow::flow::Flow::parse(&record.unwrap().data).unwrap().version().unwrap();
        version < wsflow::flow::Version::Format(5)
    })
}

/// The flows of a capture that mitmproxy takes, which have to be the same here. Gives how many they are.
fn assert_upgrades_as_mitmproxy(mitmproxy: &Mitmproxy, capture: &Path) -> usize {
    let bytes = fs::read(capture).unwrap();
    let mut ours = upgraded(mitmproxy, capture);
    let mut theirs = mitmproxy.upgrade(capture);
    assert_eq!(ours.len(), theirs.len(), "{}", capture.display());
    if is_without_connection_ids(&bytes) {
        number_connection_ids(&mut ours);
        number_connection_ids(&mut theirs);
    }
    let mut compared = 0;
    for (number, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
        if theirs["error"].is_null() && theirs["refused"].is_null() {
            assert_same(&ours["state"], &theirs["state"], &format!("{}, flow {number}", capture.display()));
            compared += 1;
        }
    }
    compared
}

#[test]
fn old_captures_are_upgraded_as_mitmproxy_upgrades_them() {
    let Some(mitmproxy) = mitmproxy() else { return };
    let compared = captures(&fixtures().join("versions"));
    let compared: usize = compared.iter().map(|capture| assert_upgrades_as_mitmproxy(&mitmproxy, capture)).sum();
    assert!(compared > 150, "{compared}");
}

#[test]
fn captures_of_today_stay_as_they_are() {
    let Some(mitmproxy) = mitmproxy() else { return };
    for capture in captures(&fixtures()) {
        assert_upgrades_as_mitmproxy(&mitmproxy, &capture);
    }
}

/// mitmproxy's own sample files, where `WSFLOW_SAMPLES` names their folder.
#[test]
fn samples_of_mitmproxy_are_upgraded_as_mitmproxy_upgrades_them() {
    let Some(mitmproxy) = mitmproxy() else { return };
    let Some(samples) = std::env::var_os("WSFLOW_SAMPLES") else {
        leave_out("WSFLOW_SAMPLES names no folder of mitmproxy's samples");
        return;
    };
    for capture in captures(Path::new(&samples)) {
        // Of a version that mitmproxy cannot read, as little as we can.
        if capture.file_name().is_some_and(|name| name != "dumpfile-010.mitm") {
            assert!(assert_upgrades_as_mitmproxy(&mitmproxy, &capture) > 0);
        }
    }
}

/// A TCP flow of a version below 12. mitmproxy gives it a `websocket`, and does not take what it gave.
#[test]
fn tcp_flows_of_old_versions_are_upgraded_to_what_mitmproxy_takes() {
    let Some(mitmproxy) = mitmproxy() else { return };
    let file = fs::read(fixtures().join("versions/5.1.1.flow")).unwrap();
    let record = Reader::from_slice(&file, None).unwrap().next().unwrap().unwrap();
    let mut state: wsflow::state::State<'_> = wsflow::tnetstring::from_slice(&record.data).unwrap();
    state.remove("request");
    state.remove("response");
    state.insert("type", "tcp");
    let message = vec![true.into(), (&b"hello"[..]).into(), 1.5.into()];
    state.insert("messages", wsflow::state::State::List(vec![wsflow::state::State::List(message)]));
    let tcp = wsflow::tnetstring::to_vec(&state).unwrap();

    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), &tcp).unwrap();
    let ours = upgraded(&mitmproxy, file.path());
    assert_eq!(ours[0]["state"]["messages"][0][1]["$bytes"], "aGVsbG8=");
    let theirs = mitmproxy.upgrade(file.path());
    assert!(!theirs[0]["refused"].is_null(), "mitmproxy reads it now; then it should be compared");
}
