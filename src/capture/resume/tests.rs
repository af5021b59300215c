use std::fs;
use std::ops::Range;

use super::*;
use crate::capture::{Format, Reader};
use crate::state::State;
use crate::tnetstring;

fn fixture(name: &str) -> Vec<u8> {
    fs::read(format!("{}/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Where the records of a file stand that can be read.
fn places(file: &[u8]) -> Vec<Range<usize>> {
    let records = Reader::from_slice(file, Some(Format::Flow)).unwrap().filter_map(Result::ok);
    records.map(|record| record.offset as usize..record.offset as usize + record.data.len()).collect()
}

/// Bytes that mean something in a tnetstring, and one that does not.
const BYTES: &[u8] = b"9:,}\0";

/// A file whose first record has a message with a whole flow file in it, twice, and something before it.
fn with_a_file_in_a_message() -> Vec<u8> {
    let inner = fixture("conversation.flow");
    let mut payload = b"look: {} ".to_vec();
    payload.extend(inner.repeat(2));
    let first = places(&inner)[0].clone();
    let mut flow: State<'_> = tnetstring::from_slice(&inner[first]).unwrap();
    let websocket = flow.get_mut("websocket").unwrap();
    let messages = websocket.get_mut("messages").unwrap().as_list_mut().unwrap();
    let mut message = messages[0].clone();
    message.as_list_mut().unwrap()[2] = State::from(payload);
    messages.insert(1, message);
    let mut file = tnetstring::to_vec(&flow).unwrap();
    file.extend(fixture("backup.flow"));
    file
}

#[test]
fn any_changed_byte_costs_one_record() {
    for name in ["conversation.flow", "versions/0.18.2-py27.flow"] {
        let file = fixture(name);
        let whole = places(&file);
        let mut damaged = file.clone();
        for position in 0..file.len() {
            for &byte in BYTES.iter().chain(&[file[position] ^ 1]).filter(|&&byte| byte != file[position]) {
                damaged[position] = byte;
                let mut expected = whole.clone();
                let found = places(&damaged);
                if found.len() < whole.len() {
                    expected.retain(|place| !place.contains(&position));
                }
                assert_eq!(found, expected, "{name}: byte {position} is {:?}", char::from(byte));
            }
            damaged[position] = file[position];
        }
    }
}

#[test]
fn a_file_that_is_cut_off_has_all_records_before_the_cut() {
    let files = [fixture("conversation.flow"), fixture("versions/3.0.4.flow"), with_a_file_in_a_message()];
    for file in files {
        let whole = places(&file);
        for length in (0..file.len()).step_by(3) {
            let mut reader = Reader::from_slice(&file[..length], Some(Format::Flow)).unwrap();
            let before = whole.iter().filter(|place| place.end <= length).count();
            assert!(reader.by_ref().take(before).all(|record| record.is_ok()));
            match reader.next() {
                Some(record) => assert!(record.unwrap_err().is_incomplete(), "cut at {length}"),
                None => assert!(length == 0 || whole[before - 1].end == length),
            }
            assert!(reader.next().is_none());
        }
    }
}

#[test]
fn a_payload_that_looks_like_a_flow_does_not_become_one() {
    let file = with_a_file_in_a_message();
    let whole = places(&file);
    assert_eq!(whole.len(), 5);
    let first = whole[0].clone();
    for position in first.clone() {
        for byte in [b'9', b'}'] {
            let mut damaged = file.clone();
            damaged[position] = byte;
            for place in places(&damaged) {
                assert!(whole.contains(&place), "byte {position} is {:?}: {place:?}", char::from(byte));
            }
        }
    }
}

#[test]
fn what_is_missing_or_too_much_costs_the_records_around_it() {
    let file = with_a_file_in_a_message();
    let whole = places(&file);
    for start in (5..file.len()).step_by(31) {
        for length in [1, 7, 300, 5_000] {
            let end = (start + length).min(file.len());
            let missing = [&file[..start], &file[end..]].concat();
            let much = [&file[..start], &b"1:}1234:abc"[..length.min(11)], &file[start..]].concat();
            for (damaged, shift) in [(missing, start as i64 - end as i64), (much, length.min(11) as i64)] {
                let shifted = |place: &Range<usize>| {
                    let by = |at: usize| if place.start >= start { (at as i64 + shift) as usize } else { at };
                    by(place.start)..by(place.end)
                };
                let expected: Vec<_> = whole.iter().map(shifted).collect();
                let found = places(&damaged);
                assert!(found.iter().all(|place| expected.contains(place)), "{start} {length} {shift}: {found:?}");
                let end = if shift < 0 { end } else { start + 1 };
                let touched = whole.iter().filter(|place| place.start < end && start < place.end + 1).count();
                assert!(found.len() + touched >= whole.len(), "{start} {length} {shift}: {found:?}");
            }
        }
    }
}

#[test]
fn two_damages_cost_two_records() {
    let file = fixture("merged.flow");
    let whole = places(&file);
    assert_eq!(whole.len(), 5);
    let mut damaged = file.clone();
    // The length of one record, and the end of the next but one.
    damaged[whole[1].start] = b'}';
    damaged[whole[3].end - 1] = b'?';
    assert_eq!(places(&damaged), [whole[0].clone(), whole[2].clone(), whole[4].clone()]);
    // Two records that follow each other are one gap.
    let mut damaged = file.clone();
    damaged[whole[1].start] = b'}';
    damaged[whole[2].start + 1] = b'x';
    let mut reader = Reader::from_slice(&damaged, None).unwrap();
    let faults = reader.by_ref().filter(Result::is_err).count();
    assert_eq!((faults, places(&damaged)), (1, vec![whole[0].clone(), whole[3].clone(), whole[4].clone()]));
}

/// Files that are made to keep the search busy. Each value of the first looks like the start of a flow that fails at its
/// end; each of the second holds all others.
#[test]
fn the_search_ends() {
    let entries = "1:a,1:b,".repeat(40_000);
    let mut file = format!("x{}:{entries}", entries.len());
    file.push_str("?}");
    let frames: String = (0..100_000).map(|number| format!("{}:", 900_000 - number * 7)).collect();
    for file in [file, frames.clone(), format!("{frames}}}").repeat(2), "5:".repeat(500_000), ":".repeat(1_000_000)] {
        let mut resume = Resume::new(file.as_bytes());
        assert_eq!(resume.behind(0), None);
    }
}
