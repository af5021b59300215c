//! Zstandard (RFC 8878).

use std::io::Read as _;

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::{End, Undecodable, Unpacked};

/// The bytes that every frame begins with, and those of frames to skip, of which the first byte may differ.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const SKIPPABLE: [u8; 3] = [0x2a, 0x4d, 0x18];

/// The header of an empty last block, and a checksum. In the place of what is missing it makes the decoder give out
/// what it has.
const END: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];

/// Decodes all frames. Of a frame that is cut off, the whole blocks.
pub(super) fn decode(content: &[u8], limit: usize) -> Result<Vec<u8>, Undecodable> {
    unpack(content, limit)?.alone()?.unless(|end| end == End::WrongChecksum)
}

/// Decodes all frames as far as they go, up to a limit. What is behind them is no frame.
pub(crate) fn unpack(content: &[u8], limit: usize) -> Result<Unpacked, Undecodable> {
    let mut rest = content;
    let mut bytes = Vec::new();
    let mut end = End::Whole;
    while end == End::Whole && !rest.is_empty() {
        if bytes.len() >= limit {
            end = End::Limit;
        } else if is_cut_off_magic(rest) {
            end = End::CutOff;
        } else if rest.len() < content.len() && !is_magic(rest) {
            break;
        } else {
            (rest, end) = frame(rest, &mut bytes, limit)?;
        }
    }
    if bytes.len() > limit && end != End::WrongChecksum {
        end = End::Limit;
    }
    bytes.truncate(limit);
    let behind = if end == End::Whole { rest.len() } else { 0 };
    Ok(Unpacked { bytes, end, behind })
}

fn is_magic(rest: &[u8]) -> bool {
    rest.starts_with(&MAGIC)
        || rest.first().is_some_and(|first| first & 0xf0 == 0x50) && rest[1..].starts_with(&SKIPPABLE)
}

fn is_cut_off_magic(rest: &[u8]) -> bool {
    rest.len() < MAGIC.len()
        && (MAGIC.starts_with(rest) || (rest[0] & 0xf0 == 0x50 && SKIPPABLE.starts_with(&rest[1..])))
}

/// Decodes one frame, a block at a time, and gives what follows it, and how it ended.
fn frame<'a>(content: &'a [u8], out: &mut Vec<u8>, limit: usize) -> Result<(&'a [u8], End), Undecodable> {
    let mut decoder = FrameDecoder::new();
    let mut source = content;
    match decoder.init(&mut source) {
        Ok(()) => {}
        Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
            return Ok(source.get(length as usize..).map_or((&[], End::CutOff), |rest| (rest, End::Whole)));
        }
        // A header that is cut off leaves nothing to read.
        Err(_) if source.is_empty() && content.len() >= MAGIC.len() => return Ok((source, End::CutOff)),
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
    let checksum = decoder.get_checksum_from_data();
    Ok(match decoder.is_finished() {
        _ if !is_whole => (&[], End::CutOff),
        false => (source, End::Limit),
        true if checksum.is_some() && decoder.get_calculated_checksum() != checksum => (source, End::WrongChecksum),
        true => (source, End::Whole),
    })
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
