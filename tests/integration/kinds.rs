//! What messages contain: guessed, asked for, and in JSON.

use serde_json::Value;

use crate::support::wsflow;

const CAPTURE: &str = "fixtures/kinds.flow";

/// What `show` says of the messages of a flow, without what differs from capture to capture.
fn shown(flow: usize) -> String {
    let shown = wsflow(["show", CAPTURE, &flow.to_string()]).run().ok().text();
    let messages = &shown[shown.find("message ").unwrap()..];
    let mut in_head = false;
    let mut kept = String::new();
    for line in messages.lines() {
        let is_title = line.starts_with("message ");
        in_head = (in_head || is_title) && !line.is_empty();
        if !in_head || is_title || line.starts_with("  kind ") {
            kept += &format!("{line}\n");
        }
    }
    kept
}

/// What `ls --parse` gives of the messages of a flow.
fn listed(flow: usize) -> String {
    let id = flow.to_string();
    let fields = "message,from_client,type,kind,json";
    wsflow(["ls", "--json", "--parse", "--fields", fields, "--id", &id, CAPTURE]).run().ok().text()
}

#[track_caller]
fn assert_known(flow: usize, protocol: &str) {
    insta::assert_snapshot!(format!("{protocol}.show"), shown(flow));
    insta::assert_snapshot!(format!("{protocol}.ls"), listed(flow));
}

#[test]
fn every_protocol_is_shown_and_listed() {
    let protocols = [
        "socket.io",
        "graphql",
        "signalr-json",
        "signalr-messagepack",
        "mqtt-3.1.1",
        "mqtt-5",
        "stomp",
        "wamp-json",
        "wamp-messagepack",
        "wamp-cbor",
        "payloads",
    ];
    for (flow, protocol) in protocols.into_iter().enumerate() {
        assert_known(flow, protocol);
    }
}

#[test]
fn parse_gives_json_itself_whatever_else_it_may_be() {
    let messages = wsflow(["ls", "--json", "--parse", "fixtures/json.flow", CAPTURE]).run().ok().json_lines();
    let mut checked = 0;
    for message in &messages {
        let document = message["text"].as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
        if let Some(document) = document {
            assert_eq!(message["json"], document, "{message}");
            checked += 1;
        }
    }
    assert!(checked > 40, "{checked}");
}

#[test]
fn without_parse_and_fields_an_object_says_nothing_of_kinds() {
    for message in wsflow(["ls", "--json", CAPTURE]).run().ok().json_lines() {
        let keys: Vec<_> = message.as_object().unwrap().keys().cloned().collect();
        assert!(!keys.iter().any(|key| matches!(key.as_str(), "kind" | "json" | "preview")), "{keys:?}");
    }
}

#[test]
fn a_kind_can_be_asked_for() {
    let show = |kind: &str, id: &str| wsflow(["show", "--as", kind, CAPTURE, id]).run().ok().text();
    // Brotli has no mark, so it has to be asked for.
    let brotli = show("br", "10:12");
    assert!(brotli.contains("  kind       br json {compressed,values}, 57 bytes (as asked for)\n"), "{brotli}");
    assert!(brotli.contains("\"compressed\": \"by the application\""), "{brotli}");
    let wrong = show("mqtt", "10:0");
    assert!(wrong.contains("  kind       json {op,seq,symbols,big,…} (not mqtt: "), "{wrong}");
    let text = show("text", "0:9");
    assert!(text.contains("\n  42[\"chat\",{"), "{text}");
    let raw = wsflow(["show", "--as", "raw", CAPTURE, "0:13"]).run().ok().text();
    assert_eq!(raw, "2");
    let unknown = wsflow(["show", "--as", "nothing", CAPTURE]).run().code(2).stderr;
    assert!(unknown.contains("socket.io") && unknown.contains("msgpack"), "{unknown}");
}

#[test]
fn a_schema_names_the_fields_of_protocol_buffers() {
    let mut shown = Vec::new();
    for (file, name) in [
        ("fixtures/chat.proto", "chat.v1.Envelope"),
        ("fixtures/chat.proto", "Envelope"),
        ("fixtures/chat.descriptors", "chat.v1.Envelope"),
    ] {
        let args = ["show", "--proto", file, "--message", name, CAPTURE, "10:4"];
        let text = wsflow(args).run().ok().text();
        shown.push(text[text.find("  kind ").unwrap()..].to_owned());
    }
    insta::assert_snapshot!("protobuf-with-schema.show", shown[0]);
    assert!(shown.iter().all(|other| *other == shown[0]), "{shown:#?}");
    let other = wsflow(["show", "--proto", "fixtures/chat.proto", "--message", "Envelope", CAPTURE, "10:0"]).run().ok();
    assert!(other.text().contains("  kind       json {op,seq,symbols,big,…} (not chat.v1.Envelope: "));
}

#[test]
fn a_schema_that_is_none_is_an_error_that_says_so() {
    let run = |file: &str, name: &str| {
        wsflow(["show", "--proto", file, "--message", name, CAPTURE, "10:4"]).run().code(2).stderr
    };
    let missing = run("fixtures/none.proto", "Envelope");
    assert!(missing.contains("fixtures/none.proto: "), "{missing}");
    let unknown = run("fixtures/chat.proto", "Nothing");
    assert!(unknown.contains("there is no message `Nothing`; there are chat.v1.Envelope, "), "{unknown}");
    let broken = run(CAPTURE, "Envelope");
    assert!(broken.contains("fixtures/kinds.flow: "), "{broken}");
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let syntax = "syntax = \"proto3\";\n";
    let typo = write("typo.proto", &format!("{syntax}message A {{\n  int32 x = ;\n}}\n"));
    let stderr = run(&typo, "A");
    assert!(stderr.contains(&format!("{typo}:3:13: ")), "{stderr}");
    let unknown = write("unknown.proto", &format!("{syntax}message A {{\n  B b = 1;\n}}\n"));
    let stderr = run(&unknown, "A");
    assert!(stderr.contains(&format!("{unknown}:3:3: ")) && stderr.contains("'B'"), "{stderr}");
    let importing = write("importing.proto", &format!("{syntax}import \"typo.proto\";\nmessage A {{}}\n"));
    let stderr = run(&importing, "A");
    assert!(stderr.contains(&format!("{typo}:3:13: ")), "{stderr}");
    let missing = write("missing.proto", &format!("{syntax}\nimport \"nowhere.proto\";\n"));
    let stderr = run(&missing, "A");
    assert!(stderr.contains(&format!("{missing}:3:1: ")) && stderr.contains("nowhere.proto"), "{stderr}");
    let alone = wsflow(["show", "--proto", "fixtures/chat.proto", CAPTURE]).run().code(2).stderr;
    assert!(alone.contains("--message"), "{alone}");
}

#[test]
fn a_schema_imports_from_the_folders_that_are_named() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, format!("syntax = \"proto3\";\n{text}\n")).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (root, other) = (folder.path().join("root"), folder.path().join("other"));
    // Both import each other's neighbour by its name below the root.
    let main = write(
        "root/app/main.proto",
        "import \"app/base.proto\"; import \"far.proto\"; message Main { Base base = 1; Far far = 2; }",
    );
    write("root/app/base.proto", "message Base { uint64 seq = 1; }");
    let far = write("other/far.proto", "message Far { string name = 1; }");
    let (root, other) = (root.to_str().unwrap(), other.to_str().unwrap());
    let show =
        ["show", "--proto", &main, "--message", "Main", "--proto-path", root, "--proto-path", other, CAPTURE, "10:4"];
    assert!(wsflow(show).run().ok().text().contains("  kind       "));
    let alone = wsflow(["show", "--proto", &main, "--message", "Main", CAPTURE, "10:4"]).run().code(2).stderr;
    assert!(alone.contains("app/base.proto"), "{alone}");
    // A mistake in what is imported is told where it is.
    std::fs::write(&far, "syntax = \"proto3\";\nmessage Far { string name; }").unwrap();
    let stderr = wsflow(show).run().code(2).stderr;
    assert!(stderr.contains(&format!("{far}:2:")), "{stderr}");
}

#[test]
fn a_packed_message_alone_is_unpacked_further() {
    // As many numbers as 256 KiB do not hold.
    let shown = |args: &[&str], capture: &std::path::Path| {
        wsflow(args.iter().copied().chain([capture.to_str().unwrap()])).run().ok()
    };
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut packer, &[b"[1", &b",1".repeat(200_000)[..], b"]"].concat()).unwrap();
    let content = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, packer.finish().unwrap());
    let path = folder.path().join("packed.ndjson");
    let line = format!(
        "{{\"flow\":0,\"url\":\"ws://h/\",\"from_client\":true,\"type\":\"binary\",\"base64\":\"{content}\"}}\n"
    );
    std::fs::write(&path, line).unwrap();
    let all = shown(&["show", "--as", "gzip"], &path).text();
    assert!(all.contains("at least 262144 bytes"), "{}", &all[..200]);
    let alone = wsflow(["show", path.to_str().unwrap(), "0:0"]).run().ok().text();
    assert!(alone.contains("gzip json [200001], 400003 bytes"), "{}", &alone[..200]);
}

#[test]
fn stats_counts_kinds_when_asked() {
    let capture = |args: &[&str]| wsflow(args).run().ok().json_lines().pop().unwrap();
    assert_eq!(capture(&["stats", "--json", CAPTURE])["kinds"], Value::Null);
    let counted = capture(&["stats", "--json", "--kinds", CAPTURE]);
    let messages = wsflow(["ls", "--json", "--fields", "kind,size", CAPTURE]).run().ok().json_lines();
    let mut expected = std::collections::BTreeMap::new();
    for message in &messages {
        let kind = message["kind"].as_str().unwrap().split(' ').next().unwrap().to_owned();
        let (count, bytes): &mut (u64, u64) = expected.entry(kind).or_default();
        *count += 1;
        *bytes += message["size"].as_u64().unwrap();
    }
    let kinds = counted["kinds"].as_array().unwrap();
    assert_eq!(kinds.len(), expected.len());
    assert!(kinds.len() > 15);
    for kind in kinds {
        let (count, bytes) = expected[kind["kind"].as_str().unwrap()];
        assert_eq!((&kind["messages"], &kind["bytes"]), (&count.into(), &bytes.into()), "{kind}");
    }
    let table = wsflow(["stats", "--kinds", CAPTURE]).run().ok().text();
    assert!(table.contains("\nKIND       MESSAGES  BYTES\nwamp             33 "), "{table}");
}

#[test]
fn the_table_says_what_binary_contents_are() {
    let table = wsflow(["ls", "--id", "4:4,10:20", CAPTURE]).run().ok().text();
    let lines: Vec<_> = table.lines().collect();
    assert!(
        lines[0].ends_with("  mqtt PUBLISH sensors/1  321d000973656e736f72732f3100027b2263656c73697573223a32312e357d")
    );
    assert!(lines[1].contains("  f0f1f2"), "{}", lines[1]);
}

#[test]
fn the_table_says_what_packets_are_and_leaves_other_text_alone() {
    let content = |ids: &str| {
        let table = wsflow(["ls", "--id", ids, CAPTURE]).run().ok().text();
        table.lines().map(|line| line.split_once("  -      ").unwrap().1.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(content("0:8"), ["socket.io 43 ack 0  430[{\"stored\":true}]"]);
    // Text, JSON, and an object of a protocol, which tells itself.
    for ids in ["10:0", "1:0"] {
        assert!(content(ids)[0].starts_with('{'), "{}", content(ids)[0]);
    }
    let csv = wsflow(["ls", "--format", "csv", "--fields", "preview", "--id", "0:8", CAPTURE]).run().ok().text();
    assert_eq!(csv, "preview\r\n\"430[{\"\"stored\"\":true}]\"\r\n");
}

#[test]
fn what_a_schema_cannot_write_is_shown_by_its_numbers() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let proto = write(
        "any.proto",
        "syntax = \"proto3\"; import \"google/protobuf/any.proto\"; message E { google.protobuf.Any any = 1; }",
    );
    // In field 1: the type `x/N`, and what is in it.
    let content =
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, b"\x0a\x09\x0a\x03x/N\x12\x02\x08\x05");
    let line = "{\"flow\":0,\"url\":\"ws://h/\",\"from_client\":true,\"type\":\"binary\",\"base64\":\"CONTENT\"}\n";
    let capture = write("any.ndjson", &line.replace("CONTENT", &content));
    let args = ["show", "--proto", &proto, "--message", "E", &capture, "0:0"];
    let shown = wsflow(args).run().ok().text();
    assert!(shown.contains("  kind       protobuf {1} (not by the names of E: "), "{shown}");
    assert!(shown.contains("\"text\": \"x/N\""), "{shown}");
    let object = wsflow(args.into_iter().chain(["--json"])).run().ok().json_lines().pop().unwrap();
    assert_eq!(object["json"][0]["field"], 1, "{object}");
}
