//! What is written is safe and complete, in every format.

use crate::support::wsflow;

#[test]
fn json_keeps_control_characters_of_any_kind() {
    // The oracle test compares contents; here, that no line is broken by them.
    let listed = wsflow(["ls", "--json", "fixtures/control-characters.flow"]).run().ok();
    assert!(listed.json_lines().iter().any(|m| m["text"].as_str().is_some_and(|text| text.contains('\u{9b}'))));
}

#[test]
fn text_that_is_not_utf8_is_base64_and_nothing_is_lost() {
    let listed = wsflow(["ls", "--json", "fixtures/invalid-utf8.flow"]).run().ok().json_lines();
    let broken: Vec<_> = listed.iter().filter(|m| m["type"] == "text" && m["base64"].is_string()).collect();
    assert!(!broken.is_empty());
    assert!(broken.iter().all(|message| message.get("text").is_none()));
}

#[test]
fn csv_is_read_back_by_a_csv_reader_as_the_same_rows() {
    let listed = wsflow(["ls", "--json", "fixtures/control-characters.flow"]).run().ok().json_lines();
    let csv = wsflow(["ls", "--format", "csv", "fixtures/control-characters.flow"]).run().ok().stdout;
    let mut reader = csv::Reader::from_reader(csv.as_slice());
    let names = reader.headers().unwrap().clone();
    let text_at = names.iter().position(|name| name == "text").unwrap();
    let size_at = names.iter().position(|name| name == "size").unwrap();
    let rows: Vec<_> = reader.records().map(|row| row.unwrap()).collect();
    assert_eq!(rows.len(), listed.len());
    for (row, message) in rows.iter().zip(&listed) {
        assert_eq!(row[size_at], message["size"].to_string());
        let text = message["text"].as_str().unwrap_or_default();
        let cell = &row[text_at];
        assert!(cell == text || cell == format!("'{text}"), "{cell:?} for {text:?}");
    }
}

#[test]
fn help_names_every_command_and_the_exit_codes() {
    let help = wsflow(["--help"]).run().ok().text();
    for word in ["ls", "flows", "show", "Exit codes:"] {
        assert!(help.contains(word), "{word} is not in:\n{help}");
    }
}

#[test]
fn wrong_usage_ends_with_2() {
    for args in [&["lst"][..], &["ls", "--nonsense"], &[], &["ls", "--json", "--format", "csv"]] {
        wsflow(args).run().code(2);
    }
}
