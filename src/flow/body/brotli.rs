//! Brotli (RFC 7932).

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};

use super::{End, Undecodable, Unpacked};

/// Decodes a body that is whole and nothing but that.
pub(super) fn decode(content: &[u8], limit: usize) -> Result<Vec<u8>, Undecodable> {
    unpack(content, limit)?.alone()?.unless(|end| end == End::CutOff)
}

/// Decodes as much as there is, up to a limit.
pub(crate) fn unpack(content: &[u8], limit: usize) -> Result<Unpacked, Undecodable> {
    let alloc = StandardAlloc::default;
    // Without windows of a GiB, which RFC 7932 does not have.
    let mut state = BrotliState::new_strict(alloc(), alloc(), alloc());
    let mut buffer = vec![0; 1 << 16];
    let mut out = Vec::new();
    let (mut available_in, mut consumed, mut total) = (content.len(), 0, 0);
    loop {
        let (mut available_out, mut produced) = (buffer.len(), 0);
        let result = BrotliDecompressStream(
            &mut available_in,
            &mut consumed,
            content,
            &mut available_out,
            &mut produced,
            &mut buffer,
            &mut total,
            &mut state,
        );
        out.extend_from_slice(&buffer[..produced]);
        let end = match result {
            _ if out.len() > limit => End::Limit,
            BrotliResult::ResultSuccess => End::Whole,
            _ if out.len() == limit => End::Limit,
            BrotliResult::NeedsMoreOutput => continue,
            BrotliResult::NeedsMoreInput => End::CutOff,
            BrotliResult::ResultFailure => return Err(Undecodable),
        };
        out.truncate(limit);
        let behind = if end == End::Whole { available_in } else { 0 };
        return Ok(Unpacked { bytes: out, end, behind });
    }
}
