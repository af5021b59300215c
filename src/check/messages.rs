//! Messages: their layout, opcodes, text, and the order of their times.

use super::across::goes_back;
use super::{Checked, Finding, Kind};
use crate::flow::Message;
use crate::scan::Piece;
use crate::tnetstring::Tag;
use crate::websocket::Opcode;
use crate::{Error, Place, Situation};

/// The first fault of these kinds. What can only be a note is not looked at, which is most of the work of [`check`]: whether
/// content is UTF-8, and times.
pub(super) fn first_fault(piece: &Piece<'_>, is_wanted: impl Fn(Kind) -> bool) -> Option<Finding> {
    let mut messages = piece.messages();
    loop {
        // Those have an opcode and a content without fault.
        messages.step_over_usual(0);
        let start = messages.offset();
        let found = match messages.next()? {
            Ok(message) if is_defined(message.opcode) && !is_string(&piece.record.data, message.content) => continue,
            Ok(message) => odd_content(piece, start, &message),
            Err(error) => Some(Finding::from(&piece.locate(error))),
        };
        if let Some(finding) = found.filter(|finding| is_wanted(finding.kind)) {
            return Some(finding);
        }
    }
}

/// What is odd about the opcode of the message that starts at byte `start` of its record, or about its text.
fn odd_content(piece: &Piece<'_>, start: usize, message: &Message<'_>) -> Option<Finding> {
    let not_utf8 =
        |error: std::str::Utf8Error| format!("not UTF-8 from byte {} of the content on", error.valid_up_to());
    let (kind, name, detail) = if is_string(&piece.record.data, message.content)
        && let Err(error) = str::from_utf8(message.content)
    {
        (Kind::BrokenStructure, "content", not_utf8(error))
    } else if !is_defined(message.opcode) {
        let detail = format!("expected 0, 1, 2, 8, 9 or 10, found {}", i64::from(message.opcode));
        (Kind::InvalidOpcode, "type", detail)
    } else if message.opcode == Opcode::Text
        && let Err(error) = str::from_utf8(message.content)
    {
        (Kind::TextNotUtf8, "content", not_utf8(error))
    } else {
        return None;
    };
    Some(Finding { kind, place: place(piece, start, message.index, name), detail })
}

/// Checks the messages of a piece.
pub(super) fn check(piece: &Piece<'_>, checked: &mut Checked<'_, '_>) {
    if piece.is_empty() {
        return;
    }
    let answered = answered(piece);
    let mut before: Option<f64> = None;
    let mut messages = piece.messages();
    loop {
        let start = messages.offset();
        let message = match messages.next() {
            Some(Ok(message)) => message,
            Some(Err(error)) => {
                checked.push(Finding::from(&piece.locate(error)));
                continue;
            }
            None => break,
        };
        let at = |name: &str| place(piece, start, message.index, name);
        if let Some(finding) = odd_content(piece, start, &message) {
            checked.push(finding);
        }
        let time = message.timestamp.seconds();
        // Times were whole seconds up to mitmproxy 5.1.
        let is_whole = message.timestamp.is_integer();
        if answered.is_some_and(|answered| time < if is_whole { answered.floor() } else { answered }) {
            let detail = "earlier than the response that opened the connection";
            checked.add(Kind::MessageBeforeResponse, at("timestamp"), detail);
        }
        if let Some(before) = before.filter(|before| time < *before) {
            checked.push(goes_back(at("timestamp"), time, before));
        }
        if before.is_none() {
            checked.told.first = Some((at("timestamp"), time));
        }
        before = Some(time);
    }
    checked.told.last = before;
}

/// When the response of the handshake came.
fn answered(piece: &Piece<'_>) -> Option<f64> {
    let flow = piece.flow().ok()?;
    let response = flow.response().ok()??;
    response.timestamp_start().map(|time| time.seconds())
}

/// The place of a value of the message that starts at byte `start` of its record.
fn place(piece: &Piece<'_>, start: usize, message: u64, name: &str) -> Place {
    let error = Error::new(Situation::NoMessage).at(start as u64);
    piece.locate(error.within(format_args!("messages[{message}].{name}"))).place().clone()
}

/// Whether a message in these bytes has no fault.
pub(crate) fn is_sound(data: &[u8], message: &Message<'_>) -> bool {
    is_defined(message.opcode) && (!is_string(data, message.content) || str::from_utf8(message.content).is_ok())
}

/// Whether the content of a message in these bytes is stored as a string, as text was up to mitmproxy 6. Then it has to
/// be UTF-8.
fn is_string(data: &[u8], content: &[u8]) -> bool {
    let end = (content.as_ptr() as usize).checked_sub(data.as_ptr() as usize).map(|start| start + content.len());
    end.and_then(|end| data.get(end)) == Some(&Tag::Str.as_byte())
}

/// Whether RFC 6455 section 5.2 says what the opcode means.
fn is_defined(opcode: Opcode) -> bool {
    matches!(i64::from(opcode), 0..=2 | 8..=10)
}
