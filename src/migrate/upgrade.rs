//! From a record of any version to its flow.

use std::ops::Range;
use std::sync::OnceLock;

use super::handshakes::{HANDSHAKE_MEMORY, Handshake, Handshakes};
use super::write::Upgraded;
use super::{join, steps, tree};
use crate::capture::{Data, Record};
use crate::flow::{Flow, Headers, Version};
use crate::state::State;
use crate::tnetstring::{self, RawValue, Tag};
use crate::{Error, Situation};

/// What the records of a file have to know of each other. Records are shown to it one after the other.
///
/// ```
/// use wsflow::capture::Reader;
/// use wsflow::migrate::Upgrader;
///
/// let file = b"51:7:version;2:20#4:type;4:http;2:id;2:f1;5:other;1:x;}";
/// let mut upgrader = Upgrader::new();
/// for record in Reader::from_slice(file, None)? {
///     let upgrade = upgrader.next(&record?)?;
///     assert_eq!(upgrade.flow()?.id()?, "f1");
///     assert_eq!(upgrade.upgraded()?.to_vec(), b"51:7:version;2:21#4:type;4:http;2:id;2:f1;5:other;1:x;}");
/// }
/// # Ok::<(), wsflow::Error>(())
/// ```
#[derive(Debug)]
pub struct Upgrader<'a> {
    handshakes: Handshakes<'a>,
}

impl Default for Upgrader<'_> {
    fn default() -> Self {
        Upgrader::new()
    }
}

impl<'a> Upgrader<'a> {
    /// An upgrader for a file.
    pub fn new() -> Upgrader<'a> {
        Upgrader::with_handshake_memory(HANDSHAKE_MEMORY)
    }

    fn with_handshake_memory(bytes: usize) -> Upgrader<'a> {
        Upgrader { handshakes: Handshakes::new(bytes) }
    }

    /// Takes the next record. Nothing of it is upgraded yet, and little of it is looked at.
    ///
    /// # Errors
    /// When the record is no flow, or of a version that cannot be read.
    pub fn next(&mut self, record: &Record<'a>) -> Result<Upgrade<'a>, Error> {
        let flow = Flow::parse(&record.data)?;
        let version = flow.version()?;
        if !steps::is_known(version) && version < Version::NEWEST {
            return Err(Error::new(Situation::UnknownVersion(version.to_string())).within("version"));
        }
        let (layout, list) = if version >= Version::ONE_RECORD {
            let list = flow.websocket()?.map(|websocket| websocket.message_list()).transpose();
            (Layout::OneRecord, list.map_err(|error| error.within("websocket"))?)
        } else {
            self.next_old(record, &flow, version)?
        };
        let list = match list {
            Some(list) => {
                // Nobody but a walk looks into the list; that it is one is what has to be known here.
                list.items().map_err(|error| Error::from(error).within(layout.path_of_messages()))?;
                Some(list.offset()..list.offset() + list.encoded().len())
            }
            None => None,
        };
        Ok(Upgrade { record: record.clone(), version, layout, list, head: OnceLock::new() })
    }

    fn next_old<'r>(
        &mut self,
        record: &'r Record<'a>,
        flow: &Flow<'r>,
        version: Version,
    ) -> Result<(Layout<'a>, Option<RawValue<'r>>), Error> {
        let root = RawValue::from_slice(&record.data)?;
        let metadata = root.get("metadata")?;
        let metadata = |key| metadata.and_then(|metadata| metadata.get(key).ok().flatten());
        if flow.kind()? == "websocket" {
            let id = metadata("websocket_handshake").and_then(|id| id.to_bytes().ok());
            let handshake = match id.and_then(|id| self.handshakes.take(id)) {
                Some(handshake) => Join::With(handshake),
                None if self.handshakes.has_forgotten() => Join::Forgotten,
                None => Join::Missing,
            };
            let list = root.get("messages")?;
            let list = list.ok_or_else(|| Error::new(Situation::MissingKey).within("messages"))?;
            return Ok((Layout::Messages { handshake }, Some(list)));
        }
        let is_handshake = metadata("websocket").is_some() || (version == UNMARKED && is_switch_to_websocket(flow));
        if is_handshake && let Ok(id) = flow.id() {
            self.handshakes.remember(id.as_bytes(), Handshake { data: record.data.clone(), version });
        }
        Ok((Layout::Http, None))
    }
}

/// The version whose handshakes are not marked as such: mitmproxy 6.0 compared the `Upgrade` header, which is bytes,
/// with text.
const UNMARKED: Version = Version::Format(10);

fn is_switch_to_websocket(flow: &Flow<'_>) -> bool {
    let is_websocket = |headers: Headers<'_>| {
        headers.get("upgrade").is_some_and(|protocol| protocol.trim().eq_ignore_ascii_case("websocket"))
    };
    match flow.response() {
        Ok(Some(response)) => {
            response.status_code().is_ok_and(|code| code == 101) && response.headers().is_ok_and(is_websocket)
        }
        _ => false,
    }
}

/// One record, with all that its upgrade needs. It can be worked with on any thread.
#[derive(Debug)]
pub struct Upgrade<'a> {
    record: Record<'a>,
    version: Version,
    layout: Layout<'a>,
    /// Where the list of messages stands in the record.
    list: Option<Range<usize>>,
    /// The flow without its messages, made when it is asked for.
    head: OnceLock<Vec<u8>>,
}

/// How a version stores a flow.
#[derive(Clone, Debug)]
enum Layout<'a> {
    /// Since 12: as the newest does, as far as reading messages goes.
    OneRecord,
    /// Before 12: a flow without messages of a WebSocket.
    Http,
    /// Before 12: the messages of a WebSocket, with the handshake that they belong to.
    Messages { handshake: Join<'a> },
}

/// The handshake of messages.
#[derive(Clone, Debug)]
enum Join<'a> {
    With(Handshake<'a>),
    /// There is none before the messages.
    Missing,
    /// There is none, or it was one of those that were forgotten.
    Forgotten,
}

impl Layout<'_> {
    fn path_of_messages(&self) -> &'static str {
        match self {
            Layout::OneRecord => "websocket.messages",
            Layout::Http | Layout::Messages { .. } => "messages",
        }
    }
}

impl Upgrade<'_> {
    /// The version that the record is in.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Whether the record is in an older version than the newest.
    pub fn is_needed(&self) -> bool {
        self.version < Version::NEWEST
    }

    /// What should be said of a flow that was read, and not as it could have been: its version is newer than all that are
    /// known here, or it was shown without its handshake, as that had to be forgotten.
    pub fn warning(&self) -> Option<Error> {
        let error = match (self.version, &self.layout) {
            (Version::Format(number), _) if self.version > Version::NEWEST => {
                Error::new(Situation::NewerVersion(number)).within("version")
            }
            (_, Layout::Messages { handshake: Join::Forgotten }) => Error::new(Situation::ForgottenHandshake),
            _ => return None,
        };
        Some(self.record.locate(error.at(0)))
    }

    /// The list of the flow's WebSocket messages, as it stands in the record; `None` when the flow is no WebSocket
    /// connection. Offsets in it are those of the record.
    pub fn message_list(&self) -> Option<RawValue<'_>> {
        let range = self.list.clone()?;
        RawValue::from_slice_at(self.record.data.get(range.clone())?, range.start).ok()
    }

    /// The flow, as a view. One of an old layout is upgraded for it at the first call, without its messages, which are
    /// walked where they stand; its [version](Flow::version) is still that of the record.
    ///
    /// # Errors
    /// When the record, or the handshake that belongs to it, is broken.
    pub fn flow(&self) -> Result<Flow<'_>, Error> {
        if matches!(self.layout, Layout::OneRecord) {
            return Flow::parse(&self.record.data);
        }
        let head = match self.head.get() {
            Some(head) => head,
            None => {
                let head = self.head()?;
                self.head.get_or_init(|| head)
            }
        };
        Ok(Flow::parse(head)?.with_messages(self.message_list()))
    }

    /// Bytes that the [flow](Self::flow) takes in memory beside its record.
    pub(crate) fn cost(&self) -> usize {
        match self.layout {
            Layout::OneRecord => 0,
            Layout::Http | Layout::Messages { .. } => {
                self.record.data.len() - self.list.clone().map_or(0, |list| list.len())
            }
        }
    }

    /// An error in a message of the [list](Self::message_list), with its place in the file. Its path has to be one
    /// from `messages` on.
    pub fn locate_message(&self, error: Error) -> Error {
        self.record.locate(match self.layout {
            Layout::OneRecord => error.within("websocket"),
            Layout::Http | Layout::Messages { .. } => error,
        })
    }

    /// An error in the [flow](Self::flow), with its place in the file.
    pub fn locate(&self, error: Error) -> Error {
        match self.layout {
            Layout::OneRecord => self.record.locate(error),
            // Bytes that were made here stand nowhere in the file.
            _ => self.record.locate(error.at(0)),
        }
    }

    fn head(&self) -> Result<Vec<u8>, Error> {
        let mut state = self.state()?;
        // An earlier state of the same flow: no part of what is shown.
        state.remove("backup");
        Ok(tnetstring::to_vec(&state)?)
    }

    /// The whole flow in the newest version, ready to be written. A record of that version, or of a newer one, is left
    /// as it is.
    ///
    /// # Errors
    /// When anything that has to be changed is broken.
    pub fn upgraded(&self) -> Result<Upgraded<'_>, Error> {
        if !self.is_needed() {
            return Ok(Upgraded::unchanged(&self.record.data));
        }
        let mut state = self.state()?;
        state.insert("version", State::from(NEWEST));
        let messages = self.message_list().map(|list| list.items()).transpose()?;
        Upgraded::new(&state, messages, self.version < steps::INJECTED)
            .map_err(|error| error.within(self.layout.path_of_messages()))
    }

    /// The flow in the newest version, but for the version itself, which is that of the record, and without WebSocket messages.
    fn state(&self) -> Result<State<'_>, Error> {
        let mut state = decode(&self.record.data)?;
        match &self.layout {
            Layout::Messages { handshake } => {
                steps::run(&mut state, self.version, Version::Format(11));
                let version = state.remove("version").unwrap_or(State::Null);
                let handshake = match handshake {
                    Join::With(handshake) => Some(
                        // Its bytes stand in another record.
                        handshake_state(handshake)
                            .map_err(|error| error.at(0).within("metadata.websocket_handshake"))?,
                    ),
                    Join::Missing | Join::Forgotten => None,
                };
                let mut flow = join::join(state, handshake);
                steps::run(&mut flow, Version::ONE_RECORD, Version::NEWEST);
                flow.insert("version", version);
                Ok(flow)
            }
            Layout::Http => {
                steps::run(&mut state, self.version, Version::NEWEST);
                Ok(state)
            }
            Layout::OneRecord => {
                if let Some(websocket) = state.get_mut("websocket") {
                    websocket.remove("messages");
                }
                steps::run(&mut state, self.version, Version::NEWEST);
                Ok(state)
            }
        }
    }
}

/// As much of a flow as there is of it, in format 21 as far as it goes: what is missing stays missing. With `is_messages`
/// it is a record of messages of a format before 12, whose handshake is not known.
pub(crate) fn upgrade_part(mut part: State<'_>, version: Version, is_messages: bool) -> State<'_> {
    tree::keep_last_of_equal_keys(&mut part);
    if is_messages {
        steps::run(&mut part, version, Version::Format(11));
        let mut flow = join::join(part, None);
        steps::run(&mut flow, Version::ONE_RECORD, Version::NEWEST);
        return flow;
    }
    steps::run(&mut part, version, Version::NEWEST);
    part
}

fn handshake_state<'s>(handshake: &'s Handshake<'_>) -> Result<State<'s>, Error> {
    let mut state = decode(&handshake.data)?;
    steps::run(&mut state, handshake.version, Version::ONE_RECORD);
    Ok(state)
}

/// The number of the newest version.
pub(crate) const NEWEST: i64 = match Version::NEWEST {
    Version::Format(number) => number as i64,
    Version::Program(..) => 0,
};

/// A list with more bytes than this is checked and goes over as it is. No step looks into one as long: a certificate has
/// some thousands, and headers with all their values decoded would take more than ten times as much.
const LONG_LIST: usize = 64 << 10;

/// Decodes a record, but for long lists, and for lists of messages, in the flow and in its backup.
fn decode<'d>(data: &'d Data<'_>) -> Result<State<'d>, Error> {
    let leave = |key: &[u8], value: RawValue<'d>| key == b"messages" || is_sound_long_list(value);
    let mut state = State::from_raw_with(RawValue::from_slice(data)?, leave)?;
    tree::keep_last_of_equal_keys(&mut state);
    Ok(state)
}

fn is_sound_long_list(value: RawValue<'_>) -> bool {
    let is_sound = |item: Result<RawValue<'_>, _>| item.and_then(State::from_raw).is_ok();
    value.tag() == Tag::List
        && value.body().len() > LONG_LIST
        && value.items().is_ok_and(|mut items| items.all(is_sound))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Reader;

    /// The flow of the only record of a file, upgraded.
    fn upgraded(file: &[u8]) -> Result<Vec<u8>, String> {
        let record = Reader::from_slice(file, None).unwrap().next().unwrap().unwrap();
        let upgrade = Upgrader::default().next(&record).unwrap();
        let mut out = Vec::new();
        upgrade.upgraded().map_err(|error| error.to_string())?.write_to(&mut out).unwrap();
        Ok(out)
    }

    #[test]
    fn long_lists_go_over_as_they_are() {
        let flow = |length: usize, last: &str| {
            let list = "4:1:a,]".repeat(length / 7) + last;
            let request = format!("7:headers;{}:{list}]", list.len());
            let flow = format!("7:version;2:14#4:type;4:http;2:id;1:a;7:request;{}:{request}}}", request.len());
            format!("{}:{flow}}}", flow.len())
        };
        for length in [LONG_LIST - 100, LONG_LIST + 100] {
            let whole = flow(length, "0:~");
            let list = &whole[whole.find("7:headers;").unwrap()..whole.len() - 2];
            let upgraded = String::from_utf8(upgraded(whole.as_bytes()).unwrap()).unwrap();
            assert!(upgraded.contains(list) && upgraded.contains("7:version;2:21#"), "{length}");
            assert!(self::upgraded(flow(length, "1:a~").as_bytes()).is_err());
        }
    }

    #[test]
    fn a_handshake_that_had_to_be_forgotten_is_told() {
        let file = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/versions/5.1.1.flow")).unwrap();
        let warnings = |memory| {
            let mut upgrader = Upgrader::with_handshake_memory(memory);
            let records = Reader::from_slice(&file, None).unwrap();
            let upgrades: Vec<_> = records.map(|record| upgrader.next(&record.unwrap()).unwrap()).collect();
            assert!(upgrades.iter().any(|upgrade| upgrade.message_list().is_some()));
            upgrades.iter().filter_map(Upgrade::warning).collect::<Vec<_>>()
        };
        assert_eq!(warnings(HANDSHAKE_MEMORY).len(), 0);
        let told = warnings(0);
        assert!(!told.is_empty() && told.iter().all(Error::is_warning));
        assert!(told[0].to_string().contains("handshake"), "{}", told[0]);
    }
}
