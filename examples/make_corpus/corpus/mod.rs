//! Flow files of any size, each shape a workload that real captures show.
//!
//! | shape | what it holds |
//! |---|---|
//! | chat | many connections of 200 short messages, JSON and binary, both ways |
//! | short | a great many connections of two messages: a page that is loaded again and again |
//! | binary | few connections, binary messages of 16 KiB |
//! | giant | one connection that holds every message: a long-lived feed |
//! | http | plain HTTP flows with bodies of 256 KiB, and one connection among 50 of them |
//! | mixed | chat, http and binary in turn, with dropped and injected messages |
//!
//! Keys, types and their order are those of format 21. No shape needs more memory than one of its small flows: the
//! messages of `giant` are made twice, since their length stands in front of them.

mod flow;
mod message;
mod random;

use std::io::{self, Write};

use message::Messages;
use random::Random;

/// What a file is to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Chat,
    Short,
    Binary,
    Giant,
    Http,
    Mixed,
}

impl Shape {
    pub(crate) const ALL: [(&'static str, Shape); 6] = [
        ("chat", Shape::Chat),
        ("short", Shape::Short),
        ("binary", Shape::Binary),
        ("giant", Shape::Giant),
        ("http", Shape::Http),
        ("mixed", Shape::Mixed),
    ];

    /// What flow number `number` is, in a file of this shape.
    fn of_flow(self, number: u64) -> Shape {
        match self {
            Shape::Mixed => [Shape::Chat, Shape::Http, Shape::Binary, Shape::Http, Shape::Chat][(number % 5) as usize],
            Shape::Http if number.is_multiple_of(50) => Shape::Chat,
            other => other,
        }
    }
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Made {
    pub(crate) flows: u64,
    /// Flows that are WebSocket connections.
    pub(crate) connections: u64,
    pub(crate) messages: u64,
    /// Messages that hold the word `needle`.
    pub(crate) needles: u64,
    pub(crate) bytes: u64,
}

/// When the first flow begins, in seconds since the Unix epoch. Each begins half a second after the one before.
const START: f64 = 1_700_000_000.0;

/// Writes flows until they take `size` bytes or more.
pub(crate) fn write(shape: Shape, size: u64, seed: u64, out: &mut impl Write) -> io::Result<Made> {
    let mut random = Random::new(seed);
    let mut out = Counted { out, bytes: 0 };
    let mut made = Made::default();
    while out.bytes < size {
        let time = START + made.flows as f64 * 0.5;
        let kind = shape.of_flow(made.flows);
        let path = match kind {
            Shape::Chat | Shape::Mixed => format!("/chat/{}", made.flows),
            Shape::Short => format!("/page/{}", made.flows),
            Shape::Binary => format!("/binary/{}", made.flows),
            Shape::Giant => "/giant".to_owned(),
            Shape::Http => format!("/asset/{}", made.flows),
        };
        made.flows += 1;
        if kind == Shape::Http {
            out.write_all(&flow::with_body(&mut random, time, &path))?;
            continue;
        }
        let mut messages =
            Messages::new(random.split(), kind == Shape::Binary, shape == Shape::Mixed, time, made.messages);
        match kind {
            Shape::Giant => {
                let (count, length) = messages.measure(size);
                let (before, behind) = flow::around_messages(&mut random, time, &path, length);
                out.write_all(&before)?;
                let mut message = Vec::new();
                for _ in 0..count {
                    message.clear();
                    messages.push_next(&mut message);
                    out.write_all(&message)?;
                }
                out.write_all(&behind)?;
            }
            _ => {
                let mut list = Vec::new();
                let count = match kind {
                    Shape::Short => 2,
                    Shape::Binary => 20,
                    _ => 200,
                };
                (0..count).for_each(|_| messages.push_next(&mut list));
                let (before, behind) = flow::around_messages(&mut random, time, &path, list.len());
                [before, list, behind].iter().try_for_each(|part| out.write_all(part))?;
            }
        }
        made.connections += 1;
        made.messages = messages.next_number();
        made.needles += messages.needles();
    }
    Ok(Made { bytes: out.bytes, ..made })
}

/// Counts what is written.
struct Counted<'o, W> {
    out: &'o mut W,
    bytes: u64,
}

impl<W: Write> Write for Counted<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
