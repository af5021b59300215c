//! The messages of TCP and UDP flows: lists of `[from_client, content, timestamp]`.

use crate::tnetstring::{Items, RawValue};

/// The messages of a TCP or UDP flow: whether the client sent it, and its content. A broken one ends them.
#[derive(Clone, Debug)]
pub struct StreamMessages<'a> {
    items: Option<Items<'a>>,
}

impl<'a> StreamMessages<'a> {
    pub(super) fn new(list: Option<RawValue<'a>>) -> StreamMessages<'a> {
        StreamMessages { items: list.and_then(|list| list.items().ok()) }
    }
}

impl<'a> Iterator for StreamMessages<'a> {
    type Item = (bool, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let mut message = self.items.as_mut()?.next()?.ok()?.items().ok()?;
        let from_client = message.next()?.ok()?.to_bool().ok()?;
        let content = message.next()?.ok()?.to_bytes().ok()?;
        Some((from_client, content))
    }
}
