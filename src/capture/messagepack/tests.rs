use std::path::Path;

use super::{Failure, Records, check, write};
use crate::capture::{Format, Reader, Record};
use crate::flow::{Flow, Version};
use crate::tnetstring::RawValue;
use crate::{Error, Situation};

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)).unwrap()
}

fn records(input: &[u8]) -> Vec<Record<'_>> {
    Reader::from_slice(input, None).unwrap().map(Result::unwrap).collect()
}

/// The record of an input that holds one value.
fn record(input: &[u8]) -> Result<Vec<u8>, Error> {
    let mut records = Records::new(input);
    records.next(0).unwrap().map(|record| record.data.to_vec())
}

#[test]
fn maps_are_the_flows_of_the_flow_file_byte_for_byte() {
    for (packed, flow) in [
        ("edited-messages.msgpack", "edited-messages.flow"),
        ("edited-messages-array.msgpack", "edited-messages.flow"),
        ("mixed-http.msgpack", "mixed-http.flow"),
    ] {
        let (packed, flow) = (fixture(packed), fixture(flow));
        let from_slice: Vec<u8> = records(&packed).iter().flat_map(|record| record.data.to_vec()).collect();
        assert!(from_slice == flow);
        let stream = Reader::from_stream(&packed[..], Some(Format::MessagePack)).unwrap();
        let from_stream: Vec<u8> = stream.flat_map(|record| record.unwrap().data.to_vec()).collect();
        assert!(from_stream == flow);
    }
}

#[test]
fn records_know_where_they_start() {
    let packed = fixture("edited-messages.msgpack");
    let records = records(&packed);
    assert_eq!(records.iter().map(|record| record.index).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(records[0].offset, 0);
    // Each starts with the head of a map of 16 keys.
    assert_eq!(packed[records[1].offset as usize..][..3], [0xde, 0, 16]);
    assert!(records.iter().all(|record| record.foreign));
}

#[test]
fn every_kind_of_value_has_its_tag() {
    let cases: &[(&[u8], &[u8])] = &[
        (b"\x81\xa1k\xc0", b"7:1:k;0:~}"),
        (b"\x81\xa1k\xc3", b"11:1:k;4:true!}"),
        (b"\x81\xa1k\xa2hi", b"9:1:k;2:hi;}"),
        (b"\x81\xa1k\xc4\x02hi", b"9:1:k;2:hi,}"),
        (b"\x81\xc4\x01k\x07", b"8:1:k,1:7#}"),
        (b"\x81\xa1k\xff", b"9:1:k;2:-1#}"),
        (b"\x81\xa1k\xcf\xff\xff\xff\xff\xff\xff\xff\xff", b"28:1:k;20:18446744073709551615#}"),
        (b"\x81\xa1k\xc7\x14#36893488147419103232", b"28:1:k;20:36893488147419103232#}"),
        (b"\x81\xa1k\xcb\x3e\x7a\xd7\xf2\x9a\xbc\xaf\x48", b"12:1:k;5:1e-07^}"),
        (b"\x81\xa1k\xcb\x7f\xf8\0\0\0\0\0\0", b"10:1:k;3:nan^}"),
        (b"\x81\xa1k\x92\x01\x80", b"14:1:k;7:1:1#0:}]}"),
        // A str that is not UTF-8 keeps its bytes.
        (b"\x81\xa1k\xa1\xff", b"8:1:k;1:\xff,}"),
    ];
    for (packed, expected) in cases {
        assert_eq!(record(packed).unwrap().escape_ascii().to_string(), expected.escape_ascii().to_string());
    }
}

#[test]
fn maps_and_arrays_may_follow_each_other() {
    let input = b"\x81\xa1a\x01\x92\x81\xa1b\x02\x81\xa1c\x03\x90\x81\xa1d\x04\xdc\0\x01\x81\xa1e\x05";
    let records: Vec<_> = records(input).iter().map(|r| (r.offset, r.data.to_vec())).collect();
    let expected: Vec<(u64, Vec<u8>)> = [(0, 'a', 1), (5, 'b', 2), (9, 'c', 3), (14, 'd', 4), (21, 'e', 5)]
        .map(|(offset, key, value)| (offset, format!("8:1:{key};1:{value}#}}").into_bytes()))
        .to_vec();
    assert_eq!(records, expected);
}

#[test]
fn a_fault_says_the_record_and_the_byte() {
    let fault = |input: &[u8]| {
        let mut reader = Reader::from_slice(input, Some(Format::MessagePack)).unwrap();
        let error = reader.find_map(Result::err).unwrap();
        assert!(reader.next().is_none());
        error.to_string().strip_suffix("; what follows it was not read").map(str::to_owned).unwrap()
    };
    let good = b"\x81\xa1a\x01";
    let after = |bad: &[u8]| fault(&[&good[..], bad].concat());
    assert_eq!(after(b"\x05"), "record 1, byte 4: expected a flow (a map), found an integer");
    assert_eq!(after(b"\x81\x05\x05"), "record 1, byte 6: expected a dict key (bytes or a string), found an integer");
    assert_eq!(after(b"\x81\xa1k\xc1"), "record 1, byte 8: expected a value, found a byte without meaning (Reserved)");
    assert_eq!(
        after(b"\x81\xa1k\xd4\x05x"),
        "record 1, byte 9: invalid value: integer `5`, expected an extension of type 35 that holds the decimal \
         digits of an integer"
    );
    assert_eq!(after(b"\x81\xa1k\xd4#x"), "record 1, byte 10: expected an integer in decimal digits");
    let mut deep = b"\x81\xa1k".to_vec();
    deep.extend([0x91; 100_000]);
    assert_eq!(after(&deep), "record 1, byte 135: expected at most 128 values within each other");
}

#[test]
fn an_input_that_ends_early_is_incomplete_and_never_reserved_for() {
    let whole = fixture("edited-messages.msgpack");
    for input in
        [&whole[..whole.len() - 1], b"\x81", b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff\xa1k\xc6\xff\xff\xff\xff"]
    {
        let error = Reader::from_slice(input, None).unwrap().find_map(Result::err).unwrap();
        assert!(error.is_incomplete(), "{error}");
        assert!(matches!(error.situation(), Situation::Incomplete { .. }));
    }
}

#[test]
fn bare_states_become_whole_flows() {
    for name in
        ["bare-websocketdata.msgpack", "bare-websocketdata-sequence.msgpack", "bare-websocketdata-array.msgpack"]
    {
        let input = fixture(name);
        for record in records(&input) {
            let flow = Flow::parse(&record.data).unwrap();
            assert_eq!(flow.version().unwrap(), Version::NEWEST);
            assert_eq!(flow.url().unwrap().unwrap(), "ws://unknown/");
            let websocket = flow.websocket().unwrap().unwrap();
            assert!(websocket.close_code().unwrap().is_some());
            assert!(websocket.messages().unwrap().all(|message| message.is_ok()));
        }
        let again: Vec<_> = records(&input).iter().map(|record| record.data.to_vec()).collect();
        assert_eq!(again, records(&input).iter().map(|record| record.data.to_vec()).collect::<Vec<_>>());
    }
}

#[test]
fn a_bare_state_needs_no_more_than_its_messages_and_loses_nothing() {
    // {"messages": [], "extra": 1}
    let bytes = record(b"\x82\xa8messages\x90\xa5extra\x01").unwrap();
    let flow = RawValue::from_slice(&bytes).unwrap();
    let websocket = flow.get("websocket").unwrap().unwrap();
    assert_eq!(
        websocket.body(),
        b"13:timestamp_end;0:~12:close_reason;0:~10:close_code;0:~16:closed_by_client;0:~8:messages;0:]"
    );
    assert_eq!(flow.get("metadata").unwrap().unwrap().body(), b"5:extra;1:1#");
    // A map that is not one is left as it is.
    for map in [&b"\x81\xa1k\x01"[..], b"\x82\xa8messages\x90\xa4type\xa3tcp", b"\x82\xa7version\x07\xa8messages\x90"] {
        assert!(!record(map).unwrap().windows(9).any(|window| window == b"websocket"));
    }
}

/// All records as MessagePack.
fn packed(input: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for record in records(input) {
        write(&mut out, &record.data).unwrap();
    }
    out
}

#[test]
fn flows_are_written_as_another_encoder_writes_them() {
    assert!(packed(&fixture("edited-messages.flow")) == fixture("edited-messages.msgpack"));
    assert!(packed(&fixture("mixed-http.flow")) == fixture("mixed-http.msgpack"));
}

#[test]
fn every_fixture_comes_back_byte_for_byte() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut count = 0;
    for folder in [root.clone(), root.join("versions")] {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.extension().is_some_and(|extension| extension == "flow") {
                let flow = std::fs::read(&path).unwrap();
                let there: Vec<u8> = packed(&flow);
                let back: Vec<u8> = records(&there).iter().flat_map(|record| record.data.to_vec()).collect();
                assert!(flow == back, "{}", path.display());
                count += 1;
            }
        }
    }
    assert!(count > 35, "{count}");
}

/// A record that has this under the key `k`.
fn record_of(value: &[u8]) -> Vec<u8> {
    [format!("{}:1:k;", value.len() + 4).as_bytes(), value, b"}"].concat()
}

#[test]
fn values_that_other_formats_have_no_place_for_come_back() {
    for value in [
        &b"20:18446744073709551615#"[..],
        b"20:36893488147419103232#",
        b"21:-18446744073709551616#",
        b"3:nan^",
        b"4:-inf^",
        b"5:1e-07^",
        b"4:-0.0^",
        b"1:\xff,",
        b"0:;",
        b"12:0:]0:}0:~0:,]",
    ] {
        let record = record_of(value);
        let there = packed(&record);
        let back = records(&there).remove(0).data.to_vec();
        assert_eq!(back.escape_ascii().to_string(), record.escape_ascii().to_string());
    }
}

#[test]
fn what_is_broken_inside_is_refused_with_its_place() {
    let cases: &[(&[u8], &str)] = &[
        (b"1:x#", "byte 6: expected an integer in decimal digits"),
        (b"1:x^", "byte 6: expected a floating point number"),
        (b"1:x!", "byte 6: expected `true` or `false`"),
        (b"1:x~", "byte 6: expected an empty body of a null"),
        (b"1:\xff;", "byte 6: expected UTF-8 text"),
        (b"4:1:x?]", "byte 12: expected a type tag (one of `,;#^!~]}`), found `?`"),
        (b"4:1:x;}", "byte 13: expected a value after a dict key, found the end of the dict"),
        (b"9:2:42#1:x,}", "byte 9: expected a dict key (bytes or a string), found an integer"),
    ];
    for (value, expected) in cases {
        let record = record_of(value);
        let Err(Failure::Record(error)) = write(&mut Vec::new(), &record) else { panic!("{expected}") };
        assert_eq!(error.to_string(), *expected, "{}", record.escape_ascii());
        assert_eq!(check(&record).unwrap_err().to_string(), *expected);
    }
    let mut deep = b"0:]".to_vec();
    for _ in 0..200 {
        deep = [format!("{}:", deep.len()).as_bytes(), &deep, b"]"].concat();
    }
    let Err(Failure::Record(error)) = write(&mut Vec::new(), &record_of(&deep)) else { panic!("it was deep") };
    assert!(error.to_string().ends_with("expected at most 128 values within each other"), "{error}");
}

#[test]
fn a_failing_output_is_told_from_a_broken_record() {
    let mut small = [0; 4];
    let Err(Failure::Output(error)) = write(&mut small[..], b"11:3:foo;2:42#}") else { panic!("it fitted") };
    assert_eq!(error.kind(), std::io::ErrorKind::WriteZero);
}
