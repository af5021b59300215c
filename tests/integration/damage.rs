//! Captures that are broken within: what is intact is read, what is not is said with its place, and the exit code is 3.

use crate::support::{Finished, fixture_bytes, wsflow};

/// A capture with two connections, in which the encoding of a message, found by its content, is changed by `damage` to
/// one of the same length.
fn damaged(damage: impl Fn(&mut [u8])) -> Vec<u8> {
    let mut capture = fixture_bytes("edited-messages.flow");
    let content = b"11:not touched,";
    let start = capture.windows(content.len()).position(|window| window == content).unwrap();
    // The colon of the message's length, the opcode and the direction stand in front of the content, a time and two
    // flags behind it.
    damage(&mut capture[start - 13..start + 53]);
    capture
}

fn replace(bytes: &mut [u8], from: &[u8], to: &[u8]) {
    assert_eq!(from.len(), to.len());
    let at = bytes.windows(from.len()).position(|window| window == from).expect("the bytes to damage are there");
    bytes[at..at + to.len()].copy_from_slice(to);
}

#[track_caller]
fn says(finished: &Finished, words: &[&str]) {
    for word in words {
        assert!(finished.stderr.contains(word), "{word:?} is not in {:?}", finished.stderr);
    }
}

type Damage = (&'static str, fn(&mut [u8]), &'static [&'static str]);

const DAMAGES: [Damage; 5] = [
    (
        "a flag that is none",
        |m| replace(m, b"5:false!5:false!", b"5:falsy!5:false!"),
        &["record 0, byte ", "websocket.messages[2].dropped", "expected `true` or `false`"],
    ),
    ("a direction of another type", |m| replace(m, b"5:false!11:", b"5:false,11:"), &["messages[2].from_client"]),
    ("a time that is no number", |m| replace(m, b"^5:false", b"#5:false"), &["messages[2].timestamp"]),
    ("content of another type", |m| replace(m, b"touched,", b"touched!"), &["messages[2].content"]),
    (
        "six values, of which the last two became one",
        |m| replace(m, b"5:false!5:false!", b"13:alse!5:false,"),
        &["messages[2]"],
    ),
];

#[test]
fn a_broken_message_is_said_and_the_others_are_listed() {
    let whole = wsflow(["ls", "--json", "fixtures/edited-messages.flow"]).run().ok().lines();
    for (name, damage, words) in DAMAGES {
        let capture = damaged(damage);
        let listed = wsflow(["ls", "--json"]).stdin(capture.clone()).run().code(3);
        says(&listed, words);
        let mut expected = whole.clone();
        expected.remove(2);
        assert_eq!(listed.lines(), expected, "{name}");

        let counted = wsflow(["ls", "-c"]).stdin(capture.clone()).run().code(3);
        says(&counted, words);
        assert_eq!(counted.text(), format!("{}\n", whole.len() - 1), "{name}");

        let flows = wsflow(["flows", "--json"]).stdin(capture.clone()).run().code(3);
        says(&flows, words);
        assert_eq!(flows.json_lines()[0]["messages"], 18, "{name}");

        let shown = wsflow(["show", "-", "0"]).stdin(capture).run().code(3);
        says(&shown, words);
        assert_eq!(shown.text().matches("\nmessage 0:").count(), 18, "{name}");
    }
}

#[test]
fn a_broken_message_is_said_however_an_expression_is_written() {
    let (_, damage, words) = DAMAGES[0];
    let capture = damaged(damage);
    let matching = ["~b absent | ~msg 0", "~b [a]bsent | ~msg 0", "~msg 0"];
    let others = ["~b absent", "~b [a]bsent", "~b \"ab(s)ent(?!x)\""];
    for expression in matching.into_iter().chain(others) {
        for args in [&["-c"][..], &["-o", "-"]] {
            let run = wsflow([&["filter", expression], args].concat()).stdin(capture.clone()).run().code(3);
            says(&run, words);
        }
    }
}

#[test]
fn a_message_of_seven_values_is_broken() {
    let message = b"59:1:1#4:true!3:foo,18:1693314240.7948081^5:false!5:false!1:1#]";
    let list = [format!("{}:", message.len()).as_bytes(), message, b"]"].concat();
    let websocket = [b"8:messages;".as_slice(), &list].concat();
    let websocket = [format!("9:websocket;{}:", websocket.len()).as_bytes(), &websocket, b"}"].concat();
    let flow = [websocket.as_slice(), b"7:version;2:21#4:type;4:http;2:id;1:a;"].concat();
    let capture = [format!("{}:", flow.len()).as_bytes(), &flow, b"}"].concat();
    let listed = wsflow(["ls", "--json"]).stdin(capture).run().code(3);
    assert_eq!(listed.text(), "");
    says(&listed, &["websocket.messages[0]", "expected a message of 5 or 6 values, found 7"]);
}

#[test]
fn a_list_of_messages_that_breaks_off_is_listed_up_to_there() {
    let capture = damaged(|message| message[0] = b'x');
    let listed = wsflow(["ls", "--json"]).stdin(capture).run().code(3);
    says(&listed, &["websocket.messages[2]"]);
    let ids: Vec<_> = listed.json_lines().iter().map(|m| format!("{}:{}", m["flow"], m["message"])).collect();
    assert_eq!(ids, ["0:0", "0:1", "1:0", "1:1"]);
}

#[test]
fn a_close_code_of_a_wrong_type_is_said_and_the_connection_is_listed() {
    let capture = fixture_bytes("edited-messages.flow");
    let mut capture = capture.clone();
    replace(&mut capture, b"10:close_code;4:1000#", b"10:close_code;4:1000,");
    let flows = wsflow(["flows", "--json"]).stdin(capture.clone()).run().code(3);
    says(&flows, &["record 0", "websocket.close_code", "expected an integer, found bytes"]);
    assert_eq!(flows.json_lines().len(), 2);
    assert!(flows.json_lines()[0]["close_code"].is_null());
    let shown = wsflow(["show", "-"]).stdin(capture).run().code(3);
    says(&shown, &["websocket.close_code"]);
}

#[test]
fn many_faults_are_counted_after_the_first_ten() {
    let mut capture = fixture_bytes("edited-messages.flow").repeat(2);
    for at in 0..capture.len() - 16 {
        if &capture[at..at + 16] == b"5:false!5:false!" {
            capture[at + 4] = b'S';
        }
    }
    let listed = wsflow(["ls"]).stdin(capture).run().code(3);
    says(&listed, &["more faults like these"]);
    assert_eq!(listed.stderr.matches(".dropped").count() + listed.stderr.matches(".from_client").count(), 10);
}

#[test]
fn equal_keys_count_as_in_python() {
    let capture = fixture_bytes("json.flow");
    // A second host stands before the first on disk, for dicts are written last key first; the last one read counts.
    let text = String::from_utf8_lossy(&capture).into_owned();
    assert_eq!(text.len(), capture.len(), "the fixture is text");
    let version = text.find("7:version;2:21#").unwrap();
    let mut flow = text[text.find(':').unwrap() + 1..version].to_owned();
    flow.push_str("7:comment;5:first;7:comment;6:second;7:version;2:21#}");
    let capture = format!("{}:{flow}", flow.len() - 1);
    let flows = wsflow(["flows", "--json"]).stdin(capture).run().ok().json_lines();
    assert_eq!(flows[0]["comment"], "second");
}

#[test]
fn a_limit_that_is_reached_needs_no_more_input() {
    let capture = fixture_bytes("json.flow");
    let broken = [capture.clone(), b"12:broken".to_vec()].concat();
    assert_eq!(wsflow(["ls", "--limit", "1"]).stdin(broken.clone()).run().ok().lines().len(), 1);
    // What was not chosen is not looked at either.
    assert_eq!(wsflow(["ls", "--id", "0:0"]).stdin(broken).run().ok().lines().len(), 1);
    // A file that is not there is told all the same.
    let run = wsflow(["ls", "--limit", "1", "fixtures/json.flow", "missing.flow"]).run().code(2);
    assert_eq!((run.lines().len(), run.stderr.contains("missing.flow: No such file")), (1, true), "{}", run.stderr);
}

#[test]
fn where_reading_cannot_go_on_it_says_so() {
    let mut capture = fixture_bytes("conversation.flow");
    let second = first_record(&capture);
    capture[second] = b'?';
    for command in [&["ls"][..], &["flows"], &["stats"], &["check"]] {
        let streamed = wsflow(command).stdin(capture.clone()).run();
        let said = format!("{}{}", streamed.stderr, streamed.text());
        assert!(said.contains("what follows it was not read"), "{command:?}: {said}");
    }
    // A file is searched for the next flow.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("damaged.flow");
    std::fs::write(&file, &capture).unwrap();
    let mapped = wsflow(["ls", file.to_str().unwrap()]).run().code(3);
    assert!(!mapped.stderr.contains("was not read"), "{}", mapped.stderr);
}

/// The length of the first record of a flow file.
fn first_record(capture: &[u8]) -> usize {
    let colon = capture.iter().position(|&byte| byte == b':').unwrap();
    let length: usize = str::from_utf8(&capture[..colon]).unwrap().parse().unwrap();
    colon + 1 + length + 1
}
