//! What matches here was asked of Python 3.12.

use super::super::answer::Answer;
use super::*;

const TEXT: Settings = Settings { bytes: false, multiline: false, dotall: false, ignore_case: true };
const BYTES: Settings = Settings { bytes: true, ..TEXT };

fn pattern(pattern: &str, settings: Settings) -> Result<Pattern, String> {
    Pattern::new(pattern, settings, &Failures::default())
}

#[track_caller]
fn matches(text: &str, settings: Settings, haystack: &[u8]) -> bool {
    pattern(text, settings).unwrap_or_else(|why| panic!("{text}: {why}")).is_in(haystack).is_yes()
}

#[test]
fn dollar_is_before_a_last_line_feed_too() {
    for (haystack, expected) in [("foo", true), ("foo\n", true), ("foo\n\n", false), ("foo\nbar", false)] {
        for regex in ["foo$", "(foo)$", "(?:x|foo$)", "foo$$", "(?=foo$)foo", "f(oo$)?oo$|foo$"] {
            assert_eq!(matches(regex, TEXT, haystack.as_bytes()), expected, "{regex} in {haystack:?}");
            assert_eq!(matches(regex, BYTES, haystack.as_bytes()), expected, "{regex} in {haystack:?}");
        }
        assert_eq!(matches(r"foo\Z", TEXT, haystack.as_bytes()), haystack == "foo");
    }
    assert!(matches(r"foo$\n", TEXT, b"foo\n"));
    assert!(matches("(?m)foo$", TEXT, b"foo\nbar"));
}

#[test]
fn flags_are_those_of_the_operator_unless_the_pattern_sets_them() {
    let dotall = Settings { dotall: true, ..BYTES };
    assert!(!matches("a.b", BYTES, b"a\nb"));
    assert!(matches("a.b", dotall, b"a\nb"));
    assert!(!matches("(?-s:a.b)", dotall, b"a\nb"));
    let sensitive = Settings { ignore_case: false, ..BYTES };
    assert!(!matches("FOO", sensitive, b"foo"));
    assert!(matches("(?i)FOO", sensitive, b"foo"));
    assert!(!matches("(?-i:FOO)", BYTES, b"foo"));
    let multiline = Settings { multiline: true, ..BYTES };
    assert!(matches("^b$", multiline, b"a\nb\nc"));
    assert!(!matches("^b$", BYTES, b"a\nb\nc"));
}

#[test]
fn patterns_for_bytes_are_bytes() {
    assert!(matches("ä", BYTES, "ä".as_bytes()));
    assert!(!matches("ä", BYTES, "Ä".as_bytes()));
    assert!(matches("^ä?$", BYTES, b"\xc3"));
    assert!(matches("[ä]", BYTES, b"\xa4"));
    assert!(matches(r"^\xff.\x00$", BYTES, b"\xff\xfe\x00"));
    assert!(matches(r"\W", BYTES, "ä".as_bytes()));
    assert!(!matches("\u{212a}", BYTES, b"k"));
    assert!(matches("(?<=\\xc3)\\xa4", BYTES, b"\xff\xc3\xa4"));
    assert!(matches(r"(\xff)\1", BYTES, b"\x80\xff\xff"));
    assert!(!matches(r"(\xe4)\1", BYTES, b"\xe4\xc4"));
}

#[test]
fn patterns_for_text_are_characters() {
    assert!(matches("^.$", TEXT, "ä".as_bytes()));
    assert!(matches("Ä", TEXT, "ä".as_bytes()));
    assert!(matches("^[ä]$", TEXT, "Ä".as_bytes()));
    assert!(matches("k", TEXT, "\u{212a}".as_bytes()));
    assert!(matches("i", TEXT, "\u{130}".as_bytes()));
    assert!(matches("\u{131}", TEXT, b"I"));
    assert!(!matches("(?a)i", TEXT, "\u{130}".as_bytes()));
    assert!(!matches(r"(?a)\w", TEXT, "ä".as_bytes()));
    assert!(matches(r"^\w+$", TEXT, "ä½²Ⅷ中".as_bytes()));
    assert!(!matches(r"\w", TEXT, "\u{301}\u{200d}".as_bytes()));
    assert!(matches(r"^\s+$", TEXT, "\u{1c}\u{85}\u{2028}".as_bytes()));
    // Both are of Unicode 16, which is younger than Python 3.12.
    assert!(matches("\u{1c89}", TEXT, "\u{1c8a}".as_bytes()));
    assert!(!matches(r"\B", TEXT, b""));
    assert!(!matches(r"\b", TEXT, b""));
}

#[test]
fn the_simplest_engine_is_taken() {
    let engine = |text: &str, settings: Settings| match pattern(text, settings).unwrap().engine {
        Engine::Literal => "literal",
        Engine::Regular(_) => "regular",
        Engine::FancyBytes(..) | Engine::FancyText(..) => "fancy",
    };
    for literal in ["needle", r"\x00\xff", "ä", r"a\.b", "(?i)Needle"] {
        assert_eq!(engine(literal, BYTES), "literal", "{literal}");
    }
    for regular in
        ["needle$", "^needle", "foo|bar", r"\d+", "(?:a|b)*c{2,3}?", "[^a]", "", r"\bfoo", "(?P<x>a)", "(?m)a$b"]
    {
        assert_eq!(engine(regular, BYTES), "regular", "{regular}");
    }
    for fancy in ["a(?=b)", "(?<!a)b", r"(a)\1", "a++", "(?>a)", "a$b", r"\B", "(a)?(?(1)b|c)"] {
        assert_eq!(engine(fancy, BYTES), "fancy", "{fancy}");
    }
    assert_eq!(engine(r"\bfoo", TEXT), "fancy");
    assert_eq!(engine("foo$", TEXT), "regular");
}

#[test]
fn what_python_refuses_is_refused() {
    let refused = [
        "(",
        ")",
        "[",
        "[]",
        "[^",
        "*",
        "+a",
        "a**",
        "a{2}{3}",
        "^*",
        r"\b+",
        "a{3,2}",
        "a{4294967295}",
        "[z-a]",
        r"[\d-z]",
        r"\",
        r"\q",
        r"\x4",
        r"\8",
        r"(a)\2",
        r"(a\1)",
        "(?P<1>a)",
        "(?P<a>b)(?P<a>c)",
        "(?P=a)",
        "(?<a>b)",
        "(?",
        "(?z)",
        "a(?i)",
        "(?-i)a",
        "(?i-i:a)",
        "(?<=a+)b",
        r"(?<=(a)\1)b",
        "(?(2)a|b)(c)",
        "(a)?(?(1)b|c|d)",
        "(?#",
        r"\400",
        r"[\8]",
        "(?au)x",
    ];
    for text in refused {
        assert!(pattern(text, TEXT).is_err(), "{text}");
    }
    for text in [r"\u0041", r"\U00000041", "(?u)a", "(?P<ä>b)"] {
        assert!(pattern(text, BYTES).is_err(), "{text}");
        assert!(pattern(text, TEXT).is_ok(), "{text}");
    }
}

#[test]
fn what_python_takes_is_taken() {
    let taken = [
        "",
        "|",
        "()",
        "a{,3}",
        "a{,}",
        "a{",
        "a{x}",
        "{}",
        "{2",
        "[]a]",
        "[^]a]",
        "[a-]",
        "[-a]",
        "[[]",
        "[a&&b]",
        "(?:)*",
        "(?=a)*",
        "(a*)*",
        "(?x) a # comment",
        "(?#comment)a",
        r"\077",
        r"\0",
        r"\-",
        r"\ä",
        "(?i)(?s)a",
        "(?(1)a|b)(c)",
        "(?<=a|b)c",
        "a*+",
        "a{1,2}+",
        "(?P<a>b)(?P=a)",
        "(b)?a(?(1))",
        "(b)?a(?(1)|)",
        "(?=a){0}a",
        "(?<!b){0}a",
        "(?:(?=a)){0}a",
        "(^){0}a",
        "((?=b)){0}a",
    ];
    for text in taken {
        for settings in [TEXT, BYTES] {
            if let Err(why) = pattern(text, settings) {
                panic!("{text}: {why}");
            }
        }
    }
}

#[test]
fn patterns_of_any_size_end_in_an_answer() {
    let long = "a".repeat(100_000);
    assert!(matches(&long, BYTES, long.as_bytes()));
    for text in [format!("({long})?b*"), "(".repeat(100_000), "(?:".repeat(60) + &")".repeat(60), "[".repeat(1000)] {
        drop(pattern(&text, TEXT));
    }
    assert!(pattern(r"((\w{1000}){1000}){1000}", TEXT).is_err());
}

#[test]
fn what_is_too_deep_or_too_large_is_refused() {
    let nested = |levels: usize| "(".repeat(levels) + "a" + &")".repeat(levels);
    assert!(pattern(&nested(50), BYTES).is_ok());
    assert!(pattern(&nested(51), BYTES).is_err());
    assert!(pattern(r"\w{700}", TEXT).is_ok());
    assert!(pattern(r"\w{7000}", TEXT).is_err());
}

#[test]
fn repeats_of_repeats_take_no_longer_for_it() {
    let nested = format!("{}a{}", "(".repeat(50), ")+".repeat(50));
    assert!(matches(&nested, BYTES, b"a"));
    assert_eq!(pattern(&nested, BYTES).unwrap().required().len(), 1);
}

/// A text of words, as long as a large message, with what is looked for at its end.
fn long_text() -> Vec<u8> {
    let mut text = b"some tokens and words, px and 11 er\\\"error\" ".repeat(24_000);
    assert!(text.len() > 1 << 20);
    text.extend(b"12px token \"error\" xa foo!");
    text
}

#[test]
fn matches_are_found_far_into_a_large_text() {
    let text = long_text();
    let failures = Failures::default();
    for regex in [
        r"token(?!s)",
        r#"(?<!\\)"error""#,
        r"\Boken ",
        r"\d++px",
        r#" (["'])error\1"#,
        r"(?<!\w)(?:token|secret)(?!\w)",
        r"(?=foo)foo!",
    ] {
        for settings in [BYTES, TEXT] {
            let pattern = Pattern::new(regex, settings, &failures).unwrap();
            assert_eq!(pattern.is_in(&text), Answer::Yes, "{regex}");
            let nowhere = Pattern::new(&format!("(?:{regex})nowhere"), settings, &failures).unwrap();
            assert_eq!(nowhere.is_in(&text), Answer::No, "{regex}");
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn a_search_without_end_is_given_up_and_after_some_not_begun() {
    let failures = Failures::default();
    let pattern = Pattern::new(r"(\w+\s?)*\1x$", BYTES, &failures).unwrap();
    let start = std::time::Instant::now();
    for _ in 0..100_000 {
        assert_eq!(pattern.is_in(b"lorem ipsum dolor sit amet consectetur adipiscing elit x y"), Answer::Unknown);
    }
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
    assert_eq!(failures.searches(), 100_000);
    assert!(failures.to_string().contains("no longer tried"), "{failures}");
}

#[test]
fn a_group_that_need_not_be_there_may_be_left_out_after_all() {
    for regex in [
        r"\A(\d{0})?(?(1)o|a)++\Z",
        r"\A()?(?(1)o|a){1,2}\Z",
        r"\A(x{0})?+(?(1)a|o)\Z",
        r"\A(?:(a)|a)?(?(1)o|a?)\Z",
        r"\A(?:(.).|.(.))?(?:\1|\2|a)\Z",
    ] {
        assert!(matches(regex, BYTES, b"a"), "{regex}");
    }
    assert!(matches(r"\A(?:(.).|.(.))\2x\Z", BYTES, b"abbx"));
    assert!(matches(r"\A(?:(o)|o)(?(1)x|a)\Z", BYTES, b"oa"));
}

#[test]
fn what_is_repeated_no_time_is_not_asked_for() {
    for regex in ["(?=x){0}a", "(?:(?<!b)){0}a", "(?:^){0}a", "(?!a){0}a", "(b)?a(?(1))", "(b)?a(?(1)|)"] {
        assert!(matches(regex, BYTES, b"ba"), "{regex}");
        assert!(!matches(regex, BYTES, b"b"), "{regex}");
    }
    assert!(!matches(r"((?=b)){0}a\1", BYTES, b"ba"));
}

/// Python looks for the first character by the flags of the whole pattern, and finds none of these.
#[test]
fn ascii_within_a_group_is_as_for_the_whole() {
    for regex in [r"(?a:\S)", r"(?a)\S", r"(?a:\W)", r"(?a)\W"] {
        assert!(matches(regex, TEXT, "\u{2028}".as_bytes()), "{regex}");
    }
}

/// Python's identifiers have the dot, and not the square.
#[test]
fn names_of_groups_have_letters_and_digits_of_unicode() {
    assert!(pattern("(?P<n²>a)", TEXT).is_ok());
    assert!(pattern("(?P<a·>a)", TEXT).is_err());
}
