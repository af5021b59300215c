//! Captures of old format versions: each was written by the release of mitmproxy that it is named after. Beside it stand
//! what mitmproxy 12.2.3 reads in it (the oracle), and each record as mitmproxy 12.2.3 upgrades it.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use wsflow::capture::Reader;
use wsflow::migrate::Upgrader;
use wsflow::state::State;
use wsflow::tnetstring::RawValue;

use crate::oracle::assert_reads_as_mitmproxy;
use crate::support::{captures, fixture, read_json_lines, samples, wsflow};

fn versions() -> Vec<PathBuf> {
    captures(&fixture("versions"), ".flow")
}

fn version(name: &str) -> String {
    fixture("versions").join(name).display().to_string()
}

#[test]
fn old_captures_are_read_as_mitmproxy_reads_them() {
    for capture in versions() {
        assert_reads_as_mitmproxy(&capture);
    }
}

#[test]
fn samples_of_mitmproxy_are_read_as_mitmproxy_reads_them() {
    if let Some(samples) = samples() {
        for capture in captures(&samples, ".mitm") {
            // mitmproxy reads nothing of it, and neither do we.
            if capture.file_name().is_some_and(|name| name != "dumpfile-010.mitm") {
                assert_reads_as_mitmproxy(&capture);
            }
        }
    }
}

/// mitmproxy 12.2.3 refuses all of the first two and the last flow of the third. What they mean is plain.
#[test]
fn captures_that_mitmproxy_refuses_are_read() {
    for (name, urls) in [
        ("2.0.2.flow", &["/plain?q=%C3%A9", "/edited", "/marked", "/tls", "/ws/ignored", "/refused"][..]),
        ("0.14.0.flow", &["/plain?q=%C3%A9", "/edited", "/marked", "/tls", "/refused"]),
    ] {
        let flows = wsflow(["flows", "--all", "--json", &version(name)]).run().ok().json_lines();
        let paths: Vec<_> = flows.iter().map(|flow| path(flow["url"].as_str().unwrap())).collect();
        assert_eq!(paths, urls, "{name}");
        let refused = flows.last().unwrap();
        assert_eq!((&refused["status"], &refused["type"]), (&Value::Null, &json!("http")));
    }
}

fn path(url: &str) -> &str {
    let rest = url.split_once("://").unwrap().1;
    &rest[rest.find('/').unwrap()..]
}

/// mitmproxy 6.0 did not mark its handshakes, so its successors would make one up for each connection, if they read the
/// file at all. They are found by their id.
#[test]
fn connections_of_mitmproxy_6_are_joined_with_their_handshakes() {
    let six = wsflow(["ls", "--json", &version("6.0.2.flow")]).run().ok().json_lines();
    let five = wsflow(["ls", "--json", &version("5.3.0.flow")]).run().ok().json_lines();
    let told = |messages: &[Value]| {
        let mut told: Vec<_> = messages
            .iter()
            .map(|message| {
                let fields =
                    ["from_client", "type", "text", "base64", "dropped"].map(|field| message[field].to_string());
                (path(message["url"].as_str().unwrap()).to_owned(), fields)
            })
            .collect();
        told.sort();
        told
    };
    assert_eq!(told(&six), told(&five));

    let flows = wsflow(["flows", "--json", &version("6.0.2.flow")]).run().ok().json_lines();
    assert_eq!(flows.len(), 5);
    assert!(flows.iter().all(|flow| flow["status"] == 101 && flow["version"] == 10));
}

#[test]
fn a_record_of_messages_needs_no_handshake() {
    let bytes = fs::read(version("5.1.1.flow")).unwrap();
    let messages_only: Vec<u8> = Reader::from_slice(&bytes, None)
        .unwrap()
        .map(|record| record.unwrap().data.to_vec())
        .filter(|record| RawValue::from_slice(record).unwrap().get("messages").unwrap().is_some())
        .flatten()
        .collect();
    let listed = |bytes: &[u8]| wsflow(["ls", "--json", "-"]).stdin(bytes).run().ok().json_lines();
    let (with, without) = (listed(&bytes), listed(&messages_only));
    assert_eq!(with.len(), without.len());
    assert!(without.iter().all(|message| message["url"] == "ws://unknown/"));
    assert!(with.iter().zip(&without).all(|(with, without)| with["size"] == without["size"]));
}

/// What is in a file must not depend on how it is read: from a stream records are read into memory one by one, and what
/// is chosen by its position still needs the handshakes before it.
#[test]
fn a_handshake_is_found_however_the_file_is_read() {
    let name = version("4.0.4.flow");
    let whole = wsflow(["ls", "--json", &name]).run().ok();
    let bytes = fs::read(&name).unwrap();
    assert_eq!(wsflow(["ls", "--json", "-"]).stdin(bytes.clone()).run().ok().stdout, whole.stdout);
    let last = whole.json_lines().pop().unwrap();
    let id = format!("{}:{}", last["flow"], last["message"]);
    assert_eq!(wsflow(["ls", "--json", "--id", &id, &name]).run().ok().json_lines(), [last]);

    // A file of several versions, one after the other, as `cat` makes them.
    let mixed = [bytes.clone(), fs::read(version("9.0.1.flow")).unwrap(), bytes].concat();
    let count = wsflow(["ls", "-c", "-"]).stdin(mixed).run().ok().text();
    assert_eq!(count.trim().parse::<usize>().unwrap(), 2 * whole.json_lines().len() + 16);
}

#[test]
fn versions_that_make_no_sense_are_named() {
    let flow = |version: &str| {
        let body = format!("7:version;{version}4:type;4:http;2:id;2:f1;");
        format!("{}:{body}}}", body.len())
    };
    for (version, named) in [
        ("2:-1#", "`-1`"),
        ("3:abc;", "`abc`"),
        ("0:~", "``"),
        ("1:3#", "3"),
        ("8:1:0#1:9#]", "0.9"),
        ("8:1:9#1:9#]", "9.9"),
    ] {
        let finished = wsflow(["flows", "--all", "--json", "-"]).stdin(flow(version)).run().code(3);
        assert_eq!(finished.text(), "");
        let expected = format!("flow format version {named} is not known");
        assert!(finished.stderr.contains(&expected), "{}", finished.stderr);
        assert!(finished.stderr.contains("record 0"), "{}", finished.stderr);
    }
}

#[test]
fn a_newer_version_is_read_with_a_warning() {
    let bytes = fs::read(fixture("conversation.flow")).unwrap();
    let newer = replace(&bytes, b"7:version;2:21#", b"7:version;2:22#");
    assert_ne!(newer, bytes);
    let finished = wsflow(["ls", "--json", "-"]).stdin(newer).run().code(0);
    assert_eq!(finished.lines().len(), wsflow(["ls", "--json", "-"]).stdin(bytes).run().ok().lines().len());
    assert_eq!(finished.stderr.matches("flow format version 22 is newer than 21").count(), 1, "{}", finished.stderr);
}

fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut replaced = bytes.to_vec();
    for position in 0..bytes.len() {
        if bytes[position..].starts_with(from) {
            replaced[position..position + from.len()].copy_from_slice(to);
        }
    }
    replaced
}

/// Each record of a capture after its upgrade, in the shape of `NAME.flow.upgraded.jsonl`.
fn upgraded(capture: &Path) -> Vec<Value> {
    let bytes = fs::read(capture).unwrap();
    let mut upgrader = Upgrader::new();
    let records = Reader::from_slice(&bytes, None).unwrap();
    records
        .map(|record| {
            let upgrade = upgrader.next(&record.unwrap()).unwrap();
            let upgraded = upgrade.upgraded().unwrap();
            let bytes = upgraded.to_vec();
            assert_eq!(bytes.len() as u64, upgraded.size());
            let mut text = String::new();
            push_tagged(&mut text, &wsflow::tnetstring::from_slice(&bytes).unwrap());
            serde_json::from_str(&text).unwrap()
        })
        .collect()
}

/// A state as JSON, with bytes as `{"$bytes": BASE64}`. As text, for a float has to have the digits that Python gives it.
fn push_tagged(out: &mut String, state: &State<'_>) {
    match state {
        State::Bytes(bytes) => out.push_str(&json!({ "$bytes": BASE64.encode(bytes) }).to_string()),
        State::Float(_) | State::Integer(_) | State::Bool(_) => {
            let encoded = wsflow::tnetstring::to_vec(state).unwrap();
            out.push_str(str::from_utf8(RawValue::from_slice(&encoded).unwrap().body()).unwrap());
        }
        State::Null => out.push_str("null"),
        State::Str(text) => out.push_str(&json!(text).to_string()),
        State::List(values) => {
            out.push('[');
            for (number, value) in values.iter().enumerate() {
                out.push_str(if number == 0 { "" } else { "," });
                push_tagged(out, value);
            }
            out.push(']');
        }
        State::Dict(entries) => {
            out.push('{');
            for (number, (key, value)) in entries.iter().enumerate() {
                out.push_str(if number == 0 { "" } else { "," });
                out.push_str(&json!(str::from_utf8(key.as_bytes()).unwrap()).to_string());
                out.push(':');
                push_tagged(out, value);
            }
            out.push('}');
        }
        State::Raw(_) => panic!("all was decoded"),
    }
}

/// The ids that mitmproxy invents at random for connections of versions before 3.0, by the order in which they come.
fn number_connection_ids(states: &mut [Value]) {
    let mut seen: Vec<Value> = Vec::new();
    for state in states {
        for connection in ["client_conn", "server_conn"] {
            if let Some(id) = state.get_mut(connection).and_then(|connection| connection.get_mut("id")) {
                let number = seen.iter().position(|other| other == id).unwrap_or_else(|| {
                    seen.push(id.clone());
                    seen.len() - 1
                });
                *id = number.into();
            }
        }
    }
}

#[test]
fn an_upgraded_flow_equals_what_mitmproxy_makes_of_it() {
    let mut compared = 0;
    for capture in versions() {
        let name = capture.file_name().unwrap().to_str().unwrap();
        let mut ours = upgraded(&capture);
        let oracle = read_json_lines(&PathBuf::from(format!("{}.upgraded.jsonl", capture.display())));
        assert_eq!(ours.len(), oracle.len(), "{name}");
        // The flows that mitmproxy does not take (`refused`) are read here all the same, so they differ; see below.
        let theirs: Vec<_> = oracle.iter().filter(|line| line["refused"].is_null()).collect();
        let mut theirs: Vec<_> = theirs.iter().filter_map(|line| line.get("state")).cloned().collect();
        ours.truncate(theirs.len());
        // These versions have no ids of connections, and mitmproxy invents some.
        if name.starts_with("0.") || name.starts_with("1.") {
            number_connection_ids(&mut ours);
            number_connection_ids(&mut theirs);
        }
        for (number, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
            assert_same(ours, theirs, &format!("{name}, flow {number}"));
            compared += 1;
        }
    }
    assert!(compared > 150, "{compared}");
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

/// Of 6.0 mitmproxy upgrades everything, and then does not take the result. What differs is what it stumbles over: `tls`,
/// which is null there, and the handshakes, which it does not recognise.
#[test]
fn flows_of_mitmproxy_6_are_upgraded_but_for_what_mitmproxy_stumbles_over() {
    let name = "versions/6.0.2.flow";
    let ours = upgraded(&fixture(name));
    let theirs = read_json_lines(&fixture(&format!("{name}.upgraded.jsonl")));
    assert_eq!(ours.len(), theirs.len());
    for (ours, theirs) in ours.into_iter().zip(theirs) {
        let mut theirs = theirs["state"].clone();
        if ours["websocket"].is_null() {
            let is_tls = ours["request"]["scheme"]["$bytes"] == BASE64.encode("https");
            for connection in ["client_conn", "server_conn"] {
                assert_eq!(theirs[connection]["tls"], Value::Null);
                theirs[connection]["tls"] = is_tls.into();
            }
            assert_same(&ours, &theirs, name);
        } else {
            assert_same(&ours["websocket"]["messages"], &theirs["websocket"]["messages"], name);
            assert_eq!(ours["response"]["status_code"], 101);
        }
    }
}
