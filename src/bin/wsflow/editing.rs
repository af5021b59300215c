//! What the commands that write captures have in common: the messages that are chosen of each flow, found on all
//! cores and handed out flow by flow in file order.
//!
//! A large connection comes in pieces; what was chosen of it is gathered until the last one, for the lengths in
//! front of its messages depend on all of them. That takes a bit for each message ([`Positions`]).

use std::ops::ControlFlow;

use wsflow::Error;
use wsflow::capture::Reader;
use wsflow::edit::Positions;
use wsflow::flow::Message;
use wsflow::scan::{self, Batch, Cutter, Piece, Scope};

use crate::choice::Choice;

/// A flow, and what was chosen of it.
pub(crate) struct Chosen {
    /// The position of the flow in its file.
    pub(crate) flow: u64,
    /// Whether it is a WebSocket connection.
    pub(crate) is_connection: bool,
    /// Messages that it has.
    pub(crate) messages: u64,
    /// Whether it is a connection without messages, and chosen as a whole.
    pub(crate) is_chosen_empty: bool,
    /// The messages that were chosen.
    pub(crate) chosen: Positions,
    /// How many they are.
    pub(crate) count: u64,
}

/// Looks at all flows of a scope. `take` gets the faults of a flow, and then the flow; for one that cannot be looked
/// at, a fault only.
pub(crate) fn each_flow(
    reader: Reader<'_>,
    scope: Scope,
    choice: Choice<'_>,
    threads: usize,
    is_wanted: impl Fn(&Message<'_>) -> bool + Sync,
    mut take: impl FnMut(Result<Chosen, Error>) -> anyhow::Result<()> + Send,
) -> anyhow::Result<()> {
    // The others have to be seen too.
    let selection = if scope == Scope::All { None } else { choice.selection() };
    let cutter = Cutter::new(reader, scope).select(selection);
    let work = |batch: &Batch<'_>| -> Vec<Part> {
        batch.pieces.iter().map(|piece| Part::new(piece, choice, &is_wanted)).collect()
    };
    // The flow whose pieces are still coming.
    let mut open: Option<Chosen> = None;
    scan::run(cutter, threads, work, |parts| -> anyhow::Result<_> {
        match parts {
            Ok(parts) => {
                for part in parts {
                    part.faults.into_iter().try_for_each(|fault| take(Err(fault)))?;
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
            Err(fault) => take(Err(fault))?,
        }
        Ok(ControlFlow::Continue(()))
    })
}

impl Chosen {
    fn add(&mut self, more: Chosen) {
        self.messages += more.messages;
        self.count += more.count;
        self.chosen.append(more.chosen);
    }
}

/// What a thread found in a piece of a flow.
struct Part {
    chosen: Chosen,
    is_last: bool,
    faults: Vec<Error>,
}

impl Part {
    fn new(piece: &Piece<'_>, choice: Choice<'_>, is_wanted: &impl Fn(&Message<'_>) -> bool) -> Part {
        let flow = piece.record.index;
        let mut faults = Vec::new();
        let (mut is_connection, mut is_chosen_empty) = (true, false);
        if piece.is_first && piece.is_empty() {
            match piece.flow().and_then(|flow| flow.websocket().map(|websocket| (flow, websocket.is_some()))) {
                Ok((view, is_websocket)) => {
                    is_connection = is_websocket;
                    is_chosen_empty = is_websocket && choice.has_flow(&view, flow);
                }
                Err(error) => faults.push(piece.locate_flow(error)),
            }
        }
        let (mut chosen, mut count) = (Positions::default(), 0);
        choice.each(piece, &mut faults, |message| {
            if is_wanted(&message) {
                chosen.insert(message.index);
                count += 1;
            }
        });
        let chosen = Chosen { flow, is_connection, messages: piece.count(), is_chosen_empty, chosen, count };
        Part { chosen, is_last: piece.is_last, faults }
    }
}

/// So many messages of so many connections, in words.
pub(crate) fn counted(messages: u64, connections: u64) -> String {
    format!("{} of {}", plural(messages, "message"), plural(connections, "connection"))
}

/// So many of a thing, in words.
pub(crate) fn plural(count: u64, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}
