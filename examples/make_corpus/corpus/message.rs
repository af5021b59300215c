//! The messages of a connection.

use std::io::Write as _;

use wsflow::tnetstring::{Tag, Writer};

use super::random::Random;

const WORDS: [&str; 13] = [
    "alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet", "kilo", "lima", "mike",
];

/// Makes messages, one after the other. A clone makes the same ones.
#[derive(Clone, Debug)]
pub(super) struct Messages {
    random: Random,
    is_binary: bool,
    with_flags: bool,
    /// When the first message comes, in seconds since the Unix epoch.
    time: f64,
    /// The number of the next message, counted over the whole file.
    number: u64,
    needles: u64,
    content: Vec<u8>,
}

impl Messages {
    pub(super) fn new(random: Random, is_binary: bool, with_flags: bool, time: f64, number: u64) -> Messages {
        Messages { random, is_binary, with_flags, time, number, needles: 0, content: Vec::new() }
    }

    pub(super) fn next_number(&self) -> u64 {
        self.number
    }

    /// How many of the messages so far hold the word `needle`.
    pub(super) fn needles(&self) -> u64 {
        self.needles
    }

    /// How many messages there are in `size` bytes or a little more, and how many bytes they take. None is passed over.
    pub(super) fn measure(&self, size: u64) -> (u64, usize) {
        let mut messages = self.clone();
        let mut message = Vec::new();
        let (mut count, mut length) = (0, 0);
        while (length as u64) < size {
            message.clear();
            messages.push_next(&mut message);
            count += 1;
            length += message.len();
        }
        (count, length)
    }

    /// Appends the next message.
    pub(super) fn push_next(&mut self, out: &mut Vec<u8>) {
        let number = self.number;
        self.number += 1;
        let from_client = self.random.below(10) < 3;
        self.content.clear();
        let opcode = if self.is_binary {
            self.fill_binary(16 << 10)
        } else if number % 10 == 9 {
            let length = 8 + self.random.below(56);
            self.fill_binary(length as usize)
        } else {
            self.fill_text(number);
            1
        };
        let mut writer = Writer::new(out);
        let message = writer.open();
        writer.integer(opcode);
        writer.bool(from_client);
        writer.bytes(&self.content);
        writer.float(self.time + number as f64 * 0.001);
        writer.bool(self.with_flags && self.random.one_in(100));
        writer.bool(self.with_flags && self.random.one_in(100));
        writer.close(message, Tag::List);
    }

    fn fill_binary(&mut self, length: usize) -> i64 {
        self.content.resize(length, 0);
        self.random.fill(&mut self.content);
        2
    }

    fn fill_text(&mut self, number: u64) {
        let Messages { random, content, needles, .. } = self;
        // Writing into a buffer cannot fail.
        if number % 997 == 500 {
            *needles += 1;
            drop(write!(content, "needle-{number} é中😀"));
            return;
        }
        let (op, symbol, price) = (random.choose(&WORDS), random.choose(&WORDS), random.fraction());
        drop(write!(content, r#"{{"op":"{op}","seq":{number},"sym":"{symbol}","px":{price},"note":""#));
        for position in 0..6 {
            if position > 0 {
                content.push(b' ');
            }
            content.extend_from_slice(random.choose(&WORDS).as_bytes());
        }
        content.extend_from_slice(b"\"}");
    }
}
