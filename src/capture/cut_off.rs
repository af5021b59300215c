//! A record that is cut off, because the file is still being written or its writer was ended.
//!
//! Such a record is sound from the outside in: its values are whole, up to one that claims more bytes than are there, and
//! in that one it is the same again, down to a leaf. So the messages before the cut can be told from damage, and a
//! flow that somebody appended to a cut file from one that stands in the payload of the last message.

use crate::tnetstring::{MAX_LENGTH_DIGITS, RawValue, Tag};

/// No key of a flow is longer; the longest is `alpn_proto_negotiated`.
const LONGEST_KEY: usize = 64;

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

/// Whether the record at the start of `input` is sound up to the end of `input`, and cut off there.
pub(super) fn is_cut_off(input: &[u8]) -> bool {
    match RawValue::head(input) {
        Some((length, head)) => {
            let end = head.saturating_add(length);
            end >= input.len() && is_cut_within(input, head, end, Inside::Dict)
        }
        None => is_start_of_length(input),
    }
}

/// Whether the same is true of the value whose body is at `at` and should end at `end`.
fn is_cut_within(input: &[u8], mut at: usize, end: usize, inside: Inside) -> bool {
    let mut key: Option<&[u8]> = None;
    while let Some(rest) = input.get(at..).filter(|rest| !rest.is_empty()) {
        if let Ok((value, _)) = RawValue::split_first(rest) {
            at += value.encoded().len();
            key = if key.is_some() { None } else { Some(value.body()) };
            let fits = match inside {
                Inside::Dict => key.is_none() || matches!(value.tag(), Tag::Bytes | Tag::Str),
                Inside::Rows => value.tag() == Tag::List,
                Inside::Row => !matches!(value.tag(), Tag::List | Tag::Dict),
                Inside::Leaf => true,
            };
            if !fits {
                return false;
            }
            continue;
        }
        let Some((length, head)) = RawValue::head(rest) else { return is_start_of_length(rest) };
        let body = at + head;
        let value_end = body.saturating_add(length);
        let is_key = inside == Inside::Dict && key.is_none();
        if value_end < input.len() || value_end >= end || is_key && length > LONGEST_KEY {
            return false;
        }
        let inside = match (inside, key) {
            (Inside::Dict, Some(key)) => Inside::of_key(key),
            (Inside::Rows, _) => Inside::Row,
            _ => Inside::Leaf,
        };
        // Four levels deep: what is within a row is a leaf.
        return inside == Inside::Leaf || is_cut_within(input, body, value_end, inside);
    }
    true
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
