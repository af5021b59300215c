use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::tnetstring::{Error, ErrorKind, MAX_DEPTH, RawValue, from_raw, from_slice};

#[derive(Debug, PartialEq, Deserialize)]
struct Request<'a> {
    host: &'a str,
    #[serde(borrow)]
    path: Cow<'a, str>,
    port: u16,
    timestamp_start: f64,
    timestamp_end: Option<f64>,
}

#[test]
fn fields_are_found_under_strings_and_bytes() -> Result<(), Error> {
    let expected =
        Request { host: "a.example", path: "/x".into(), port: 80, timestamp_start: 7.0, timestamp_end: None };
    let new = b"88:4:port;2:80#13:timestamp_end;0:~15:timestamp_start;3:7.0^4:path;2:/x,4:host;9:a.example;}";
    assert_eq!(from_slice::<Request>(new)?, expected);
    // As formats up to 0.17 have it: keys in bytes; and the time is an integer.
    let old = b"86:4:port,2:80#13:timestamp_end,0:~15:timestamp_start,1:7#4:path,2:/x,4:host,9:a.example,}";
    assert_eq!(from_slice::<Request>(old)?, expected);
    Ok(())
}

#[test]
fn unknown_fields_are_not_looked_into() -> Result<(), Error> {
    #[derive(Deserialize)]
    struct Id<'a> {
        id: &'a str,
    }
    // A broken list, a key that is no text, a string that is none.
    let input = b"33:3:bad;4:junk]2:\xff\xfe,1:\xff;2:id;3:abc;}";
    assert_eq!(from_slice::<Id>(input)?.id, "abc");
    Ok(())
}

#[test]
fn strings_and_bytes_are_borrowed() -> Result<(), Error> {
    assert!(from_slice::<BTreeMap<&str, IgnoredAny>>(b"12:3:abc,3:xyz,}")?.contains_key("abc"));
    let (key, value) = from_slice::<BTreeMap<&[u8], &[u8]>>(b"12:3:abc,3:\xff\xfe\x00,}")?.pop_first().unwrap();
    assert_eq!((key, value), (&b"abc"[..], &b"\xff\xfe\x00"[..]));
    assert!(from_slice::<BTreeMap<&str, &str>>(b"12:3:abc,3:\xff\xfe\x00,}").is_err());
    // Each is taken for the other.
    assert_eq!(from_slice::<(&str, &[u8])>(b"8:1:a,1:b;]")?, ("a", &b"b"[..]));
    assert_eq!(from_slice::<(String, char)>(b"9:1:a;2:\xc3\xa9,]")?, ("a".to_owned(), 'é'));
    Ok(())
}

#[test]
fn integers_of_every_type() -> Result<(), Error> {
    assert_eq!(from_slice::<(i8, i16, i32, i64)>(b"26:4:-128#3:300#5:70000#2:-5#]")?, (-128, 300, 70000, -5));
    assert_eq!(from_slice::<(u8, u16, u32)>(b"18:3:255#2:-0#4:+123#]")?, (255, 0, 123));
    assert_eq!(from_slice::<u64>(b"20:18446744073709551615#")?, u64::MAX);
    assert_eq!(from_slice::<i64>(b"20:-9223372036854775808#")?, i64::MIN);
    assert_eq!(from_slice::<i128>(b"40:-170141183460469231731687303715884105728#")?, i128::MIN);
    assert_eq!(from_slice::<u128>(b"39:340282366920938463463374607431768211455#")?, u128::MAX);
    assert_eq!(from_slice::<f32>(b"1:3#")?, 3.0);
    Ok(())
}

/// What a type that takes anything is given: JSON has nearly the same kinds.
#[test]
fn any_value_is_of_the_kind_its_tag_says() -> Result<(), Error> {
    use serde_json::{Value, json};

    let input = b"80:1:a;4:true!1:b;3:0.5^1:c;2:-1#1:d;20:18446744073709551615#1:e;0:~1:f;8:1:x;1:y,]}";
    let value = from_slice::<Value>(input);
    // JSON has no bytes.
    assert_eq!(value.unwrap_err().offset(), Some(78));
    let input = b"80:1:a;4:true!1:b;3:0.5^1:c;2:-1#1:d;20:18446744073709551615#1:e;0:~1:f;8:1:x;1:y;]}";
    let expected = json!({"a": true, "b": 0.5, "c": -1, "d": u64::MAX, "e": null, "f": ["x", "y"]});
    assert_eq!(from_slice::<Value>(input)?, expected);
    Ok(())
}

#[test]
fn null_is_none() -> Result<(), Error> {
    assert_eq!(from_slice::<(Option<bool>, Option<bool>)>(b"10:0:~4:true!]")?, (None, Some(true)));
    assert_eq!(from_slice::<Option<&str>>(b"0:;")?, Some(""));
    Ok(())
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Replay {
    Request,
    Code(i64),
    Pair(i64, bool),
    Named { a: i64 },
}

#[test]
fn variants_are_strings_or_dicts_with_one_entry() -> Result<(), Error> {
    assert_eq!(from_slice::<Replay>(b"7:request;")?, Replay::Request);
    assert_eq!(from_slice::<Replay>(b"7:request,")?, Replay::Request);
    assert_eq!(from_slice::<Replay>(b"13:7:request;0:~}")?, Replay::Request);
    assert_eq!(from_slice::<Replay>(b"11:4:code;1:3#}")?, Replay::Code(3));
    assert_eq!(from_slice::<Replay>(b"22:4:pair;11:1:3#4:true!]}")?, Replay::Pair(3, true));
    assert_eq!(from_slice::<Replay>(b"19:5:named;8:1:a;1:3#}}")?, Replay::Named { a: 3 });
    for (input, message) in [
        (&b"4:code;"[..], "expected a dict with the variant and its value, found a string at byte 0"),
        (b"4:junk;", "unknown variant `junk`, expected one of `request`, `code`, `pair`, `named` at byte 0"),
        (b"0:}", "expected a dict with one entry, found a dict at byte 0"),
        (b"10:7:request;}", "expected a value after a dict key, found the end of the dict at byte 13"),
        (b"22:4:code;1:3#4:code;1:3#}", "expected the end of a list or dict, found more values at byte 14"),
        (b"14:7:request;1:3#}", "expected null, found an integer at byte 13"),
        (b"1:3#", "expected a string or a dict with one entry, found an integer at byte 0"),
    ] {
        let error = from_slice::<Replay>(input).unwrap_err().to_string();
        assert_eq!(error, message);
    }
    Ok(())
}

/// An enum within itself costs depth like any dict.
#[test]
fn variants_are_too_deep() {
    #[derive(Debug, Deserialize)]
    enum Nested {
        #[serde(rename = "end")]
        End,
        #[serde(rename = "in")]
        In(#[expect(dead_code, reason = "only looked for")] Box<Nested>),
    }

    let mut input = "3:end;".to_owned();
    for _ in 0..MAX_DEPTH {
        input = format!("{}:2:in;{input}}}", input.len() + 5);
    }
    assert!(from_slice::<Nested>(input.as_bytes()).is_ok());
    input = format!("{}:2:in;{input}}}", input.len() + 5);
    assert_eq!(*from_slice::<Nested>(input.as_bytes()).unwrap_err().kind(), ErrorKind::TooDeep);
}

/// A type that takes one entry of a dict and asks for no more.
#[test]
fn entries_that_are_left_are_an_error() {
    #[derive(Debug)]
    struct One;

    struct OneVisitor;

    impl<'de> Visitor<'de> for OneVisitor {
        type Value = One;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("one entry")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut dict: A) -> Result<One, A::Error> {
            dict.next_entry::<IgnoredAny, IgnoredAny>()?;
            Ok(One)
        }
    }

    impl<'de> Deserialize<'de> for One {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<One, D::Error> {
            deserializer.deserialize_map(OneVisitor)
        }
    }

    assert!(from_slice::<One>(b"8:1:a;1:1#}").is_ok());
    let error = from_slice::<One>(b"16:1:a;1:1#1:b;1:2#}").unwrap_err();
    assert_eq!((error.kind(), error.offset()), (&ErrorKind::TooManyValues, Some(11)));
}

#[test]
fn newtypes_units_and_tuples() -> Result<(), Error> {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Id<'a>(&'a str);
    #[derive(Debug, PartialEq, Deserialize)]
    struct Nothing;
    #[derive(Debug, PartialEq, Deserialize)]
    struct Version(u8, u8);

    assert_eq!(from_slice::<(Id, Nothing, Version)>(b"19:1:x;0:~9:1:0#2:18#]]")?, (Id("x"), Nothing, Version(0, 18)));
    Ok(())
}

#[test]
fn keys_that_come_twice_reach_the_type() -> Result<(), Error> {
    #[derive(Debug, Deserialize)]
    struct A {
        #[expect(dead_code, reason = "only looked for")]
        a: i64,
    }
    let input = b"16:1:a;1:1#1:a,1:2#}";
    assert_eq!(from_slice::<HashMap<&str, i64>>(input)?["a"], 2);
    assert_eq!(from_slice::<A>(input).unwrap_err().to_string(), "duplicate field `a` at byte 0");
    Ok(())
}

#[test]
fn offsets_count_from_those_of_the_raw_value() -> Result<(), Error> {
    let outer = RawValue::from_slice(b"11:1:1#4:1:2;]]")?;
    let inner = outer.items()?.nth(1).unwrap()?;
    assert_eq!(from_raw::<Vec<&str>>(inner)?, ["2"]);
    assert_eq!(from_raw::<Vec<i64>>(inner).unwrap_err().offset(), Some(9));
    Ok(())
}

/// A flow in small, with every tag.
const SAMPLE: &[u8] = b"128:9:websocket;88:8:messages;56:52:1:1#4:true!5:hello,13:1693314200.25^5:false!5:false!]]\
    10:close_code;0:~}7:version;2:21#2:id;1:x;}";

#[test]
fn no_cut_of_an_input_is_read_and_none_panics() {
    use crate::state::State;

    let whole = from_slice::<State>(SAMPLE);
    assert!(whole.is_ok(), "{whole:?}");
    for end in 0..SAMPLE.len() {
        let cut = &SAMPLE[..end];
        assert!(from_slice::<State>(cut).is_err(), "{end}");
        assert!(from_slice::<IgnoredAny>(cut).is_err(), "{end}");
        // Within a sound frame, so that the end comes inside.
        for tag in ['}', ']'] {
            let mut framed = format!("{end}:").into_bytes();
            framed.extend_from_slice(cut);
            framed.push(tag as u8);
            assert!(from_slice::<State>(&framed).is_err() || end == 0, "{end}");
        }
    }
}

#[test]
fn no_changed_byte_panics() {
    use crate::state::State;

    for position in 0..SAMPLE.len() {
        for byte in 0..=255 {
            let mut input = SAMPLE.to_vec();
            input[position] = byte;
            let _ = from_slice::<State>(&input);
            let _ = from_slice::<BTreeMap<String, IgnoredAny>>(&input);
        }
    }
}
