use std::collections::BTreeMap;
use std::fmt::Debug;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Error, ErrorKind};
use crate::tnetstring::{self, MAX_DEPTH, Tag};

/// The fault that reading `input` as a `T` ends in, with its place and its words.
#[track_caller]
fn fault<'de, T: Deserialize<'de> + Debug>(input: &'de [u8], offset: usize, message: &str) -> ErrorKind {
    let error = tnetstring::from_slice::<T>(input).unwrap_err();
    assert_eq!((error.offset(), error.kind().to_string().as_str()), (Some(offset), message));
    assert_eq!(error.to_string(), format!("{message} at byte {offset}"));
    error.into_kind()
}

#[test]
fn the_end_comes_too_early() {
    assert_eq!(
        fault::<IgnoredAny>(b"", 0, "expected a value, found the end of the data"),
        ErrorKind::UnexpectedEnd { expected: "a value" }
    );
    assert_eq!(
        fault::<IgnoredAny>(b"12", 2, "expected the rest of a length, found the end of the data"),
        ErrorKind::UnexpectedEnd { expected: "the rest of a length" }
    );
    // A list that claims less than its last value needs.
    fault::<Vec<i64>>(b"5:1:1#1]", 7, "expected the rest of a length, found the end of the data");
}

#[test]
fn a_length_is_missing() {
    assert_eq!(
        fault::<IgnoredAny>(b":,", 0, "expected a length in decimal digits, found `:`"),
        ErrorKind::LengthMissing { found: b':' }
    );
    fault::<IgnoredAny>(b"-1:,", 0, "expected a length in decimal digits, found `-`");
    fault::<Vec<i64>>(b"5:1:1#\x1b]", 6, "expected a length in decimal digits, found the byte 0x1b");
}

#[test]
fn a_length_is_too_long() {
    let message = "expected a length of at most 12 digits";
    assert_eq!(fault::<IgnoredAny>(b"0000000000001:a,", 0, message), ErrorKind::LengthTooLong);
    assert!(tnetstring::from_slice::<IgnoredAny>(b"000000000001:a,").is_ok());
}

#[test]
fn a_colon_is_missing() {
    let message = "expected `:` after a length, found `;`";
    assert_eq!(fault::<IgnoredAny>(b"3;abc,", 1, message), ErrorKind::ColonMissing { found: b';' });
}

#[test]
fn a_length_is_beyond_the_end() {
    assert_eq!(
        fault::<IgnoredAny>(b"4:abc,", 0, "expected 5 more bytes of a value, found only 4"),
        ErrorKind::LengthBeyondEnd { claimed: 5, available: 4 }
    );
    // Larger than the list it stands in, though not than the input.
    fault::<Vec<&str>>(b"6:4:abc;]abc", 9, "expected the end of the data, found more bytes");
    fault::<Vec<&str>>(b"6:9:abc;]", 2, "expected 10 more bytes of a value, found only 4");
}

/// The claim ends in an error before anything is done with it.
#[test]
fn a_length_of_999_gb_allocates_nothing() {
    for input in [&b"999999999999:,"[..], b"999999999999:]", b"999999999999:1:1#]", b"14:999999999999:]]"] {
        let error = tnetstring::from_slice::<Vec<Vec<i64>>>(input).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::LengthBeyondEnd { claimed: 1_000_000_000_000, .. }), "{error}");
    }
}

#[test]
fn a_tag_is_unknown() {
    let message = "expected a type tag (one of `,;#^!~]}`), found `?`";
    assert_eq!(fault::<IgnoredAny>(b"3:abc?", 5, message), ErrorKind::UnknownTag { found: b'?' });
}

#[test]
fn a_value_is_of_another_type() {
    assert_eq!(
        fault::<i64>(b"1:1;", 0, "expected an integer, found a string"),
        ErrorKind::WrongType { expected: "an integer", found: Tag::Str }
    );
    fault::<i64>(b"3:1.0^", 0, "expected an integer, found a float");
    fault::<f64>(b"1:1;", 0, "expected a number, found a string");
    fault::<bool>(b"0:~", 0, "expected a boolean, found null");
    fault::<String>(b"0:]", 0, "expected a string, found a list");
    fault::<&[u8]>(b"1:1#", 0, "expected bytes, found an integer");
    fault::<()>(b"4:true!", 0, "expected null, found a boolean");
    fault::<Vec<u8>>(b"2:ab,", 0, "expected a list, found bytes");
    fault::<(i64, (i64,))>(b"11:1:1#4:1:2#}]", 7, "expected a list, found a dict");
    fault::<BTreeMap<String, i64>>(b"0:]", 0, "expected a dict, found a list");
    fault::<BTreeMap<String, i64>>(b"8:1:1#1:2#}", 2, "expected a dict key (bytes or a string), found an integer");
}

#[test]
fn text_is_not_utf8() {
    assert_eq!(fault::<&str>(b"2:\xc3\x28;", 0, "expected UTF-8 text"), ErrorKind::InvalidUtf8);
    fault::<Vec<&str>>(b"9:1:a,2:\xc3\x28,]", 6, "expected UTF-8 text");
}

#[test]
fn an_integer_is_none() {
    for input in [&b"0:#"[..], b"1:-#", b"1:+#", b"2:1a#", b"2: 1#", b"3:1_0#", b"3:1.0#", b"3:--1#", b"2:\xd9\xa1#"] {
        let message = "expected an integer in decimal digits";
        assert_eq!(fault::<i64>(input, 0, message), ErrorKind::InvalidInteger);
        assert_eq!(fault::<i128>(input, 0, message), ErrorKind::InvalidInteger);
        assert_eq!(fault::<f64>(input, 0, message), ErrorKind::InvalidInteger);
        assert_eq!(fault::<serde_json::Value>(input, 0, message), ErrorKind::InvalidInteger);
    }
}

#[test]
fn an_integer_is_out_of_range() {
    let message = "the integer is out of the range of this field";
    assert_eq!(fault::<u8>(b"3:256#", 0, message), ErrorKind::IntegerOutOfRange);
    fault::<u16>(b"2:-1#", 0, message);
    fault::<i64>(b"19:9223372036854775808#", 0, message);
    fault::<Option<i64>>(b"19:9223372036854775808#", 0, message);
    fault::<u128>(b"39:340282366920938463463374607431768211456#", 0, message);
}

#[test]
fn a_float_is_none() {
    let message = "expected a floating point number";
    assert_eq!(fault::<f64>(b"3:1_0^", 0, message), ErrorKind::InvalidFloat);
    fault::<Vec<f64>>(b"10:3:1.0^1:x^]", 9, message);
}

#[test]
fn a_boolean_is_none() {
    assert_eq!(fault::<bool>(b"4:True!", 0, "expected `true` or `false`"), ErrorKind::InvalidBool);
}

#[test]
fn a_null_has_a_body() {
    let message = "expected an empty body of a null";
    assert_eq!(fault::<()>(b"1:x~", 0, message), ErrorKind::NullWithBody);
    assert_eq!(fault::<Option<i64>>(b"1:x~", 0, message), ErrorKind::NullWithBody);
}

#[test]
fn a_dict_ends_after_a_key() {
    let message = "expected a value after a dict key, found the end of the dict";
    assert_eq!(fault::<BTreeMap<String, i64>>(b"4:1:a;}", 6, message), ErrorKind::ValueMissing);
}

fn nested(depth: usize, tag: char) -> Vec<u8> {
    let mut input = String::from("0:~");
    for _ in 0..depth {
        input =
            if tag == ']' { format!("{}:{input}]", input.len()) } else { format!("{}:1:k;{input}}}", input.len() + 4) };
    }
    input.into_bytes()
}

#[test]
fn values_are_too_deep() {
    for tag in [']', '}'] {
        let input = nested(MAX_DEPTH, tag);
        assert!(tnetstring::from_slice::<serde_json::Value>(&input).is_ok());

        let input = nested(MAX_DEPTH + 1, tag);
        let error = tnetstring::from_slice::<serde_json::Value>(&input).unwrap_err();
        assert_eq!(*error.kind(), ErrorKind::TooDeep);
        assert_eq!(error.kind().to_string(), "expected at most 128 values within each other");
    }
}

/// Lists within each other, each but the innermost with one value. Made in one pass, as making them from the inside
/// is quadratic.
fn nested_lists(count: usize) -> Vec<u8> {
    let mut heads = Vec::new();
    let mut length = 0;
    for _ in 0..count {
        let head = format!("{length}:");
        length += head.len() + 1;
        heads.push(head);
    }
    let mut input = heads.into_iter().rev().collect::<String>();
    input.extend(std::iter::repeat_n(']', count));
    input.into_bytes()
}

#[test]
fn a_hundred_thousand_lists_are_too_deep() {
    assert_eq!(nested_lists(3), b"6:3:0:]]]");
    assert!(tnetstring::from_slice::<serde_json::Value>(&nested_lists(MAX_DEPTH)).is_ok());

    let input = nested_lists(100_000);
    let error = tnetstring::from_slice::<serde_json::Value>(&input).unwrap_err();
    assert_eq!(*error.kind(), ErrorKind::TooDeep);
    // What is not asked for is not entered.
    assert!(tnetstring::from_slice::<IgnoredAny>(&input).is_ok());
}

#[test]
fn bytes_are_left() {
    let message = "expected the end of the data, found more bytes";
    assert_eq!(fault::<i64>(b"1:1#\n", 4, message), ErrorKind::TrailingBytes);
}

#[test]
fn values_are_left() {
    let message = "expected the end of a list or dict, found more values";
    assert_eq!(fault::<(i64,)>(b"8:1:1#1:2#]", 6, message), ErrorKind::TooManyValues);
}

#[test]
fn a_type_has_an_error_of_its_own() {
    #[derive(Debug, Deserialize)]
    struct Reply {
        #[expect(dead_code, reason = "only looked for")]
        code: u8,
    }
    assert_eq!(
        fault::<(i64, Reply)>(b"7:1:1#0:}]", 6, "missing field `code`"),
        ErrorKind::Custom("missing field `code`".to_owned())
    );
}

#[test]
fn an_error_without_a_place_says_none() {
    let error = Error::unplaced(ErrorKind::InvalidUtf8);
    assert_eq!((error.offset(), error.to_string().as_str()), (None, "expected UTF-8 text"));
    assert_eq!(error.clone().or_at(7).or_at(9).offset(), Some(7));
}
