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
pub(crate) use brotli::unpack as unpack_brotli;
pub(crate) use inflate::{has_zlib_header, unpack_gzip, unpack_zlib};
pub(crate) use zstd::unpack as unpack_zstd;

/// How long a decoded body may become; what would come after is left out. A few bytes can decode to any number, and
/// every thread may hold one such body.
const MAX_DECODED: usize = 64 << 20;

/// A body that does not decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Undecodable;

/// A content that was unpacked, as far as it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unpacked {
    pub(crate) bytes: Vec<u8>,
    pub(crate) end: End,
    /// Bytes behind the end of what is packed.
    pub(crate) behind: usize,
}

/// Where unpacking ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// At the end, and all is well.
    Whole,
    /// At the limit. There may be more.
    Limit,
    /// In the middle, for the rest is not there.
    CutOff,
    /// At the end, which says that this is not what was packed.
    WrongChecksum,
}

impl Unpacked {
    /// The bytes, unless they ended as they must not.
    fn unless(self, is_wrong: impl Fn(End) -> bool) -> Result<Vec<u8>, Undecodable> {
        if is_wrong(self.end) { Err(Undecodable) } else { Ok(self.bytes) }
    }

    /// The bytes, if nothing is behind them.
    fn alone(self) -> Result<Unpacked, Undecodable> {
        if self.behind > 0 { Err(Undecodable) } else { Ok(self) }
    }
}

/// The body of a request or response.
pub(super) fn of<'a>(message: RawValue<'a>, headers: Option<Headers<'a>>) -> Option<Cow<'a, [u8]>> {
    let content = message.get("content").ok()?.filter(|content| !content.is_null())?.to_bytes().ok()?;
    let encoding = headers.and_then(|headers| headers.get("content-encoding"));
    Some(decode(content, encoding.as_deref().unwrap_or_default()))
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
