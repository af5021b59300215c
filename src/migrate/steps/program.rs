//! Versions that carry the number of the program, 0.11 to 3.0. No WebSocket messages were stored in them.

use crate::migrate::tree::{self, HTTP_MESSAGES, SERVER_CONNECTIONS, at, at_each, rename, rename_or_null};
use crate::state::State;

/// 0.13 → 0.14: `code` is `status_code`, and `httpversion`, a list, is `http_version`, text as on the wire.
pub(super) fn http_version_and_status_code(flow: &mut State<'_>) {
    at(flow, &["request"], |request| rename(request, "form_in", "first_line_format"));
    at_each(flow, &HTTP_MESSAGES, |message| {
        if let Some(version) = message.remove("httpversion") {
            message.insert("http_version", http_version(&version));
        }
    });
    at(flow, &["response"], |response| {
        rename(response, "code", "status_code");
        rename(response, "content", "body");
    });
    at(flow, &["server_conn"], |server| {
        server.remove("state");
        server.insert("via", State::Null);
    });
}

fn http_version(version: &State<'_>) -> State<'static> {
    let numbers = version.as_list().unwrap_or_default().iter();
    let numbers: Vec<_> = numbers.filter_map(State::as_i64).map(|number| number.to_string()).collect();
    State::from(format!("HTTP/{}", numbers.join(".")).into_bytes())
}

/// 0.15 → 0.16: `body` is `content` again, and `msg` is `reason`.
pub(super) fn content_and_reason(flow: &mut State<'_>) {
    at_each(flow, &HTTP_MESSAGES, |message| rename(message, "body", "content"));
    at(flow, &["response"], |response| rename(response, "msg", "reason"));
    at(flow, &["request"], |request| request.remove("form_out"));
}

/// 0.16 → 0.17: the address that a server's name led to.
pub(super) fn peer_address(flow: &mut State<'_>) {
    at(flow, &["server_conn"], |server| server.insert("peer_address", State::Null));
}

/// 0.17 → 0.18: that address has another name, and flows can be marked.
pub(super) fn ip_address(flow: &mut State<'_>) {
    text(flow);
    at(flow, &["server_conn"], |server| rename_or_null(server, "peer_address", "ip_address"));
    flow.insert("marked", false);
}

/// 0.18 → 0.19: more is known of a connection, and a flow has a `mode` and `metadata`.
pub(super) fn mode_and_metadata(flow: &mut State<'_>) {
    text(flow);
    at(flow, &["request"], |request| {
        request.remove("stickyauth");
        request.remove("stickycookie");
    });
    at(flow, &["client_conn"], |client| {
        for key in ["sni", "alpn_proto_negotiated", "cipher_name", "tls_version"] {
            client.insert(key, State::Null);
        }
    });
    at_each(flow, &SERVER_CONNECTIONS, |server| server.insert("alpn_proto_negotiated", State::Null));
    flow.insert("mode", "regular");
    flow.insert("metadata", State::Dict(Vec::new()));
}

/// 0.19 → 1.0, and in both steps before it: keys are text, and so are some values. 0.18 was the first release for
/// Python 3, and its files are of either kind.
pub(super) fn text(flow: &mut State<'_>) {
    tree::keys_to_text(flow);
    for (path, key) in [(&[][..], "type"), (&[], "id"), (&["request"], "first_line_format"), (&["error"], "msg")] {
        at(flow, path, |dict| {
            if let Some(value) = dict.get_mut(key) {
                tree::to_text(value, false);
            }
        });
    }
}

/// 1.0 → 2.0: an address is host and port, no longer a dict of these and whether it is one of IPv6.
///
/// A server that nobody could connect to has none. mitmproxy gives up on a flow of 1.x with such a server.
pub(super) fn plain_addresses(flow: &mut State<'_>) {
    for (path, keys) in [
        (&["client_conn"][..], &["address"][..]),
        (&["server_conn"], &["address", "source_address", "ip_address"]),
        (&["server_conn", "via"], &["address", "source_address", "ip_address"]),
    ] {
        at(flow, path, |connection| {
            for key in keys {
                let Some(address) = connection.get_mut(key) else { continue };
                if let Some(plain) = address.remove("address") {
                    *address = plain;
                }
            }
        });
    }
}

/// 2.0 → 3.0: the certificate that the client was shown, and the TLS version of the server's side.
///
/// mitmproxy 2.0 wrote addresses as 1.0 did, so they have to be taken out of their dicts here once more. Its
/// successors missed that and cannot read those files.
pub(super) fn mitmcert(flow: &mut State<'_>) {
    plain_addresses(flow);
    at(flow, &["client_conn"], |client| client.insert("mitmcert", State::Null));
    at_each(flow, &SERVER_CONNECTIONS, |server| server.insert("tls_version", State::Null));
}

#[cfg(test)]
mod tests {
    use super::super::tests::assert_step;
    use super::*;

    #[test]
    fn from_0_13() {
        assert_step(
            http_version_and_status_code,
            r#"{"b:request": {"b:form_in": "b:relative", "b:httpversion": [1, 1], "b:content": "b:q"},
                "b:response": {"b:httpversion": [1, 0], "b:code": 200, "b:content": "b:a"},
                "b:server_conn": {"b:state": []}}"#,
            r#"{"b:request": {"first_line_format": "b:relative", "http_version": "b:HTTP/1.1", "b:content": "b:q"},
                "b:response": {"http_version": "b:HTTP/1.0", "status_code": 200, "body": "b:a"},
                "b:server_conn": {"via": null}}"#,
        );
        // A flow without a response, which mitmproxy refuses.
        assert_step(
            http_version_and_status_code,
            r#"{"b:request": {"b:httpversion": [1, 1]}, "b:response": null}"#,
            r#"{"b:request": {"http_version": "b:HTTP/1.1"}, "b:response": null}"#,
        );
    }

    #[test]
    fn from_0_15() {
        assert_step(
            content_and_reason,
            r#"{"b:request": {"b:body": "b:q", "b:form_out": "b:relative"}, "b:response": {"b:body": "b:a", "b:msg": "b:OK"}}"#,
            r#"{"b:request": {"content": "b:q"}, "b:response": {"content": "b:a", "reason": "b:OK"}}"#,
        );
        assert_step(
            content_and_reason,
            r#"{"b:request": {"b:content": "b:q"}, "b:response": null}"#,
            r#"{"b:request": {"b:content": "b:q"}, "b:response": null}"#,
        );
    }

    #[test]
    fn from_0_16() {
        assert_step(peer_address, r#"{"b:server_conn": {}}"#, r#"{"b:server_conn": {"peer_address": null}}"#);
    }

    #[test]
    fn from_0_17() {
        assert_step(
            ip_address,
            r#"{"b:type": "b:http", "b:server_conn": {"b:peer_address": {"b:address": ["b:a", 1]}}}"#,
            r#"{"type": "http", "server_conn": {"ip_address": {"address": ["b:a", 1]}}, "marked": false}"#,
        );
        assert_step(ip_address, r#"{"server_conn": {}}"#, r#"{"server_conn": {"ip_address": null}, "marked": false}"#);
    }

    #[test]
    fn from_0_18() {
        assert_step(
            mode_and_metadata,
            r#"{"request": {"stickyauth": false, "stickycookie": false, "path": "b:/"}, "client_conn": {},
                "server_conn": {"via": {}}}"#,
            r#"{"request": {"path": "b:/"}, "mode": "regular", "metadata": {},
                "client_conn": {"sni": null, "alpn_proto_negotiated": null, "cipher_name": null, "tls_version": null},
                "server_conn": {"via": {"alpn_proto_negotiated": null}, "alpn_proto_negotiated": null}}"#,
        );
    }

    #[test]
    fn from_0_19() {
        assert_step(
            text,
            r#"{"b:type": "b:http", "b:id": "b:1", "b:error": {"b:msg": "b:no"}, "b:backup": {"b:id": "b:1"},
                "b:request": {"b:first_line_format": "b:relative", "b:path": "b:/"}}"#,
            r#"{"type": "http", "id": "1", "error": {"msg": "no"}, "backup": {"id": "b:1"},
                "request": {"first_line_format": "relative", "path": "b:/"}}"#,
        );
    }

    #[test]
    fn from_1_0() {
        assert_step(
            plain_addresses,
            r#"{"client_conn": {"address": {"address": ["b:c", 1], "use_ipv6": false}},
                "server_conn": {"address": {"address": ["b:s", 2]}, "source_address": {"address": ["b:c", 3]},
                    "ip_address": {"address": ["b:i", 2]},
                    "via": {"address": {"address": ["b:v", 4]}, "source_address": {"address": ["b:c", 5]}, "ip_address": null}}}"#,
            r#"{"client_conn": {"address": ["b:c", 1]},
                "server_conn": {"address": ["b:s", 2], "source_address": ["b:c", 3], "ip_address": ["b:i", 2],
                    "via": {"address": ["b:v", 4], "source_address": ["b:c", 5], "ip_address": null}}}"#,
        );
        // Nobody connected to the server; mitmproxy refuses this one.
        assert_step(
            plain_addresses,
            r#"{"server_conn": {"address": null, "source_address": null, "ip_address": null, "via": null}}"#,
            r#"{"server_conn": {"address": null, "source_address": null, "ip_address": null, "via": null}}"#,
        );
    }

    #[test]
    fn from_2_0() {
        assert_step(
            mitmcert,
            r#"{"client_conn": {"address": {"address": ["b:c", 1]}}, "server_conn": {"address": ["b:s", 2], "via": {}}}"#,
            r#"{"client_conn": {"address": ["b:c", 1], "mitmcert": null},
                "server_conn": {"address": ["b:s", 2], "tls_version": null, "via": {"tls_version": null}}}"#,
        );
    }
}
