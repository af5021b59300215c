//! HAR (HTTP Archive 1.2), with WebSocket messages where Chrome and mitmproxy put them.
//!
//! ```text
//! {"log": {"version": "1.2", "creator": …, "pages": [], "entries": [entry, …]}}
//! entry   = {"startedDateTime", "time", "timings", "request", "response", "cache", "serverIPAddress",
//!            "_resourceType": "websocket", "_wsflow": …, "_webSocketMessages": [message, …]}
//! message = {"type": "send" | "receive", "time": seconds, "opcode": number, "data": text, or base64 if it is no text}
//! ```
//!
//! # Writing
//! An entry is what mitmproxy's `savehar` makes of the flow, field by field, odd fields too: `headersSize` is the
//! length of the headers as Python prints them. Key order and white space are other ones; and these are the
//! differences, each for a reason:
//!
//! | what | savehar | here | why |
//! |---|---|---|---|
//! | a text message that is not UTF-8 | writes no file at all | U+FFFD for each wrong byte; all bytes in `_base64` | one such message must not cost a capture |
//! | a message's time that is no number | `NaN`, `Infinity` | null, and the exact time in `_time` | the others are no JSON |
//! | a body that is no text in its character set | half characters (lone surrogates) | base64 | most readers of JSON refuse them, mitmproxy's own import too |
//! | a header, a parameter or a request body that is no text | half characters | U+FFFD for each wrong byte; of headers and bodies all bytes in `_base64` | as above |
//! | `url`: bytes of the path beyond ASCII | as they are | `%XX` | mitmproxy's import refuses the whole file |
//! | `url`: an IPv6 address; a named host that is none, or not ASCII | `http://::1/`; as it is | in brackets; the address that was connected to | as above |
//! | `startedDateTime` of a time that is none; connecting without a beginning | fails | 1970; -1 | one such flow must not cost a capture |
//! | a character set that only Python knows | decodes it | takes the text for UTF-8 | encodings are those of the web |
//! | a body that decodes to more than 16 MiB and six times what was sent | decodes it | as it was sent, with `"_encoded": true` | a few bytes can decode to any number of them |
//! | text of more than 8 MiB that is not UTF-8 | as text | base64 | as above |
//! | `creator` | mitmproxy | wsflow | it is |
//!
//! Two things are left as savehar has them though mitmproxy's import refuses the whole file for them: a response whose
//! `content-encoding` mitmproxy does not know, and a server whose own name is not ASCII.
//!
//! What HAR has no place for stands in fields of our own, which begin with `_`: in an entry `_wsflow` (the flow's id, its
//! exact times, mark, comment, error, and how the WebSocket closed), in a message `_dropped` and `_injected` where they are
//! true. Flows that are not HTTP are left out, and counted. Messages are written one by one: a connection of a million
//! needs no memory for a million.
//!
//! # Reading
//! An entry becomes a flow of format 21, its messages are kept, and our own fields are read back: a connection comes back
//! from HAR exactly, the HTTP around it as far as HAR tells it. Shapes that are known:
//!
//! | written by | what is special |
//! |---|---|
//! | Chrome | `ws:` URLs; HTTP/2 pseudo headers; messages of type `error`, which are none and are told as faults |
//! | Firefox | no messages; a WebSocket is known by its URL |
//! | Playwright | times of messages in milliseconds |
//! | mitmproxy | `http:` URLs; half characters, which are the bytes they stand for again |
//! | Slack | headers as pairs |
//!
//! Bodies in HAR are decoded, so `content-encoding` is taken out of the headers with the encoding, as mitmproxy does.
//! In memory is one entry at a time, as text, and the flow that it becomes. An entry that is broken is told, and the
//! next ones are read.

mod body;
mod cookies;
mod entry;
mod frame;
mod lists;
mod messages;
mod metadata;
mod own;
mod python;
mod query;
mod read;
mod shape;
#[cfg(test)]
mod tests;
mod text;
mod url;
mod write;

pub(crate) use body::Room;
pub(super) use read::Records;
pub(crate) use write::{Joiner, Times, begin, end, end_of_entry, entry, message, times};
