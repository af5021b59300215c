//! The peers of a flow.

use crate::tnetstring::{RawValue, Tag};

/// The address that stands under the first of these keys that the connection has, as `HOST:PORT`.
///
/// An address is a list of host, port and, for IPv6, two numbers more. The client's is called `peername` since
/// format 19 and was `address` before; the server's `address` kept its name.
pub(super) fn address(connection: RawValue<'_>, keys: &[&str]) -> Option<String> {
    let value = keys.iter().find_map(|key| connection.get(key).ok().flatten().filter(|value| !value.is_null()))?;
    let mut parts = value.items().ok()?;
    let host = parts.next()?.ok()?;
    let port = parts.next()?.ok()?;
    let host = match host.tag() {
        Tag::Str | Tag::Bytes => String::from_utf8_lossy(host.to_bytes().ok()?),
        _ => return None,
    };
    Some(format!("{host}:{}", port.integer_digits().ok()?))
}
