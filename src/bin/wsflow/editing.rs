//! What the commands that write captures have in common: the messages that are chosen of each flow, found on all
//! cores and handed out flow by flow in file order.
//!
//! A large connection comes in pieces; what was chosen of it is gathered until the last one, for the lengths in
//! front of its messages depend on all of them. That takes a bit for each message ([`Positions`]).

use std::hash::{DefaultHasher, Hasher as _};
use std::ops::ControlFlow;

use wsflow::capture::Reader;
use wsflow::edit::Positions;
use wsflow::flow::Message;
use wsflow::migrate::connection_id;
use wsflow::scan::{self, Batch, Cutter, Piece, Scope};

use crate::choice::Choice;
use crate::report::Faults;

/// A flow, and what was chosen of it.
pub(crate) struct Chosen {
    /// The position of the flow in its file.
    pub(crate) flow: u64,
    /// Whether it is a WebSocket connection.
    pub(crate) is_connection: bool,
    /// Messages that were walked: all that it has, or none when no message of it can match.
    pub(crate) messages: u64,
    /// By what the two records of an old connection find each other, if it is one of the two.
    pub(crate) link: Option<Link>,
    /// Whether it is a connection without messages, and chosen as a whole.
    pub(crate) is_chosen_empty: bool,
    /// The messages that were chosen.
    pub(crate) chosen: Positions,
    /// How many they are.
    pub(crate) count: u64,
    /// How many were found, also those of which it was not wanted.
    pub(crate) found: u64,
}

/// The id of an old connection, as a hash: there can be very many. When two ids have the same one, which no capture
/// of any size is likely to have, a handshake is kept that could be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Link(u64);

impl Link {
    fn of(record: &[u8]) -> Option<Link> {
        let mut hasher = DefaultHasher::new();
        hasher.write(connection_id(record)?);
        Some(Link(hasher.finish()))
    }
}

/// A search for messages.
pub(crate) struct Search<'c, W> {
    /// The flows to look at.
    pub(crate) scope: Scope,
    /// What to look for in them.
    pub(crate) choice: Choice<'c>,
    /// Of what is found, what is wanted.
    pub(crate) is_wanted: W,
    /// Threads to work with.
    pub(crate) threads: usize,
}

impl<W: Fn(&Message<'_>) -> bool + Sync> Search<'_, W> {
    /// Looks at all flows. `take` gets the faults of a flow, and then the flow; for one that cannot be looked at, a
    /// fault only.
    pub(crate) fn each_flow(
        &self,
        reader: Reader<'_>,
        mut take: impl FnMut(Result<Chosen, Faults>) -> anyhow::Result<()> + Send,
    ) -> anyhow::Result<()> {
        // The others have to be seen too.
        let selection = if self.scope == Scope::All { None } else { self.choice.selection() };
        let cutter = Cutter::new(reader, self.scope).select(selection);
        let work = |batch: &Batch<'_>| -> Vec<Part> { batch.pieces.iter().map(|piece| self.part(piece)).collect() };
        // The flow whose pieces are still coming.
        let mut open: Option<Chosen> = None;
        scan::run(cutter, self.threads, work, |parts| -> anyhow::Result<_> {
            match parts {
                Ok(parts) => {
                    for part in parts {
                        if !part.faults.is_empty() {
                            take(Err(part.faults))?;
                        }
                        match &mut open {
                            Some(open) => open.add(part.chosen),
                            None => open = Some(part.chosen),
                        }
                        if part.is_last
                            && let Some(chosen) = open.take()
                        {
                            take(Ok(chosen))?;
                        }
                    }
                }
                Err(fault) => take(Err(fault.into()))?,
            }
            Ok(ControlFlow::Continue(()))
        })
    }

    /// What a thread makes of a piece.
    fn part(&self, piece: &Piece<'_>) -> Part {
        let flow = piece.record.index;
        let mut faults = Faults::default();
        let (mut is_connection, mut is_chosen_empty) = (true, false);
        if piece.is_first && piece.is_empty() {
            match piece.flow().and_then(|flow| flow.websocket().map(|websocket| (flow, websocket.is_some()))) {
                Ok((view, is_websocket)) => {
                    is_connection = is_websocket;
                    is_chosen_empty = is_websocket && self.choice.has_flow(&view, flow);
                }
                Err(error) => faults.push(piece.locate_flow(error)),
            }
        }
        let (mut chosen, mut count, mut found) = (Positions::default(), 0, 0);
        let messages = self.choice.each(piece, &mut faults, |message| {
            found += 1;
            if (self.is_wanted)(&message) {
                chosen.insert(message.index);
                count += 1;
            }
        });
        let link = if piece.is_first { Link::of(&piece.record.data) } else { None };
        let chosen = Chosen { flow, is_connection, messages, link, is_chosen_empty, chosen, count, found };
        Part { chosen, is_last: piece.is_last, faults }
    }
}

impl Chosen {
    fn add(&mut self, more: Chosen) {
        self.messages += more.messages;
        self.count += more.count;
        self.found += more.found;
        self.chosen.append(more.chosen);
    }
}

/// What a thread found in a piece of a flow.
struct Part {
    chosen: Chosen,
    is_last: bool,
    faults: Faults,
}

/// So many messages of so many connections, in words.
pub(crate) fn counted(messages: u64, connections: u64) -> String {
    format!("{} of {}", plural(messages, "message"), plural(connections, "connection"))
}

/// So many of a thing, in words.
pub(crate) fn plural(count: u64, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}
