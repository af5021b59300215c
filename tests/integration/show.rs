//! `wsflow show`.

use crate::support::wsflow;

#[test]
fn a_message_is_shown_with_its_fields_and_its_whole_text() {
    let shown = wsflow(["show", "fixtures/conversation.flow", "0:0"]).run().ok().text();
    assert!(shown.starts_with("message 0:0\n"), "{shown}");
    assert!(shown.contains("\n  url        ws://prices.example/v2/stream\n"), "{shown}");
    assert!(
        shown.contains("\n  kind       json {op,symbols} (it is valid JSON)\n\n  {\n    \"op\": \"subscribe\",\n"),
        "{shown}"
    );
    assert!(shown.ends_with("\n      \"XAUUSD\"\n    ]\n  }\n\n"), "{shown}");
}

#[test]
fn binary_is_a_hex_dump() {
    let shown = wsflow(["show", "--as", "hex", "fixtures/conversation.flow", "1:1"]).run().ok().text();
    let dump = "00000000  08 ac 02 12 07 62 75 69  6c 64 2d 37 1a 04 08 01  |.....build-7....|\n";
    assert!(shown.contains(dump), "{shown}");
}

#[test]
fn raw_is_exactly_the_bytes() {
    let shown = wsflow(["show", "--raw", "fixtures/conversation.flow", "1:0"]).run().ok();
    assert_eq!(shown.stdout, (0..=255).collect::<Vec<u8>>());
}

#[test]
fn a_connection_is_shown_with_all_of_its_messages() {
    let shown = wsflow(["show", "fixtures/conversation.flow", "2"]).run().ok().text();
    assert!(shown.starts_with("flow 2\n"), "{shown}");
    assert_eq!(shown.matches("\nmessage 2:").count(), 7);
}

#[test]
fn nothing_that_a_terminal_obeys_is_shown() {
    let shown = wsflow(["show", "fixtures/control-characters.flow"]).run().ok().text();
    let unsafe_ones: Vec<_> =
        shown.chars().filter(|&c| wsflow::output::is_unsafe(c) && c != '\n' && c != '\t').collect();
    assert_eq!(unsafe_ones, []);
}

#[test]
fn an_id_that_names_nothing_is_an_error_that_says_so() {
    for id in ["9", "0:999", "9:1"] {
        let finished = wsflow(["show", "fixtures/conversation.flow", id]).run().code(2);
        let thing = if id.contains(':') { "message" } else { "flow" };
        assert!(finished.stderr.contains(&format!("there is no {thing} {id};")), "{}", finished.stderr);
    }
}
