//! What holds for all kinds.

use proptest::prelude::*;

use super::*;
use crate::capture::Reader;
use crate::flow::{Flow, WampFormat};

/// Protocols of connections, and none.
fn protocols() -> Vec<Option<Protocol>> {
    let formats = [WampFormat::Json, WampFormat::MessagePack, WampFormat::Cbor].map(Protocol::Wamp);
    let others = [
        Protocol::EngineIo { version: 3 },
        Protocol::EngineIo { version: 4 },
        Protocol::Graphql,
        Protocol::SignalrMessagePack,
        Protocol::Stomp,
    ];
    let mqtt = [4, 5].map(|level| Protocol::Mqtt { level });
    [None].into_iter().chain(formats.into_iter().chain(others).chain(mqtt).map(Some)).collect()
}

pub(super) fn payload(content: &[u8], is_text: bool, protocol: Option<Protocol>) -> Payload<'_> {
    let protocol = protocol.map(|protocol| (protocol, "a test says so"));
    Payload { content, is_text, protocol, nested: 0, room: LARGEST }
}

/// Asks for all that can be asked of a payload.
fn look_at(decoded: &Decoded<'_>) {
    let mut shown = Vec::new();
    decoded.push(&mut shown);
    let text = str::from_utf8(&shown).expect("what is shown is text");
    assert!(!text.chars().any(|character| output::is_unsafe(character) && !matches!(character, '\n' | '\t')));
    assert!(shown.is_empty() || shown.ends_with(b"\n"));
    assert!(decoded.to_string().starts_with(decoded.kind().name()));
    assert!(decoded.summary().chars().count() <= 300, "{}", decoded.summary());
    if let Some(json) = decoded.json() {
        assert!(
            output::json::document(json.as_bytes()).is_some(),
            "what is given as JSON is JSON that can be read: {json}"
        );
    }
}

fn look_at_all_kinds(content: &[u8]) {
    for protocol in protocols() {
        for is_text in [true, false] {
            let payload = payload(content, is_text, protocol);
            look_at(&payload.guess());
            for info in Kind::ALL {
                if let Ok(decoded) = payload.decode(info.kind) {
                    look_at(&decoded);
                }
            }
        }
    }
}

/// A key that is a map is escaped as a string, and so is a key within it, again.
#[test]
fn keys_within_keys_do_not_double_without_end() {
    for depth in [5, 20, 40, 99] {
        let maps = |map: u8, null: u8| [vec![map; depth], vec![null; depth + 1]].concat();
        for (content, kind) in [(maps(0x81, 0xc0), Kind::MessagePack), (maps(0xa1, 0xf6), Kind::Cbor)] {
            let decoded = payload(&content, false, None).decode(kind);
            assert_eq!(decoded.is_ok(), depth == 5, "{} {depth}", kind.name());
        }
    }
}

/// JSON as deep as it is read, in all places where a protocol can have it.
#[test]
fn json_in_a_protocol_can_be_read_however_deep_it_is() {
    let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    for levels in [MAX_DEPTH, MAX_DEPTH + 1, 125, 126, 127, 128] {
        let json = deep(levels);
        let varint = |length: usize| [length as u8 | 0x80, (length >> 7) as u8];
        let mqtt = |first: u8, body: &[u8]| [&[first][..], &varint(body.len()), body].concat();
        let nested = |mut content: Vec<u8>| {
            for _ in 0..31 {
                content = [&[0x0a][..], &varint(content.len()), &content].concat();
            }
            content
        };
        let data = [&(json.len() as u16).to_be_bytes(), json.as_bytes()].concat();
        let will = [&b"\x00\x04MQTT\x05\x04\x00\x00\x00\x00\x00\x00\x00\x01t"[..], &data].concat();
        let correlation = [&b"\x00\x01t"[..], &varint(1 + data.len()), &[9], &data].concat();
        let cases: [(Vec<u8>, Kind, Option<Protocol>); 11] = [
            (json.clone().into_bytes(), Kind::Json, None),
            (format!("42[\"a\",{json}]").into_bytes(), Kind::SocketIo, None),
            (format!("4{json}").into_bytes(), Kind::SocketIo, None),
            (format!("{{\"type\":\"next\",\"payload\":{json}}}").into_bytes(), Kind::Graphql, None),
            (format!("{{\"type\":1,\"arguments\":{json}}}\x1e").into_bytes(), Kind::Signalr, None),
            (format!("SEND\n\n{json}\0").into_bytes(), Kind::Stomp, None),
            (format!("[36,1,2,{{}},{json}]").into_bytes(), Kind::Wamp, None),
            (mqtt(0x30, &[&b"\x00\x01t"[..], json.as_bytes()].concat()), Kind::Mqtt, None),
            (mqtt(0x10, &will), Kind::Mqtt, None),
            (mqtt(0x30, &correlation), Kind::Mqtt, Some(Protocol::Mqtt { level: 5 })),
            (nested(format!("[\"\x7f\",{json}]").into_bytes()), Kind::Protobuf, None),
        ];
        for (content, kind, protocol) in cases {
            let payload = payload(&content, true, protocol);
            match payload.decode(kind) {
                Ok(decoded) => look_at(&decoded),
                Err(error) => assert!(levels >= MAX_DEPTH, "{} {levels}: {error}", kind.name()),
            }
            look_at(&payload.guess());
        }
    }
}

/// The contents of the capture that has them all, each of a kind once.
fn samples() -> Vec<Vec<u8>> {
    let bytes = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/kinds.flow")).unwrap();
    let mut contents = Vec::new();
    for record in Reader::from_slice(&bytes, None).unwrap() {
        let record = record.unwrap();
        let flow = Flow::parse(&record.data).unwrap();
        let messages = flow.websocket().unwrap().unwrap().messages().unwrap();
        contents.extend(messages.map(|message| message.unwrap().content.to_vec()));
    }
    assert!(contents.len() > 100);
    contents
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_are_too_odd(content in proptest::collection::vec(any::<u8>(), 0..200)) {
        look_at_all_kinds(&content);
    }

    #[test]
    fn damage_is_never_a_reason_to_panic(
        which in any::<prop::sample::Index>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        static SAMPLES: std::sync::LazyLock<Vec<Vec<u8>>> = std::sync::LazyLock::new(samples);
        let mut content = which.get(&SAMPLES).clone();
        for (at, byte) in changes {
            let at = at.index(content.len());
            content[at] = byte;
        }
        if let Some(cut) = cut {
            content.truncate(cut.index(content.len()));
        }
        look_at_all_kinds(&content);
    }
}

fn guessed(content: &[u8], is_text: bool) -> String {
    payload(content, is_text, None).guess().to_string()
}

#[test]
fn what_could_be_anything_is_not_guessed() {
    // One byte is an empty map or array of MessagePack; a number is one of CBOR; letters are fields of Protocol Buffers.
    for content in [&b"\x80"[..], b"\x90", b"\xa0", b"\x05", b"\xff", b"", b"\0\0\0\0"] {
        assert_eq!(guessed(content, false), "hex", "{}", content.escape_ascii());
    }
    assert_eq!(guessed(b"aGVsbG8=", true), "text");
    assert_eq!(guessed(b"a=b&c", true), "text");
    assert_eq!(guessed(b"<3 you>", true), "text");
    assert_eq!(guessed(b"42", true), "json 42");
    assert_eq!(guessed(b"42[", true), "text");
    assert_eq!(guessed(b"42[\"chat\",{}]", true), "socket.io 42 event \"chat\"");
    assert_eq!(guessed(b"CONNECT to me", true), "text");
    assert_eq!(guessed("caf\u{e9}".as_bytes(), false), "text \"caf\u{e9}\"");
}

#[test]
fn a_ping_is_one_only_where_the_connection_says_it() {
    assert_eq!(payload(b"2", true, Some(Protocol::EngineIo { version: 4 })).guess().to_string(), "socket.io 2 ping");
    assert_eq!(payload(b"2", true, None).guess().to_string(), "json 2");
    assert_eq!(
        payload(b"2probe", true, Some(Protocol::EngineIo { version: 4 })).guess().to_string(),
        "socket.io 2 ping probe"
    );
}

#[test]
fn nesting_ends() {
    let compress = |content: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut encoder, content).unwrap();
        encoder.finish().unwrap()
    };
    let mut content = b"{\"deep\":1}".to_vec();
    for _ in 0..3 {
        content = compress(&content);
    }
    assert_eq!(guessed(&content, false).matches("gzip").count(), 3);
    assert!(guessed(&content, false).contains("json {deep}"));
    content = compress(&content);
    assert!(!guessed(&content, false).contains("json"));
    // A little that decodes to much is cut off.
    let bomb = compress(&vec![0; 2 * LARGEST]);
    assert!(guessed(&bomb, false).ends_with(&format!("at least {LARGEST} bytes")), "{}", guessed(&bomb, false));
}

#[test]
fn what_is_deep_or_large_is_not_decoded() {
    for byte in [0x91, 0x81, b'[', b'{', b'<', 0x0a, 0xc1, 0xd9] {
        look_at(&payload(&vec![byte; 1 << 20], false, None).guess());
    }
    let large = [&b"\xdd\x01\x00\x00\x01"[..], &vec![0; LARGEST + 1]].concat();
    assert!(payload(&large, false, None).decode(Kind::MessagePack).is_err());
    for protocol in
        [Protocol::SignalrMessagePack, Protocol::Wamp(WampFormat::MessagePack), Protocol::Wamp(WampFormat::Cbor)]
    {
        let pings = [2, 0x91, 6].repeat(LARGEST);
        for is_text in [true, false] {
            assert!(payload(&pings, is_text, Some(protocol)).guess().kind() >= Kind::Text);
        }
    }
    // Text that JSON escapes.
    let message = [&b"4"[..], &vec![1; LARGEST]].concat();
    assert!(payload(&message, true, Some(Protocol::EngineIo { version: 4 })).decode(Kind::SocketIo).is_err());
    let elements = "<a>".repeat(100_000);
    assert!(payload(elements.as_bytes(), true, None).decode(Kind::Xml).is_err());
}

/// What a protocol has in JSON is shown as it is, however much it is.
#[test]
fn json_in_a_protocol_may_be_large() {
    let text = "x".repeat(2 * LARGEST);
    let cases = [
        (format!("42[\"big\",\"{text}\"]"), Kind::SocketIo, None),
        (
            format!("{{\"type\":1,\"target\":\"t\",\"arguments\":[\"{text}\"]}}\x1e{{\"type\":6}}\x1e"),
            Kind::Signalr,
            None,
        ),
        (format!("[36,1,2,{{}},[\"{text}\"]]"), Kind::Wamp, Some(Protocol::Wamp(WampFormat::Json))),
        (format!("{{\"type\":\"next\",\"payload\":\"{text}\"}}"), Kind::Graphql, Some(Protocol::Graphql)),
    ];
    for (content, kind, protocol) in cases {
        let decoded = payload(content.as_bytes(), true, protocol).guess();
        assert_eq!(decoded.kind(), kind);
        assert!(decoded.json().unwrap().contains(&text));
    }
}

#[test]
fn what_is_packed_is_unpacked_as_far_as_it_is_said() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, &[b"[1", &b",1".repeat(LARGEST)[..], b"]"].concat()).unwrap();
    let packed = encoder.finish().unwrap();
    let payload = Payload::from_bytes(&packed, false);
    assert_eq!(payload.guess().json(), None);
    assert_eq!(payload.unpacked_to(4 * LARGEST).guess().json().map(str::len), Some(3 + 2 * LARGEST));
}
