//! An edit spliced into a record is what decoding it, changing it and encoding it gives.

use wsflow::edit::{Change, FlowEdit};
use wsflow::state::State;
use wsflow::tnetstring::{RawValue, from_slice, to_vec};

use super::choices::Choices;
use super::ways_in::flows;

pub fn run(data: &[u8]) {
    let mut choices = Choices::of(data);
    for record in flows(data) {
        let state = from_slice::<State<'_>>(&record);
        let mut count = 8;
        if let Ok(mut state) = from_slice::<State<'_>>(&record) {
            count = messages(&mut state).map_or(count, |messages| messages.len() as u64 + 1);
        }
        let changes: Vec<_> = (0..choices.below(6)).map(|_| change(&mut choices, count)).collect();
        let edit: FlowEdit = changes.iter().cloned().collect();
        let Ok(splice) = edit.splice(&record) else { continue };
        let spliced = splice.to_vec().unwrap();
        assert_eq!(spliced.len(), splice.len());
        RawValue::from_slice(&spliced).unwrap();
        if edit.is_empty() {
            assert!(spliced == record);
        }
        let Ok(mut expected) = state else { continue };
        apply(&mut expected, &changes);
        // Both in the spelling of mitmproxy, for a splice leaves others as they are.
        let spliced = to_vec(&from_slice::<State<'_>>(&spliced).unwrap()).unwrap();
        let expected = to_vec(&expected).unwrap();
        assert!(spliced == expected, "{changes:?}\n{}\n{}", spliced.escape_ascii(), expected.escape_ascii());
    }
}

fn change(choices: &mut Choices, count: u64) -> Change {
    let message = choices.below(count);
    match choices.below(4) {
        0 => Change::Remove(message),
        1 => Change::SetContent(message, b"x".repeat(choices.below(120) as usize)),
        flag => Change::SetDropped(message, flag == 2),
    }
}

/// The messages of a flow of either layout.
fn messages<'s, 'a>(flow: &'s mut State<'a>) -> Option<&'s mut Vec<State<'a>>> {
    let within = if flow.get("websocket").is_some_and(|websocket| !websocket.is_null()) {
        flow.get_mut("websocket")?
    } else {
        flow
    };
    within.get_mut("messages")?.as_list_mut()
}

/// The changes, made to the decoded flow.
fn apply(flow: &mut State<'_>, changes: &[Change]) {
    let Some(messages) = messages(flow).filter(|_| !changes.is_empty()) else { return };
    let mut removed = vec![false; messages.len()];
    for change in changes {
        let (Change::SetDropped(at, _) | Change::SetContent(at, _) | Change::Remove(at)) = change;
        let at = usize::try_from(*at).unwrap();
        match change {
            Change::Remove(_) => removed[at] = true,
            // Nobody looks into a message that is taken out.
            _ if changes.contains(&Change::Remove(at as u64)) => {}
            Change::SetDropped(_, dropped) => messages[at].as_list_mut().unwrap()[4] = State::from(*dropped),
            Change::SetContent(_, content) => {
                let there = &mut messages[at].as_list_mut().unwrap()[2];
                *there = match there {
                    State::Str(_) => State::from(String::from_utf8(content.clone()).unwrap()),
                    _ => State::from(content.clone()),
                };
            }
        }
    }
    let mut removed = removed.into_iter();
    messages.retain(|_| !removed.next().unwrap());
}
