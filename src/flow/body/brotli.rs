//! Brotli (RFC 7932).

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};

use super::Undecodable;

/// Decodes a body that is whole and nothing but that.
pub(super) fn decode(content: &[u8], limit: usize) -> Result<Vec<u8>, Undecodable> {
    let alloc = StandardAlloc::default;
    let mut state = BrotliState::new(alloc(), alloc(), alloc());
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
        if out.len() >= limit {
            out.truncate(limit);
            return Ok(out);
        }
        match result {
            BrotliResult::ResultSuccess if available_in == 0 => return Ok(out),
            BrotliResult::NeedsMoreOutput => {}
            BrotliResult::ResultSuccess | BrotliResult::NeedsMoreInput | BrotliResult::ResultFailure => {
                return Err(Undecodable);
            }
        }
    }
}
