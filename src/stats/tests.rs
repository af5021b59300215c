use proptest::prelude::*;

use super::*;
use crate::flow::{Message, Messages};
use crate::output::Looks;
use crate::tnetstring::{Tag, Writer};

/// Messages of some connections as (opcode, size, time, flags), with times of any kind.
type Sent = (i64, usize, f64, (bool, bool, bool));

fn sent() -> impl Strategy<Value = Sent> {
    let opcode = prop_oneof![6 => 1..=2_i64, 1 => 0..16_i64];
    let near = 1_700_000_000.0..1_700_000_100.0;
    let time = prop_oneof![8 => near, 1 => Just(f64::NAN), 1 => Just(f64::INFINITY), 1 => Just(0.0), 1 => any::<f64>()];
    (opcode, 0..5000_usize, time, any::<(bool, bool, bool)>())
}

/// The messages as a capture has them.
fn encoded(messages: &[Sent]) -> Vec<u8> {
    let content = [b'x'; 5000];
    let mut out = Vec::new();
    for (opcode, size, time, (from_client, dropped, injected)) in messages {
        let mut writer = Writer::new(&mut out);
        let list = writer.open();
        writer.integer(*opcode);
        writer.bool(*from_client);
        writer.bytes(&content[..*size]);
        writer.float(*time);
        writer.bool(*dropped);
        writer.bool(*injected);
        writer.close(list, Tag::List);
    }
    out
}

/// What is shown of connections that were counted in pieces: the bounds of each are (connection, messages before).
fn counted(connections: &[Vec<Sent>], cuts: impl Fn(usize) -> Vec<usize>) -> (String, Vec<String>) {
    let (mut total, mut listed) = (Total::default(), Vec::new());
    for (flow, sent) in connections.iter().enumerate() {
        let encoded = encoded(sent);
        let messages: Vec<Message<'_>> = Messages::of_run(&encoded, 0, 0).map(Result::unwrap).collect();
        let mut whole = Connection::part(0, flow as u64);
        let mut bounds = vec![0];
        bounds.extend(cuts(messages.len()));
        bounds.push(messages.len());
        bounds.sort_unstable();
        for run in bounds.windows(2) {
            // As a thread does it that has nothing but this run.
            let mut batch = Total::default();
            let mut part = Connection::part(0, flow as u64);
            messages[run[0]..run[1]].iter().for_each(|message| part.add(message, &mut batch.timeline));
            whole.append(&part);
            total.merge(batch);
        }
        total.end(&whole);
        listed.push(json(|out| Listed::new(&whole, &[]).push_json(out, Looks::default())));
    }
    (json(|out| Summary::new(total, &[]).push_json(out, Looks::default())), listed)
}

fn json(push: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    push(&mut out);
    String::from_utf8(out).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_cut_gives_the_same_figures(
        connections in proptest::collection::vec(proptest::collection::vec(sent(), 0..400), 0..4),
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..5),
    ) {
        let whole = counted(&connections, |_| Vec::new());
        let cut = counted(&connections, |count| cuts.iter().map(|at| at.index(count + 1)).collect());
        prop_assert_eq!(cut, whole);
    }
}

#[test]
fn odd_times_are_counted_and_spoil_nothing() {
    let at = |time: f64| (1, 3, time, (true, false, false));
    let sent = [at(1e9), at(f64::NAN), at(1e9 + 0.5), at(f64::INFINITY), at(1e9 + 0.25), at(1e9 + 1.25), at(1e300)];
    let (_, listed) = counted(&[sent.to_vec()], |_| Vec::new());
    let found: serde_json::Value = serde_json::from_str(&listed[0]).unwrap();
    assert_eq!(found["messages"], 7);
    assert_eq!(found["without_time"], 3);
    assert_eq!(found["backwards"], 1);
    assert_eq!(found["span"], 1.25);
    assert_eq!(found["messages_per_second"], 7.0 / 1.25);
    assert_eq!(found["gaps"]["p50"], 0.5);
    assert_eq!(found["gaps"]["max"], 1.0);
}
