//! The walk over the messages of a flow, which is written by hand to be fast, gives what serde gives.

use wsflow::flow::Flow;
use wsflow::tnetstring::{RawValue, from_raw};
use wsflow::websocket::WebSocketMessageState;

use super::ways_in::flows;

pub fn run(data: &[u8]) {
    compare(&flow_with_messages(data));
    flows(data).iter().for_each(|record| compare(record));
}

/// A flow in which these bytes are the list of messages.
fn flow_with_messages(run: &[u8]) -> Vec<u8> {
    let value = |body: &[u8], tag: u8| [body.len().to_string().as_bytes(), b":", body, &[tag]].concat();
    let websocket = value(&[b"8:messages;", value(run, b']').as_slice()].concat(), b'}');
    value(&[b"4:type;4:http;9:websocket;", websocket.as_slice()].concat(), b'}')
}

fn compare(record: &[u8]) {
    let Ok(Some(websocket)) = Flow::parse(record).and_then(|flow| flow.websocket()) else { return };
    let (Ok(list), Ok(mut messages)) = (websocket.message_list(), websocket.messages()) else { return };
    let mut stretch = Vec::new();
    messages.clone().for_each(|message| stretch.push(format!("{message:?}")));
    let mut faults = Vec::new();
    let sound = messages.clone().count_sound(|fault| faults.push(fault.to_string()));
    let mut broken = Vec::new();
    let mut count = 0;
    for (index, item) in list.items().unwrap().enumerate() {
        let message = messages.next().expect("the walk ends too early");
        assert_eq!(format!("{message:?}"), stretch[index]);
        let by_serde = item.and_then(from_raw::<WebSocketMessageState>);
        match (message, by_serde) {
            (Ok(message), Ok(state)) => {
                let WebSocketMessageState(opcode, from_client, content, timestamp, dropped, injected) = state;
                assert_eq!(message.index, index as u64);
                assert_eq!(i64::from(message.opcode), opcode);
                assert_eq!(message.content, content);
                assert_eq!(message.timestamp.seconds().to_bits(), timestamp.to_bits());
                assert_eq!((message.from_client, message.dropped, message.injected), (from_client, dropped, injected));
                if let Some(micros) = message.timestamp.micros() {
                    let near = (micros as f64 / 1e6 - timestamp).abs();
                    assert!(near <= 1e-6 + timestamp.abs() * f64::EPSILON, "{micros} is not {timestamp}");
                }
                count += 1;
            }
            (Err(error), Err(_)) => broken.push(error.to_string()),
            (message, state) => panic!("{message:?}\n{state:?}\n{:?}", items(list)),
        }
    }
    assert!(messages.next().is_none());
    assert_eq!((sound, faults), (count, broken));
}

fn items(list: RawValue<'_>) -> String {
    list.body().escape_ascii().to_string()
}
