//! Makes expressions, the same in every run: operators with regexes put together at random, joined in all ways, most of
//! them sound, and some of them broken by the loss or gain of a character.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

/// Operators with a regex; those that search what the fixtures have much of come more often.
const WITH_REGEX: &[&str] = &[
    "b", "b", "b", "bq", "bs", "comment", "comment", "comment", "comment", "marker", "marker", "m", "m", "tq", "tq",
    "t", "ts", "h", "hq", "hs", "u", "u", "d", "meta", "meta", "src", "dst",
];

const ALONE: &[&str] = &[
    "~a",
    "~all",
    "~dns",
    "~e",
    "~http",
    "~marked",
    "~q",
    "~replay",
    "~replayq",
    "~replays",
    "~s",
    "~tcp",
    "~udp",
    "~websocket",
    "~c 101",
    "~c 200",
    "~c 404",
];

/// What regexes are made of.
const PIECES: &[&str] = &[
    "a",
    "b",
    "o",
    "foo",
    "bar",
    "Foo",
    "needle",
    "hay",
    "line",
    "second",
    "1",
    "2",
    ":",
    "-",
    "_",
    "=",
    "/",
    ".",
    ".",
    r"\.",
    r"\d",
    r"\D",
    r"\w",
    r"\W",
    r"\s",
    r"\S",
    r"\b",
    r"\B",
    r"\A",
    r"\Z",
    "^",
    "$",
    r"\n",
    r"\r\n",
    r"\x00",
    r"\xff",
    r"\xc3",
    r"\xa4",
    r"\x66",
    r"\141",
    "ä",
    "Ä",
    "ß",
    "İ",
    "k",
    "s",
    "\u{17f}",
    "\u{212a}",
    "Ω",
    "\u{660}",
    "[abc]",
    "[^a]",
    "[a-f]",
    "[^a-zA-Z]",
    r"[\d-]",
    r"[^\s]",
    r"[\w.]",
    "[äö]",
    r"[\x80-\xff]",
    "[]^]",
    "[k-s]",
    r"[^\W\d]",
];

const REPEATS: &[&str] = &[
    "", "", "", "", "*", "+", "?", "*?", "+?", "??", "{0}", "{2}", "{1,2}", "{,2}", "{2,}", "*+", "++", "?+", "{1,2}?",
    "{,}",
];

const GROUPS: &[(&str, &str)] = &[
    ("(", ")"),
    ("(", ")"),
    ("(?:", ")"),
    ("(?P<n>", ")"),
    ("(?=", ")"),
    ("(?!", ")"),
    ("(?<=", ")"),
    ("(?<!", ")"),
    ("(?>", ")"),
    ("(?i:", ")"),
    ("(?-i:", ")"),
    ("(?s:", ")"),
    ("(?m:", ")"),
    ("(?a:", ")"),
    ("(", r")\1"),
    ("(", r").*\1"),
    ("(", ")?(?(1)o|a)"),
    ("(", ")?(?(1)|a)"),
    ("(", ")?(?(1))"),
    ("((", ")+)+"),
];

const STARTS: &[&str] = &["", "", "", "", "", "", "(?i)", "(?s)", "(?m)", "(?x)", "(?a)"];

fn regex() -> impl Strategy<Value = String> {
    let piece = (select(PIECES), select(REPEATS)).prop_map(|(piece, repeat)| format!("{piece}{repeat}"));
    let body = piece.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            4 => prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
            2 => (select(GROUPS), inner.clone(), select(REPEATS))
                .prop_map(|((open, close), inner, repeat)| format!("{open}{inner}{close}{repeat}")),
            1 => (inner.clone(), inner).prop_map(|(one, other)| format!("{one}|{other}")),
        ]
    });
    (select(STARTS), body).prop_map(|(start, body)| format!("{start}{body}"))
}

/// A regex as a word where it can be one, else in quotes of either kind.
fn written(regex: &str, quote: char, force: bool) -> String {
    if !force && !regex.contains(['(', ')', '~', '\'', '"', ' ', '\t', '\n', '\r']) {
        return regex.to_owned();
    }
    let mut out = String::from(quote);
    for character in regex.chars() {
        if character == '\\' || character == quote {
            out.push('\\');
        }
        out.push(character);
    }
    out.push(quote);
    out
}

fn operand() -> impl Strategy<Value = String> {
    let with_regex = (select(WITH_REGEX), regex(), select(&['"', '\''][..]), any::<bool>())
        .prop_map(|(code, regex, quote, force)| format!("~{code} {}", written(&regex, quote, force)));
    let bare = (regex(), select(&['"', '\''][..])).prop_map(|(regex, quote)| written(&regex, quote, true));
    prop_oneof![6 => with_regex, 2 => select(ALONE).prop_map(str::to_owned), 1 => bare]
}

fn expression() -> impl Strategy<Value = String> {
    let joined = operand().prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            2 => inner.clone().prop_map(|one| format!("!{one}")),
            2 => (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("{one} & {other}")),
            2 => (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("{one} | {other}")),
            1 => inner.prop_map(|one| format!("({one} )")),
        ]
    });
    prop::collection::vec(joined, 1..3).prop_map(|parts| parts.join(" "))
}

/// An expression, or what is left of it after a slip of the finger.
fn maybe_broken() -> impl Strategy<Value = String> {
    let slip = (any::<Index>(), select(&["", "(", ")", "~", "\"", "\\", "*", "[", " ", "{", "?"][..]));
    (expression(), prop::option::weighted(0.2, slip)).prop_map(|(expression, slip)| {
        let Some((place, inserted)) = slip else { return expression };
        let mut characters: Vec<_> = expression.chars().map(String::from).collect();
        let place = place.index(characters.len());
        characters[place] = inserted.to_owned();
        characters.concat()
    })
}

/// So many expressions.
pub(crate) fn expressions(count: usize) -> Vec<String> {
    let mut runner = TestRunner::deterministic();
    let strategy = maybe_broken();
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}
