//! A flow: its keys and values, and how its connection closed.

use super::path::Path;
use super::schema::{self, Inside, Key};
use super::{Checked, Finding, Kind};
use crate::capture::Record;
use crate::flow::{Flow, Version};
use crate::scan::Piece;
use crate::tnetstring::{self, ErrorKind, Items, MAX_DEPTH, RawValue, Tag};
use crate::{Error, Place, Situation};

/// The longest close reason: the payload of a control frame is at most 125 bytes, and the code takes two of them
/// (RFC 6455 sections 5.5 and 5.5.1).
const LONGEST_REASON: usize = 123;

/// Checks all of a flow but its WebSocket messages.
pub(super) fn check(piece: &Piece<'_>, checked: &mut Checked<'_, '_>) {
    let mut check = Check { record: &piece.record, version: piece.version(), checked };
    match Flow::parse(&piece.record.data) {
        Ok(flow) => check.flow(&flow),
        Err(error) => check.error(error),
    }
}

struct Check<'c, 'r, 'p, 'e> {
    record: &'c Record<'r>,
    version: Version,
    checked: &'c mut Checked<'p, 'e>,
}

impl Check<'_, '_, '_, '_> {
    fn flow(&mut self, flow: &Flow<'_>) {
        // An id that cannot be read is found with the other keys.
        if let Ok(id) = flow.id() {
            self.checked.told.flow = Some((self.place(0, &Path::Key(&Path::Flow, b"id")), id.as_bytes().to_vec()));
        }
        let kind = match flow.kind() {
            Ok(kind) => kind,
            Err(error) => return self.error(error),
        };
        let Ok(root) = RawValue::from_slice(&self.record.data) else { return };
        let Some(tables) = schema::of_type(kind, self.version) else {
            let detail = format!("expected http, tcp, udp or dns, found `{}`", shown(kind.as_bytes()));
            let place = self.place(0, &Path::Key(&Path::Flow, b"type"));
            self.checked.add(Kind::UnknownFlowType, place, detail);
            return self.anything(root, &Path::Flow, MAX_DEPTH);
        };
        self.dict(root, &tables, &Path::Flow);
        // Where a connection of two records stores how it closed, it is the flow itself.
        let (closed, path) = match root.get("websocket") {
            Ok(Some(websocket)) if kind == "http" => (websocket, Path::Key(&Path::Flow, b"websocket")),
            _ if kind == "websocket" => (root, Path::Flow),
            _ => return,
        };
        if closed.tag() == Tag::Dict {
            self.close(closed, &path);
        }
    }

    /// Checks a dict against the tables of its keys.
    fn dict(&mut self, dict: RawValue<'_>, tables: &[&'static [Key]], path: &Path<'_>) {
        let Ok(mut entries) = dict.entries() else { return };
        let mut seen = Vec::with_capacity(32);
        while let Some(entry) = entries.next_pair() {
            let (name, value) = match entry {
                Ok((key, value)) => {
                    if key.tag() == Tag::Str
                        && let Err(error) = key.to_str()
                    {
                        self.broken(error, &Path::Key(path, key.body()));
                    }
                    (key.body(), value)
                }
                Err(error) => return self.broken(error, path),
            };
            let path = Path::Key(path, name);
            let mut keys = tables.iter().copied().flatten();
            match keys.find(|key| key.name.as_bytes() == name && key.is_in(self.version)) {
                Some(key) => {
                    seen.push(key.name);
                    self.value(value, key, &path);
                }
                None => {
                    let place = self.place(value.offset(), &path);
                    self.checked.add(Kind::UnknownKey, place, "flows of this version do not have this key");
                    self.anything(value, &path, MAX_DEPTH);
                }
            }
        }
        let keys = tables.iter().copied().flatten();
        for key in keys.filter(|key| key.is_required() && key.is_in(self.version) && !seen.contains(&key.name)) {
            let place = self.place(dict.offset(), &Path::Key(path, key.name.as_bytes()));
            self.checked.add(Kind::MissingKey, place, Situation::MissingKey.to_string());
        }
    }

    fn value(&mut self, value: RawValue<'_>, key: &Key, path: &Path<'_>) {
        if !self.is_of(value, key.types, path) {
            return;
        }
        match (key.inside, value.tag()) {
            (Inside::Dict(table), Tag::Dict) => self.dict(value, &[table], path),
            (Inside::List(types), Tag::List) => self.list(value, path, |check, item, path| {
                if check.is_of(item, types, path) {
                    check.anything(item, path, MAX_DEPTH);
                }
            }),
            (Inside::Rows(types), Tag::List) => self.list(value, path, |check, row, path| check.row(row, types, path)),
            (Inside::Address, Tag::List) => self.list(value, path, |check, item, path| {
                let types = if matches!(path, Path::Item(_, 0)) { ",;" } else { "#" };
                if check.is_of(item, types, path) {
                    check.anything(item, path, MAX_DEPTH);
                }
            }),
            (Inside::Messages, Tag::List) => {}
            _ => self.anything(value, path, MAX_DEPTH),
        }
    }

    /// A list of so many values of these types.
    fn row(&mut self, row: RawValue<'_>, types: &[&str], path: &Path<'_>) {
        if !self.is_of(row, "]", path) {
            return;
        }
        let mut found = 0;
        self.list(row, path, |check, item, path| {
            let types = types.get(found).copied().unwrap_or("");
            found += 1;
            if check.is_of(item, types, path) {
                check.anything(item, path, MAX_DEPTH);
            }
        });
        if found != types.len() {
            let place = self.place(row.offset(), path);
            self.checked.add(Kind::WrongType, place, format!("expected {} values, found {found}", types.len()));
        }
    }

    fn list(&mut self, list: RawValue<'_>, path: &Path<'_>, mut item: impl FnMut(&mut Self, RawValue<'_>, &Path<'_>)) {
        let Ok(items) = list.items() else { return };
        for (index, value) in items.enumerate() {
            if self.checked.is_enough() {
                return;
            }
            match value {
                Ok(value) => item(self, value, &Path::Item(path, index)),
                Err(error) => return self.broken(error, path),
            }
        }
    }

    /// Checks that a value, and all that is in it, can be read.
    fn anything(&mut self, value: RawValue<'_>, path: &Path<'_>, depth: usize) {
        let Some(deeper) = depth.checked_sub(1) else {
            let place = self.place(value.offset(), path);
            return self.checked.add(Kind::BrokenStructure, place, ErrorKind::TooDeep.to_string());
        };
        let read = match value.tag() {
            Tag::Bytes => Ok(()),
            Tag::Str => value.to_str().map(drop),
            Tag::Integer => value.integer_digits().map(drop),
            Tag::Float => value.to_f64().map(drop),
            Tag::Bool => value.to_bool().map(drop),
            Tag::Null => value.to_null(),
            Tag::List => {
                return self.list(value, path, |check, item, path| check.anything(item, path, deeper));
            }
            Tag::Dict => {
                let mut items = Items::new(value.body(), value.body_offset());
                while let Some(key) = items.next() {
                    let entry = key.and_then(|key| Ok((addon_key(key)?, items.next().transpose()?)));
                    let (key, item) = match entry {
                        Ok((key, Some(item))) => (key, item),
                        Ok((key, None)) => {
                            let error = tnetstring::Error::new(key.offset(), ErrorKind::ValueMissing);
                            return self.broken(error, path);
                        }
                        Err(error) => return self.broken(error, path),
                    };
                    self.anything(item, &Path::Key(path, key.body()), deeper);
                }
                return;
            }
        };
        if let Err(error) = read {
            self.broken(error, path);
        }
    }

    /// How a connection closed.
    fn close(&mut self, closed: RawValue<'_>, path: &Path<'_>) {
        let get = |key| closed.get(key).ok().flatten();
        if let Some(value) = get("close_code")
            && let Ok(code) = value.integer_digits()
            && !value.to_i64().is_ok_and(is_allowed)
        {
            let place = self.place(value.offset(), &Path::Key(path, b"close_code"));
            self.checked.add(
                Kind::InvalidCloseCode,
                place,
                format!("{} is no close code of RFC 6455 section 7.4", shown(code.as_bytes())),
            );
        }
        if let Some(value) = get("close_reason")
            && let Ok(reason) = value.to_bytes()
            && reason.len() > LONGEST_REASON
        {
            let place = self.place(value.offset(), &Path::Key(path, b"close_reason"));
            let detail = format!("{} bytes, of which a close frame can hold {LONGEST_REASON}", reason.len());
            self.checked.add(Kind::CloseReasonTooLong, place, detail);
        }
        // A connection of two records has defaults where nothing is known.
        let is_open = ["closed_by_client", "close_code", "timestamp_end"];
        if self.version >= Version::ONE_RECORD
            && is_open.iter().all(|key| get(key).is_some_and(|value| value.is_null()))
        {
            let place = self.place(closed.offset(), path);
            self.checked.add(Kind::ConnectionOpen, place, "it was still open when it was written");
        }
    }

    fn is_of(&mut self, value: RawValue<'_>, types: &str, path: &Path<'_>) -> bool {
        let is_of = types.as_bytes().contains(&value.tag().as_byte());
        if !is_of {
            let expected: Vec<_> = types.bytes().filter_map(Tag::from_byte).map(|tag| tag.to_string()).collect();
            let expected = if expected.is_empty() { "nothing".to_owned() } else { expected.join(" or ") };
            let place = self.place(value.offset(), path);
            self.checked.add(Kind::WrongType, place, format!("expected {expected}, found {}", value.tag()));
        }
        is_of
    }

    fn broken(&mut self, error: tnetstring::Error, path: &Path<'_>) {
        self.error(Error::from(error).within(path));
    }

    fn error(&mut self, error: Error) {
        self.checked.push(Finding::from(&self.record.locate(error)));
    }

    fn place(&self, offset: usize, path: &Path<'_>) -> Place {
        let error = Error::new(Situation::MissingKey).at(offset as u64).within(path);
        self.record.locate(error).place().clone()
    }
}

/// Whether RFC 6455 section 7.4, or the registry that it founds, has a use for a close code. 1005, 1006 and 1015 are
/// never sent; they stand for closes without a code.
fn is_allowed(code: i64) -> bool {
    matches!(code, 1000..=1003 | 1005..=1015 | 3000..=4999)
}

/// A key of a dict in which addons store what they like: in Python it may be anything but a list or a dict.
fn addon_key(key: RawValue<'_>) -> Result<RawValue<'_>, tnetstring::Error> {
    match key.tag() {
        Tag::List | Tag::Dict => Err(key.wrong_type("a dict key (no list or dict)")),
        _ => Ok(key),
    }
}

/// A few bytes as printable ASCII.
fn shown(bytes: &[u8]) -> String {
    bytes.get(..20).unwrap_or(bytes).escape_ascii().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_codes_are_those_of_the_rfc_and_its_registry() {
        for code in [1000, 1001, 1002, 1003, 1005, 1006, 1007, 1011, 1014, 1015, 3000, 3999, 4000, 4999] {
            assert!(is_allowed(code), "{code}");
        }
        for code in [-1, 0, 999, 1004, 1016, 2000, 2999, 5000, 65535] {
            assert!(!is_allowed(code), "{code}");
        }
    }
}
