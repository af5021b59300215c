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
pub(crate) use brotli::unpack as unpack_brotli;
pub(crate) use inflate::{has_zlib_header, unpack_gzip, unpack_zlib};
pub(crate) use zstd::unpack as unpack_zstd;

/// How long a decoded body may become, beside six times what it was packed; what would come after is left out. A few
/// bytes can decode to any number of them.
const MAX_DECODED: usize = 16 << 20;

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

/// The body of a request or response, as who reads it sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Body<'a> {
    /// What was sent, decoded if its `content-encoding` is known and true.
    pub bytes: Cow<'a, [u8]>,
    /// Whether it decodes to more than may be decoded, so that its end is missing here.
    pub is_cut: bool,
}

/// The body of a request or response, decoded up to a limit.
pub(super) fn of<'a>(content: &'a [u8], headers: Option<Headers<'a>>, limit: usize) -> Body<'a> {
    let encoding = headers.and_then(|headers| headers.get("content-encoding"));
    decode(content, encoding.as_deref().unwrap_or_default(), limit)
}

/// How long the body may become that was sent like this.
pub(super) fn limit(content: &[u8]) -> usize {
    content.len().saturating_mul(6).saturating_add(MAX_DECODED)
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

fn decode<'a>(content: &'a [u8], encoding: &str, limit: usize) -> Body<'a> {
    let decoder = decoder(&encoding.to_ascii_lowercase()).filter(|_| !content.is_empty());
    // One more than may be, to see whether there is more.
    match decoder.map(|decode| decode(content, limit.saturating_add(1))) {
        Some(Ok(mut decoded)) => {
            let is_cut = decoded.len() > limit;
            decoded.truncate(limit);
            Body { bytes: Cow::Owned(decoded), is_cut }
        }
        Some(Err(Undecodable)) | None => Body { bytes: Cow::Borrowed(content), is_cut: false },
    }
}

#[cfg(test)]
mod tests;
