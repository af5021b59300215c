use std::fs;

use super::*;
use crate::capture::Format;
use crate::state::State;
use crate::tnetstring::{self, MAX_DEPTH, RawValue};

fn fixture(name: &str) -> Vec<u8> {
    fs::read(format!("{}/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn check_with(capture: &[u8], threads: usize) -> Vec<Finding> {
    let mut findings = Vec::new();
    let reader = Reader::from_slice(capture, Some(Format::Flow)).unwrap();
    run(reader, threads, |finding| {
        findings.push(finding);
        Ok::<_, ()>(ControlFlow::Continue(()))
    })
    .unwrap();
    findings
}

fn check(capture: &[u8]) -> Vec<Finding> {
    check_with(capture, 1)
}

#[test]
fn what_mitmproxy_wrote_is_sound_in_every_version() {
    let mut captures = 0;
    for folder in ["", "versions/"] {
        for entry in fs::read_dir(format!("{}/fixtures/{folder}", env!("CARGO_MANIFEST_DIR"))).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".flow") {
                let mut findings = check(&fixture(&format!("{folder}{name}")));
                findings.retain(|finding| finding.kind.severity() == Severity::Fault);
                assert_eq!(findings, [], "{name}");
                captures += 1;
            }
        }
    }
    assert!(captures > 30, "{captures}");
}

/// The positions, from the root on, of all values whose type is known, with their paths. WebSocket messages are checked
/// elsewhere, and `metadata` may hold anything.
fn places(state: &State<'_>, place: &[usize], path: &str, found: &mut Vec<(Vec<usize>, String)>) {
    let inner: Vec<(String, &State<'_>)> = match state {
        State::Dict(entries) => {
            let dot = if path.is_empty() { "" } else { "." };
            let name = |key: &[u8]| format!("{path}{dot}{}", String::from_utf8_lossy(key));
            entries.iter().map(|(key, value)| (name(key.as_bytes()), value)).collect()
        }
        State::List(values) => values.iter().enumerate().map(|(at, value)| (format!("{path}[{at}]"), value)).collect(),
        _ => Vec::new(),
    };
    for (position, (path, value)) in inner.into_iter().enumerate() {
        let place = [place, &[position]].concat();
        if path != "metadata" && path != "websocket.messages" {
            places(value, &place, &path, found);
        }
        found.push((place, path));
    }
}

fn at<'s, 'a>(state: &'s mut State<'a>, place: &[usize]) -> &'s mut State<'a> {
    place.iter().fold(state, |state, position| match state {
        State::Dict(entries) => &mut entries[*position].1,
        State::List(values) => &mut values[*position],
        _ => panic!("no value at {place:?}"),
    })
}

/// Fixtures of which the first flow is taken, and changed.
const FLOWS: [&str; 6] = [
    "tls.flow",
    "http-only.flow",
    "tcp-udp-dns.flow",
    "versions/7.0.4.flow",
    "versions/5.1.1.flow",
    "versions/1.0.2.flow",
];

fn first_record(name: &str) -> Vec<u8> {
    Reader::from_slice(&fixture(name), None).unwrap().next().unwrap().unwrap().data.to_vec()
}

#[test]
fn a_value_of_another_type_is_found_where_it_is() {
    let types = || -> [State<'static>; 8] {
        [
            State::Null,
            true.into(),
            1.into(),
            1.5.into(),
            b"x".to_vec().into(),
            "x".into(),
            State::List(Vec::new()),
            State::Dict(Vec::new()),
        ]
    };
    for name in FLOWS {
        let record = first_record(name);
        let state: State<'_> = tnetstring::from_slice(&record).unwrap();
        let mut found = Vec::new();
        places(&state, &[], "", &mut found);
        assert!(found.len() > 50, "{name}: {}", found.len());
        // A version of another type is none that is known.
        for (place, path) in found.iter().filter(|(_, path)| path != "version" && !path.starts_with("version[")) {
            let is_refused = |new: State<'static>| {
                let mut changed = state.clone();
                *at(&mut changed, place) = new;
                let findings = check(&tnetstring::to_vec(&changed).unwrap());
                findings.iter().any(|finding| finding.kind == Kind::WrongType && finding.place.path == *path)
            };
            let refused = types().into_iter().filter(|new| is_refused(new.clone())).count();
            // No key has more than four types. What a question of DNS is made of is not looked at.
            let is_any =
                ["questions[", "answers[", "authorities[", "additionals["].iter().any(|key| path.contains(key));
            assert!(refused >= 4 || is_any, "{name}: {path}: only {refused} of 8 types are refused");
        }
    }
}

#[test]
fn a_key_that_is_missing_is_found() {
    for name in FLOWS {
        let record = first_record(name);
        let state: State<'_> = tnetstring::from_slice(&record).unwrap();
        let mut found = Vec::new();
        places(&state, &[], "", &mut found);
        found.retain(|(_, path)| !path.ends_with(']'));
        let mut optional = Vec::new();
        for (place, path) in &found {
            let mut changed = state.clone();
            let (position, dict) = place.split_last().unwrap();
            at(&mut changed, dict).as_dict_mut().unwrap().remove(*position);
            let findings = check(&tnetstring::to_vec(&changed).unwrap());
            let missing = |finding: &&Finding| finding.kind == Kind::MissingKey && finding.place.path == *path;
            if findings.iter().find(missing).is_none() {
                optional.push(path.rsplit('.').next().unwrap());
            }
        }
        assert!(optional.len() * 4 < found.len(), "{name}: {optional:?}");
        assert!(!optional.iter().any(|key| ["id", "type", "version", "headers", "messages"].contains(key)), "{name}");
    }
}

/// A capture of one connection with so many messages, each older than the one before it.
fn backwards(messages: i64) -> Vec<u8> {
    let record = first_record("tls.flow");
    let mut state: State<'_> = tnetstring::from_slice(&record).unwrap();
    let message = |number: i64| {
        let time = 1_800_000_000.5 - number as f64;
        let content = b"some bytes of content".to_vec();
        State::List(vec![2.into(), true.into(), content.into(), time.into(), false.into(), false.into()])
    };
    let messages: Vec<_> = (0..messages).map(message).collect();
    state.get_mut("websocket").unwrap().insert("messages", messages);
    tnetstring::to_vec(&state).unwrap()
}

#[test]
fn order_is_checked_across_the_pieces_of_a_large_connection_too() {
    const MESSAGES: i64 = 20_000;
    let capture = backwards(MESSAGES);
    assert!(capture.len() > 1 << 20, "{}", capture.len());
    for threads in [1, 5] {
        let findings = check_with(&capture, threads);
        let paths: Vec<_> = findings.iter().map(|finding| finding.place.path.clone()).collect();
        let expected: Vec<_> = (1..MESSAGES).map(|at| format!("websocket.messages[{at}].timestamp")).collect();
        assert!(paths == expected, "{} findings with {threads} threads", paths.len());
        assert!(findings.iter().all(|finding| finding.kind == Kind::TimeGoesBack));
    }
}

#[test]
fn threads_change_nothing() {
    let capture = [fixture("merged.flow"), fixture("odd-values.flow"), fixture("invalid-utf8.flow")].concat();
    let mut capture = capture.repeat(100);
    for position in (5_000..capture.len()).step_by(100_003) {
        capture[position] ^= 1;
    }
    let one = check_with(&capture, 1);
    assert!(one.iter().any(|finding| finding.kind.severity() == Severity::Fault));
    assert!(one == check_with(&capture, 6));
}

#[test]
fn the_first_flow_with_an_id_is_named() {
    let findings = check(&fixture("tls.flow").repeat(3));
    let told: Vec<_> = findings.iter().map(|finding| (finding.place.record, finding.detail.as_str())).collect();
    assert_eq!(told, [(Some(1), "record 0 has the same id"), (Some(2), "record 0 has the same id")]);
}

#[test]
fn a_check_ends_when_nobody_listens() {
    let mut told = 0;
    let capture = backwards(100);
    run(Reader::from_slice(&capture, None).unwrap(), 2, |_| {
        told += 1;
        Ok::<_, ()>(ControlFlow::Break(()))
    })
    .unwrap();
    assert_eq!(told, 1);
}

#[test]
fn values_that_nest_without_end_are_a_fault() {
    let record = first_record("tls.flow");
    let mut state: State<'_> = tnetstring::from_slice(&record).unwrap();
    let nested = (0..MAX_DEPTH - 2).fold(State::Null, |inner, _| State::List(vec![inner]));
    state.get_mut("metadata").unwrap().insert("nested", nested);
    let sound = tnetstring::to_vec(&state).unwrap();
    assert_eq!(check(&sound), []);
    // The serializer writes no deeper than a reader reads, so the rest is made by hand.
    let nested = (0..2 * MAX_DEPTH)
        .fold(b"0:~".to_vec(), |inner, _| [format!("{}:", inner.len()).as_bytes(), &inner, b"]"].concat());
    let body = [&b"6:nested;"[..], &nested].concat();
    let metadata =
        [format!("8:metadata;{}:", body.len()).as_bytes(), &body, b"}7:version;2:21#4:type;4:http;2:id;1:a;"].concat();
    let capture = [format!("{}:", metadata.len()).as_bytes(), &metadata, b"}"].concat();
    let findings = check(&capture);
    assert!(findings.iter().any(
        |finding| finding.kind == Kind::BrokenStructure && finding.place.path.starts_with("metadata.nested[0][0]")
    ));
}

#[test]
fn metadata_may_have_keys_that_are_no_text() {
    let with_metadata = |metadata: &str| {
        let record = first_record("tls.flow");
        let mut state: State<'_> = tnetstring::from_slice(&record).unwrap();
        let encoded = format!("{}:{metadata}}}", metadata.len());
        state.insert("metadata", RawValue::from_slice(encoded.as_bytes()).unwrap());
        check(&tnetstring::to_vec(&state).unwrap())
    };
    assert_eq!(with_metadata("1:1#3:one;4:true!10:1:2#3:two;}"), []);
    for (metadata, path) in [("0:]3:one;", "metadata"), ("1:1#", "metadata"), ("1:1#1:x#", "metadata.1")] {
        let found: Vec<_> = with_metadata(metadata).into_iter().map(|found| (found.kind, found.place.path)).collect();
        let kind = if metadata.starts_with("0:]") { Kind::WrongType } else { Kind::BrokenStructure };
        assert_eq!(found, [(kind, path.to_owned())], "{metadata}");
    }
}

#[test]
fn strings_are_utf8_whatever_the_opcode_is() {
    for opcode in ["1", "2", "3"] {
        let capture = fixture("tls.flow");
        let start = capture.windows(4).position(|bytes| bytes == b"1:1#").unwrap();
        let content = start + 4 + capture[start + 4..].iter().position(|byte| *byte == b'!').unwrap() + 1;
        let length = RawValue::split_first(&capture[content..]).unwrap().0.encoded().len();
        let mut changed = capture.clone();
        changed[start + 2] = opcode.as_bytes()[0];
        changed[content + length - 2] = 0xff;
        changed[content + length - 1] = b';';
        let faults: Vec<_> = check(&changed).into_iter().filter(|f| f.kind.severity() == Severity::Fault).collect();
        assert_eq!(faults[0].kind, Kind::BrokenStructure, "{opcode}");
        assert_eq!(faults[0].place.path, "websocket.messages[0].content");
    }
}

#[test]
fn a_close_code_beyond_all_numbers_is_none() {
    let record = first_record("closes.flow");
    let mut state: State<'_> = tnetstring::from_slice(&record).unwrap();
    let huge = format!("31:1{}#", "0".repeat(30));
    state.get_mut("websocket").unwrap().insert("close_code", RawValue::from_slice(huge.as_bytes()).unwrap());
    let kinds: Vec<_> = check(&tnetstring::to_vec(&state).unwrap()).into_iter().map(|found| found.kind).collect();
    assert!(kinds.contains(&Kind::InvalidCloseCode), "{kinds:?}");
}

/// Of two flows, the second of which has an id that is none, neither is older than the other.
#[test]
fn times_are_compared_within_a_flow_only() {
    let record = first_record("tls.flow");
    let mut state: State<'_> = tnetstring::from_slice(&record).unwrap();
    state.insert("id", 5);
    for message in state.get_mut("websocket").unwrap().get_mut("messages").unwrap().as_list_mut().unwrap() {
        message.as_list_mut().unwrap()[3] = 20.0.into();
    }
    let findings = check(&[record.clone(), tnetstring::to_vec(&state).unwrap()].concat());
    let kinds: Vec<_> = findings.iter().map(|found| (found.kind, found.place.path.as_str())).collect();
    assert!(kinds.iter().all(|(kind, _)| *kind != Kind::TimeGoesBack), "{kinds:?}");
    assert_eq!(kinds.iter().filter(|(_, path)| *path == "id").count(), 1, "{kinds:?}");
}

/// What mitmproxy cannot do without.
#[test]
fn keys_that_mitmproxy_demands_are_missed() {
    let cases = [
        ("tls.flow", "request.content"),
        ("tls.flow", "response.content"),
        ("tls.flow", "client_conn.mitmcert"),
        ("tls.flow", "server_conn.transport_protocol"),
        ("versions/3.0.4.flow", "request.first_line_format"),
        ("versions/3.0.4.flow", "server_conn.via"),
        ("versions/7.0.4.flow", "client_conn.tls_extensions"),
    ];
    for (name, path) in cases {
        let record = first_record(name);
        let mut state: State<'_> = tnetstring::from_slice(&record).unwrap();
        let (dict, key) = path.split_once('.').unwrap();
        assert!(state.get_mut(dict).unwrap().remove(key).is_some(), "{name}: {path}");
        let findings = check(&tnetstring::to_vec(&state).unwrap());
        let is_missed = |found: &Finding| found.kind == Kind::MissingKey && found.place.path == path;
        assert!(findings.iter().any(is_missed), "{name}: {path}");
    }
}
