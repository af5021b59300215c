//! MessagePack reads the same in all ways, what comes of it is whole, and goes there and back without a change.

use wsflow::capture::{Format, Reader};
use wsflow::encode::Encoder;
use wsflow::state::State;
use wsflow::tnetstring::{from_slice, to_vec};

use super::ways_in::{flows, records_of_all_ways};

pub fn run(data: &[u8]) {
    for record in records_of_all_ways(data, Format::MessagePack) {
        from_slice::<State<'_>>(&record).unwrap();
        there_and_back(&record);
    }
    for record in flows(data) {
        // In the spelling of mitmproxy, for MessagePack knows a number and not its digits.
        if let Ok(state) = from_slice::<State<'_>>(&record) {
            there_and_back(&to_vec(&state).unwrap());
        }
    }
}

fn there_and_back(record: &[u8]) {
    let mut encoder = Encoder::new(Vec::new(), Format::MessagePack).unwrap();
    encoder.add(Reader::from_slice(record, Some(Format::Flow)).unwrap(), |fault| panic!("{fault}")).unwrap();
    let (packed, _) = encoder.finish().unwrap();
    let back: Vec<_> = Reader::from_slice(&packed, Some(Format::MessagePack)).unwrap().collect();
    let [Ok(back)] = back.as_slice() else { panic!("{back:?}") };
    assert_eq!(back.data.escape_ascii().to_string(), record.escape_ascii().to_string());
}
