//! `check`: each kind of finding with its name, place and severity, and what makes the exit code.

use std::fs;

use serde_json::json;
use wsflow::check::{Kind, Severity};
use wsflow::state::State;

use crate::support::{fixture_bytes, message_value, tls_with, wsflow};

#[test]
fn a_finding_that_is_misspelt_is_guessed() {
    let refused = wsflow(["check", "--deny", "text-not-utf", "fixtures/json.flow"]).run().code(2).stderr;
    assert!(refused.contains("a similar value exists: 'text-not-utf8'"), "{refused}");
}

/// A capture with one thing that is odd.
struct Odd {
    kind: Kind,
    record: u64,
    path: &'static str,
    /// What stands at the byte that is told.
    stands: &'static str,
    capture: Vec<u8>,
}

/// A capture with a value of the connection changed.
fn closed_with<'v>(entries: impl IntoIterator<Item = (&'static str, State<'v>)>) -> Vec<u8> {
    tls_with(|flow| {
        for (key, value) in entries {
            flow.get_mut("websocket").unwrap().insert(key, value.into_owned().unwrap());
        }
    })
}

fn with_value(message: usize, value: usize, new: State<'static>) -> Vec<u8> {
    tls_with(|flow| *message_value(flow, message, value) = new)
}

/// Each kind of finding once.
fn all_kinds() -> Vec<Odd> {
    let odd = |kind, path, stands, capture| Odd { kind, record: 0, path, stands, capture };
    let whole = fixture_bytes("tls.flow");
    let text = String::from_utf8_lossy(&whole).into_owned();
    let flag = text.find("5:false!5:false!]78:").unwrap();
    let mut broken = whole.clone();
    broken[flag + 5] = b'y';
    let with = |key: &'static str, value: State<'static>| tls_with(|flow| assert!(flow.insert(key, value)));
    let open = ["closed_by_client", "close_code", "close_reason", "timestamp_end"].map(|key| (key, State::Null));
    vec![
        odd(Kind::BrokenStructure, "websocket.messages[0].dropped", "5:falye", broken),
        odd(Kind::WrongType, "intercepted", "1:1#", with("intercepted", 1.into())),
        odd(Kind::MissingKey, "comment", "", tls_with(|flow| drop(flow.remove("comment")))),
        odd(Kind::UnknownVersion, "version", "3306:", with("version", 0.into())),
        odd(Kind::UnknownFlowType, "type", "", with("type", "gopher".into())),
        odd(Kind::InvalidOpcode, "websocket.messages[0].type", "88:1:7#", with_value(0, 0, 7.into())),
        odd(Kind::InvalidCloseCode, "websocket.close_code", "3:999#", closed_with([("close_code", 999.into())])),
        odd(
            Kind::CloseReasonTooLong,
            "websocket.close_reason",
            "124:xx",
            closed_with([("close_reason", "x".repeat(124).into())]),
        ),
        odd(Kind::TextNotUtf8, "websocket.messages[1].content", "54:1:1#5:false!", with_value(1, 2, vec![0xff].into())),
        odd(
            Kind::TimeGoesBack,
            "websocket.messages[1].timestamp",
            "75:1:1#5:false!",
            with_value(1, 3, 1795437172.1225.into()),
        ),
        odd(Kind::ConnectionOpen, "websocket", "3", closed_with(open)),
        Odd { record: 1, ..odd(Kind::DuplicateId, "id", "3307:", whole.repeat(2)) },
        odd(
            Kind::MessageBeforeResponse,
            "websocket.messages[0].timestamp",
            "85:1:1#4:true!",
            with_value(0, 3, 1795437172.1215.into()),
        ),
        odd(Kind::UnknownKey, "colour", "3:red;", with("colour", "red".into())),
        odd(Kind::IncompleteRecord, "", "3307:", whole[..3000].to_vec()),
        odd(Kind::NewerVersion, "version", "", with("version", 22.into())),
    ]
}

#[test]
fn every_kind_of_finding_is_told_with_its_place() {
    let all = all_kinds();
    let known: Vec<_> = Kind::ALL.iter().map(|info| info.kind).collect();
    assert_eq!(all.iter().map(|odd| odd.kind).collect::<Vec<_>>(), known);
    for Odd { kind, record, path, stands, capture } in all {
        let name = kind.name();
        let is_fault = kind.severity() == Severity::Fault;
        let checked = wsflow(["check", "--json"]).stdin(capture.clone()).run().code(is_fault.into());
        let findings = checked.json_lines();
        assert_eq!((findings.len(), checked.stderr.as_str()), (1, ""), "{name}: {findings:?}");
        let found = &findings[0];
        let place = json!([found["severity"], found["name"], found["record"], found["path"]]);
        assert_eq!(place, json!([kind.severity().name(), name, record, path]));
        let offset = usize::try_from(found["offset"].as_u64().unwrap()).unwrap();
        let there = String::from_utf8_lossy(&capture[offset..]).into_owned();
        assert!(there.starts_with(stands), "{name}: {}", &there[..20]);
        assert!(!found["detail"].as_str().unwrap().is_empty());

        let denied = wsflow(["check", "--json", "--deny", name]).stdin(capture.clone()).run().code(1);
        assert_eq!(denied.json_lines()[0]["severity"], "fault", "{name}");
        assert_eq!(wsflow(["check", "--json", "--allow", name]).stdin(capture).run().ok().text(), "", "{name}");
    }
}

#[test]
fn what_the_rfc_just_allows_is_sound() {
    for capture in [
        closed_with([("close_reason", "x".repeat(123).into())]),
        closed_with([("close_code", 4999.into())]),
        with_value(0, 0, 10.into()),
    ] {
        assert_eq!(wsflow(["check"]).stdin(capture).run().ok().text(), "<stdin>: sound\n");
    }
}

#[test]
fn people_get_a_line_for_each_finding_and_one_for_each_file() {
    let folder = tempfile::tempdir().unwrap();
    let faulty = with_value(0, 0, 7.into());
    fs::write(folder.path().join("faulty"), [faulty.clone(), faulty].concat()).unwrap();
    fs::write(folder.path().join("sound"), fixture_bytes("tls.flow")).unwrap();
    let checked = wsflow(["check", "faulty", "sound"]).in_folder(folder.path()).run().code(1);
    let lines = checked.lines();
    let words: Vec<Vec<_>> = lines.iter().map(|line| line.split_whitespace().take(4).collect()).collect();
    assert_eq!(words[0], ["faulty", "fault", "invalid-opcode", "0"]);
    assert_eq!(words.iter().filter(|words| words[0] == "faulty").count(), 3);
    assert_eq!(&lines[lines.len() - 2..], ["faulty: 2 faults and 1 note", "sound: sound"]);
}

#[test]
fn programs_get_json() {
    let faulty = with_value(0, 0, 7.into());
    let checked = wsflow(["check", "--format", "json"]).stdin(faulty).run().code(1);
    let array: Vec<serde_json::Value> = serde_json::from_str(&checked.text()).unwrap();
    let keys: Vec<_> = array[0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["severity", "name", "record", "offset", "path", "detail"]);
    let sound = wsflow(["check", "--format", "json", "fixtures/tls.flow"]).run().ok();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&sound.text()).unwrap(), json!([]));
}

#[test]
fn to_deny_counts_more_than_to_allow() {
    let args = ["check", "--allow", "connection-open", "--deny", "text-not-utf8,connection-open"];
    let checked = wsflow(args).stdin(fixture_bytes("open-at-shutdown.flow")).run().code(1);
    assert!(checked.text().ends_with(": 2 faults\n"), "{}", checked.text());
}

#[test]
fn what_cannot_be_checked_is_no_finding() {
    let missing = wsflow(["check", "fixtures/missing.flow", "fixtures/tls.flow"]).run().code(2);
    assert!(missing.stderr.contains("fixtures/missing.flow"), "{}", missing.stderr);
    assert_eq!(missing.text(), "fixtures/tls.flow: sound\n");
    let unknown = wsflow(["check", "--deny", "text-not-utf9", "fixtures/tls.flow"]).run().code(2);
    assert!(unknown.stderr.contains("text-not-utf8"), "{}", unknown.stderr);
}
