//! A flow of any version is upgraded to one of the newest that says the same, or to a fault; and then once and for all.

use wsflow::Error;
use wsflow::capture::{Format, Reader};
use wsflow::flow::{Flow, Version};
use wsflow::migrate::Upgrader;

pub fn run(data: &[u8]) {
    let mut upgrader = Upgrader::new();
    for record in Reader::from_slice(data, Some(Format::Flow)).unwrap().filter_map(Result::ok) {
        let Ok(upgrade) = upgrader.next(&record) else { continue };
        let viewed = upgrade.flow();
        let Ok(upgraded) = upgrade.upgraded() else { continue };
        let written = upgraded.to_vec();
        assert_eq!(written.len() as u64, upgraded.size());
        if !upgrade.is_needed() {
            assert!(written == *record.data);
            continue;
        }
        let flow = Flow::parse(&written).unwrap();
        assert_eq!(flow.version().unwrap(), Version::NEWEST);
        let viewed = viewed.unwrap();
        assert_eq!(facts(&viewed), facts(&flow));
        let mut again = Upgrader::new();
        let newest: Vec<_> = Reader::from_slice(&written, Some(Format::Flow)).unwrap().collect();
        let [Ok(newest)] = newest.as_slice() else { panic!("{newest:?}") };
        assert!(!again.next(newest).unwrap().is_needed());
    }
}

/// What a flow says, as text. Where a fault stands differs, for bytes before it are others.
fn facts(flow: &Flow<'_>) -> String {
    let messages = flow.websocket().map(|websocket| {
        let messages = websocket.map(|websocket| (websocket.is_open(), websocket.close_code().ok(), websocket.messages()));
        messages.map(|(is_open, code, messages)| {
            let messages = messages.map(|messages| {
                let told = messages.map(|message| {
                    message.map(|m| {
                        (m.index, m.opcode, m.from_client, m.content, m.timestamp.seconds(), m.dropped, m.injected)
                    })
                });
                told.map(|told| format!("{:?}", told.map_err(what))).collect::<Vec<_>>()
            });
            (is_open, code, messages.map_err(what))
        })
    });
    let facts = (flow.kind().map_err(what), flow.id().map_err(what), flow.url().map_err(what), flow.marked());
    format!("{facts:?} {:?} {:?}", flow.comment(), messages.map_err(what))
}

fn what(error: Error) -> String {
    error.situation().to_string()
}
