//! A connection, and what was counted of its messages.

use super::figures::Figures;
use super::timeline::Timeline;
use crate::Error;
use crate::flow::{Flow, Message, Timestamp, keep};

/// A connection, and what was counted of its messages so far. It holds no part of its record.
#[derive(Clone, Debug, Default)]
pub struct Connection {
    /// The position of its file among those that are read, counted from 0.
    pub file: usize,
    /// The position of its flow in the file, counted from 0.
    pub flow: u64,
    pub(super) id: Option<String>,
    pub(super) url: Option<String>,
    /// When it began and ended, in microseconds since the Unix epoch.
    pub(super) start: Option<i64>,
    pub(super) end: Option<i64>,
    pub(super) closed_by_client: Option<bool>,
    pub(super) close_code: Option<i64>,
    /// What was counted of its messages.
    pub figures: Figures,
}

impl Connection {
    /// The connection of a flow, no message counted yet, and the faults that left something empty.
    pub fn new(flow: &Flow<'_>, file: usize, index: u64) -> (Connection, Vec<Error>) {
        let mut faults = Vec::new();
        let time = |timestamp: Option<Timestamp<'_>>| timestamp.and_then(|time| time.micros());
        let websocket = keep(flow.websocket(), &mut faults).flatten();
        let close_code = websocket.map(|websocket| websocket.close_code().map_err(in_websocket));
        let by_client = websocket.map(|websocket| websocket.closed_by_client().map_err(in_websocket));
        let connection = Connection {
            file,
            flow: index,
            id: keep(flow.id(), &mut faults).map(str::to_owned),
            url: keep(flow.url(), &mut faults).flatten(),
            start: time(flow.timestamp_start()),
            end: time(flow.timestamp_end()),
            closed_by_client: by_client.and_then(|by_client| keep(by_client, &mut faults).flatten()),
            close_code: close_code.and_then(|code| keep(code, &mut faults).flatten()),
            figures: Figures::default(),
        };
        (connection, faults)
    }

    /// A part of a connection that does not begin with its first message, for
    /// [`append`](Self::append); also a connection of which nothing else is known.
    pub fn part(file: usize, index: u64) -> Connection {
        Connection { file, flow: index, ..Connection::default() }
    }

    /// Counts the next message; also over time, where all connections are counted together.
    #[inline]
    pub fn add(&mut self, message: &Message<'_>, timeline: &mut Timeline) {
        if let Some(time) = self.figures.add(self.file, self.flow, message) {
            timeline.add(time, message.from_client);
        }
    }

    /// Adds what was counted of the messages that follow.
    pub fn append(&mut self, next: &Connection) {
        self.figures.append(&next.figures);
    }
}

fn in_websocket(error: Error) -> Error {
    error.within("websocket")
}
