//! One message after its change: the values that become others, and the bytes between them.
//!
//! ```text
//! LENGTH:[ type from_client content timestamp dropped injected ]     `injected` from format 15 on
//! ```

use std::str;

use super::splice::NewHead;
use crate::tnetstring::{self, ErrorKind, Head, RawValue, Tag};
use crate::{Error, Situation};

/// A message and what becomes of it.
pub(super) struct Message<'a> {
    value: RawValue<'a>,
    /// The content that is replaced, and by what.
    content: Option<(RawValue<'a>, &'a [u8])>,
    /// The mark that is set or cleared, and to what.
    dropped: Option<(RawValue<'a>, bool)>,
    /// Bytes of the body after the change.
    length: usize,
}

impl<'a> Message<'a> {
    /// A message with another mark or content, where those are given. What is so already does not change.
    pub(super) fn new(
        value: RawValue<'a>,
        dropped: Option<bool>,
        content: Option<&'a [u8]>,
    ) -> Result<Message<'a>, Error> {
        let mut items = value.items()?;
        let mut next = |found| match items.next() {
            Some(item) => Ok(item?),
            None => Err(Error::new(Situation::MessageLength { found }).at(value.offset() as u64)),
        };
        let name = |name| move |error: tnetstring::Error| Error::from(error).within(name);
        next(0)?;
        next(1)?;
        let old_content = next(2)?;
        next(3)?;
        let old_dropped = next(4)?;
        let mut message = Message { value, content: None, dropped: None, length: value.body().len() };
        if let Some(content) = content
            && content != old_content.to_bytes().map_err(name("content"))?
        {
            if old_content.tag() == Tag::Str && str::from_utf8(content).is_err() {
                let error = tnetstring::Error::new(old_content.offset(), ErrorKind::InvalidUtf8);
                return Err(name("content")(error));
            }
            message.content = Some((old_content, content));
            message.length -= old_content.encoded().len();
            message.length += Head::new(content.len()).as_bytes().len() + content.len() + 1;
        }
        if let Some(dropped) = dropped
            && dropped != old_dropped.to_bool().map_err(name("dropped"))?
        {
            message.dropped = Some((old_dropped, dropped));
            message.length -= old_dropped.encoded().len();
            message.length += encoded(dropped).len();
        }
        Ok(message)
    }

    /// Whether any byte of it becomes another.
    pub(super) fn is_changed(&self) -> bool {
        self.content.is_some() || self.dropped.is_some()
    }

    /// Hands out the message after the change, piece by piece.
    pub(super) fn emit<E>(&self, emit: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        emit(NewHead::new(self.value, self.length).as_bytes())?;
        let encoded_message = self.value.encoded();
        let within = |offset| offset - self.value.offset();
        let mut done = within(self.value.body_offset());
        if let Some((old, content)) = self.content {
            emit(&encoded_message[done..within(old.offset())])?;
            emit(Head::new(content.len()).as_bytes())?;
            emit(content)?;
            emit(&[old.tag().as_byte()])?;
            done = within(old.offset()) + old.encoded().len();
        }
        if let Some((old, dropped)) = self.dropped {
            emit(&encoded_message[done..within(old.offset())])?;
            emit(encoded(dropped))?;
            done = within(old.offset()) + old.encoded().len();
        }
        emit(&encoded_message[done..])
    }
}

fn encoded(value: bool) -> &'static [u8] {
    if value { b"4:true!" } else { b"5:false!" }
}
