//! What the bytes of a message are, and how to show them to a person.

mod hex;

use crate::flow::Message;
use crate::output;

/// Appends the whole content of a message as a person reads it: text as text, with its lines, everything else as
/// a hex dump. What a terminal could obey is escaped.
///
/// ```
/// # use wsflow::payload;
/// let record = b"76:9:websocket;60:8:messages;45:41:1:1#4:true!5:hello,3:1.5^5:false!5:false!]]}}";
/// let flow = wsflow::flow::Flow::parse(record)?;
/// let message = flow.websocket()?.unwrap().messages()?.next().unwrap()?;
/// let mut shown = Vec::new();
/// payload::show(&mut shown, &message);
/// assert_eq!(shown, b"hello\n");
/// # Ok::<(), wsflow::Error>(())
/// ```
pub fn show(out: &mut Vec<u8>, message: &Message<'_>) {
    if message.content.is_empty() {
        return;
    }
    match message.text() {
        Some(text) => {
            output::push_multiline(out, text.as_bytes());
            out.push(b'\n');
        }
        None => hex::dump(out, message.content),
    }
}
