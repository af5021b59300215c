//! The messages of DNS flows, as mitmproxy takes them apart.

use std::borrow::Cow;

use crate::tnetstring::RawValue;

/// A DNS query or answer, borrowed from its flow.
#[derive(Clone, Copy, Debug)]
pub struct DnsMessage<'a> {
    value: RawValue<'a>,
}

impl<'a> DnsMessage<'a> {
    pub(super) fn new(value: RawValue<'a>) -> DnsMessage<'a> {
        DnsMessage { value }
    }

    /// The names that are asked for.
    pub fn questions(&self) -> impl Iterator<Item = Cow<'a, str>> {
        let questions = self.value.get("questions").ok().flatten().and_then(|list| list.items().ok());
        questions.into_iter().flatten().map_while(Result::ok).filter_map(|question| {
            let name = question.get("name").ok()??.to_bytes().ok()?;
            Some(String::from_utf8_lossy(name))
        })
    }
}
