use std::borrow::Cow;
use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::Index;

use super::{Change, Editor, Error, FlowEdit, Others, Positions};
use crate::state::{Key, State};
use crate::tnetstring;

/// A message of 5 or 6 values. The lengths of contents are around those at which a length gets another digit.
fn message() -> impl Strategy<Value = State<'static>> {
    let length = prop_oneof![0..14usize, 55..75usize, 90..110usize, 940..1010usize];
    let content = (length, any::<bool>(), any::<u8>()).prop_map(|(length, is_text, byte)| match is_text {
        true => State::from(char::from(byte % 128).to_string().repeat(length)),
        false => State::from(vec![byte; length]),
    });
    let time =
        prop_oneof![any::<f64>().prop_filter("NaN", |time| !time.is_nan()).prop_map(State::from), Just(State::from(7))];
    (1..3i64, any::<bool>(), content, time, any::<bool>(), any::<Option<bool>>()).prop_map(
        |(opcode, from_client, content, time, dropped, injected)| {
            let mut values = vec![opcode.into(), from_client.into(), content, time, dropped.into()];
            values.extend(injected.map(State::from));
            State::List(values)
        },
    )
}

/// Any value that an edit should not look at.
fn other() -> impl Strategy<Value = State<'static>> {
    let leaf = prop_oneof![
        Just(State::Null),
        any::<bool>().prop_map(State::Bool),
        any::<i64>().prop_map(State::from),
        any::<Vec<u8>>().prop_map(State::from),
        any::<String>().prop_map(State::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(State::List),
            prop::collection::vec((Just("messages".to_owned()), inner), 0..2).prop_map(|entries| {
                State::Dict(entries.into_iter().map(|(key, value)| (Key::Str(Cow::Owned(key)), value)).collect())
            }),
        ]
    })
}

/// A dict of these entries and others, in any order.
fn dict(entries: Vec<(&'static str, State<'static>)>) -> impl Strategy<Value = State<'static>> {
    let others = prop::collection::btree_map("x[a-z]{0,3}", other(), 0..4);
    (others, any::<bool>()).prop_flat_map(move |(others, bytes)| {
        let key = |name: &str| match bytes {
            true => Key::Bytes(Cow::Owned(name.as_bytes().to_vec())),
            false => Key::Str(Cow::Owned(name.to_owned())),
        };
        let named = entries.iter().map(|(name, value)| (key(name), value.clone()));
        let all: Vec<_> = named.chain(others.iter().map(|(name, value)| (key(name), value.clone()))).collect();
        Just(all).prop_shuffle().prop_map(State::Dict)
    })
}

/// A flow of either layout, with a backup.
fn flow() -> impl Strategy<Value = State<'static>> {
    let messages = || prop::collection::vec(message(), 0..12).prop_map(State::List);
    let newer = (messages(), messages())
        .prop_flat_map(|(messages, backed_up)| {
            (dict(vec![("messages", messages)]), dict(vec![("messages", backed_up)]))
        })
        .prop_flat_map(|(websocket, backup)| {
            let backup = State::Dict(vec![("websocket".into(), backup)]);
            dict(vec![("type", "http".into()), ("websocket", websocket), ("backup", backup)])
        });
    let older = (messages(), messages()).prop_flat_map(|(messages, backed_up)| {
        let backup = State::Dict(vec![("type".into(), "websocket".into()), ("messages".into(), backed_up)]);
        dict(vec![("backup", backup), ("type", "websocket".into()), ("messages", messages)])
    });
    prop_oneof![newer, older]
}

fn messages_mut<'s, 'a>(flow: &'s mut State<'a>) -> &'s mut Vec<State<'a>> {
    let within = if flow.get("websocket").is_some() { flow.get_mut("websocket").unwrap() } else { flow };
    within.get_mut("messages").unwrap().as_list_mut().unwrap()
}

/// Changes of messages that are there.
#[derive(Clone, Debug)]
enum Kind {
    SetDropped(bool),
    SetContent(String),
    Remove,
}

fn changes() -> impl Strategy<Value = Vec<(Index, Kind)>> {
    let kind = prop_oneof![
        any::<bool>().prop_map(Kind::SetDropped),
        "[a-zé]{0,12}|[a-z]{90,110}".prop_map(Kind::SetContent),
        Just(Kind::Remove),
    ];
    prop::collection::vec((any::<Index>(), kind), 0..10)
}

fn placed(changes: &[(Index, Kind)], messages: usize) -> Vec<Change> {
    let place = |(index, kind): &(Index, Kind)| {
        let message = index.index(messages) as u64;
        match kind.clone() {
            Kind::SetDropped(dropped) => Change::SetDropped(message, dropped),
            Kind::SetContent(content) => Change::SetContent(message, content.into_bytes()),
            Kind::Remove => Change::Remove(message),
        }
    };
    if messages == 0 { Vec::new() } else { changes.iter().map(place).collect() }
}

/// The slow plain way: decoded, changed one by one, in their order, encoded.
fn changed_in_order(flow: &State<'_>, changes: &[Change], kept: Option<&[u64]>) -> Vec<u8> {
    let mut flow = flow.clone();
    let messages = messages_mut(&mut flow);
    let mut there: BTreeMap<u64, State> = (0..).zip(messages.drain(..)).collect();
    for change in changes {
        match change {
            Change::SetDropped(message, dropped) => {
                if let Some(message) = there.get_mut(message) {
                    message.as_list_mut().unwrap()[4] = State::Bool(*dropped);
                }
            }
            Change::SetContent(message, content) => {
                if let Some(message) = there.get_mut(message) {
                    match &mut message.as_list_mut().unwrap()[2] {
                        State::Str(text) => *text = Cow::Owned(String::from_utf8(content.clone()).unwrap()),
                        other => *other = State::from(content.clone()),
                    }
                }
            }
            Change::Remove(message) => drop(there.remove(message)),
        }
    }
    if let Some(kept) = kept {
        there.retain(|message, _| kept.contains(message));
    }
    messages.extend(there.into_values());
    tnetstring::to_vec(&flow).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, max_shrink_time: 10_000, ..ProptestConfig::default() })]

    #[test]
    fn a_splice_is_decode_change_encode(
        flow in flow(),
        changes in changes(),
        kept in prop::option::of(prop::collection::vec(0..14u64, 0..10)),
    ) {
        let mut flow = flow;
        let record = tnetstring::to_vec(&flow).unwrap();
        let changes = placed(&changes, messages_mut(&mut flow).len());
        let mut edit: FlowEdit = changes.iter().cloned().collect();
        edit.kept = kept.as_ref().map(|kept| kept.iter().copied().collect());
        let splice = edit.splice(&record).unwrap();
        let spliced = splice.to_vec().unwrap();
        prop_assert_eq!(splice.len(), spliced.len());
        let expected = changed_in_order(&flow, &changes, kept.as_deref());
        prop_assert!(spliced == expected, "{}\n{}", spliced.escape_ascii(), expected.escape_ascii());
    }

    #[test]
    fn clearing_the_mark_again_gives_the_same_bytes(flow in flow()) {
        let mut flow = flow;
        let record = tnetstring::to_vec(&flow).unwrap();
        let unmarked: Positions = (0..)
            .zip(messages_mut(&mut flow))
            .filter(|(_, message)| message.as_list().unwrap()[4] == State::Bool(false))
            .map(|(message, _)| message)
            .collect();
        let dropped = FlowEdit::set_dropped(unmarked.clone(), true).splice(&record).unwrap().to_vec().unwrap();
        prop_assert_eq!(dropped == record, unmarked.is_empty());
        prop_assert_eq!(FlowEdit::set_dropped(unmarked, false).splice(&dropped).unwrap().to_vec().unwrap(), record);
    }

    #[test]
    fn a_copying_pass_edits_the_flows_that_are_named(
        flows in prop::collection::vec((flow(), changes(), 0..4u8), 0..6),
        tail in prop_oneof![Just(&b""[..]), Just(&b"\n"[..]), Just(&b"77:3:foo"[..]), Just(&b"3:foo,garbage"[..])],
        copies in any::<bool>(),
    ) {
        let others = if copies { Others::Copy } else { Others::LeaveOut };
        let (mut capture, mut expected) = (Vec::new(), Vec::new());
        let mut named = Vec::new();
        for (flow, changes, what) in flows {
            let mut flow = flow;
            let record = tnetstring::to_vec(&flow).unwrap();
            let changes = placed(&changes, messages_mut(&mut flow).len());
            capture.extend_from_slice(&record);
            match what {
                0 => expected.extend(changed_in_order(&flow, &changes, None)),
                1 => {}
                3 if !copies => {}
                _ => expected.extend_from_slice(&record),
            }
            named.push((what, changes));
        }
        capture.extend_from_slice(tail);
        if copies {
            expected.extend_from_slice(tail);
        }
        let mut out = Vec::new();
        let mut editor = Editor::new(&capture, Some(crate::capture::Format::Flow), others, &mut out).unwrap();
        for (flow, (what, changes)) in named.into_iter().enumerate() {
            let flow = flow as u64;
            match what {
                0 => drop(editor.edit(flow, &changes.into_iter().collect()).unwrap()),
                1 => editor.remove(flow).unwrap(),
                2 => editor.keep(flow).unwrap(),
                _ => {}
            }
        }
        let fault = editor.finish().unwrap();
        prop_assert_eq!(fault.is_some(), tail.len() > 1);
        prop_assert!(out == expected, "{}\n{}", out.escape_ascii(), expected.escape_ascii());
    }
}

/// A value of this type with this body.
fn value(body: &str, tag: char) -> String {
    format!("{}:{body}{tag}", body.len())
}

/// A record with these messages, encoded.
fn record(messages: &str) -> Vec<u8> {
    let websocket = value(&format!("8:messages;{}", value(messages, ']')), '}');
    flow_of(&format!("4:type;4:http;9:websocket;{websocket}"))
}

fn flow_of(entries: &str) -> Vec<u8> {
    value(entries, '}').into_bytes()
}

const HI: &str = "30:1:1#4:true!2:hi,3:0.5^5:false!]";

#[test]
fn what_is_so_already_keeps_every_byte() {
    // Lengths with leading zeros, which mitmproxy reads and never writes.
    let odd = record("0030:1:1#4:true!2:hi,3:0.5^5:false!]");
    let edit: FlowEdit = [Change::SetDropped(0, false), Change::SetContent(0, b"hi".to_vec())].into_iter().collect();
    assert_eq!(edit.splice(&odd).unwrap().to_vec().unwrap(), odd);
    assert!(!edit.is_empty());
}

#[test]
fn an_edit_of_what_is_not_there_is_an_error_with_its_place() {
    let error = |record: &[u8], change| FlowEdit::from_iter([change]).splice(record).unwrap_err().to_string();
    let one = record(HI);
    assert_eq!(error(&one, Change::Remove(1)), "websocket.messages[1]: there is no such message");
    assert!(error(&one, Change::SetDropped(u64::MAX, true)).ends_with("there is no such message"));
    assert_eq!(error(&flow_of("4:type;4:http;"), Change::Remove(0)), "the flow is no WebSocket connection");
    assert_eq!(
        error(&flow_of("4:type;3:tcp;8:messages;0:]"), Change::Remove(0)),
        "the flow is no WebSocket connection"
    );
    assert_eq!(error(&flow_of("4:type;9:websocket;"), Change::Remove(0)), "messages: the key is missing");
    let short = record("7:1:1#0:~]");
    assert!(error(&short, Change::SetDropped(0, true)).contains("expected a message of 5 or 6 values, found 2"));
    let text = record("30:1:1#4:true!2:hi;3:0.5^5:false!]");
    let place = "websocket.messages[0].content: expected UTF-8 text";
    assert!(error(&text, Change::SetContent(0, vec![0xff])).ends_with(place));
    let null = flow_of("4:type;4:http;9:websocket;0:~");
    assert_eq!(error(&null, Change::Remove(0)), "the flow is no WebSocket connection");
}

#[test]
fn damage_behind_the_messages_that_are_named_does_not_matter() {
    let broken = record(&format!("{HI}{HI}99:no end"));
    let edit = FlowEdit::from_iter([Change::SetDropped(1, true)]);
    let spliced = edit.splice(&broken).unwrap().to_vec().unwrap();
    assert!(spliced.ends_with(b"5:false!]29:1:1#4:true!2:hi,3:0.5^4:true!]99:no end]}}"));
    assert!(FlowEdit::from_iter([Change::SetDropped(2, true)]).splice(&broken).is_err());
    // To keep only some messages is to take out all else, whatever it is.
    let kept = FlowEdit::keep_only([1].into_iter().collect()).splice(&broken).unwrap().to_vec().unwrap();
    assert_eq!(kept, record(HI));
}

#[test]
fn a_backup_that_holds_messages_is_known() {
    let has = |backup: &str| {
        let record = flow_of(&format!("6:backup;{backup}8:messages;{}4:type;9:websocket;", value(HI, ']')));
        FlowEdit::from_iter([Change::Remove(0)]).splice(&record).unwrap().backup_has_messages()
    };
    let messages = |body| format!("8:messages;{}", value(body, ']'));
    let state = |entries: &str| value(entries, '}');
    assert!(!has("0:~"));
    assert!(!has(&state(&messages(""))));
    assert!(has(&state(&messages("1:1#"))));
    assert!(has(&state(&format!("9:websocket;{}", state(&messages("1:1#"))))));
}

#[test]
fn after_an_edit_that_failed_nothing_more_is_done() {
    let capture = std::fs::read("fixtures/conversation.flow").unwrap();
    let edit = |message| [Change::SetDropped(message, true)].into_iter().collect::<FlowEdit>();
    let mut editor = Editor::new(&capture, None, Others::Copy, Vec::new()).unwrap();
    assert!(matches!(editor.edit(0, &edit(9999)), Err(Error::Capture(_))));
    assert!(matches!(editor.edit(1, &edit(0)), Err(Error::Broken)));
    assert!(matches!(editor.keep(1), Err(Error::Broken)));
    assert!(matches!(editor.finish(), Err(Error::Broken)));
    // A flow that is not there is no such failure.
    let mut out = Vec::new();
    let mut editor = Editor::new(&capture, None, Others::Copy, &mut out).unwrap();
    editor.edit(1, &edit(0)).unwrap();
    assert!(matches!(editor.edit(0, &edit(0)), Err(Error::Capture(_))));
    editor.finish().unwrap();
    assert_eq!(out.len(), capture.len() - 1);
}
