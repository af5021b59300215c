//! What binds the two records of a connection in the layout before 12.

use crate::flow::{Flow, Version};
use crate::tnetstring::RawValue;

/// The id by which the two records of a connection of formats 3 to 11 find each other: of a flow that may be a
/// handshake its own id, of a record of messages the id of the handshake that they belong to. `None` for records of
/// another layout, which need no other record.
///
/// ```
/// use wsflow::migrate::connection_id;
///
/// assert_eq!(connection_id(b"38:7:version;1:7#4:type;4:http;2:id;2:f1;}"), Some(&b"f1"[..]));
/// assert_eq!(connection_id(b"39:7:version;2:21#4:type;4:http;2:id;2:f1;}"), None);
/// ```
pub fn connection_id(record: &[u8]) -> Option<&[u8]> {
    let flow = Flow::parse(record).ok()?;
    if !(Version::Format(0)..Version::ONE_RECORD).contains(&flow.version().ok()?) {
        return None;
    }
    match flow.kind().ok()? {
        "http" => flow.id().ok().map(str::as_bytes),
        "websocket" => {
            let metadata = RawValue::from_slice(record).ok()?.get("metadata").ok()??;
            metadata.get("websocket_handshake").ok()??.to_bytes().ok()
        }
        _ => None,
    }
}
