//! NDJSON reads the same in all ways, and what comes of it is a sound flow whose messages go there and back.

use std::convert::Infallible;
use std::ops::ControlFlow;

use wsflow::capture::{Format, Reader};
use wsflow::check::{self, Kind};
use wsflow::encode::Encoder;
use wsflow::flow::Flow;

use super::ways_in::records_of_all_ways;

pub fn run(data: &[u8]) {
    let flows = records_of_all_ways(data, Format::Ndjson).concat();
    assert_whole(&flows);
    assert_connections_come_back(&flows, Format::Ndjson);
}

/// That flows made by a reader have all keys with values of their types. What a capture says may be odd.
pub(super) fn assert_whole(flows: &[u8]) {
    let Ok(()) = check::run(Reader::from_slice(flows, Some(Format::Flow)).unwrap(), 1, |finding| {
        let is_of_the_reader = matches!(
            finding.kind,
            Kind::BrokenStructure | Kind::WrongType | Kind::MissingKey | Kind::UnknownKey | Kind::UnknownVersion
        );
        assert!(!is_of_the_reader, "{finding:?}");
        Ok::<_, Infallible>(ControlFlow::Continue(()))
    });
}

/// That messages written in a format are those messages when they are read.
pub(super) fn assert_connections_come_back(flows: &[u8], format: Format) {
    let mut encoder = Encoder::new(Vec::new(), format).unwrap();
    // What is no time is null in NDJSON and HAR, and does not come back.
    if !times_are_times(flows) {
        return;
    }
    encoder.add(Reader::from_slice(flows, Some(Format::Flow)).unwrap(), |fault| panic!("{fault}")).unwrap();
    let (written, _) = encoder.finish().unwrap();
    let there = connections(flows, Format::Flow);
    let back = connections(&written, format);
    assert!(there == back, "{}\n{there:#?}\n{back:#?}", written.escape_ascii());
}

/// Whether all messages have a time that can be written.
fn times_are_times(flows: &[u8]) -> bool {
    Reader::from_slice(flows, Some(Format::Flow)).unwrap().all(|record| {
        let record = record.unwrap();
        let websocket = Flow::parse(&record.data).unwrap().websocket().unwrap();
        websocket.is_none_or(|websocket| {
            websocket.messages().unwrap().all(|message| message.unwrap().timestamp.micros().is_some())
        })
    })
}

/// The messages of connections that have some.
fn connections(data: &[u8], format: Format) -> Vec<String> {
    let mut connections = Vec::new();
    for record in Reader::from_slice(data, Some(format)).unwrap() {
        let record = record.unwrap();
        let Some(websocket) = Flow::parse(&record.data).unwrap().websocket().unwrap() else { continue };
        let list = websocket.message_list().unwrap();
        if !list.body().is_empty() {
            connections.push(list.body().escape_ascii().to_string());
        }
    }
    connections
}
