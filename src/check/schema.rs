//! What mitmproxy stores in a flow, by version: keys, the types of their values, and what is in those.
//!
//! A key has a row for each range of versions in which it has the same types. Types are written as the tags of
//! tnetstrings, such as `#~` for an integer or null.

use crate::flow::Version::{self, Format, Program};

/// The first version that is known here, and one beyond all.
const FIRST: Version = Program(0, 0);
const ALWAYS: Version = Format(u64::MAX);

/// A key in a range of versions.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) types: &'static str,
    pub(super) inside: Inside,
    since: Version,
    until: Version,
    is_optional: bool,
}

/// What is in a value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Inside {
    /// Anything that can be read.
    Anything,
    /// A dict with these keys.
    Dict(&'static [Key]),
    /// A list of values of these types.
    List(&'static str),
    /// A list of lists, each of values of these types in this order.
    Rows(&'static [&'static str]),
    /// Host and port; IPv6 addresses have two more integers.
    Address,
    /// The messages of a WebSocket, which are checked elsewhere.
    Messages,
}

impl Key {
    pub(super) fn is_in(&self, version: Version) -> bool {
        (self.since..=self.until).contains(&version)
    }

    pub(super) fn is_required(&self) -> bool {
        !self.is_optional
    }

    const fn since(self, since: Version) -> Key {
        Key { since, ..self }
    }

    const fn until(self, until: Version) -> Key {
        Key { until, ..self }
    }

    const fn optional(self) -> Key {
        Key { is_optional: true, ..self }
    }

    const fn with(self, inside: Inside) -> Key {
        Key { inside, ..self }
    }
}

const fn key(name: &'static str, types: &'static str) -> Key {
    Key { name, types, inside: Inside::Anything, since: FIRST, until: ALWAYS, is_optional: false }
}

const TEXT: &str = ",;";
const TIME: &str = "^#";
const TIME_OR_NULL: &str = "^#~";

/// The tables for a flow of this type: what all flows have, and what those of the type have. `None` for a type that is
/// not known.
pub(super) fn of_type(kind: &str, version: Version) -> Option<[&'static [Key]; 2]> {
    let own = match kind {
        "http" => HTTP,
        "tcp" | "udp" => STREAM,
        "dns" => DNS,
        "websocket" if version < Version::ONE_RECORD => OLD_WEBSOCKET,
        _ => return None,
    };
    Some([ANY, own])
}

const ANY: &[Key] = &[
    key("version", "#]"),
    key("type", TEXT),
    key("id", TEXT),
    key("error", "}~").with(Inside::Dict(ERROR)),
    key("client_conn", "}").with(Inside::Dict(CLIENT)),
    key("server_conn", "}").with(Inside::Dict(SERVER)),
    key("intercepted", "!"),
    key("is_replay", ";~").since(Format(9)),
    key("marked", "!").since(Program(0, 18)).until(Format(12)),
    key("marked", ";").since(Format(13)),
    key("metadata", "}").since(Program(0, 19)),
    key("mode", ";").since(Program(0, 19)).until(Format(16)).optional(),
    key("comment", ";").since(Format(14)),
    key("timestamp_created", TIME).since(Format(16)),
    // A whole earlier state, of any version before.
    key("backup", "}~").optional(),
];

const ERROR: &[Key] = &[key("msg", TEXT), key("timestamp", TIME)];

const HTTP: &[Key] = &[
    key("request", "}").with(Inside::Dict(REQUEST)),
    key("response", "}~").with(Inside::Dict(RESPONSE)),
    key("websocket", "}~").since(Format(12)).with(Inside::Dict(WEBSOCKET)),
];

const STREAM: &[Key] = &[key("messages", "]").with(Inside::Rows(&["!", TEXT, TIME]))];

const WEBSOCKET: &[Key] = &[
    key("messages", "]").with(Inside::Messages),
    key("closed_by_client", "!~"),
    key("close_code", "#~"),
    key("close_reason", ",;~"),
    key("timestamp_end", TIME_OR_NULL),
];

const OLD_WEBSOCKET: &[Key] = &[
    key("messages", "]").with(Inside::Messages),
    key("close_sender", TEXT),
    key("close_code", "#~"),
    key("close_message", ",;~"),
    key("close_reason", ",;~"),
    key("client_key", ",;~").optional(),
    key("client_protocol", ",;~").optional(),
    key("client_extensions", ",;~").optional(),
    key("server_accept", ",;~").optional(),
    key("server_protocol", ",;~").optional(),
    key("server_extensions", ",;~").optional(),
];

const PAIRS: Inside = Inside::Rows(&[TEXT, TEXT]);

const REQUEST: &[Key] = &[
    key("http_version", TEXT).since(Program(0, 14)),
    key("httpversion", "]").until(Program(0, 13)),
    key("headers", "]").with(PAIRS),
    key("content", ",~"),
    key("body", ",~").until(Program(0, 15)).optional(),
    key("trailers", "]~").since(Format(8)).with(PAIRS),
    key("timestamp_start", TIME_OR_NULL),
    key("timestamp_end", TIME_OR_NULL),
    key("host", TEXT),
    key("port", "#"),
    key("method", TEXT),
    key("scheme", TEXT),
    key("authority", TEXT).since(Format(9)),
    key("path", TEXT),
    key("first_line_format", TEXT).since(Program(0, 14)).until(Format(8)),
    key("form_in", TEXT).until(Program(0, 13)),
    key("form_out", TEXT).until(Program(0, 15)).optional(),
    key("is_replay", "!").until(Format(8)).optional(),
    key("stickyauth", "!").until(Program(0, 18)).optional(),
    key("stickycookie", "!").until(Program(0, 18)).optional(),
];

const RESPONSE: &[Key] = &[
    key("http_version", TEXT).since(Program(0, 14)),
    key("httpversion", "]").until(Program(0, 13)),
    key("headers", "]").with(PAIRS),
    key("content", ",~").until(Program(0, 15)).optional(),
    key("content", ",~").since(Program(0, 16)),
    key("body", ",~").until(Program(0, 15)).optional(),
    key("trailers", "]~").since(Format(8)).with(PAIRS),
    key("timestamp_start", TIME_OR_NULL),
    key("timestamp_end", TIME_OR_NULL),
    key("status_code", "#").since(Program(0, 14)),
    key("code", "#").until(Program(0, 13)),
    key("reason", TEXT).since(Program(0, 16)),
    key("msg", TEXT).until(Program(0, 15)),
    key("is_replay", "!").until(Format(8)).optional(),
];

const DNS: &[Key] =
    &[key("request", "}").with(Inside::Dict(DNS_MESSAGE)), key("response", "}~").with(Inside::Dict(DNS_MESSAGE))];

const DNS_MESSAGE: &[Key] = &[
    key("timestamp", TIME_OR_NULL),
    key("id", "#"),
    key("query", "!"),
    key("op_code", "#"),
    key("authoritative_answer", "!"),
    key("truncation", "!"),
    key("recursion_desired", "!"),
    key("recursion_available", "!"),
    key("reserved", "#"),
    key("response_code", "#"),
    key("questions", "]"),
    key("answers", "]"),
    key("authorities", "]"),
    key("additionals", "]"),
];

/// The keys that connections to clients and to servers have in common.
macro_rules! connection {
    ($($own:expr),* $(,)?) => {
        &[
            key("id", ";").since(Format(5)),
            key("timestamp_start", TIME_OR_NULL),
            key("timestamp_end", TIME_OR_NULL),
            key("timestamp_ssl_setup", TIME_OR_NULL).until(Format(5)),
            key("timestamp_tls_setup", TIME_OR_NULL).since(Format(6)),
            key("ssl_established", "!").until(Format(5)),
            key("tls_established", "!").since(Format(6)).until(Format(18)),
            key("tls", "!~").since(Format(10)),
            key("state", "#").since(Format(10)).until(Format(19)).optional(),
            key("error", ";~").since(Format(10)),
            key("alpn_proto_negotiated", ",~").since(Program(0, 19)).until(Format(10)),
            key("alpn", ",~").since(Format(11)),
            key("alpn_offers", "]~").since(Format(10)).with(Inside::List(TEXT)),
            key("certificate_list", "]").since(Format(10)).with(Inside::List(TEXT)),
            key("cipher_list", "]~").since(Format(10)).with(Inside::List(TEXT)),
            key("cipher", ";~").since(Format(19)),
            key("peername", "]~").since(Format(19)).with(Inside::Address),
            key("transport_protocol", ";").since(Format(10)).until(Format(18)).optional(),
            key("transport_protocol", ";").since(Format(19)),
            $($own),*
        ]
    };
}

/// An address as it was up to mitmproxy 2.0.
const OLD_ADDRESS: &[Key] = &[key("address", "]").with(Inside::Address), key("use_ipv6", "!")];

const CLIENT: &[Key] = connection!(
    key("address", "}~").until(Program(2, 0)).with(Inside::Dict(OLD_ADDRESS)),
    key("address", "]~").since(Program(3, 0)).until(Format(18)).with(Inside::Address),
    key("sockname", "]~").since(Format(10)).with(Inside::Address),
    key("clientcert", ",~").until(Format(9)),
    key("mitmcert", ",~").since(Program(3, 0)),
    key("sni", ",;~").since(Program(0, 19)),
    key("cipher_name", ";~").since(Program(0, 19)).until(Format(18)),
    key("tls_version", ";~").since(Program(0, 19)),
    key("tls_extensions", "]~").since(Format(7)).until(Format(18)),
    key("proxy_mode", ";").since(Format(18)),
);

const SERVER: &[Key] = connection!(
    key("address", "}~").until(Program(2, 0)).with(Inside::Dict(OLD_ADDRESS)),
    key("address", "]~").since(Program(3, 0)).with(Inside::Address),
    key("source_address", "}~").until(Program(2, 0)).with(Inside::Dict(OLD_ADDRESS)),
    key("source_address", "]~").since(Program(3, 0)).until(Format(18)).with(Inside::Address),
    key("sockname", "]~").since(Format(19)).with(Inside::Address),
    key("peer_address", "}~").since(Program(0, 17)).until(Program(0, 17)).with(Inside::Dict(OLD_ADDRESS)),
    key("ip_address", "}~").since(Program(0, 18)).until(Program(2, 0)).with(Inside::Dict(OLD_ADDRESS)),
    key("ip_address", "]~").since(Program(3, 0)).until(Format(18)).with(Inside::Address),
    key("timestamp_tcp_setup", TIME_OR_NULL),
    key("cert", ",~").until(Format(9)),
    key("sni", "!,;~"),
    key("cipher_name", ";~").since(Format(10)).until(Format(18)),
    key("tls_version", ";~").since(Program(3, 0)),
    key("state", "]").until(Program(0, 13)),
    key("via", "}~").since(Program(0, 14)).until(Format(9)),
    key("via", "}~").since(Format(10)).until(Format(18)).optional(),
    key("via", "]~").since(Format(19)),
    key("via2", "]~").since(Format(10)).until(Format(18)).optional(),
);

#[cfg(test)]
mod tests {
    use super::*;

    /// All tables, each once.
    const TABLES: [&[Key]; 13] = [
        ANY,
        ERROR,
        HTTP,
        STREAM,
        WEBSOCKET,
        OLD_WEBSOCKET,
        REQUEST,
        RESPONSE,
        DNS,
        DNS_MESSAGE,
        OLD_ADDRESS,
        CLIENT,
        SERVER,
    ];

    #[test]
    fn no_version_has_two_rows_for_a_key() {
        for table in TABLES {
            for (position, key) in table.iter().enumerate() {
                let others = table[..position].iter().filter(|other| other.name == key.name);
                for other in others {
                    assert!(!other.is_in(key.since) && !key.is_in(other.since), "{}", key.name);
                }
                assert!(key.since <= key.until && !key.types.is_empty());
            }
        }
    }
}
