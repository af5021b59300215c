//! Bodies of requests and responses, decoded as mitmproxy decodes them.
//!
//! A body is stored as it was sent. Which encoding it has its `content-encoding` says, which may be wrong: what does
//! not decode is taken as it stands. How much of a broken body counts is another question for each encoding, and
//! answered as the libraries do that mitmproxy uses:
//!
//! | encoding | cut off | bytes behind the end | wrong checksum |
//! |---|---|---|---|
//! | `gzip` (zlib too) | what there is | ignored | does not decode |
//! | `deflate` (with and without a zlib header) | does not decode | ignored | does not decode |
//! | `br` | does not decode | does not decode | (has none) |
//! | `zstd` (several frames too) | the whole blocks | does not decode | does not decode |

mod brotli;
mod inflate;
mod zstd;

use std::borrow::Cow;

use super::Headers;
use crate::tnetstring::RawValue;

/// How long a decoded body may become; what would come after is left out. A few bytes can decode to any number, and
/// every thread may hold one such body.
const MAX_DECODED: usize = 64 << 20;

/// A body that does not decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Undecodable;

/// The body of a request or response.
pub(super) fn of<'a>(message: RawValue<'a>, headers: Option<Headers<'a>>) -> Option<Cow<'a, [u8]>> {
    let content = message.get("content").ok()?.filter(|content| !content.is_null())?.to_bytes().ok()?;
    let encoding = headers.and_then(|headers| headers.get("content-encoding"));
    Some(decode(content, encoding.as_deref().unwrap_or_default()))
}

/// Decodes content in the encoding of this name, as far as `limit` bytes. `None` when it is not in that encoding.
pub(crate) fn decode_named(content: &[u8], encoding: &str, limit: usize) -> Option<Vec<u8>> {
    decoder(encoding)?(content, limit).ok()
}

type Decoder = fn(&[u8], usize) -> Result<Vec<u8>, Undecodable>;

fn decoder(encoding: &str) -> Option<Decoder> {
    Some(match encoding {
        "gzip" => inflate::gzip,
        "deflate" | "deflateraw" => inflate::deflate,
        "br" => brotli::decode,
        "zstd" => zstd::decode,
        _ => return None,
    })
}

fn decode<'a>(content: &'a [u8], encoding: &str) -> Cow<'a, [u8]> {
    let Some(decode) = decoder(&encoding.to_ascii_lowercase()) else { return Cow::Borrowed(content) };
    match decode(content, MAX_DECODED) {
        _ if content.is_empty() => Cow::Borrowed(content),
        Ok(decoded) => Cow::Owned(decoded),
        Err(Undecodable) => Cow::Borrowed(content),
    }
}

#[cfg(test)]
mod tests;
