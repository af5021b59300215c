//! Files made to take memory: of N bytes none takes more than 8 N and 48 MiB, whatever the command.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::thread;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::memory::{LIMIT, MIB, measure};
use crate::support::wsflow;

/// Bytes of a hostile file: enough for what grows with it to be seen beside the limit.
const SIZE: usize = 3 << 19;

/// Commands that read. `OUT` is a file to write.
const COMMANDS: [&[&str]; 14] = [
    &["ls"],
    &["ls", "--json", "--parse"],
    &["flows", "--all"],
    &["flows", "--all", "--filter", "~bs needle | ~h needle | ~meta needle"],
    &["show"],
    &["filter", "~b needle", "-c"],
    &["filter", "~jq .a", "-c"],
    &["drop", "~d x", "-o", "OUT"],
    &["stats"],
    &["check"],
    &["recover", "-o", "OUT"],
    &["encode", "--to", "har", "-o", "OUT"],
    &["encode", "--to", "msgpack", "-o", "OUT"],
    &["encode", "--to", "ndjson", "-o", "OUT"],
];

/// A value of a flow file.
fn value(body: &[u8], tag: u8) -> Vec<u8> {
    [body.len().to_string().as_bytes(), b":", body, &[tag]].concat()
}

/// As many times as fit.
fn filled_with(unit: &[u8]) -> Vec<u8> {
    unit.repeat(SIZE / unit.len())
}

/// A connection with these parts.
fn connection(metadata: &[u8], headers: &[u8], path: &[u8], body: &[u8], messages: &[u8]) -> Vec<u8> {
    let request = [
        b"4:host,1:h,4:port;2:80#6:method,3:GET,6:scheme,4:http,12:http_version,8:HTTP/1.1,7:content;0:,4:path;",
        value(path, b',').as_slice(),
        b"7:headers;",
        &value(headers, b']'),
    ]
    .concat();
    let response = [
        b"11:status_code;3:200#6:reason,2:OK,12:http_version,8:HTTP/1.1,7:headers;",
        value(&value(b"16:content-encoding,4:gzip,", b']'), b']').as_slice(),
        b"7:content;",
        &value(body, b','),
    ]
    .concat();
    let websocket = [
        b"8:messages;",
        value(messages, b']').as_slice(),
        b"16:closed_by_client;0:~10:close_code;0:~12:close_reason;0:~13:timestamp_end;0:~",
    ]
    .concat();
    let flow = [
        b"7:version;2:21#4:type;4:http;2:id;1:a;8:metadata;",
        value(metadata, b'}').as_slice(),
        b"7:request;",
        &value(&request, b'}'),
        b"8:response;",
        &value(&response, b'}'),
        b"9:websocket;",
        &value(&websocket, b'}'),
    ]
    .concat();
    value(&flow, b'}')
}

fn message(content: &[u8]) -> Vec<u8> {
    let content = value(content, b',');
    value(&[b"1:1#4:true!", content.as_slice(), b"12:1700000000.5^5:false!5:false!"].concat(), b']')
}

/// More than is ever unpacked, packed.
fn bomb(byte: u8) -> Vec<u8> {
    unpacks_to(byte, 80)
}

/// So many MiB of one byte, packed.
fn unpacks_to(byte: u8, mib: usize) -> Vec<u8> {
    packed(&vec![byte; mib << 20])
}

/// The same in Zstandard, with a window of 64 MiB: blocks that repeat the byte 128 KiB times.
fn with_large_window(byte: u8, mib: u32) -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 16 << 3];
    for block in 1..=mib * 8 {
        let header = (128 << 10) << 3 | 1 << 1 | u32::from(block == mib * 8);
        frame.extend_from_slice(&header.to_le_bytes()[..3]);
        frame.push(byte);
    }
    frame
}

/// A connection whose response has a body in Zstandard.
fn with_zstd(body: &[u8]) -> Vec<u8> {
    let mut flow = connection(b"", b"", b"/", body, b"");
    let gzip = flow.windows(4).position(|window| window == b"gzip").unwrap();
    flow[gzip..gzip + 4].copy_from_slice(b"zstd");
    flow
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

/// The files by name; the ending tells nothing to the program.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let nulls = filled_with(b"0:~");
    let mut nested = b"0:]".to_vec();
    while nested.len() < SIZE / 64 {
        nested = value(&nested, b']');
    }
    let har = |entries: &[u8]| [b"{\"log\":{\"entries\":[", entries, b"{}]}}"].concat();
    let of_metadata = |metadata: &[u8]| connection(metadata, b"", b"/", b"", b"");
    let of_messages = |messages: &[u8]| connection(b"", b"", b"/", b"", messages);
    vec![
        ("null headers", connection(b"", &nulls, b"/", b"", b"")),
        ("null messages", of_messages(&nulls)),
        ("empty messages", of_messages(&filled_with(&message(b"")))),
        ("wrong opcodes", of_messages(&filled_with(b"30:2:77#4:true!1:\xff,3:1.5^5:false!]"))),
        ("values in metadata", of_metadata(&[b"1:a;", value(&filled_with(b"0:]"), b']').as_slice()].concat())),
        ("keys in metadata", of_metadata(&filled_with(b"1:a;0:~"))),
        ("deep metadata", of_metadata(&[b"1:a;", nested.as_slice()].concat())),
        ("a long path", connection(b"", b"", &vec![b'a'; 256 << 10], b"", &message(b"").repeat(400))),
        ("header pairs", connection(b"", &filled_with(b"8:1:a,1:b,]"), b"/", b"", &message(b""))),
        ("a packed body", connection(b"", b"", b"/", &bomb(b'x'), b"")),
        ("packed bodies", connection(b"", b"", b"/", &bomb(1), b"").repeat(5)),
        ("packed bodies that fit", connection(b"", b"", b"/", &unpacks_to(b'x', 15), b"").repeat(5)),
        ("bodies with a large window", with_zstd(&with_large_window(b'x', 80)).repeat(5)),
        ("bodies with a large window that fit", with_zstd(&with_large_window(b'x', 15)).repeat(5)),
        (
            "text that grows in JSON",
            connection(b"", b"", b"/", &packed(&[b"text ".repeat(100), vec![1; 30 << 20]].concat()), b""),
        ),
        ("deep JSON", of_messages(&message(&filled_with(b"[")))),
        ("empty records", filled_with(b"0:}")),
        (
            "flows with an id",
            (0..SIZE / 20).flat_map(|id| value(format!("2:id;7:{id:07};").as_bytes(), b'}')).collect(),
        ),
        ("a claimed length", [b"999999999999:".as_slice(), &filled_with(b"7:version;2:21#")].concat()),
        ("no end of a length", [b"7:version;".as_slice(), &filled_with(b"1:")].concat()),
        (
            "claimed lengths in MessagePack",
            [b"\xdf\xff\xff\xff\xff\xa1k".as_slice(), &b"\xdd\xff\xff\xff\xff".repeat(100), &filled_with(b"\xc0")]
                .concat(),
        ),
        (
            "nils in MessagePack",
            [b"\x81\xa1k\xdd".as_slice(), &u32::try_from(SIZE).unwrap().to_be_bytes(), &vec![0xc0; SIZE]].concat(),
        ),
        ("empty maps in MessagePack", vec![0x80; SIZE / 8]),
        ("empty entries in HAR", har(&b"{},".repeat(SIZE / 24))),
        ("values of an entry in HAR", har(&[b"{\"x\":[", filled_with(b"0,").as_slice(), b"0]},"].concat())),
        ("open flows in NDJSON", b"{\"flow\":0}\n{}\n".repeat(SIZE / 28)),
        (
            "many flows in NDJSON",
            (0..SIZE / 160)
                .flat_map(|flow| {
                    format!("{{\"flow\":{flow},\"url\":\"ws://h\",\"text\":\"\",\"from_client\":true}}\n").into_bytes()
                })
                .collect(),
        ),
    ]
}

#[test]
fn no_file_takes_memory_out_of_proportion() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let run = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name.replace(' ', "-"));
        fs::write(&path, bytes).unwrap();
        let most = 8 * bytes.len() as u64 + LIMIT;
        for args in COMMANDS {
            let (highest, code) = measure(args, &path, false);
            assert!(matches!(code, Some(0..=3)), "{name}: {args:?} ended with {code:?}");
            assert!(highest <= most, "{name}: {args:?} took {} MiB of {}", highest / MIB, most / MIB);
        }
    };
    let files = files();
    let (one, other) = files.split_at(files.len() / 2);
    thread::scope(|scope| {
        scope.spawn(|| one.iter().for_each(|(name, bytes)| run(name, bytes)));
        other.iter().for_each(|(name, bytes)| run(name, bytes));
    });
}

#[test]
fn what_stands_beyond_the_limit_of_a_body_is_not_known() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = folder.path().join("long.flow");
    let body = [b"begin ".as_slice(), &vec![b'x'; 40 << 20], b" end"].concat();
    fs::write(&path, connection(b"", b"", b"/", &packed(&body), b"")).unwrap();
    let path = path.to_str().unwrap();
    let run = |expression: &str| wsflow(["flows", "--all", "-c", "-f", expression, path]).run().code(0);
    // What is in front of the limit is found, as far behind as it may be.
    for (expression, found, is_known) in [
        ("~b begin", "1\n", true),
        ("!~b begin", "0\n", true),
        ("~b 'begin' ~b 'x{10}'", "1\n", true),
        ("~b ' end'", "0\n", false),
        ("!~b ' end'", "0\n", false),
        ("~bq ' end'", "0\n", true),
    ] {
        let run = run(expression);
        assert_eq!(run.text(), found, "{expression}");
        let told = "a body was too large to be decoded to its end once, which counts as no match";
        assert_eq!(run.stderr.contains(told), !is_known, "{expression}: {}", run.stderr);
    }
    let out = folder.path().join("out.flow");
    wsflow(["filter", "--flows", "!~b ' end'", path, "-o", out.to_str().unwrap()]).run().code(3);
}

/// Contents of about this size, each of which would become many times as large.
fn contents(size: usize) -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let filled = |unit: &[u8]| unit.repeat(size / unit.len());
    // Of a packet of MQTT, and of a field of Protocol Buffers.
    let with_length = |first: u8, body: &[u8]| {
        let length = body.len();
        // Seven bits to a byte, the low ones first.
        let digits = [length & 0x7f | 0x80, length >> 7 & 0x7f | 0x80, length >> 14].map(|digit| digit as u8);
        [&[first][..], &digits, body].concat()
    };
    let packed = |content: &[u8]| {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(content).unwrap();
        packer.finish().unwrap()
    };
    let deep = |unit: &[u8]| [&b"[".repeat(100)[..], &filled(unit), b"1", &b"]".repeat(100)].concat();
    let maps = |depth: usize, map: u8, null: u8| [vec![map; depth], vec![null; depth + 1]].concat();
    // In fourteen arrays, of which the innermost has an end instead of a length.
    let cbor = |unit: &[u8]| [&[0x81; 14][..], &[0x9f], &filled(unit), &[0xff]].concat();
    let properties = with_length(0, &filled(&[0x26, 0, 0, 0, 0]));
    let will = [&b"["[..], &b"{\"\":0},".repeat(8_000), b"0]"].concat();
    let will =
        [&b"\0\x04MQTT\x05\x04\0\0\0\0\0\0\0\x01t"[..], &u16::try_from(will.len()).unwrap().to_be_bytes(), &will];
    let fields = with_length(0x0a, &with_length(0x0a, &filled(&[8, 1])));
    vec![
        ("topics", "mqtt", with_length(0x82, &[&[0, 1][..], &filled(&[0, 1, b'a', 0])].concat())),
        ("empty topics", "mqtt", with_length(0x82, &[&[0, 1][..], &filled(&[0, 0, 0])].concat())),
        ("reasons", "mqtt", with_length(0x90, &[&[0, 1][..], &filled(&[0])].concat())),
        ("frames", "v12.stomp", filled(b"ACK\n\n\0")),
        ("a form", "", [&filled(b"a=b&")[..], b"a=b"].concat()),
        ("elements", "", [&b"<a>".repeat(31)[..], &filled(b"<b/>"), &b"</a>".repeat(31)].concat()),
        ("pings", "", filled(&[2, 0x91, 6])),
        ("fields", "", fields),
        ("maps as keys", "", maps(60, 0x81, 0xc0)),
        ("keys within keys", "", cbor(&maps(8, 0xa1, 0xf6))),
        ("short keys within keys", "", cbor(&maps(6, 0xa1, 0xf6))),
        ("simple values", "", cbor(&[0xe0])),
        ("headers", "v12.stomp", filled(b"ACK\n:\n\n\0")),
        (
            "properties",
            "mqtt",
            [&b"\x10\x0d\0\x04MQTT\x05\0\0\0\0\0\0"[..], &with_length(0x30, &[b"\0\x01t", &properties[1..]].concat())]
                .concat(),
        ),
        ("wills", "mqtt", with_length(0x10, &will.concat()).repeat(size >> 16)),
        ("deep JSON", "", deep(b"1,")),
        ("arrays in deep JSON", "", deep(b"[1],")),
        ("packed JSON", "", packed(&deep(b"1,").repeat(20))),
        ("a large window", "", with_large_window(b'x', 80)),
    ]
}

/// Sizes of contents, and how many of them are in a capture: a little less than is decoded, and more than that.
const CONTENTS: [(usize, usize); 2] = [((256 << 10) - 400, 6), ((2 << 20) - 400, 1)];

/// Runs the commands that decode contents.
fn decodes_in_proportion(name: &str, capture: &[u8]) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = folder.path().join("contents");
    fs::write(&path, capture).unwrap();
    let most = 8 * capture.len() as u64 + LIMIT;
    for args in [&["ls"][..], &["ls", "--json", "--parse"], &["show"], &["stats", "--kinds"]] {
        let (highest, code) = measure(args, &path, false);
        assert_eq!(code, Some(0), "{name}: {args:?}");
        assert!(highest <= most, "{name}: {args:?} took {} MiB of {}", highest / MIB, most / MIB);
    }
}

#[test]
fn no_content_takes_memory_out_of_proportion() {
    let all = CONTENTS.iter().flat_map(|(size, count)| contents(*size).into_iter().map(|content| (content, *count)));
    for ((name, protocol, content), count) in all {
        let header = [value(b"Sec-WebSocket-Protocol", b','), value(protocol.as_bytes(), b',')].concat();
        let headers = if protocol.is_empty() { Vec::new() } else { value(&header, b']') };
        let binary = message(&content);
        let text = [b"1:1#".as_slice(), b"1:2#"];
        let text = if content.is_ascii() { text[0] } else { text[1] };
        let at = binary.windows(4).position(|window| window == b"1:1#").unwrap();
        let one = [&binary[..at], text, &binary[at + 4..]].concat();
        let capture = connection(b"", &headers, b"/", b"", &one.repeat(count));
        decodes_in_proportion(name, &capture);
    }
}

/// A large message is shown as it is read, and not made a multiple of its size before the first line is written.
#[test]
fn a_large_message_is_shown_in_pieces() {
    const LARGE: usize = 16 << 20;
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let schema = folder.path().join("numbers.proto");
    fs::write(&schema, "syntax = \"proto3\";\nmessage Numbers { repeated int64 numbers = 1; }\n").unwrap();
    let schema = ["show", "--proto", schema.to_str().unwrap(), "--message", "Numbers"];
    let c1_controls = "\u{9b}".repeat(LARGE / 2);
    let numbers = [&b"\x0a\x80\x80\x80\x08"[..], &vec![1; LARGE]].concat();
    let cases = [
        ("bytes", &["show"][..], vec![0xff; LARGE]),
        ("text that is escaped", &["show", "--as", "text"], c1_controls.clone().into_bytes()),
        ("JSON that is escaped", &["show"], format!("[\"{c1_controls}\"]").into_bytes()),
        ("numbers", &schema, numbers),
    ];
    for (name, args, content) in cases {
        let capture = connection(b"", b"", b"/", b"", &message(&content));
        let path = folder.path().join("large");
        fs::write(&path, &capture).unwrap();
        let (highest, code) = measure(args, &path, false);
        assert_eq!(code, Some(0), "{name}");
        assert!(highest <= LIMIT, "{name} took {} MiB of {}", highest / MIB, LIMIT / MIB);
    }
}

/// What a protocol has in JSON is decoded at any size, since it is not copied often.
#[test]
fn large_packets_in_json_take_no_memory_out_of_proportion() {
    const LARGE: usize = 8 << 20;
    let cases = [
        ("an event", "", [b"42[\"big\"", &b",1".repeat(LARGE / 2)[..], b"]"].concat()),
        ("messages of SignalR", "", [&b"{\"type\":6}\x1e"[..], &b"{}\x1e".repeat(LARGE / 3)].concat()),
        ("a message of WAMP", "wamp.2.json", [b"[36,1,2,{},[0", &b",{}".repeat(LARGE / 3)[..], b"]]"].concat()),
        ("a message of GraphQL", "graphql-ws", {
            let text = "\u{9b}".repeat(LARGE / 2);
            format!("{{\"type\":\"{text}\",\"id\":\"{text}\"}}").into_bytes()
        }),
    ];
    for (name, protocol, content) in cases {
        let header = [value(b"Sec-WebSocket-Protocol", b','), value(protocol.as_bytes(), b',')].concat();
        let capture = connection(b"", &value(&header, b']'), b"/", b"", &message(&content));
        decodes_in_proportion(name, &capture);
    }
}

/// What a stream brings is in memory as a whole, record by record: never as much as a length claims.
#[test]
fn a_stream_takes_what_came_and_not_what_is_claimed() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    for (name, bytes) in files() {
        if !name.starts_with("claimed") && !name.starts_with("a claimed") {
            continue;
        }
        let path = folder.path().join("stream");
        fs::write(&path, &bytes).unwrap();
        for args in [&["ls"][..], &["check"], &["flows"]] {
            let (highest, code) = measure(args, Path::new(&path), true);
            assert!(matches!(code, Some(0..=3)), "{name}: {args:?} ended with {code:?}");
            assert!(highest <= 8 * bytes.len() as u64 + LIMIT, "{name}: {args:?} took {} MiB", highest / MIB);
        }
    }
}
