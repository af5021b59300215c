//! A flow that is cut off, built anew from its whole messages.
//!
//! mitmproxy writes the last key of a dict first. So what comes first of a connection is how it closed, then its messages;
//! the request, the connections and the flow's id come behind them, and are missing when the file ends within the
//! messages. What is there is kept; what is not is what a flow has of which nothing is known, with a request to a
//! host `unknown`, as mitmproxy makes one up for an old connection without a handshake.

use crate::capture::{Format, Identity, NewFlow, Number, Reader};
use crate::check::messages::is_sound;
use crate::check::{self, Wanted};
use crate::flow::{Messages, Version};
use crate::migrate::{self, Upgraded};
use crate::scan::{Cutter, Scope};
use crate::state::State;
use crate::tnetstring::{self, Items, RawValue, Tag};

/// The whole messages of a flow that is cut off.
pub(super) struct WholeMessages {
    pub(super) count: u64,
    /// Bytes behind the last thing in the flow that is whole.
    pub(super) left_over: usize,
}

/// Faults that are taken out of a flow. Each of them takes a check of the whole flow, and one of damage has a few.
const MOST_FAULTS: usize = 100;

/// The key in the metadata of a flow that says that it was built anew.
const MARK: &str = "recovered";

/// Builds a flow from what there is of it, which is all of `cut`: a record with this number, at this byte of its file.
/// `before` is the version of the flow before it. `None` when no message is whole.
pub(super) fn rebuild(
    cut: &[u8],
    record: u64,
    offset: u64,
    before: Option<Version>,
) -> Option<(Upgraded<'_>, WholeMessages)> {
    let (_, head) = RawValue::head(cut)?;
    let flow = Part::of_dict(cut, head, true);
    let is_old = flow.messages.is_some();
    let list = flow.messages.or_else(|| flow.websocket.as_ref()?.messages)?;
    let messages = Sound::of(cut, list)?;
    let version = version(&flow, &messages, before);
    let mut state = flow.state();
    if let Some(websocket) = &flow.websocket {
        state.insert("websocket", websocket.state());
    }
    let is_closed = !is_old || state.get("close_sender").is_some();
    let mut state = migrate::upgrade_part(state, version, is_old);
    if let Some(websocket) = state.get_mut("websocket").filter(|_| !is_closed) {
        websocket.remove("closed_by_client");
    }
    complete(&mut state, record, messages.first_time)?;
    make_sound(&mut state, |state| complete(state, record, messages.first_time))?;
    let mark = format!(
        "rebuilt from {} whole messages: the capture was cut off in this flow, {} bytes after byte {offset}",
        messages.count,
        cut.len()
    );
    if let Some(metadata) = state.get_mut("metadata") {
        metadata.insert(MARK, mark);
    }
    let run = Items::new(cut.get(list..messages.end)?, list);
    let upgraded = Upgraded::new(&state, Some(run), version < Version::Format(15)).ok()?;
    let end = messages.end.max(flow.end).max(flow.websocket.as_ref().map_or(0, |websocket| websocket.end));
    Some((upgraded, WholeMessages { count: messages.count, left_over: cut.len().saturating_sub(end) }))
}

/// The entries of a dict that are whole, and those of which something is there.
#[derive(Clone, Default)]
struct Part<'a> {
    entries: Vec<(&'a str, RawValue<'a>)>,
    /// Where the body of the list `messages` starts.
    messages: Option<usize>,
    websocket: Option<Box<Part<'a>>>,
    /// Where the last whole entry ends.
    end: usize,
}

impl<'a> Part<'a> {
    /// The dict whose body starts at a byte of `cut`, and may end behind it.
    fn of_dict(cut: &'a [u8], at: usize, is_flow: bool) -> Part<'a> {
        let mut part = Part::default();
        let mut items = Items::new(cut.get(at..).unwrap_or_default(), at);
        while let Some(Ok(key)) = items.next() {
            let Ok(name) = key.to_str() else { break };
            let start = items.offset();
            let value = items.next().and_then(Result::ok);
            match (name, value) {
                ("messages", _) => part.messages = body(cut, start),
                ("websocket", Some(value)) if value.tag() != Tag::Dict => {}
                ("websocket", _) if is_flow => {
                    part.websocket = body(cut, start).map(|body| Box::new(Part::of_dict(cut, body, false)));
                }
                (name, Some(value)) => part.entries.push((name, value)),
                (_, None) => {}
            }
            if value.is_none() {
                break;
            }
            part.end = items.offset();
        }
        part
    }

    /// The entries that can be decoded, but for an earlier state of the flow, which would not fit any more.
    fn state(&self) -> State<'a> {
        let entries = self.entries.iter().filter(|(name, _)| *name != "backup" && *name != "version");
        let entries = entries.filter_map(|(name, value)| Some(((*name).into(), State::from_raw(*value).ok()?)));
        State::Dict(entries.collect())
    }
}

/// Where the body of the value starts that stands at a byte of `cut`.
fn body(cut: &[u8], at: usize) -> Option<usize> {
    RawValue::head(cut.get(at..)?).map(|(_, head)| at + head)
}

/// The messages from the first to the last that is whole and sound.
struct Sound {
    count: u64,
    end: usize,
    first_time: f64,
    /// Whether the first says whether it was injected.
    has_six_values: bool,
}

impl Sound {
    /// Those of the list whose body starts at a byte of `cut`.
    fn of(cut: &[u8], list: usize) -> Option<Sound> {
        let run = cut.get(list..)?;
        let mut messages = Messages::of_run(run, list, 0);
        let mut sound: Option<Sound> = None;
        while let Some(Ok(message)) = messages.next() {
            if !is_sound(cut, &message) {
                break;
            }
            let found = sound.get_or_insert_with(|| Sound {
                count: 0,
                end: 0,
                first_time: message.timestamp.seconds(),
                has_six_values: RawValue::split_first(run)
                    .is_ok_and(|(first, _)| first.items().is_ok_and(|values| values.count() == 6)),
            });
            found.count += 1;
            found.end = messages.offset();
        }
        sound
    }
}

/// The version of the flow: what it says itself, or that of the flow before it, or what its messages look like.
fn version(flow: &Part<'_>, messages: &Sound, before: Option<Version>) -> Version {
    let own = flow.entries.iter().find(|(name, _)| *name == "version").and_then(|(_, value)| value.to_i64().ok());
    let own = own.and_then(|number| u64::try_from(number).ok()).map(Version::Format);
    let fits = |version: &Version| {
        let is_old = flow.messages.is_some();
        let has_injected = *version >= Version::Format(15);
        *version <= Version::NEWEST
            && is_old == (*version < Version::ONE_RECORD)
            && has_injected == messages.has_six_values
    };
    own.or(before).filter(fits).unwrap_or(match (flow.messages.is_some(), messages.has_six_values) {
        (true, _) => Version::Format(7),
        (false, true) => Version::NEWEST,
        (false, false) => Version::Format(14),
    })
}

/// Gives a flow all keys that it lacks.
fn complete(state: &mut State<'_>, record: u64, timestamp: f64) -> Option<()> {
    let timestamp = if timestamp.is_finite() { timestamp } else { 0.0 };
    let identity = Identity::of_record(record).with(&timestamp.to_be_bytes());
    let new = NewFlow::of_websocket(identity, Some(Number::Float(timestamp)), None);
    let new = new.encode(
        |websocket| {
            let dict = websocket.open();
            for key in ["timestamp_end", "close_reason", "close_code", "closed_by_client"] {
                websocket.str(key);
                websocket.null();
            }
            websocket.close(dict, Tag::Dict);
        },
        |metadata| {
            let dict = metadata.open();
            metadata.close(dict, Tag::Dict);
        },
    );
    let new = tnetstring::from_slice::<State<'_>>(&new).ok()?.into_owned().ok()?;
    fill(state, new);
    state.insert("version", migrate::NEWEST);
    Some(())
}

/// Takes out of a flow, whose messages are sound, what a check finds fault with; `complete` gives it what it then lacks.
/// `None` where that does not make it sound.
fn make_sound<'a>(state: &mut State<'a>, complete: impl Fn(&mut State<'a>) -> Option<()>) -> Option<()> {
    for _ in 0..MOST_FAULTS {
        let Some(path) = fault(state)? else { return Some(()) };
        let (key, rest) = key_of(state, &path)?;
        let inner = state.get_mut(&key)?;
        match key_of(inner, rest.strip_prefix('.').unwrap_or_default()) {
            Some((name, _)) => drop(inner.remove(&name)?),
            None => drop(state.remove(&key)?),
        }
        complete(state)?;
    }
    None
}

/// The key of a dict with which a path begins, and the rest of the path. A damaged key may hold what separates others.
fn key_of<'p>(dict: &State<'_>, path: &'p str) -> Option<(String, &'p str)> {
    let keys = dict.as_dict()?.iter().filter_map(|(key, _)| {
        let key = str::from_utf8(key.as_bytes()).ok()?;
        let rest = path.strip_prefix(key)?;
        (rest.is_empty() || rest.starts_with(['.', '['])).then_some((key, rest))
    });
    keys.max_by_key(|(key, _)| key.len()).map(|(key, rest)| (key.to_owned(), rest))
}

/// The path of the first thing in a flow, but for its messages, that mitmproxy would not take; `None` within when there is
/// none.
fn fault(state: &State<'_>) -> Option<Option<String>> {
    let mut state = state.clone();
    state.get_mut("websocket")?.insert("messages", State::List(Vec::new()));
    let bytes = tnetstring::to_vec(&state).ok()?;
    let reader = Reader::from_slice(&bytes, Some(Format::Flow)).ok()?;
    let batch = Cutter::new(reader, Scope::All).next()?.ok()?;
    let fault = check::first_fault(batch.pieces.first()?, Wanted::FirstForeign);
    Some(fault.map(|fault| fault.place.path))
}

/// Puts into a flow what it lacks of another, and so in the dicts within it. What is null, and cannot be, is lacking.
fn fill(state: &mut State<'_>, new: State<'static>) {
    let State::Dict(entries) = new else { return };
    for (key, value) in entries {
        let name = String::from_utf8_lossy(key.as_bytes()).into_owned();
        match state.get_mut(&name) {
            Some(there @ State::Dict(_)) => fill_dict(there, value),
            Some(there @ State::Null) => *there = value,
            Some(_) => {}
            None => drop(state.insert(key, value)),
        }
    }
}

fn fill_dict(dict: &mut State<'_>, new: State<'static>) {
    let State::Dict(entries) = new else { return };
    for (key, value) in entries {
        if dict.get(&String::from_utf8_lossy(key.as_bytes())).is_none() {
            dict.insert(key, value);
        }
    }
}
