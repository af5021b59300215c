//! Formats 12 to 21, of mitmproxy 7.0 and later, in which a WebSocket connection is part of its HTTP flow.

use crate::migrate::tree::{self, at, at_each, is_truthy, rename_or_null};
use crate::state::State;

/// The dicts that describe a connection, without the proxy between.
const BOTH_CONNECTIONS: [&[&str]; 2] = [&["client_conn"], &["server_conn"]];

/// 12 → 13: a mark is text, an emoji's name.
pub(super) fn marked_as_text(flow: &mut State<'_>) {
    let marked = if flow.get("marked").is_some_and(is_truthy) { ":default:" } else { "" };
    flow.insert("marked", marked);
}

/// 13 → 14: comments. And a response whose times are missing gets some, one second long from the end of the request.
pub(super) fn comment(flow: &mut State<'_>) {
    flow.insert("comment", "");
    let Some(sent) = flow.get("request").and_then(|request| request.get("timestamp_end")) else { return };
    let (start, end) = match sent {
        State::Integer(seconds) => match seconds.to_i64().and_then(|seconds| seconds.checked_add(1)) {
            Some(end) => (sent.clone(), State::from(end)),
            None => return,
        },
        State::Float(seconds) => (State::Float(*seconds), State::Float(seconds + 1.0)),
        _ => return,
    };
    at(flow, &["response"], |response| {
        if response.get("timestamp_start").is_some_and(State::is_null) {
            response.insert("timestamp_start", start);
            response.insert("timestamp_end", end);
        }
    });
}

/// 15 → 16: when the flow was created, which is when its request began, or without one when its client connected.
pub(super) fn timestamp_created(flow: &mut State<'_>) {
    let began = flow.get("request").or_else(|| flow.get("client_conn")).and_then(|dict| dict.get("timestamp_start"));
    let began = began.cloned().unwrap_or(State::Null);
    flow.insert("timestamp_created", began);
}

/// 16 → 17: a flow has no `mode`.
pub(super) fn no_mode(flow: &mut State<'_>) {
    flow.remove("mode");
}

/// 17 → 18: the connection has one.
pub(super) fn proxy_mode(flow: &mut State<'_>) {
    at(flow, &["client_conn"], |client| client.insert("proxy_mode", "regular"));
}

/// 18 → 19: addresses and ciphers have the names that sockets and TLS give them.
pub(super) fn connection_names(flow: &mut State<'_>) {
    at(flow, &["client_conn"], |client| {
        rename_or_null(client, "address", "peername");
        if client.get("timestamp_start").is_none_or(State::is_null) {
            client.insert("timestamp_start", 0.0);
        }
        client.remove("tls_extensions");
    });
    at(flow, &["server_conn"], |server| {
        rename_or_null(server, "ip_address", "peername");
        rename_or_null(server, "source_address", "sockname");
        rename_or_null(server, "via2", "via");
    });
    at_each(flow, &BOTH_CONNECTIONS, |connection| {
        connection.remove("tls_established");
        rename_or_null(connection, "cipher_name", "cipher");
        if connection.get("transport_protocol").is_none() {
            connection.insert("transport_protocol", "tcp");
        }
        for key in ["peername", "sockname", "address"] {
            let host = connection.get_mut(key).and_then(State::as_list_mut).and_then(|address| address.first_mut());
            if let Some(host) = host {
                tree::to_text(host, false);
            }
        }
    });
    at(flow, &["server_conn"], |server| {
        if server.get("sni") == Some(&State::Bool(true)) {
            let host = server.get("address").and_then(State::as_list).and_then(<[_]>::first).cloned();
            server.insert("sni", host.unwrap_or(State::Null));
        }
    });
}

/// 19 → 20: a connection has no `state`.
pub(super) fn no_connection_state(flow: &mut State<'_>) {
    at_each(flow, &BOTH_CONNECTIONS, |connection| connection.remove("state"));
}

/// 20 → 21: QUIC has versions.
pub(super) fn quic(flow: &mut State<'_>) {
    at_each(flow, &BOTH_CONNECTIONS, |connection| {
        if let Some(version) = connection.get_mut("tls_version")
            && *version == State::from("QUIC")
        {
            *version = "QUICv1".into();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::super::tests::assert_step;
    use super::*;

    #[test]
    fn from_12() {
        assert_step(marked_as_text, r#"{"marked": true}"#, r#"{"marked": ":default:"}"#);
        assert_step(marked_as_text, r#"{"marked": false}"#, r#"{"marked": ""}"#);
    }

    #[test]
    fn from_13() {
        assert_step(
            comment,
            r#"{"request": {"timestamp_end": 1.5}, "response": {"timestamp_start": null, "timestamp_end": null}}"#,
            r#"{"request": {"timestamp_end": 1.5}, "response": {"timestamp_start": 1.5, "timestamp_end": 2.5}, "comment": ""}"#,
        );
        assert_step(
            comment,
            r#"{"request": {"timestamp_end": 1}, "response": {"timestamp_start": null, "timestamp_end": null}}"#,
            r#"{"request": {"timestamp_end": 1}, "response": {"timestamp_start": 1, "timestamp_end": 2}, "comment": ""}"#,
        );
        assert_step(
            comment,
            r#"{"request": {"timestamp_end": 1.5}, "response": {"timestamp_start": 3.5, "timestamp_end": null}}"#,
            r#"{"request": {"timestamp_end": 1.5}, "response": {"timestamp_start": 3.5, "timestamp_end": null}, "comment": ""}"#,
        );
        assert_step(comment, r#"{"response": null}"#, r#"{"response": null, "comment": ""}"#);
    }

    #[test]
    fn from_15() {
        assert_step(
            timestamp_created,
            r#"{"request": {"timestamp_start": 1.5}, "client_conn": {"timestamp_start": 0.5}}"#,
            r#"{"request": {"timestamp_start": 1.5}, "client_conn": {"timestamp_start": 0.5}, "timestamp_created": 1.5}"#,
        );
        assert_step(
            timestamp_created,
            r#"{"type": "tcp", "client_conn": {"timestamp_start": 0.5}}"#,
            r#"{"type": "tcp", "client_conn": {"timestamp_start": 0.5}, "timestamp_created": 0.5}"#,
        );
    }

    #[test]
    fn from_16() {
        assert_step(no_mode, r#"{"mode": "regular", "id": "1"}"#, r#"{"id": "1"}"#);
    }

    #[test]
    fn from_17() {
        assert_step(proxy_mode, r#"{"client_conn": {}}"#, r#"{"client_conn": {"proxy_mode": "regular"}}"#);
    }

    #[test]
    fn from_18() {
        assert_step(
            connection_names,
            r#"{"client_conn": {"address": ["b:c", 1], "sockname": ["", 0], "timestamp_start": null,
                    "tls_extensions": null, "tls_established": true, "cipher_name": "AES"},
                "server_conn": {"ip_address": ["b:i", 2], "source_address": ["c", 3], "address": ["b:s\\xff", 2],
                    "via": {}, "via2": ["http", ["p", 4]], "tls_established": false, "cipher_name": null, "sni": true,
                    "transport_protocol": "udp"}}"#,
            r#"{"client_conn": {"peername": ["c", 1], "sockname": ["", 0], "timestamp_start": 0.0, "cipher": "AES",
                    "transport_protocol": "tcp"},
                "server_conn": {"peername": ["i", 2], "sockname": ["c", 3], "address": ["s\\xff", 2],
                    "via": ["http", ["p", 4]], "cipher": null, "sni": "s\\xff", "transport_protocol": "udp"}}"#,
        );
        assert_step(
            connection_names,
            r#"{"server_conn": {"address": null, "sni": "s"}}"#,
            r#"{"server_conn": {"address": null, "peername": null, "sockname": null, "via": null, "cipher": null,
                "sni": "s", "transport_protocol": "tcp"}}"#,
        );
    }

    #[test]
    fn from_19() {
        assert_step(
            no_connection_state,
            r#"{"client_conn": {"state": 0, "id": "c"}, "server_conn": {"state": 3}}"#,
            r#"{"client_conn": {"id": "c"}, "server_conn": {}}"#,
        );
    }

    #[test]
    fn from_20() {
        assert_step(
            quic,
            r#"{"client_conn": {"tls_version": "QUIC"}, "server_conn": {"tls_version": "TLSv1.3"}}"#,
            r#"{"client_conn": {"tls_version": "QUICv1"}, "server_conn": {"tls_version": "TLSv1.3"}}"#,
        );
    }
}
