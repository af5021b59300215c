//! What reaches a terminal: lines that fit it, and nothing that it obeys.

use insta::assert_snapshot;
use unicode_width::UnicodeWidthStr as _;

use crate::support::wsflow;

const ATTACKS: &str = "fixtures/control-characters.flow";

/// The lines that a terminal received, without the carriage returns that it adds itself.
fn lines(args: &[&str], width: u16) -> Vec<String> {
    let received = String::from_utf8(wsflow(args).run_in_terminal(width)).unwrap();
    received.replace("\r\n", "\n").lines().map(str::to_owned).collect()
}

#[test]
fn binary_output_is_not_sent_to_it() {
    for command in ["drop ~all", "filter ~all", "encode --to flow", "encode --to msgpack"] {
        let args: Vec<_> = command.split(' ').chain(["fixtures/json.flow", "-o", "-"]).collect();
        assert_eq!(
            lines(&args, 200),
            ["wsflow: <stdout>: is a terminal, and the output is binary; write to a file or a pipe"],
            "{command}"
        );
    }
}

#[test]
fn lines_fit_the_terminal_and_have_titles() {
    for width in [1, 20, 40, 80, 120, 200] {
        for capture in ["fixtures/unicode.flow", "fixtures/json.flow", ATTACKS] {
            let lines = lines(&["ls", capture], width);
            assert!(width < 40 || lines[0].starts_with("ID        TIME"), "{}", lines[0]);
            for line in &lines {
                assert!(line.width() <= usize::from(width), "{width}: {line}");
            }
        }
    }
    assert_snapshot!(lines(&["ls", "--limit", "3", "fixtures/json.flow"], 80).join("\n"));
}

#[test]
fn no_line_of_any_command_is_wider_than_the_terminal() {
    let captures = [
        "fixtures/conversation.flow",
        "fixtures/closes.flow",
        ATTACKS,
        "fixtures/unicode.flow",
        "fixtures/edited-messages.flow",
        "fixtures/mixed-http.flow",
        "fixtures/tls.flow",
    ];
    let commands = [&["ls"][..], &["flows", "--all"], &["show"], &["stats"], &["check"], &["filter", "~all"]];
    for (command, capture) in commands.iter().flat_map(|command| captures.map(|capture| (command, capture))) {
        for width in [20, 80, 200] {
            let args = [command, &[capture][..]].concat();
            let lines = lines(&args, width);
            assert!(!lines.is_empty(), "{args:?}");
            for line in &lines {
                assert!(line.width() <= usize::from(width), "{args:?} {width}: {line}");
            }
        }
    }
    for command in ["ls", "flows", "show", "filter", "drop", "encode", "stats", "check", "recover", "completion", "man"]
    {
        for line in lines(&[command, "-h"], 80) {
            // Help has colours where the environment says so, as that of CI does.
            let plain = without_colors(&line);
            assert!(plain.width() <= 80, "{command}: {plain}");
        }
    }
}

/// A line without the sequences that set colours.
fn without_colors(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let first = parts.next().unwrap_or_default();
    parts.fold(first.to_owned(), |plain, part| plain + part.split_once('m').map_or(part, |(_, text)| text))
}

#[test]
fn names_of_several_files_stand_above_their_lines() {
    let (one, other) = ("fixtures/json.flow", "fixtures/mixed-http.flow");
    for command in [&["ls"][..], &["flows", "--all"], &["filter", "~b m"]] {
        let lines = lines(&[command, &[other, one]].concat(), 80);
        let place = |name: &str| lines.iter().position(|line| line == name).unwrap_or_else(|| panic!("{lines:#?}"));
        assert!(lines[0].contains("MESSAGES") || lines[0].contains("CONTENT"), "{command:?} {lines:?}");
        assert_eq!((place(other), lines[place(one) - 1].as_str()), (1, ""), "{command:?} {lines:?}");
        assert!(place(one) + 1 < lines.len(), "{command:?} {lines:?}");
    }
    // One without lines is not named, nor is a single one.
    assert!(!lines(&["filter", "~b heartbeat", one, "fixtures/edited-messages.flow"], 80).contains(&one.to_owned()));
    assert!(!lines(&["ls", one], 80).contains(&one.to_owned()));
    // Who asks for the column gets it, and so does a pipe.
    assert!(lines(&["ls", "--fields", "file,id", one, other], 80)[1].starts_with(one));
    assert!(wsflow(["ls", one, other]).run().ok().text().starts_with(one));
}

#[test]
fn what_matters_has_room() {
    let has = |args: &[&str], width, whole: &str| {
        let lines = lines(args, width);
        assert!(lines.iter().any(|line| line.contains(whole)), "{args:?}: {lines:#?}");
    };
    let closes = "fixtures/closes.flow";
    has(&["flows", "--all", "fixtures/mixed-http.flow", closes], 80, "ws://closes.example/by_client_with");
    has(&["stats", closes], 80, "ws://closes.example/by_client_wit");
    has(&["stats", closes, "fixtures/conversation.flow"], 80, "ws://closes.example/by_");
    has(&["stats", closes], 80, " messages/s, ");
    has(&["check", "fixtures/odd-values.flow"], 80, "websocket.messages[3].timestamp: earlier than the response");
    has(&["ls", "--fields", "id,kind,content", "fixtures/kinds.flow"], 200, "socket.io 44 connect_error /admin  ");
    has(&["ls", "--fields", "file,id,kind,content", "fixtures/kinds.flow"], 60, "  socket.io 4");
}

#[test]
fn a_check_that_finds_nothing_says_only_that() {
    let sound = "fixtures/json.flow";
    assert_eq!(lines(&["check", sound, sound], 80), [format!("{sound}: sound"), format!("{sound}: sound")]);
}

#[test]
fn columns_stand_below_each_other_also_with_wide_characters() {
    let all = lines(&["ls", "--fields", "url,id,content", "fixtures/unicode.flow"], 100);
    let start = all[0].find("ID").unwrap();
    for line in &all[1..] {
        assert_eq!(line.find("0:").map(|at| line[..at].width()), Some(start), "{line}");
    }
}

#[test]
fn nothing_that_a_terminal_obeys_is_sent_to_it() {
    let commands: &[&[&str]] = &[
        &["ls", ATTACKS],
        &["ls", "--json", ATTACKS],
        &["ls", "--json", "--parse", ATTACKS],
        &["ls", "--format", "json", ATTACKS],
        &["ls", "--format", "csv", ATTACKS],
        &["ls", "--format", "raw", ATTACKS],
        &["ls", "--format", "raw", "--fields", "url,content", ATTACKS],
        &["flows", "--all", ATTACKS],
        &["flows", "--all", "--json", ATTACKS],
        &["flows", "--all", "--format", "csv", ATTACKS],
        &["flows", "--all", "--format", "raw", "--fields", "close_reason", ATTACKS],
        &["stats", ATTACKS],
        &["stats", "--json", ATTACKS],
        &["show", ATTACKS],
        &["show", "--raw", ATTACKS],
        &["show", "--json", ATTACKS],
        &["ls", "no\u{1b}[2Jsuch\u{9b}file"],
    ];
    for command in commands {
        let received = wsflow(*command).run_in_terminal(80);
        let received = String::from_utf8_lossy(&received).replace("\r\n", "\n");
        assert!(!received.is_empty(), "{command:?}");
        let obeyed: Vec<_> =
            received.chars().filter(|&c| wsflow::output::is_unsafe(c) && c != '\n' && c != '\t').collect();
        assert_eq!(obeyed, [], "{command:?}");
    }
}
