//! Where formats 11 and 12 meet: a record of messages and its handshake become one flow.

use crate::state::State;

/// What mitmproxy writes into the metadata of a flow that it joined, word by word.
const DUPLICATED: &str =
    "This WebSocket flow has been migrated from an old file format version and may appear duplicated.";

/// The HTTP flow of a connection, in format 12, from a record of messages in format 11 and the handshake in format 12.
/// The messages themselves are no part of it.
pub(super) fn join<'a>(mut messages: State<'a>, handshake: Option<State<'a>>) -> State<'a> {
    let sender = messages.get("close_sender").and_then(State::as_str);
    let closed_by_client = sender == Some("client");
    let close_code = take(&mut messages, "close_code");
    let close_reason = take(&mut messages, "close_reason");
    let mut flow = handshake.unwrap_or_else(|| invent(&mut messages));
    if flow.get("metadata").and_then(State::as_dict).is_none() {
        flow.insert("metadata", State::Dict(Vec::new()));
    }
    if let Some(metadata) = flow.get_mut("metadata") {
        metadata.insert("duplicated", DUPLICATED);
    }
    let end = flow.get("server_conn").and_then(|server| server.get("timestamp_end")).cloned().unwrap_or(State::Null);
    let websocket = vec![
        ("closed_by_client".into(), closed_by_client.into()),
        ("close_code".into(), close_code),
        ("close_reason".into(), close_reason),
        ("timestamp_end".into(), end),
    ];
    flow.insert("websocket", State::Dict(websocket));
    flow
}

/// The handshake that mitmproxy makes up where there is none: all that the record of messages knows, and a request to a
/// host `unknown`.
fn invent<'a>(messages: &mut State<'a>) -> State<'a> {
    let known = ["client_conn", "error", "id", "intercepted", "is_replay", "marked", "server_conn"];
    let mut entries: Vec<_> = known.map(|key| (key.into(), take(messages, key))).into();
    let request = [
        ("authority", State::from(&b""[..])),
        ("content", State::Null),
        ("headers", State::List(Vec::new())),
        ("host", State::from(&b"unknown"[..])),
        ("http_version", State::from(&b"HTTP/1.1"[..])),
        ("method", State::from(&b"GET"[..])),
        ("path", State::from(&b"/"[..])),
        ("port", State::from(80)),
        ("scheme", State::from(&b"http"[..])),
        ("timestamp_end", State::from(0)),
        ("timestamp_start", State::from(0)),
        ("trailers", State::Null),
    ];
    let request = request.map(|(key, value)| (key.into(), value)).into();
    entries.extend([
        ("metadata".into(), State::Dict(Vec::new())),
        ("mode".into(), "transparent".into()),
        ("request".into(), State::Dict(request)),
        ("response".into(), State::Null),
        ("type".into(), "http".into()),
        ("version".into(), 12.into()),
    ]);
    State::Dict(entries)
}

fn take<'a>(dict: &mut State<'a>, key: &str) -> State<'a> {
    dict.remove(key).unwrap_or(State::Null)
}

#[cfg(test)]
mod tests {
    use super::super::steps::tests::state;
    use super::*;

    fn messages() -> State<'static> {
        state(
            r#"{"type": "websocket", "id": "m", "client_conn": {"id": "c"}, "server_conn": {"timestamp_end": 9.5},
                "error": null, "intercepted": false, "is_replay": null, "marked": false,
                "metadata": {"websocket_handshake": "h"}, "close_sender": "client", "close_code": 1000,
                "close_message": "(message missing)", "close_reason": "bye"}"#,
        )
    }

    #[test]
    fn the_handshake_gets_what_the_messages_know() {
        let handshake =
            state(r#"{"id": "h", "metadata": {"websocket": true}, "server_conn": {"timestamp_end": null}}"#);
        let joined = join(messages(), Some(handshake));
        let expected = state(
            r#"{"id": "h", "server_conn": {"timestamp_end": null}, "metadata": {"websocket": true, "duplicated":
                "This WebSocket flow has been migrated from an old file format version and may appear duplicated."},
                "websocket": {"closed_by_client": true, "close_code": 1000, "close_reason": "bye", "timestamp_end": null}}"#,
        );
        for key in ["id", "metadata", "server_conn", "websocket"] {
            assert_eq!(joined.get(key), expected.get(key), "{key}");
        }
    }

    #[test]
    fn a_missing_handshake_is_made_up() {
        let joined = join(messages(), None);
        assert_eq!(joined.get("id"), Some(&"m".into()));
        assert_eq!(joined.get("type"), Some(&"http".into()));
        assert_eq!(joined.get("client_conn"), Some(&state(r#"{"id": "c"}"#)));
        assert_eq!(joined.get("request").unwrap().get("host"), Some(&State::from(&b"unknown"[..])));
        assert_eq!(joined.get("websocket").unwrap().get("timestamp_end"), Some(&9.5.into()));
        assert!(joined.get("metadata").unwrap().get("websocket_handshake").is_none());
    }

    #[test]
    fn a_server_can_have_closed() {
        let mut messages = messages();
        messages.insert("close_sender", "server");
        let joined = join(messages, None);
        assert_eq!(joined.get("websocket").unwrap().get("closed_by_client"), Some(&false.into()));
    }
}
