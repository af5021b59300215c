//! Zstandard (RFC 8878).

use std::io::Read as _;

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::Undecodable;

/// The bytes that every frame begins with, and those of frames to skip, of which the first byte may differ.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const SKIPPABLE: [u8; 3] = [0x2a, 0x4d, 0x18];

/// The header of an empty last block, and a checksum. In the place of what is missing it makes the decoder give out
/// what it has.
const END: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];

/// Decodes all frames. Of a frame that is cut off, the whole blocks.
pub(super) fn decode(content: &[u8], limit: usize) -> Result<Vec<u8>, Undecodable> {
    let mut rest = content;
    let mut out = Vec::new();
    while !rest.is_empty() && !is_cut_off_magic(rest) && out.len() < limit {
        rest = frame(rest, &mut out, limit)?;
    }
    out.truncate(limit);
    Ok(out)
}

fn is_cut_off_magic(rest: &[u8]) -> bool {
    rest.len() < MAGIC.len()
        && (MAGIC.starts_with(rest) || (rest[0] & 0xf0 == 0x50 && SKIPPABLE.starts_with(&rest[1..])))
}

/// Decodes one frame, a block at a time, and gives what follows it.
fn frame<'a>(content: &'a [u8], out: &mut Vec<u8>, limit: usize) -> Result<&'a [u8], Undecodable> {
    let mut decoder = FrameDecoder::new();
    let mut source = content;
    match decoder.init(&mut source) {
        Ok(()) => {}
        Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
            return Ok(source.get(length as usize..).unwrap_or_default());
        }
        // A header that is cut off leaves nothing to read.
        Err(_) if source.is_empty() && content.len() >= MAGIC.len() => return Ok(source),
        Err(_) => return Err(Undecodable),
    }
    let mut is_whole = true;
    while !decoder.is_finished() && out.len() < limit {
        let block = source.get(..block_length(source).unwrap_or(usize::MAX)).map(|_| source);
        is_whole = block.is_some();
        let mut chained = block.unwrap_or_default().chain(&END[if is_whole { 3 } else { 0 }..]);
        let decoded = decoder.decode_blocks(&mut chained, BlockDecodingStrategy::UptoBlocks(1));
        source = *chained.get_ref().0;
        is_whole &= chained.get_ref().1.len() + 3 == END.len();
        decoded.map_err(|_| Undecodable)?;
        // A Vec takes all that is written to it.
        decoder.collect_to_writer(&mut *out).map_err(|_| Undecodable)?;
    }
    match decoder.get_checksum_from_data() {
        _ if !is_whole => Ok(&[]),
        Some(found) if decoder.is_finished() && decoder.get_calculated_checksum() != Some(found) => Err(Undecodable),
        _ => Ok(source),
    }
}

/// How long a block is, with its header: three bytes, of which the lowest bit says whether it is the last block, the next
/// two what kind it is, and the others its size.
fn block_length(source: &[u8]) -> Option<usize> {
    const HEADER: usize = 3;
    const REPEATED_BYTE: u32 = 1;
    let [a, b, c, ..] = source else { return None };
    let header = u32::from_le_bytes([*a, *b, *c, 0]);
    match (header >> 1) & 0b11 {
        REPEATED_BYTE => Some(HEADER + 1),
        _ => Some(HEADER + (header >> 3) as usize),
    }
}
