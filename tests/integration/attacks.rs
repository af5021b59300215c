//! A terminal, and captures, names and arguments in which every text is an attack on it: none arrives.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::thread;

use serde_json::Value;
use wsflow::state::{Key, State};
use wsflow::tnetstring;

use crate::commands;
use crate::support::{fixture_bytes, wsflow};

/// OSC (title, link, clipboard), CSI, DCS, the same as C1 controls, bidirectional controls, carriage return,
/// backspace, DEL, and a character that hides.
const ATTACK: &str = "a\x1b]0;owned\x07\x1b]8;;http://e\x1b\\\x1b]52;c;cm0=\x07\x1b[2J\x1bPq\x1b\\\u{9b}2J\u{9d}0;x\u{9c}\
                      \u{90}q\u{85}\u{202e}\u{2066}\u{200f}\u{2028}\r\x08\x7f\u{200b}z";

/// C1 controls as a terminal reads them that knows nothing of UTF-8.
const RAW: &[u8] = b"\x9b2J\x9d0;x\x9c\x90q\xff";

/// What a terminal must not get, except for the line ends and tabs of a text.
fn is_obeyed(character: char) -> bool {
    character.is_control() && !['\n', '\t'].contains(&character)
        || "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{200e}\u{200f}\u{61c}"
            .contains(character)
        || "\u{2028}\u{2029}\u{200b}\u{feff}".contains(character)
}

/// What a terminal gets from a run, which is nothing that it obeys.
#[track_caller]
fn received(args: &[impl AsRef<OsStr>], folder: &Path) -> String {
    let received = wsflow(args).in_folder(folder).run_in_terminal(80);
    let shown: Vec<_> = args.iter().map(|arg| arg.as_ref()).collect();
    let text = match String::from_utf8(received) {
        Ok(text) => text.replace("\r\n", "\n"),
        Err(error) => panic!("{shown:?}: {}", error.into_bytes().escape_ascii()),
    };
    if let Some(at) = text.find(is_obeyed) {
        let start = text[..at].char_indices().rev().nth(40).map_or(0, |(at, _)| at);
        panic!("{shown:?} sends {:?}", text[start..].chars().take(80).collect::<String>());
    }
    text
}

fn attack_text() -> State<'static> {
    State::Str(ATTACK.into())
}

fn attack_bytes() -> State<'static> {
    State::Bytes([ATTACK.as_bytes(), RAW].concat().into())
}

/// Replaces texts and bytes by attacks, and keys where `is_key` says so.
fn attack(state: &mut State<'_>, key: &str, is_value: &dyn Fn(&str) -> bool, is_key: &dyn Fn(&str) -> bool) {
    match state {
        State::Str(_) if is_value(key) => *state = attack_text(),
        State::Bytes(_) if is_value(key) => *state = attack_bytes(),
        State::List(values) => values.iter_mut().for_each(|value| attack(value, key, is_value, is_key)),
        State::Dict(entries) => {
            for (name, value) in entries {
                let key = String::from_utf8(name.as_bytes().to_vec()).unwrap();
                attack(value, &key, is_value, is_key);
                if is_key(&key) {
                    *name = Key::Str(ATTACK.into());
                }
            }
        }
        _ => {}
    }
}

fn keys_of(state: &State<'_>, keys: &mut BTreeSet<String>) {
    match state {
        State::List(values) => values.iter().for_each(|value| keys_of(value, keys)),
        State::Dict(entries) => {
            for (key, value) in entries {
                keys.insert(String::from_utf8(key.as_bytes().to_vec()).unwrap());
                keys_of(value, keys);
            }
        }
        _ => {}
    }
}

/// The flows of fixtures that have something of everything.
fn flows() -> Vec<State<'static>> {
    let names =
        ["tls.flow", "closes.flow", "mixed-http.flow", "tcp-udp-dns.flow", "edited-messages.flow", "backup.flow"];
    let mut flows = Vec::new();
    for name in names {
        let bytes = fixture_bytes(name);
        for record in wsflow::capture::Reader::from_slice(&bytes, None).unwrap() {
            let record = record.unwrap();
            let state: State<'_> = tnetstring::from_slice(&record.data).unwrap();
            flows.push(state.into_owned().unwrap());
        }
    }
    for flow in &mut flows {
        flow.insert("comment", attack_text());
        flow.insert("marked", attack_text());
        flow.insert("metadata", State::Dict(vec![(Key::Str(ATTACK.into()), attack_text())]));
    }
    flows
}

fn capture(flows: &[State<'_>]) -> Vec<u8> {
    flows.iter().flat_map(|flow| tnetstring::to_vec(flow).unwrap()).collect()
}

/// What has to be as it is, for a flow to be one: which kind it is of.
const KIND: [&str; 2] = ["type", "version"];

/// A capture in which every text of every flow is an attack.
fn attacked_capture() -> Vec<u8> {
    let mut flows = flows();
    for flow in &mut flows {
        attack(flow, "", &|key| !KIND.contains(&key), &|_| false);
    }
    capture(&flows)
}

/// A name of a file that attacks too, and is not UTF-8.
fn attacking_name() -> OsString {
    let name = [ATTACK.replace('/', "-").as_bytes(), RAW, b".flow"].concat();
    OsString::from_vec(name)
}

#[test]
fn no_command_sends_an_attack() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(attacking_name());
    fs::write(&file, attacked_capture()).unwrap();
    // The attacks are there, and they are in sound flows.
    let listed = wsflow([OsStr::new("flows"), OsStr::new("--all"), OsStr::new("--json"), file.as_os_str()]).run();
    assert_eq!(listed.json_lines().len(), flows().len(), "{}", listed.stderr);
    assert!(listed.json_lines().iter().all(|flow| flow["comment"] == ATTACK), "{}", listed.text());
    assert!(wsflow([OsStr::new("ls"), OsStr::new("-c"), file.as_os_str()]).run().text().trim() != "0");
    for used in commands::uses() {
        let mut outs = vec![folder.path().join(OsString::from_vec([b"out", attacking_name().as_bytes()].concat()))];
        if used.has("OUT") {
            outs.extend(["-", "/dev/stdout"].map(PathBuf::from));
        }
        for out in outs {
            let shown = received(&used.args(&file, &out, folder.path()), folder.path());
            assert_eq!(shown.is_empty(), used.has("--dir"), "{used:?}");
        }
    }
}

#[test]
fn json_in_a_terminal_says_the_same() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("f.flow"), attacked_capture()).unwrap();
    for command in [
        "ls --json --parse f.flow",
        "ls --format json f.flow",
        "flows --all --json f.flow",
        "stats --format json f.flow",
        "check --json f.flow",
        "encode f.flow --to ndjson -o -",
        "encode f.flow --to har -o -",
        "encode f.flow --to har -o /dev/stdout",
    ] {
        let args: Vec<_> = command.split(' ').collect();
        let values = |text: &str| -> Vec<Value> {
            serde_json::Deserializer::from_str(text).into_iter().map_while(Result::ok).collect()
        };
        let piped = values(&wsflow(&args).in_folder(folder.path()).run().text());
        assert!(!piped.is_empty(), "{command}");
        assert!(values(&received(&args, folder.path())) == piped, "{command}");
    }
}

/// Runs commands on many captures, on as many threads as there are cores.
fn each_in_a_terminal(captures: &[Vec<u8>], commands: &[&str]) {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for part in captures.chunks(captures.len().div_ceil(threads)) {
            scope.spawn(move || {
                let folder = tempfile::tempdir().unwrap();
                for capture in part {
                    fs::write(folder.path().join("f"), capture).unwrap();
                    for command in commands {
                        received(&command.split(' ').collect::<Vec<_>>(), folder.path());
                    }
                }
            });
        }
    });
}

#[test]
fn no_fault_of_a_flow_file_sends_an_attack() {
    let flows = flows();
    let mut keys = BTreeSet::new();
    flows.iter().for_each(|flow| keys_of(flow, &mut keys));
    assert!(keys.len() > 60 && keys.contains("type"), "{}", keys.len());
    let mut captures = Vec::new();
    for chosen in &keys {
        let (mut values, mut named) = (flows.clone(), flows.clone());
        values.iter_mut().for_each(|flow| attack(flow, "", &|key| key == chosen, &|_| false));
        named.iter_mut().for_each(|flow| attack(flow, "", &|_| false, &|key| key == chosen));
        captures.extend([capture(&values), capture(&named)]);
    }
    // What is no flow, or none that can be read.
    let attack = [ATTACK.as_bytes(), RAW].concat();
    captures.extend([attack.clone(), [b"10:", &attack[..]].concat(), [b"3:abc", &attack[..]].concat()]);
    each_in_a_terminal(&captures, &["flows --all f", "show f", "check f", "recover f -o out --force"]);
}

/// Replaces texts, or the key itself, everywhere below a key.
fn attack_json(value: &mut Value, key: &str, chosen: &str, is_key: bool) {
    match value {
        Value::String(text) if key == chosen && !is_key => *text = ATTACK.to_owned(),
        Value::Array(values) => values.iter_mut().for_each(|value| attack_json(value, key, chosen, is_key)),
        Value::Object(entries) => {
            entries.iter_mut().for_each(|(key, value)| attack_json(value, key, chosen, is_key));
            if is_key && let Some(value) = entries.remove(chosen) {
                entries.insert(ATTACK.to_owned(), value);
            }
        }
        _ => {}
    }
}

fn keys_of_json(value: &Value, keys: &mut BTreeSet<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| keys_of_json(value, keys)),
        Value::Object(entries) => entries.iter().for_each(|(key, value)| {
            keys.insert(key.clone());
            keys_of_json(value, keys);
        }),
        _ => {}
    }
}

#[test]
fn no_fault_of_har_or_ndjson_sends_an_attack() {
    let mut captures = Vec::new();
    for format in ["har", "ndjson"] {
        let text = wsflow(["encode", "fixtures/tls.flow", "--to", format, "-o", "-"]).run().text();
        let read = || serde_json::Deserializer::from_str(&text).into_iter().map(Result::unwrap);
        let mut keys = BTreeSet::new();
        read().for_each(|value: Value| keys_of_json(&value, &mut keys));
        assert!(keys.len() > 8, "{format}");
        for chosen in &keys {
            for is_key in [false, true] {
                let attacked = read().map(|mut value| {
                    attack_json(&mut value, "", chosen, is_key);
                    format!("{value}\n")
                });
                captures.push(attacked.collect::<String>().into_bytes());
            }
        }
        captures.push(text.replacen(':', ATTACK, 2).into_bytes());
    }
    each_in_a_terminal(&captures, &["flows --all f", "ls --json f", "check f", "encode f --to flow -o out --force"]);
}

#[test]
fn no_error_repeats_an_attack() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("f"), attacked_capture()).unwrap();
    fs::write(folder.path().join(attacking_name()), "").unwrap();
    // `_` is a space within an argument.
    for args in [
        "ATTACK",
        "help ATTACK",
        "--ATTACK",
        "ls ATTACK",
        "ls - ATTACK",
        "ls f --ATTACK",
        "ls f --json=ATTACK",
        "ls f --format ATTACK",
        "ls f --fields ATTACK",
        "ls f --fields id,idATTACK",
        "ls f --time-format ATTACK",
        "ls f --limit ATTACK",
        "ls f --threads ATTACK",
        "ls f --input-format ATTACK",
        "ls f --id ATTACK",
        "ls f --id 99",
        "ls f --format raw --separator ATTACK",
        "ls f --filter ~ATTACK",
        "ls f --filter (ATTACK",
        "ls f --filter ~b_(ATTACK",
        "ls f --filter ~jq_|ATTACK",
        "ls f --filter ~size_ATTACK",
        "ls f --filter ~after_ATTACK",
        "flows f --fields ATTACK",
        "show ATTACK",
        "show f ATTACK",
        "filter ATTACK f",
        "filter ATTACK ATTACK",
        "filter ~jq_'error(.)' f",
        "filter ~jq_'error(\"ATTACK\")' f",
        "filter ~all f -o NAME",
        "filter ~all f -o ATTACK.har",
        "drop ATTACK",
        "drop ~b_(ATTACK f -n",
        "drop ATTACK f -n",
        "drop ~all f --in-place --backup ATTACK/",
        "drop ~all f -o /nosuch/ATTACK",
        "encode f -o out.ATTACK",
        "encode f --to ATTACK -o out",
        "encode f -o NAME --to flow",
        "encode ATTACK --to flow -o out",
        "stats f --format ATTACK",
        "stats ATTACK",
        "check ATTACK",
        "check f --deny ATTACK",
        "check f --fields ATTACK",
        "recover f -o NAME",
        "recover ATTACK -o out",
        "completion ATTACK",
        "man ATTACK",
        "man --dir /proc/ATTACK",
    ] {
        for attack in [ATTACK.as_bytes(), &[ATTACK.as_bytes(), RAW].concat()] {
            let word = |word: &str| -> OsString {
                let word = word.replace('_', " ");
                let parts: Vec<_> = word.split("ATTACK").map(str::as_bytes).collect();
                if word == "NAME" { attacking_name() } else { OsString::from_vec(parts.join(attack)) }
            };
            let words: Vec<_> = args.split(' ').map(word).collect();
            assert!(!received(&words, folder.path()).is_empty(), "{args}");
        }
    }
}

#[test]
fn help_has_colours_and_nothing_else() {
    for args in [&["--help"][..], &["help", "ls"], &["filter", "--help"], &["--version"]] {
        let received = String::from_utf8(wsflow(args).run_in_terminal(80)).unwrap().replace("\r\n", "\n");
        let mut rest = received.as_str();
        let mut plain = String::new();
        while let Some((before, after)) = rest.split_once("\x1b[") {
            plain += before;
            let end = after.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap();
            assert_eq!(after.as_bytes()[end], b'm', "{after}");
            rest = &after[end + 1..];
        }
        plain += rest;
        assert!(!plain.is_empty() && !plain.contains(is_obeyed), "{args:?}: {plain}");
    }
}
