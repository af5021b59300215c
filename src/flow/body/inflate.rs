//! The encodings made of DEFLATE (RFC 1951): gzip (RFC 1952) and zlib (RFC 1950).

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::Undecodable;

/// Decodes gzip or zlib, whichever it is. Of a body that is cut off, what there is.
pub(super) fn gzip(content: &[u8], limit: usize) -> Result<Vec<u8>, Undecodable> {
    match content {
        // Too short to be told from anything else.
        [] | [_] => Ok(Vec::new()),
        [0x1f, 0x8b, ..] => {
            let Some(header) = gzip_header(content)? else { return Ok(Vec::new()) };
            let inflated = inflate(&content[header..], false, limit)?;
            let trailer = &content[header + inflated.consumed..];
            if inflated.ended {
                check_gzip_trailer(&inflated.out, trailer)?;
            }
            Ok(inflated.out)
        }
        _ => Ok(inflate(content, true, limit)?.out),
    }
}

/// Decodes zlib, or DEFLATE without a header, as long as it is whole.
pub(super) fn deflate(content: &[u8], limit: usize) -> Result<Vec<u8>, Undecodable> {
    let whole = |zlib| match inflate(content, zlib, limit) {
        Ok(inflated) if inflated.ended || inflated.out.len() >= limit => Ok(inflated.out),
        _ => Err(Undecodable),
    };
    whole(true).or_else(|Undecodable| whole(false))
}

struct Inflated {
    out: Vec<u8>,
    /// Bytes of input that were used.
    consumed: usize,
    /// Whether the end was reached, so that nothing is missing.
    ended: bool,
}

/// Decodes as much as there is, up to a limit.
fn inflate(content: &[u8], zlib: bool, limit: usize) -> Result<Inflated, Undecodable> {
    let mut stream = Decompress::new(zlib);
    let mut out = Vec::with_capacity(content.len().saturating_mul(4).clamp(1 << 10, 1 << 20).min(limit));
    loop {
        let consumed = stream.total_in() as usize;
        let before = (consumed, out.len());
        let status =
            stream.decompress_vec(&content[consumed..], &mut out, FlushDecompress::None).map_err(|_| Undecodable)?;
        let consumed = stream.total_in() as usize;
        let is_full = out.len() >= limit;
        let is_stuck = before == (consumed, out.len()) && out.len() < out.capacity();
        if status == Status::StreamEnd || is_full || is_stuck {
            // What is cut off here has not the checksum of the whole.
            let ended = status == Status::StreamEnd && out.len() <= limit;
            out.truncate(limit);
            return Ok(Inflated { out, consumed, ended });
        }
        if out.len() == out.capacity() {
            out.reserve(out.capacity().min(limit - out.len()));
        }
    }
}

const FLAG_HEADER_CRC: u8 = 1 << 1;
const FLAG_EXTRA: u8 = 1 << 2;
const FLAG_NAME: u8 = 1 << 3;
const FLAG_COMMENT: u8 = 1 << 4;
const FLAGS_RESERVED: u8 = 0b1110_0000;
const METHOD_DEFLATE: u8 = 8;

/// How long the header is; `None` if it is cut off.
fn gzip_header(content: &[u8]) -> Result<Option<usize>, Undecodable> {
    let [_, _, method, flags, rest @ ..] = content else { return Ok(None) };
    if *method != METHOD_DEFLATE || flags & FLAGS_RESERVED != 0 {
        return Err(Undecodable);
    }
    // Time, extra flags and operating system.
    let Some(mut rest) = rest.get(6..) else { return Ok(None) };
    if flags & FLAG_EXTRA != 0 {
        let [low, high, extra @ ..] = rest else { return Ok(None) };
        let Some(after) = extra.get(usize::from(u16::from_le_bytes([*low, *high]))..) else { return Ok(None) };
        rest = after;
    }
    for flag in [FLAG_NAME, FLAG_COMMENT] {
        if flags & flag != 0 {
            let Some(end) = memchr::memchr(0, rest) else { return Ok(None) };
            rest = &rest[end + 1..];
        }
    }
    if flags & FLAG_HEADER_CRC != 0 {
        let [low, high, after @ ..] = rest else { return Ok(None) };
        let mut crc = Crc::new();
        crc.update(&content[..content.len() - rest.len()]);
        if crc.sum() as u16 != u16::from_le_bytes([*low, *high]) {
            return Err(Undecodable);
        }
        rest = after;
    }
    Ok(Some(content.len() - rest.len()))
}

/// Checks the checksum and the length that follow, as far as they are there.
fn check_gzip_trailer(decoded: &[u8], trailer: &[u8]) -> Result<(), Undecodable> {
    let mut crc = Crc::new();
    crc.update(decoded);
    let expected = [crc.sum().to_le_bytes(), crc.amount().to_le_bytes()].concat();
    for (expected, found) in expected.chunks(4).zip(trailer.chunks_exact(4)) {
        if expected != found {
            return Err(Undecodable);
        }
    }
    Ok(())
}
