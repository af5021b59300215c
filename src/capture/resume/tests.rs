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

/// A flow that was cut off, wherever that was, and whole flows that were appended to it.
#[test]
fn flows_behind_one_that_is_cut_off_are_found() {
    let file = fixture("conversation.flow");
    let flows = places(&file);
    for first in &flows {
        for cut in first.start + 1..first.end {
            for appended in [1, 5] {
                let damaged = [&file[..cut], &file.repeat(appended)].concat();
                let mut expected: Vec<_> = flows.iter().filter(|flow| flow.end <= cut).cloned().collect();
                let at = |copy: usize, flow: &Range<usize>| {
                    let by = cut + copy * file.len();
                    flow.start + by..flow.end + by
                };
                expected.extend((0..appended).flat_map(|copy| flows.iter().map(move |flow| at(copy, flow))));
                assert_eq!(places(&damaged), expected, "cut at {cut}, {appended}");
            }
        }
    }
}

/// The same where the message that was cut off claims more bytes than many of the flows behind it have.
#[test]
fn flows_behind_a_large_message_that_is_cut_off_are_found() {
    let large = fixture("large-message.flow");
    let small = fixture("conversation.flow");
    let appended = small.repeat(30);
    let sizes: Vec<_> = places(&small).iter().map(ExactSizeIterator::len).collect();
    for cut in (1..large.len()).step_by(487).chain([88_185]) {
        let found = places(&[&large[..cut], &appended].concat());
        let kept: Vec<_> = found.iter().filter(|place| place.start >= cut).map(ExactSizeIterator::len).collect();
        assert_eq!(kept, sizes.repeat(30), "cut at {cut}");
    }
}

/// A program that is ended again and again, and appends.
#[test]
fn flows_between_two_that_are_cut_off_are_found() {
    let file = fixture("conversation.flow");
    let whole = places(&file).len();
    for cut in (1..file.len()).step_by(29) {
        let damaged = [&file.repeat(2)[..], &file[..cut], &file.repeat(4), &file[..cut], &file].concat();
        let before = places(&file[..cut]).len();
        assert_eq!(places(&damaged).len(), 7 * whole + 2 * before, "cut at {cut}");
    }
}

/// Of flows behind a payload that is cut off, and that holds flows too.
#[test]
fn a_payload_that_is_cut_off_does_not_become_flows_either() {
    let file = with_a_file_in_a_message();
    let appended = fixture("conversation.flow");
    let expected = places(&appended);
    for cut in (1..places(&file)[0].end).step_by(11) {
        for copies in [1, 5] {
            let found = places(&[&file[..cut], &appended.repeat(copies)].concat());
            let strange: Vec<_> = found.iter().filter(|place| place.start < cut).collect();
            assert!(strange.is_empty(), "cut at {cut}, {copies}: {strange:?}");
            assert!(copies == 1 || found.len() == 5 * expected.len(), "cut at {cut}: {}", found.len());
        }
    }
}

/// Many damaged records, each of which claims to end in the same long number, so that the whole number is looked at for
/// each if nothing stops that.
#[test]
fn a_long_number_is_not_read_again_and_again() {
    let flow = "38:7:version;2:21#4:type;4:http;2:id;1:a;}";
    let length = "000000000000:1:a,?".len() + flow.len();
    let (units, digits) = (10_000, 20_000_000);
    let unit = |number| format!("{:012}:1:a,?{flow}", (units - number) * length + 10 - 13);
    let file: String = (0..units).map(unit).chain(["?".repeat(9), "9".repeat(digits)]).collect();
    assert_eq!(places(file.as_bytes()).len(), units);
}

/// Every second of many small flows is damaged.
#[test]
fn many_damages_do_not_end_the_search() {
    let file = fixture("tcp-udp-dns.flow");
    let flows = places(&file);
    let flow = &file[flows.iter().min_by_key(|flow| flow.len()).unwrap().clone()];
    let mut damaged = flow.repeat(6_000);
    for number in (0..6_000).step_by(2) {
        damaged.remove(number * flow.len() - number / 2 + 20);
    }
    assert_eq!(places(&damaged).len(), 3_000);
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
    let backups: String = (0..100_000).map(|number| format!("{}:6:backup;", 100_000_000 - number * 17)).collect();
    let files =
        [file, frames.clone(), format!("{frames}}}").repeat(2), "5:".repeat(500_000), ":".repeat(1_000_000), backups];
    for file in files {
        let mut resume = Resume::new(file.as_bytes());
        assert!(!matches!(resume.behind(0), Behind::Place(_)));
    }
}
