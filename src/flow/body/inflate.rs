//! The encodings made of DEFLATE (RFC 1951): gzip (RFC 1952) and zlib (RFC 1950).

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::{End, Undecodable, Unpacked};

/// Decodes gzip or zlib, whichever it is. Of a body that is cut off, what there is.
pub(super) fn gzip(content: &[u8], limit: usize) -> Result<Vec<u8>, Undecodable> {
    let unpacked = match content {
        // Too short to be told from anything else.
        [] | [_] => return Ok(Vec::new()),
        [0x1f, 0x8b, ..] => unpack_gzip(content, limit)?,
        _ => unpack_zlib(content, limit)?,
    };
    unpacked.unless(|end| end == End::WrongChecksum)
}

/// Decodes zlib, or DEFLATE without a header, as long as it is whole.
pub(super) fn deflate(content: &[u8], limit: usize) -> Result<Vec<u8>, Undecodable> {
    let whole = |unpacked: Unpacked| unpacked.unless(|end| matches!(end, End::CutOff | End::WrongChecksum));
    let with_header = unpack_zlib(content, limit).and_then(whole);
    with_header.or_else(|Undecodable| inflate(content, false, limit).map(Inflated::unpacked).and_then(whole))
}

/// Decodes gzip as far as it goes, up to a limit.
pub(crate) fn unpack_gzip(content: &[u8], limit: usize) -> Result<Unpacked, Undecodable> {
    let Some(header) = gzip_header(content)? else {
        return Ok(Unpacked { bytes: Vec::new(), end: End::CutOff, behind: 0 });
    };
    let inflated = inflate(&content[header..], false, limit)?;
    let trailer = &content[content.len() - inflated.left..];
    let unpacked = inflated.unpacked();
    Ok(match unpacked.end {
        End::Whole => {
            let end = gzip_trailer(&unpacked.bytes, trailer);
            Unpacked { end, behind: trailer.len().saturating_sub(GZIP_TRAILER), ..unpacked }
        }
        _ => Unpacked { behind: 0, ..unpacked },
    })
}

/// Decodes zlib as far as it goes, up to a limit.
pub(crate) fn unpack_zlib(content: &[u8], limit: usize) -> Result<Unpacked, Undecodable> {
    const HEADER: usize = 2;
    const CHECKSUM: usize = 4;
    if let Ok(inflated) = inflate(content, true, limit) {
        return Ok(inflated.unpacked());
    }
    // What decodes without its header and its checksum has a wrong checksum, if it has the right header.
    let bare = content.get(HEADER..).filter(|_| has_zlib_header(content)).ok_or(Undecodable)?;
    let unpacked = inflate(bare, false, limit)?.unpacked();
    match (unpacked.end, unpacked.behind.checked_sub(CHECKSUM)) {
        (End::Whole, Some(behind)) => Ok(Unpacked { end: End::WrongChecksum, behind, ..unpacked }),
        _ => Err(Undecodable),
    }
}

/// Whether content begins as zlib does (RFC 1950 section 2.2): the method, a window that is not too large, no text that
/// both sides know, and a check of both bytes.
pub(crate) fn has_zlib_header(content: &[u8]) -> bool {
    const LARGEST_WINDOW: u8 = 7;
    const FLAG_DICTIONARY: u8 = 1 << 5;
    let [first, second, ..] = content else { return false };
    first & 0x0f == METHOD_DEFLATE
        && first >> 4 <= LARGEST_WINDOW
        && second & FLAG_DICTIONARY == 0
        && u16::from_be_bytes([*first, *second]) % 31 == 0
}

struct Inflated {
    out: Vec<u8>,
    /// Bytes of input that were not used.
    left: usize,
    end: End,
}

impl Inflated {
    fn unpacked(self) -> Unpacked {
        let behind = if self.end == End::Whole { self.left } else { 0 };
        Unpacked { bytes: self.out, end: self.end, behind }
    }
}

/// What is larger than this grows in smaller steps.
const LARGE: usize = 4 << 20;

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
            let end = match status {
                // What is cut off here has not the checksum of the whole.
                _ if out.len() > limit => End::Limit,
                Status::StreamEnd => End::Whole,
                _ if is_full => End::Limit,
                _ => End::CutOff,
            };
            out.truncate(limit);
            return Ok(Inflated { out, left: content.len() - consumed, end });
        }
        if out.len() == out.capacity() {
            // All of it is touched at once, so it does not double where that is much.
            let more = if out.capacity() < LARGE { out.capacity() } else { out.capacity() / 4 };
            out.reserve_exact(more.min(limit - out.len()));
        }
    }
}

const FLAG_HEADER_CRC: u8 = 1 << 1;
const FLAG_EXTRA: u8 = 1 << 2;
const FLAG_NAME: u8 = 1 << 3;
const FLAG_COMMENT: u8 = 1 << 4;
const FLAGS_RESERVED: u8 = 0b1110_0000;
const METHOD_DEFLATE: u8 = 8;

/// Bytes of a checksum and a length.
const GZIP_TRAILER: usize = 8;

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
fn gzip_trailer(decoded: &[u8], trailer: &[u8]) -> End {
    let mut crc = Crc::new();
    crc.update(decoded);
    let expected = [crc.sum().to_le_bytes(), crc.amount().to_le_bytes()].concat();
    match expected.chunks(4).zip(trailer.chunks_exact(4)).all(|(expected, found)| expected == found) {
        false => End::WrongChecksum,
        true if trailer.len() < GZIP_TRAILER => End::CutOff,
        true => End::Whole,
    }
}
