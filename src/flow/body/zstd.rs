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

/// The checksum alone.
const CHECKSUM: &[u8] = END.split_at(3).1;

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
    let (blocks, has_last) = whole_blocks(source);
    let (blocks, missing) = if has_last { (source, CHECKSUM) } else { (&source[..blocks], &END[..]) };
    let mut chained = blocks.chain(missing);
    let mut room = limit.saturating_sub(out.len());
    loop {
        // The decoder keeps as much as its window, which may be far more than is wanted, and does not tell how much it has.
        let wanted = room.min(AT_ONCE);
        let decoded = decoder.decode_blocks(&mut chained, BlockDecodingStrategy::UptoBytes(wanted));
        let is_finished = decoded.map_err(|_| Undecodable)?;
        room -= wanted;
        let is_full = !is_finished && room == 0;
        if is_full {
            decoder.decode_blocks(&END[..], BlockDecodingStrategy::All).map_err(|_| Undecodable)?;
        }
        // A Vec takes all that is written to it.
        decoder.collect_to_writer(&mut *out).map_err(|_| Undecodable)?;
        if is_full {
            return Ok((chained.get_ref().0, End::Limit));
        }
        if is_finished {
            break;
        }
    }
    let (rest, unused) = (*chained.get_ref().0, chained.get_ref().1.len());
    let checksum = decoder.get_checksum_from_data();
    Ok(match checksum.is_some() && decoder.get_calculated_checksum() != checksum {
        _ if !has_last || unused < CHECKSUM.len() => (&[], End::CutOff),
        true => (rest, End::WrongChecksum),
        false => (rest, End::Whole),
    })
}

/// Bytes that are decoded between two looks at how many there are.
const AT_ONCE: usize = 1 << 20;

/// How long the blocks are that are whole, up to the last one of a frame, and whether that is among them.
fn whole_blocks(source: &[u8]) -> (usize, bool) {
    let mut length = 0;
    while let Some(block) = block_length(&source[length..]).filter(|block| *block <= source.len() - length) {
        let is_last = source[length] & 1 == 1;
        length += block;
        if is_last {
            return (length, true);
        }
    }
    (length, false)
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
