//! HAR reads the same in all ways, and what comes of it is a sound flow whose connection goes there and back.

use wsflow::capture::Format;

use super::ndjson::{assert_connections_come_back, assert_whole};
use super::ways_in::records_of_all_ways;

pub fn run(data: &[u8]) {
    let flows = records_of_all_ways(data, Format::Har).concat();
    assert_whole(&flows);
    assert_connections_come_back(&flows, Format::Har);
}
