//! Bodies of requests and responses, decoded.

use std::borrow::Cow;

use super::Headers;
use crate::tnetstring::RawValue;

/// The body of a request or response.
pub(super) fn of<'a>(message: RawValue<'a>, _headers: Option<Headers<'a>>) -> Option<Cow<'a, [u8]>> {
    message.get("content").ok()??.to_bytes().ok().map(Cow::Borrowed)
}
