//! Bodies, decoded.

use std::borrow::Cow;

use crate::flow::{Request, Response};

pub(super) fn of_request<'a>(request: &Request<'a>) -> Option<Cow<'a, [u8]>> {
    request.raw_body().map(Cow::Borrowed)
}

pub(super) fn of_response<'a>(response: &Response<'a>) -> Option<Cow<'a, [u8]>> {
    response.raw_body().map(Cow::Borrowed)
}
