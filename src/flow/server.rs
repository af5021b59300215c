//! The connection to a server.

use std::borrow::Cow;

use super::Timestamp;
use crate::tnetstring::RawValue;

/// The connection to a server, borrowed from its flow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Server<'a> {
    value: RawValue<'a>,
}

impl<'a> Server<'a> {
    pub(super) fn new(value: RawValue<'a>) -> Server<'a> {
        Server { value }
    }

    fn get(&self, key: &str) -> Option<RawValue<'a>> {
        self.value.get(key).ok().flatten().filter(|value| !value.is_null())
    }

    /// The connection's id, the same in all flows that went over it.
    pub(crate) fn id(&self) -> Option<&'a [u8]> {
        self.get("id")?.to_bytes().ok()
    }

    /// The IP address that was connected to. Its key has this name since format 19.
    pub(crate) fn ip(&self) -> Option<Cow<'a, str>> {
        let address = self.get("peername").or_else(|| self.get("ip_address"))?;
        let ip = address.items().ok()?.next()?.ok()?;
        Some(String::from_utf8_lossy(ip.to_bytes().ok()?))
    }

    /// When connecting began.
    pub(crate) fn timestamp_start(&self) -> Option<Timestamp<'a>> {
        self.get("timestamp_start").and_then(Timestamp::new)
    }

    /// When the connection was there.
    pub(crate) fn timestamp_tcp_setup(&self) -> Option<Timestamp<'a>> {
        self.get("timestamp_tcp_setup").and_then(Timestamp::new)
    }

    /// When TLS was there.
    pub(crate) fn timestamp_tls_setup(&self) -> Option<Timestamp<'a>> {
        self.get("timestamp_tls_setup").and_then(Timestamp::new)
    }
}
