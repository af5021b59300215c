//! Formats 4 to 11, of mitmproxy 3.0 to 6.0, in which a WebSocket connection is two records.

use crate::migrate::ids;
use crate::migrate::tree::{
    self, CONNECTIONS, HTTP_MESSAGES, SERVER_CONNECTIONS, at, at_each, is_truthy, rename, rename_or_null,
};
use crate::state::State;

/// 4 → 5: connections have ids.
pub(super) fn connection_ids(flow: &mut State<'_>) {
    let flow_id = flow.get("id").and_then(State::as_bytes).unwrap_or_default().to_vec();
    at(flow, &["client_conn"], |client| client.insert("id", ids::client(client, &flow_id)));
    at_each(flow, &SERVER_CONNECTIONS, |server| server.insert("id", ids::server(server, &flow_id)));
}

/// 5 → 6: `ssl` is called `tls`.
pub(super) fn tls_for_ssl(flow: &mut State<'_>) {
    at_each(flow, &CONNECTIONS, |connection| {
        rename(connection, "ssl_established", "tls_established");
        rename(connection, "timestamp_ssl_setup", "timestamp_tls_setup");
    });
}

/// 6 → 7: the extensions that the client offered.
pub(super) fn tls_extensions(flow: &mut State<'_>) {
    at(flow, &["client_conn"], |client| client.insert("tls_extensions", State::Null));
}

/// 7 → 8: trailers.
pub(super) fn trailers(flow: &mut State<'_>) {
    at_each(flow, &HTTP_MESSAGES, |message| message.insert("trailers", State::Null));
}

/// 8 → 9: the authority of a request, and that the flow, not its messages, says whether it is a replay.
pub(super) fn authority_and_replay(flow: &mut State<'_>) {
    let mut replayed = [false; 2];
    for (path, replayed) in HTTP_MESSAGES.iter().zip(&mut replayed) {
        at(flow, path, |message| *replayed = message.remove("is_replay").is_some_and(|value| is_truthy(&value)));
    }
    at(flow, &["request"], |request| {
        request.remove("first_line_format");
        request.insert("authority", &b""[..]);
    });
    let replay = match replayed {
        [true, _] => "request".into(),
        [_, true] => "response".into(),
        _ => State::Null,
    };
    flow.insert("is_replay", replay);
}

/// 9 → 10: connections are described anew. What was not known before has a value that says so.
pub(super) fn connection_fields(flow: &mut State<'_>) {
    at(flow, &["client_conn"], |client| {
        client.insert("sockname", vec![State::from(""), State::from(0)]);
        certificate_list(client, "clientcert");
    });
    at_each(flow, &SERVER_CONNECTIONS, |server| {
        certificate_list(server, "cert");
        server.insert("cipher_name", State::Null);
        server.insert("via2", State::Null);
    });
    at_each(flow, &CONNECTIONS, |connection| {
        connection.insert("state", 0);
        connection.insert("error", State::Null);
        let tls = connection.get("tls_established").cloned().unwrap_or(State::Bool(false));
        connection.insert("tls", tls);
        for (one, many) in [("alpn_proto_negotiated", "alpn_offers"), ("cipher_name", "cipher_list")] {
            let list = tree::list_of(connection.get(one)).unwrap_or(State::Null);
            connection.insert(many, list);
        }
    });
}

fn certificate_list(connection: &mut State<'_>, key: &str) {
    let certificate = connection.remove(key).filter(is_truthy);
    connection.insert("certificate_list", State::List(Vec::from_iter(certificate)));
}

/// 10 → 11: the server's name is text, and `alpn` is short.
///
/// mitmproxy 6.0 wrote a null for `tls` on all its connections, also on those with TLS. Its successors accept none, and
/// so cannot read these files; what is meant is whether TLS was established.
pub(super) fn sni_and_alpn(flow: &mut State<'_>) {
    at_each(flow, &CONNECTIONS, |connection| {
        if let Some(sni) = connection.get_mut("sni") {
            tree::to_text(sni, true);
        }
        rename_or_null(connection, "alpn_proto_negotiated", "alpn");
        for key in ["alpn_offers", "cipher_list"] {
            if !connection.get(key).is_some_and(is_truthy) {
                connection.insert(key, State::List(Vec::new()));
            }
        }
        if connection.get("tls").is_none_or(State::is_null) {
            let tls = connection.get("tls_established").is_some_and(is_truthy);
            connection.insert("tls", tls);
        }
    });
}

/// 11 → 12: a WebSocket connection is part of its HTTP flow. For a flow that is none.
///
/// mitmproxy gives flows of TCP a `websocket` too, and then does not know what to do with them.
pub(super) fn one_record(flow: &mut State<'_>) {
    if flow.get("type").and_then(State::as_str) == Some("http") {
        flow.insert("websocket", State::Null);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{assert_step, state};
    use super::*;

    #[test]
    fn from_4() {
        let mut flow = state(
            r#"{"id": "f", "client_conn": {"timestamp_start": 1.5, "address": ["c", 1]},
                "server_conn": {"timestamp_start": 2, "source_address": ["c", 2],
                    "via": {"timestamp_start": 2.0, "source_address": ["c", 2]}}}"#,
        );
        connection_ids(&mut flow);
        let id = |key: &str| flow.get(key).unwrap().get("id").unwrap().as_str().unwrap().to_owned();
        assert_eq!(id("client_conn").len(), 36);
        assert_ne!(id("client_conn"), id("server_conn"));
        let via = flow.get("server_conn").unwrap().get("via").unwrap().get("id").unwrap();
        assert_eq!(via.as_str(), Some(&*id("server_conn")));
        assert_step(connection_ids, r#"{"server_conn": null}"#, r#"{"server_conn": null}"#);
    }

    #[test]
    fn from_5() {
        assert_step(
            tls_for_ssl,
            r#"{"client_conn": {"ssl_established": true, "timestamp_ssl_setup": 1.5},
                "server_conn": {"via": {"ssl_established": false, "timestamp_ssl_setup": null}}}"#,
            r#"{"client_conn": {"tls_established": true, "timestamp_tls_setup": 1.5},
                "server_conn": {"via": {"tls_established": false, "timestamp_tls_setup": null}}}"#,
        );
    }

    #[test]
    fn from_6() {
        assert_step(tls_extensions, r#"{"client_conn": {}}"#, r#"{"client_conn": {"tls_extensions": null}}"#);
    }

    #[test]
    fn from_7() {
        assert_step(
            trailers,
            r#"{"request": {}, "response": null}"#,
            r#"{"request": {"trailers": null}, "response": null}"#,
        );
    }

    #[test]
    fn from_8() {
        for (request, response, expected) in [
            (r#""is_replay": true"#, r#""is_replay": true"#, r#""request""#),
            (r#""is_replay": false"#, r#""is_replay": true"#, r#""response""#),
            (r#""is_replay": false"#, r#""is_replay": false"#, "null"),
            (r#""path": "b:/""#, r#""status_code": 200"#, "null"),
        ] {
            let keep = |part: &str| if part.contains("is_replay") { String::new() } else { part.to_owned() };
            let authority = if keep(request).is_empty() { r#""authority": "b:""# } else { r#", "authority": "b:""# };
            assert_step(
                authority_and_replay,
                &format!(
                    r#"{{"request": {{{request}, "first_line_format": "relative"}}, "response": {{{response}}}}}"#
                ),
                &format!(
                    r#"{{"request": {{{}{authority}}}, "response": {{{}}}, "is_replay": {expected}}}"#,
                    keep(request),
                    keep(response)
                ),
            );
        }
    }

    #[test]
    fn from_9() {
        assert_step(
            connection_fields,
            r#"{"client_conn": {"tls_established": true, "alpn_proto_negotiated": "b:h2", "cipher_name": "AES", "clientcert": "b:PEM"},
                "server_conn": {"tls_established": false, "alpn_proto_negotiated": null, "cipher_name": "AES", "cert": null, "via": null}}"#,
            r#"{"client_conn": {"tls_established": true, "alpn_proto_negotiated": "b:h2", "cipher_name": "AES",
                    "sockname": ["", 0], "certificate_list": ["b:PEM"], "state": 0, "error": null, "tls": true,
                    "alpn_offers": ["b:h2"], "cipher_list": ["AES"]},
                "server_conn": {"tls_established": false, "alpn_proto_negotiated": null, "cipher_name": null,
                    "certificate_list": [], "via2": null, "state": 0, "error": null, "tls": false,
                    "alpn_offers": null, "cipher_list": null, "via": null}}"#,
        );
    }

    #[test]
    fn from_10() {
        assert_step(
            sni_and_alpn,
            r#"{"client_conn": {"sni": "b:café.example", "alpn_proto_negotiated": "b:h2", "alpn_offers": null,
                    "cipher_list": ["AES"], "tls": true, "tls_established": true},
                "server_conn": {"sni": true, "alpn_proto_negotiated": null, "alpn_offers": ["b:h2"], "cipher_list": null,
                    "tls": null, "tls_established": true}}"#,
            r#"{"client_conn": {"sni": "caf\\xc3\\xa9.example", "alpn": "b:h2", "alpn_offers": [], "cipher_list": ["AES"],
                    "tls": true, "tls_established": true},
                "server_conn": {"sni": true, "alpn": null, "alpn_offers": ["b:h2"], "cipher_list": [], "tls": true,
                    "tls_established": true}}"#,
        );
    }

    #[test]
    fn from_11() {
        assert_step(one_record, r#"{"type": "http"}"#, r#"{"type": "http", "websocket": null}"#);
        assert_step(one_record, r#"{"type": "tcp"}"#, r#"{"type": "tcp"}"#);
    }
}
