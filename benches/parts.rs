//! The parts of the program on their own, each over the same 8 MiB of a capture.
//!
//! ```text
//! cargo bench --bench parts
//! ```
//!
//! The whole program is measured against others by `benches/compare`.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../examples/make_corpus/corpus/mod.rs"]
mod corpus;

use std::sync::LazyLock;

use corpus::Shape;
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use wsflow::capture::{Format as CaptureFormat, Reader};
use wsflow::edit::{Change, FlowEdit};
use wsflow::encode::Encoder;
use wsflow::filter::Filter;
use wsflow::flow::{Flow, FlowContext, Messages};
use wsflow::output::{Format, MessageField, MessageRow, Options, Writer};
use wsflow::state::State;
use wsflow::tnetstring;

fn main() {
    divan::main();
}

/// Connections of small text messages, as a chat or a market feed has them.
static CHAT: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut bytes = Vec::new();
    let (_, chat) = Shape::ALL.into_iter().find(|(name, _)| *name == "chat").unwrap();
    corpus::write(chat, 8 << 20, 1, &mut bytes).unwrap();
    bytes
});

/// Calls `each` for every flow of the capture.
fn each_flow(each: impl FnMut(Flow<'static>)) {
    let records = Reader::from_slice(&CHAT, None).unwrap().map(Result::unwrap);
    let offsets = records.map(|record| (record.offset as usize, record.data.len()));
    offsets.map(|(at, length)| Flow::parse(&CHAT[at..at + length]).unwrap()).for_each(each);
}

fn messages(flow: &Flow<'static>) -> Option<Messages<'static>> {
    Some(flow.websocket().unwrap()?.messages().unwrap())
}

fn bench<T>(bencher: Bencher<'_, '_>, work: impl Fn() -> T + Sync) {
    LazyLock::force(&CHAT);
    bencher.counter(BytesCount::new(CHAT.len())).bench(work);
}

#[divan::bench]
fn cut_records(bencher: Bencher<'_, '_>) {
    bench(bencher, || Reader::from_slice(&CHAT, None).unwrap().count());
}

#[divan::bench]
fn count_messages(bencher: Bencher<'_, '_>) {
    bench(bencher, || {
        let mut count = 0;
        each_flow(|flow| count += messages(&flow).map_or(0, |messages| messages.count_sound(|_| ())));
        count
    });
}

#[divan::bench]
fn walk_messages(bencher: Bencher<'_, '_>) {
    bench(bencher, || {
        let mut bytes = 0;
        each_flow(|flow| {
            messages(&flow)
                .into_iter()
                .flatten()
                .for_each(|message| bytes += black_box(message.unwrap()).content.len());
        });
        bytes
    });
}

/// What the walk saves: the same through serde, into a tree.
#[divan::bench]
fn decode_with_serde(bencher: Bencher<'_, '_>) {
    bench(bencher, || {
        for record in Reader::from_slice(&CHAT, None).unwrap() {
            black_box(tnetstring::from_slice::<State<'_>>(&record.unwrap().data).unwrap());
        }
    });
}

#[divan::bench(args = ["~b needle", "~b need[l]e", "~client & ~size >90", "~jq '.op == \"alpha\"'"])]
fn filter(bencher: Bencher<'_, '_>, expression: &str) {
    let filter = Filter::parse(expression).unwrap();
    bench(bencher, || {
        let mut found = 0;
        each_flow(|flow| {
            if let Some(messages) = messages(&flow) {
                found += filter.for_flow(&flow, 0).select(messages).count();
            }
        });
        found
    });
}

#[divan::bench(args = [Format::Table, Format::Ndjson, Format::Csv, Format::Raw])]
fn write_rows(bencher: Bencher<'_, '_>, format: Format) {
    let fields = match format {
        Format::Table => MessageField::of_table(false),
        Format::Raw => vec![MessageField::Content],
        _ => MessageField::of_object(false, false),
    };
    let writer = Writer::new(fields, Options { format, ..Options::default() });
    bench(bencher, || {
        let mut written = 0;
        let mut out = Vec::new();
        each_flow(|flow| {
            let (context, _) = FlowContext::new(&flow, 0);
            let mut rows = writer.of_one_flow();
            for message in messages(&flow).into_iter().flatten() {
                rows.row(&mut out, &MessageRow::new(None, &context, message.unwrap()));
            }
            written += out.len();
            out.clear();
        });
        written
    });
}

#[divan::bench]
fn splice(bencher: Bencher<'_, '_>) {
    let edit: FlowEdit = [Change::SetDropped(0, true), Change::Remove(2)].into_iter().collect();
    bench(bencher, || {
        let mut written = 0;
        for record in Reader::from_slice(&CHAT, None).unwrap() {
            written += edit.splice(&record.unwrap().data).unwrap().len();
        }
        written
    });
}

#[divan::bench(args = [CaptureFormat::MessagePack, CaptureFormat::Har, CaptureFormat::Ndjson])]
fn encode(bencher: Bencher<'_, '_>, format: CaptureFormat) {
    bench(bencher, || {
        let mut encoder = Encoder::new(Vec::new(), format).unwrap();
        encoder.add(Reader::from_slice(&CHAT, None).unwrap(), |_| ()).unwrap();
        encoder.finish().unwrap().0.len()
    });
}
