//! The messages of DNS flows, as mitmproxy takes them apart and shows them.
//!
//! ```text
//! message = {…, questions, answers, authorities, additionals}
//! question = {name, type, class_}       record = {name, type, class_, ttl, data}
//! ```

pub(super) mod name;
mod record;

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

    fn list(&self, key: &str) -> impl Iterator<Item = RawValue<'a>> + use<'a> {
        let list = self.value.get(key).ok().flatten().and_then(|list| list.items().ok());
        list.into_iter().flatten().map_while(Result::ok)
    }

    /// The names that are asked for.
    pub fn questions(&self) -> impl Iterator<Item = Cow<'a, str>> + use<'a> {
        self.list("questions").filter_map(|question| {
            let name = question.get("name").ok()??.to_bytes().ok()?;
            Some(String::from_utf8_lossy(name))
        })
    }

    /// The message as mitmproxy shows it in one piece of text, lines ending in `\r\n`: the names that are asked for,
    /// and what is in the records.
    pub fn to_text(&self) -> String {
        let mut lines: Vec<_> = self.questions().map(Cow::into_owned).collect();
        for section in ["answers", "authorities", "additionals"] {
            lines.extend(self.list(section).map(record::to_text));
        }
        lines.join("\r\n")
    }
}
