//! An expression, and behind the first line break a capture to ask: what is parsed is shown so that it parses to the
//! same, and nothing is both matched and excluded.

use wsflow::filter::Filter;
use wsflow::flow::Flow;

use super::ways_in::flows;

/// A capture for expressions that bring none.
const CAPTURE: &[u8] = include_bytes!("../../fixtures/edited-messages.flow");

pub fn run(data: &[u8]) {
    let line = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (expression, capture) = data.split_at(line);
    let Ok(expression) = str::from_utf8(expression) else { return };
    let filter = match Filter::parse(expression) {
        Ok(filter) => filter,
        Err(error) => {
            let text = error.to_string();
            assert!(!text.chars().any(|char| char != '\n' && wsflow::output::is_unsafe(char)), "{text:?}");
            return;
        }
    };
    let shown = filter.to_string();
    let again = Filter::parse(&shown).unwrap();
    assert_eq!(filter, again, "{expression:?} is shown as {shown:?}");
    assert_eq!(shown, again.to_string());
    ask(&filter, CAPTURE);
    ask(&filter, capture.get(1..).unwrap_or_default());
}

fn ask(filter: &Filter, capture: &[u8]) {
    for (index, record) in (0..).zip(flows(capture)) {
        let Ok(flow) = Flow::parse(&record) else { continue };
        assert!(!(filter.matches_flow(&flow, index) && filter.excludes_flow(&flow, index)));
        let Ok(Some(websocket)) = flow.websocket() else { continue };
        let Ok(messages) = websocket.messages() else { continue };
        let of_messages = filter.for_flow(&flow, index);
        let mut one_by_one = Vec::new();
        for message in messages.clone().filter_map(Result::ok) {
            let matches = of_messages.matches(&message);
            assert!(!(matches && of_messages.excludes(&message)));
            if matches {
                one_by_one.push(message.index);
            }
        }
        let selected = of_messages.select(messages).filter_map(Result::ok).map(|message| message.index);
        assert_eq!(selected.collect::<Vec<_>>(), one_by_one);
        assert!(of_messages.may_match() || one_by_one.is_empty());
    }
}
