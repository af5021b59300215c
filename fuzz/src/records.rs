//! A flow file gives the same records from memory and from a stream, in chunks of any size, up to its first fault. Behind
//! that a stream ends, and a file in memory goes on; and only in memory is it seen that values do not fill a record.

use wsflow::capture::Format;

use super::ways_in::{CHUNKS, Gave, of_slice, of_stream};

pub fn run(data: &[u8]) {
    let slice = of_slice(data, Format::Flow);
    let sound = slice.iter().take_while(|gave| matches!(gave, Gave::Record(..))).count();
    let first = of_stream(data, Format::Flow, CHUNKS[0]);
    for chunk in &CHUNKS[1..] {
        assert_eq!(of_stream(data, Format::Flow, *chunk), first, "in chunks of {chunk} bytes");
    }
    assert!(first.len() >= sound && first[..sound] == slice[..sound]);
    if sound == slice.len() {
        assert_eq!(first.len(), sound, "a fault in a stream alone");
    }
    for gave in &slice {
        let Gave::Record(_, offset, record) = gave else { continue };
        let start = usize::try_from(*offset).unwrap();
        assert!(data[start..].starts_with(record));
    }
}
