use std::borrow::Cow;
use std::{env, fs};

use proptest::prelude::*;

use super::{Integer, Key, State};
use crate::tnetstring::{self, ErrorKind, MAX_DEPTH, RawValue};

/// Decodes by hand and through serde, and holds the two together: states and errors alike.
#[track_caller]
fn decode(encoded: &[u8]) -> Result<State<'_>, tnetstring::Error> {
    let by_serde = tnetstring::from_slice::<State>(encoded);
    let by_hand = RawValue::from_slice(encoded).and_then(State::from_raw);
    // As text, for a NaN equals nothing.
    assert_eq!(format!("{by_hand:?}"), format!("{by_serde:?}"));
    by_hand
}

fn key() -> impl Strategy<Value = Key<'static>> {
    prop_oneof![
        any::<String>().prop_map(|name| Key::Str(Cow::Owned(name))),
        any::<Vec<u8>>().prop_map(|name| Key::Bytes(Cow::Owned(name))),
    ]
}

fn integer() -> impl Strategy<Value = Integer> {
    prop_oneof![
        any::<i64>().prop_map(Integer::from),
        any::<u64>().prop_map(Integer::of),
        any::<i128>().prop_map(Integer::of),
        any::<u128>().prop_map(Integer::of),
        "-?[1-9][0-9]{30,80}".prop_map(|digits| Integer::from_digits(&digits).unwrap()),
    ]
}

fn state() -> impl Strategy<Value = State<'static>> {
    let leaf = prop_oneof![
        Just(State::Null),
        any::<bool>().prop_map(State::Bool),
        integer().prop_map(State::Integer),
        // Any bits but those of a NaN, which would not equal itself.
        any::<u64>().prop_map(f64::from_bits).prop_filter("NaN", |value| !value.is_nan()).prop_map(State::Float),
        any::<Vec<u8>>().prop_map(State::from),
        any::<String>().prop_map(State::from),
    ];
    leaf.prop_recursive(6, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(State::List),
            prop::collection::vec((key(), inner), 0..8).prop_map(State::Dict),
        ]
    })
}

proptest! {
    #[test]
    fn any_state_passes_through_tnetstring_and_messagepack(state in state()) {
        let encoded = tnetstring::to_vec(&state).unwrap();
        prop_assert_eq!(&decode(&encoded).unwrap(), &state);

        let packed = rmp_serde::to_vec(&state).unwrap();
        let unpacked: State = rmp_serde::from_slice(&packed).unwrap();
        prop_assert_eq!(&unpacked, &state);
        prop_assert_eq!(tnetstring::to_vec(&unpacked).unwrap(), encoded);

        prop_assert_eq!(&state.clone().into_owned().unwrap(), &state);
    }

    #[test]
    fn a_changed_byte_is_the_same_to_both_ways(state in state(), position: prop::sample::Index, byte: u8) {
        let mut encoded = tnetstring::to_vec(&state).unwrap();
        let position = position.index(encoded.len());
        encoded[position] = byte;
        let _ = decode(&encoded);
        encoded.truncate(position);
        prop_assert!(decode(&encoded).is_err());
    }
}

#[test]
fn both_ways_have_the_same_faults() {
    for broken in ["1:x~", "4:TRUE!", "2:1a#", "3:1_0^", "4:1:a;}", "7:0:]1:x;}", "1:x?", "4:1:x?]"] {
        let error = decode(broken.as_bytes()).unwrap_err();
        // The same, further on.
        let framed = format!("{}:1:k;{broken}}}", 4 + broken.len());
        let within = decode(framed.as_bytes()).unwrap_err();
        assert_eq!(within.kind(), error.kind(), "{broken}");
        assert_eq!(within.offset(), error.offset().map(|offset| offset + framed.len() - broken.len() - 1));
    }
    assert_eq!(*decode(b"2:\xc3\x28;").unwrap_err().kind(), ErrorKind::InvalidUtf8);
    assert_eq!(*decode(b"8:2:\xc3\x28;0:~}").unwrap_err().kind(), ErrorKind::InvalidUtf8);
}

#[test]
fn states_are_too_deep() {
    let (mut list, mut dict) = ("0:~".to_owned(), "0:~".to_owned());
    for depth in 0..=MAX_DEPTH {
        for encoded in [&list, &dict] {
            let state = decode(encoded.as_bytes()).unwrap();
            assert_eq!(tnetstring::to_vec(&state).unwrap(), encoded.as_bytes(), "{depth}");
        }
        list = format!("{}:{list}]", list.len());
        dict = format!("{}:1:k;{dict}}}", dict.len() + 4);
    }
    for encoded in [list, dict] {
        assert_eq!(*decode(encoded.as_bytes()).unwrap_err().kind(), ErrorKind::TooDeep);
    }
}

#[test]
fn integers_have_one_form() {
    for (digits, expected) in [
        ("7", "7"),
        ("007", "7"),
        ("+7", "7"),
        ("-0", "0"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("+0018446744073709551616", "18446744073709551616"),
        ("-00018446744073709551616", "-18446744073709551616"),
    ] {
        let integer = Integer::from_digits(digits).unwrap();
        assert_eq!(integer.to_string(), expected);
        assert_eq!(integer, Integer::of(expected.parse::<i128>().unwrap()));
        let encoded = format!("{}:{digits}#", digits.len());
        assert_eq!(decode(encoded.as_bytes()), Ok(State::Integer(integer)));
    }
    for junk in ["", "-", "+", "1_0", " 1", "1.0", "١", "--1", "99999999999999999999x"] {
        assert_eq!(Integer::from_digits(junk), None, "{junk:?}");
    }
    assert_eq!(Integer::of(u64::MAX).to_u64(), Some(u64::MAX));
    assert_eq!(Integer::of(i64::MAX).to_i64(), Some(i64::MAX));
    assert_eq!(Integer::of(u128::MAX).to_f64(), 2f64.powi(128));
}

/// What is in MessagePack is part of the format: others read it.
#[test]
fn messagepack_is_as_documented() {
    let encoded =
        b"92:1:b,2:\xff\x00,1:s;2:hi;1:n;0:~1:f;3:0.5^1:u;20:18446744073709551615#1:l;21:-18446744073709551616#}";
    let state = decode(encoded).unwrap();
    let packed = rmp_serde::to_vec(&state).unwrap();
    let expected = [
        &b"\x86"[..],
        b"\xc4\x01b\xc4\x02\xff\x00",
        b"\xa1s\xa2hi",
        b"\xa1n\xc0",
        b"\xa1f\xcb\x3f\xe0\0\0\0\0\0\0",
        b"\xa1u\xcf\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\xa1l\xc7\x15#-18446744073709551616",
    ]
    .concat();
    assert_eq!(packed, expected);
    assert_eq!(rmp_serde::from_slice::<State>(&packed).unwrap(), state);
}

#[test]
fn messagepack_that_is_no_state_is_refused() {
    for (packed, message) in [
        (&b"\xd4\x07x"[..], "an extension of type 35 that holds the decimal digits of an integer"),
        (b"\xd4#x", "the decimal digits of an integer"),
        (b"\x81\x01\x02", "a dict key (bytes or a string)"),
        (b"\xdd\xff\xff\xff\xff", "failed to fill whole buffer"),
        (b"\xdf\xff\xff\xff\xff\xa1a\x01", "failed to fill whole buffer"),
        (&[&[0x91; MAX_DEPTH + 1][..], b"\xc0"].concat(), "expected at most 128 values within each other"),
        (&[0x91; 100_000], "expected at most 128 values within each other"),
    ] {
        let error = rmp_serde::from_slice::<State>(packed).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
    let deepest = [&[0x91; MAX_DEPTH][..], b"\xc0"].concat();
    assert_eq!(rmp_serde::to_vec(&rmp_serde::from_slice::<State>(&deepest).unwrap()).unwrap(), deepest);
}

#[test]
fn floats_that_equal_nothing_or_zero_pass() {
    for encoded in [&b"3:nan^"[..], b"4:-0.0^", b"3:inf^", b"4:-inf^"] {
        let state = decode(encoded).unwrap();
        let packed = rmp_serde::to_vec(&state).unwrap();
        assert_eq!(tnetstring::to_vec(&rmp_serde::from_slice::<State>(&packed).unwrap()).unwrap(), encoded);
    }
}

#[test]
fn strings_are_borrowed() {
    let state = decode(b"21:1:a;1:b;1:c,2:\xff\xff,1:d;}");
    assert_eq!(*state.unwrap_err().kind(), ErrorKind::ValueMissing);
    let encoded = b"17:1:a;1:b;1:c,2:\xff\xff,}";
    let packed = rmp_serde::to_vec(&decode(encoded).unwrap()).unwrap();
    for state in [decode(encoded).unwrap(), rmp_serde::from_slice(&packed).unwrap()] {
        let State::Dict(entries) = state else { panic!("{state:?}") };
        assert!(matches!(entries[0], (Key::Str(Cow::Borrowed("a")), State::Str(Cow::Borrowed("b")))));
        assert!(matches!(entries[1], (Key::Bytes(Cow::Borrowed(b"c")), State::Bytes(Cow::Borrowed(b"\xff\xff")))));
    }
}

#[test]
fn entries_are_found_and_changed_in_place() {
    let mut state = decode(b"53:4:alpn;0:~2:id;1:x;6:marked,0:;7:version,2:10#1:z;0:~}").unwrap();
    assert_eq!(state.get("version").and_then(State::as_i64), Some(10));
    assert_eq!(state.get("absent"), None);
    if let Some(State::Str(id)) = state.get_mut("id") {
        id.to_mut().push('y');
    }
    assert!(state.insert("version", 11));
    assert!(state.insert("comment", "new"));
    assert_eq!(state.remove("z"), Some(State::Null));
    assert_eq!(state.remove("z"), None);
    assert_eq!(state.remove("alpn"), Some(State::Null));
    assert_eq!(tnetstring::to_vec(&state).unwrap(), b"53:2:id;2:xy;6:marked,0:;7:version,2:11#7:comment;3:new;}");

    let mut list = decode(b"0:]").unwrap();
    assert!(!list.insert("version", 11));
    assert_eq!(list.get("version"), None);
    assert_eq!(list.get_mut("version"), None);
    assert_eq!(list.remove("version"), None);
}

#[test]
fn values_are_what_they_are_asked_for() {
    assert_eq!(State::from("é").as_bytes(), Some("é".as_bytes()));
    assert_eq!(State::from(&b"x"[..]).as_str(), Some("x"));
    assert_eq!(State::from(vec![0xff]).as_str(), None);
    assert_eq!((State::from(7).as_f64(), State::from(0.5).as_f64()), (Some(7.0), Some(0.5)));
    assert_eq!((State::from(0.5).as_i64(), State::from(true).as_bool()), (None, Some(true)));
    assert!(State::Null.is_null());
    assert_eq!(State::from(vec![State::Null]).as_list(), Some(&[State::Null][..]));
}

#[test]
fn what_is_left_undecoded_is_written_as_it_was() {
    // Spellings that decoding would change, and a value that it would refuse.
    let encoded = b"53:9:websocket;17:8:messages;3:+07#}8:messages;6:broken]}";
    let raw = RawValue::from_slice(encoded).unwrap();
    let mut state = State::from_raw_with(raw, |key, _| key == b"messages").unwrap();
    assert!(matches!(state.get("messages"), Some(State::Raw(value)) if value.encoded() == b"6:broken]"));
    assert_eq!(tnetstring::to_vec(&state).unwrap(), encoded);

    let error = rmp_serde::to_vec(&state).unwrap_err().to_string();
    assert_eq!(error, "an undecoded value (RawValue) can only be written to a tnetstring");

    let broken = state.get_mut("messages").unwrap();
    assert!(broken.decode().is_err());
    assert!(matches!(broken, State::Raw(_)));
    assert!(state.clone().into_owned().is_err());
    assert!(state.insert("messages", State::Null));

    let messages = state.get_mut("websocket").and_then(|websocket| websocket.get_mut("messages")).unwrap();
    messages.decode().unwrap();
    assert_eq!(*messages, State::from(7));
    assert_eq!(tnetstring::to_vec(&state).unwrap(), b"45:9:websocket;15:8:messages;1:7#}8:messages;0:~}");
}

/// Every record that mitmproxy's own test suite has, if the samples are there.
#[test]
fn records_of_real_files_come_back_byte_for_byte() {
    let Some(samples) = env::var_os("WSFLOW_SAMPLES") else {
        return;
    };
    let mut records = 0;
    for entry in fs::read_dir(samples).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "mitm") {
            continue;
        }
        let file = fs::read(&path).unwrap();
        let mut rest = &file[..];
        while let Ok((record, after)) = RawValue::split_first(rest) {
            let state = decode(record.encoded()).unwrap();
            assert_eq!(tnetstring::to_vec(&state).unwrap(), record.encoded(), "{}", path.display());
            let packed = rmp_serde::to_vec(&state).unwrap();
            let unpacked: State = rmp_serde::from_slice(&packed).unwrap();
            assert_eq!(tnetstring::to_vec(&unpacked).unwrap(), record.encoded(), "{}", path.display());
            records += 1;
            rest = after;
        }
    }
    assert_eq!(records, 35);
}
