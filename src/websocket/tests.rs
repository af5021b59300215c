use super::{Opcode, TextError, WebSocketData, WebSocketMessage, WebSocketMessageState};
use crate::tnetstring;

/// What mitmproxy 12.2.3 dumps for [`sample`].
const SAMPLE: &[u8] = b"222:13:timestamp_end;12:1693314201.0^12:close_reason;3:bye;10:close_code;4:1000#\
    16:closed_by_client;4:true!8:messages;103:\
    56:1:1#4:true!5:hello,17:1693314200.336985^5:false!5:false!]\
    39:1:2#5:false!2:\x00\xff,5:1e-07^4:true!4:true!]]}";

fn sample() -> WebSocketData {
    let text = WebSocketMessage::new(Opcode::Text, true, "hello").with_timestamp(1693314200.336985);
    let mut binary = WebSocketMessage::new(2, false, [0x00, 0xff]).with_timestamp(1e-7);
    binary.drop();
    binary.injected = true;
    WebSocketData {
        messages: vec![text, binary],
        closed_by_client: Some(true),
        close_code: Some(1000),
        close_reason: Some("bye".to_owned()),
        timestamp_end: Some(1693314201.0),
    }
}

#[test]
fn data_is_written_as_mitmproxy_writes_it() {
    assert_eq!(tnetstring::to_vec(&sample()).unwrap(), SAMPLE);
    assert_eq!(tnetstring::from_slice::<WebSocketData>(SAMPLE).unwrap(), sample());

    let empty = b"93:13:timestamp_end;0:~12:close_reason;0:~10:close_code;0:~16:closed_by_client;0:~8:messages;0:]}";
    assert_eq!(tnetstring::to_vec(&WebSocketData::default()).unwrap(), empty);
    assert_eq!(tnetstring::from_slice::<WebSocketData>(empty).unwrap(), WebSocketData::default());
}

#[test]
fn every_key_may_be_absent_and_others_may_be_there() {
    for input in [&b"0:}"[..], b"15:5:other;4:junk]}"] {
        assert_eq!(tnetstring::from_slice::<WebSocketData>(input).unwrap(), WebSocketData::default());
    }
    let data: WebSocketData = tnetstring::from_slice(b"45:13:timestamp_end,10:1567690404#8:messages,0:]}").unwrap();
    assert_eq!(data.timestamp_end, Some(1567690404.0));
    let data: WebSocketData = tnetstring::from_slice(b"22:10:close_code;5:70000#}").unwrap();
    assert_eq!(data.close_code, Some(70000));
}

#[test]
fn messagepack_has_the_same_shape() {
    let packed = rmp_serde::to_vec(&sample()).unwrap();
    assert_eq!(rmp_serde::from_slice::<WebSocketData>(&packed).unwrap(), sample());
    // A map of the five keys, and content as bin.
    let state: crate::state::State = rmp_serde::from_slice(&packed).unwrap();
    assert_eq!(tnetstring::to_vec(&state).unwrap(), SAMPLE);

    let message = &rmp_serde::to_vec(&sample().messages[1]).unwrap();
    assert_eq!(message[..7], *b"\x96\x02\xc2\xc4\x02\x00\xff");
    assert_eq!(rmp_serde::to_vec(&sample().messages[1].get_state()).unwrap(), *message);
}

/// As other writers of MessagePack have it, and as old flow files do.
#[test]
fn messages_of_five_values_with_text_and_an_integer_time() {
    let expected = WebSocketMessageState(1, false, "hé".as_bytes().to_vec(), 1567690404.0, true, false);
    let packed = b"\x95\x01\xc2\xa3h\xc3\xa9\xce\x5d\x71\x0e\xa4\xc3";
    assert_eq!(rmp_serde::from_slice::<WebSocketMessageState>(packed).unwrap(), expected);
    let encoded = b"39:1:1#5:false!3:h\xc3\xa9;10:1567690404#4:true!]";
    assert_eq!(tnetstring::from_slice::<WebSocketMessageState>(encoded).unwrap(), expected);
}

#[test]
fn json_comes_back_too() {
    let json = serde_json::to_string(&sample()).unwrap();
    assert_eq!(serde_json::from_str::<WebSocketData>(&json).unwrap(), sample());
    let text = r#"[1, true, "hi", 7, false]"#;
    assert_eq!(serde_json::from_str::<WebSocketMessage>(text).unwrap().text(), Ok("hi"));
}

#[test]
fn a_message_of_another_shape_is_refused() {
    for (input, message) in [
        (
            &b"0:]"[..],
            "invalid length 0, expected a message: a list of opcode, from_client, content, timestamp, dropped and injected at byte 0",
        ),
        (
            b"30:1:1#4:true!2:hi,10:1567690404#]",
            "invalid length 4, expected a message: a list of opcode, from_client, content, timestamp, dropped and injected at byte 0",
        ),
        (
            b"48:1:1#4:true!2:hi,3:0.5^5:false!5:false!7:1234567;]",
            "expected the end of a list or dict, found more values at byte 41",
        ),
        (b"18:1:1#4:true!4:1:1#]]", "expected bytes, found a list at byte 14"),
        (b"8:messages;", "expected a list, found a string at byte 0"),
    ] {
        let error = tnetstring::from_slice::<WebSocketMessage>(input).unwrap_err().to_string();
        assert_eq!(error, message);
    }
}

#[test]
fn opcodes_are_their_numbers() {
    let names = [
        (0, "continuation"),
        (1, "text"),
        (2, "binary"),
        (3, "opcode-3"),
        (7, "opcode-7"),
        (8, "close"),
        (9, "ping"),
        (10, "pong"),
        (11, "opcode-11"),
        (-1, "opcode--1"),
        (i64::MAX, "opcode-9223372036854775807"),
    ];
    for (number, name) in names {
        let opcode = Opcode::from(number);
        assert_eq!((i64::from(opcode), &*opcode.name()), (number, name));
        assert_eq!(Opcode::Other(number), opcode);
        assert_eq!(Opcode::Other(number).name(), name);
        assert_eq!(tnetstring::from_slice::<Opcode>(&tnetstring::to_vec(&opcode).unwrap()).unwrap(), opcode);
    }
    assert_ne!(Opcode::Text, Opcode::Binary);
    assert_eq!(format!("{:>7}|", Opcode::Text), "   text|");
}

#[test]
fn an_unknown_opcode_is_kept() {
    let encoded = b"38:1:7#4:true!2:hi,3:0.5^5:false!5:false!]";
    let message: WebSocketMessage = tnetstring::from_slice(encoded).unwrap();
    assert_eq!(message.r#type, Opcode::Other(7));
    assert_eq!(tnetstring::to_vec(&message).unwrap(), encoded);
}

#[test]
fn text_is_there_for_text_messages_alone() {
    let mut message = WebSocketMessage::new(Opcode::Text, true, "a");
    assert_eq!(message.set_text("é"), Ok(()));
    assert_eq!((message.content.as_slice(), message.text()), ("é".as_bytes(), Ok("é")));

    let mut ping = WebSocketMessage::new(9, true, "a");
    let error = ping.text().unwrap_err();
    assert_eq!(error, TextError::NotText { opcode: Opcode::Ping });
    assert_eq!(error.to_string(), "only text messages have a text, and this is a message of type ping");
    assert_eq!(ping.set_text("b"), Err(error));
    assert_eq!(ping.content, b"a");

    let broken = WebSocketMessage::new(Opcode::Text, true, *b"ab\xff");
    assert!(broken.is_text());
    let error = broken.text().unwrap_err();
    assert_eq!(error.to_string(), "the content of this text message is not UTF-8 from byte 2 on");
}

#[test]
fn a_new_message_is_of_now() {
    let before = super::message::now();
    let message = WebSocketMessage::new(Opcode::Binary, false, vec![1]);
    assert!((before..=super::message::now()).contains(&message.timestamp));
    assert!(!message.dropped && !message.injected);
}

#[test]
fn a_message_is_its_state() {
    let mut message = WebSocketMessage::new(Opcode::Binary, false, vec![1]);
    let state = WebSocketMessageState::from((7, true, b"x".to_vec(), 0.0, true, false));
    message.set_state(state.clone());
    // A time of zero is a time, and not one that is missing.
    assert_eq!((message.r#type, message.timestamp), (Opcode::Other(7), 0.0));
    assert_eq!(message.get_state(), state);
    assert_eq!(<(i64, bool, Vec<u8>, f64, bool, bool)>::from(state), (7, true, b"x".to_vec(), 0.0, true, false));
}

#[test]
#[expect(deprecated, reason = "the old name has to work")]
fn kill_is_drop() {
    let mut message = WebSocketMessage::new(Opcode::Text, true, "a");
    message.kill();
    assert!(message.dropped);
}
