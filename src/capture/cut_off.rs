//! A record that is cut off, because the file is still being written or its writer was ended.
//!
//! Such a record is sound from the outside in: its values are whole, up to one that claims more bytes than are there, and
//! in that one it is the same again, down to a leaf. So the messages before the cut can be told from damage, and a
//! flow that somebody appended to a cut file from one that stands in the payload of the last message.

use std::ops::Range;

use crate::tnetstring::{MAX_LENGTH_DIGITS, RawValue, Tag};

/// No key of a flow is longer; the longest is `alpn_proto_negotiated`.
pub(super) const LONGEST_KEY: usize = 64;

/// What a value holds, by the key that it stands under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inside {
    /// Keys and values.
    Dict,
    /// Lists of leaves: messages, headers.
    Rows,
    /// Leaves.
    Row,
    /// Bytes that are not looked into.
    Leaf,
}

impl Inside {
    fn of_key(key: &[u8]) -> Inside {
        match key {
            b"websocket" | b"request" | b"response" | b"client_conn" | b"server_conn" | b"backup" | b"via" => {
                Inside::Dict
            }
            b"messages" | b"headers" | b"trailers" => Inside::Rows,
            _ => Inside::Leaf,
        }
    }
}

/// How far a record is sound, from the outside in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Soundness {
    /// Up to the end of the input, which cuts it off.
    CutOff,
    /// Up to a place where something else should stand than what does.
    Broken {
        /// The place.
        at: usize,
        /// The body of the bytes or the string that starts there, by its length; nothing of its kind ends where it should.
        leaf: Option<Range<usize>>,
    },
}

/// Whether the record at the start of `input` is sound up to the end of `input`, and cut off there.
pub(super) fn is_cut_off(input: &[u8]) -> bool {
    soundness(input) == Soundness::CutOff
}

/// How far the record at the start of `input` is sound, when it is known not to be whole.
pub(super) fn soundness(input: &[u8]) -> Soundness {
    let broken = |at| Soundness::Broken { at, leaf: None };
    let Some((length, head)) = RawValue::head(input) else {
        return if is_start_of_length(input) { Soundness::CutOff } else { broken(0) };
    };
    // The innermost value that is not whole: where its next value is, where it should end, and what is in it.
    let (mut at, mut end, mut inside) = (head, head.saturating_add(length), Inside::Dict);
    let mut key: Option<&[u8]> = None;
    loop {
        let rest = input.get(at..).unwrap_or_default();
        if rest.is_empty() {
            return Soundness::CutOff;
        }
        if at >= end {
            return broken(at);
        }
        if let Ok((value, _)) = RawValue::split_first(rest) {
            let fits = match inside {
                Inside::Dict => key.map_or(matches!(value.tag(), Tag::Bytes | Tag::Str), |key| fits_key(key, value)),
                Inside::Rows => value.tag() == Tag::List,
                Inside::Row => !matches!(value.tag(), Tag::List | Tag::Dict),
                Inside::Leaf => true,
            };
            if !fits {
                return broken(at);
            }
            at += value.encoded().len();
            key = if key.is_some() { None } else { Some(value.body()) };
            continue;
        }
        let Some((length, head)) = RawValue::head(rest) else {
            return if end >= input.len() && is_start_of_length(rest) { Soundness::CutOff } else { broken(at) };
        };
        let body = at + head;
        let value_end = body.saturating_add(length);
        let is_key = inside == Inside::Dict && key.is_none();
        if value_end >= end || is_key && length > LONGEST_KEY {
            return broken(at);
        }
        inside = match (inside, key) {
            (Inside::Dict, Some(key)) => Inside::of_key(key),
            (Inside::Rows, _) => Inside::Row,
            _ => Inside::Leaf,
        };
        match inside {
            Inside::Leaf if value_end >= input.len() => return Soundness::CutOff,
            Inside::Leaf => return Soundness::Broken { at, leaf: Some(body..value_end) },
            Inside::Dict | Inside::Rows | Inside::Row => (at, end, key) = (body, value_end, None),
        }
    }
}

/// Whether a whole value can stand under a key. A flow can under `backup` alone; under any other it is a record that was
/// appended behind the key.
fn fits_key(key: &[u8], value: RawValue<'_>) -> bool {
    let has = |name| value.get(name).is_ok_and(|found| found.is_some());
    value.tag() != Tag::Dict || key == b"backup" || !["version", "type", "id"].into_iter().all(has)
}

/// Whether this may be the start of a length whose other digits, or whose colon, are missing.
fn is_start_of_length(rest: &[u8]) -> bool {
    (1..=MAX_LENGTH_DIGITS).contains(&rest.len()) && rest.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A value with this body.
    fn value(body: &str, tag: char) -> String {
        format!("{}:{body}{tag}", body.len())
    }

    fn flow(payload: &str) -> String {
        let message = value(&format!("1:1#4:true!{}3:1.5^5:false!5:false!", value(payload, ',')), ']');
        let messages = value(&message.repeat(2), ']');
        let websocket = value(&format!("10:close_code;4:1000#8:messages;{messages}"), '}');
        value(&format!("9:websocket;{websocket}7:version;2:21#4:type;4:http;2:id;2:f1;"), '}')
    }

    #[test]
    fn a_flow_is_cut_off_wherever_it_is_cut() {
        let inner = flow("hello");
        let flow = flow(&format!("look: {inner}{inner} there"));
        for length in 1..flow.len() {
            assert!(is_cut_off(&flow.as_bytes()[..length]), "{length}");
        }
        assert!(!is_cut_off(flow.as_bytes()));
        assert!(!is_cut_off(b""));
    }

    #[test]
    fn a_flow_that_others_were_appended_to_is_damaged() {
        let next = flow("hello").repeat(3);
        let large = flow(&"x".repeat(10_000));
        let payload = large.find("xx").unwrap();
        // Within the payload, or where the cut makes one number of two, nobody can tell.
        let cuts = (1..payload - 6).chain(large.len() - 60..large.len());
        for length in cuts.filter(|&length| !large.as_bytes()[length - 1].is_ascii_digit()) {
            let file = [&large[..length], &next].concat();
            assert!(!is_cut_off(file.as_bytes()), "{length}");
        }
    }

    #[test]
    fn what_is_broken_is_not_just_cut_off() {
        let flow = flow("hello");
        let cut = &flow[..flow.len() - 90];
        // A length that reaches beyond that of the value around it.
        assert!(!is_cut_off(cut.replacen("websocket;1", "websocket;9", 1).as_bytes()));
        assert!(!is_cut_off(cut.replacen("4:true!", "4:true?", 1).as_bytes()));
        assert!(!is_cut_off(b"1x"));
    }
}
