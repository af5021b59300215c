//! Moves within a state that the steps are made of. Where a value that a step is about is missing, or of another
//! type than its version has, nothing happens: what is plain in a flow is read even if something else in it is odd.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::state::{Key, State};

/// The dicts that describe a connection, with the proxy that the server was reached through.
pub(super) const CONNECTIONS: [&[&str]; 3] = [&["client_conn"], &["server_conn"], &["server_conn", "via"]];

/// The dicts that describe a connection to a server.
pub(super) const SERVER_CONNECTIONS: [&[&str]; 2] = [&["server_conn"], &["server_conn", "via"]];

/// The two HTTP messages of a flow.
pub(super) const HTTP_MESSAGES: [&[&str]; 2] = [&["request"], &["response"]];

/// Changes the dict at the end of a path of keys, if there is one.
pub(super) fn at<'a, R>(state: &mut State<'a>, path: &[&str], change: impl FnOnce(&mut State<'a>) -> R) {
    let found = path.iter().try_fold(state, |state, key| state.get_mut(key));
    if let Some(dict @ State::Dict(_)) = found {
        change(dict);
    }
}

/// Changes the dicts at the ends of several paths, those that are there.
pub(super) fn at_each<'a, R>(state: &mut State<'a>, paths: &[&[&str]], change: impl Fn(&mut State<'a>) -> R) {
    for path in paths {
        at(state, path, &change);
    }
}

/// Gives the value under a key another key, if it is there.
pub(super) fn rename(dict: &mut State<'_>, from: &str, to: &'static str) {
    if let Some(value) = dict.remove(from) {
        dict.insert(to, value);
    }
}

/// Gives the value under a key another key; a null if it is not there.
pub(super) fn rename_or_null(dict: &mut State<'_>, from: &str, to: &'static str) {
    let value = dict.remove(from).unwrap_or(State::Null);
    dict.insert(to, value);
}

/// Whether Python takes a value for true: not null, false, zero or empty.
pub(super) fn is_truthy(value: &State<'_>) -> bool {
    match value {
        State::Null => false,
        State::Bool(value) => *value,
        State::Integer(_) | State::Float(_) => value.as_f64() != Some(0.0),
        State::Bytes(value) => !value.is_empty(),
        State::Str(value) => !value.is_empty(),
        State::List(values) => !values.is_empty(),
        State::Dict(entries) => !entries.is_empty(),
        State::Raw(value) => !value.body().is_empty(),
    }
}

/// A list of a value alone; an empty one if Python takes the value for false.
pub(super) fn list_of(value: Option<&State<'_>>) -> Option<State<'static>> {
    let value = value.filter(|value| is_truthy(value))?.clone();
    value.into_owned().ok().map(|value| State::List(vec![value]))
}

/// Turns bytes into a string, if the value is bytes. What is not UTF-8, or not ASCII where only that is allowed, is
/// written as `\xNN`.
pub(super) fn to_text(value: &mut State<'_>, ascii: bool) {
    if let State::Bytes(bytes) = value {
        *value = State::from(text(bytes, ascii));
    }
}

fn text(bytes: &[u8], ascii: bool) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if ascii && !character.is_ascii() {
                push_escaped(&mut text, character.encode_utf8(&mut [0; 4]).as_bytes());
            } else {
                text.push(character);
            }
        }
        push_escaped(&mut text, chunk.invalid());
    }
    text
}

fn push_escaped(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        text.push_str(&format!("\\x{byte:02x}"));
    }
}

/// Turns the keys of all dicts within each other into strings, as files of Python 2 do not have them.
pub(super) fn keys_to_text(state: &mut State<'_>) {
    for (key, value) in state.as_dict_mut().into_iter().flatten() {
        if let Key::Bytes(name) = key
            && let Ok(name) = str::from_utf8(name)
        {
            *key = Key::Str(Cow::Owned(name.to_owned()));
        }
        keys_to_text(value);
    }
}

/// Of the values with equal keys in a dict keeps the last, as Python does.
pub(super) fn keep_last_of_equal_keys(state: &mut State<'_>) {
    let Some(entries) = state.as_dict_mut() else { return };
    if has_equal_keys(entries) {
        let mut seen = HashSet::new();
        entries.reverse();
        entries.retain(|(key, _)| seen.insert(key.as_bytes().to_vec()));
        entries.reverse();
    }
    entries.iter_mut().for_each(|(_, value)| keep_last_of_equal_keys(value));
}

fn has_equal_keys(entries: &[(Key<'_>, State<'_>)]) -> bool {
    /// The dicts of a flow have about 20 keys. Up to this many, comparing all of them is faster than hashing.
    const FEW: usize = 40;
    let names = || entries.iter().map(|(key, _)| key.as_bytes());
    if entries.len() <= FEW {
        return names().enumerate().any(|(position, name)| names().take(position).any(|other| other == name));
    }
    let mut seen = HashSet::new();
    !names().all(|name| seen.insert(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_text_as_in_python() {
        // bytes.decode(errors="backslashreplace")
        assert_eq!(text(b"caf\xc3\xa9 \xff\xe9", false), "café \\xff\\xe9");
        // bytes.decode("ascii", "backslashreplace")
        assert_eq!(text(b"caf\xc3\xa9", true), "caf\\xc3\\xa9");
    }

    #[test]
    fn the_last_of_equal_keys_counts() {
        let encoded = b"40:1:a;1:1#1:b;16:1:c;1:1#1:c;1:2#}1:a;1:3#}";
        let mut state = crate::tnetstring::from_slice::<State<'_>>(encoded).unwrap();
        keep_last_of_equal_keys(&mut state);
        assert_eq!(crate::tnetstring::to_vec(&state).unwrap(), b"23:1:b;8:1:c;1:2#}1:a;1:3#}");
    }

    #[test]
    fn python_knows_what_is_true() {
        let encoded = b"58:0:~5:false!1:0#3:0.0^0:,0:;0:]0:}4:true!1:1#3:nan^1:a,1:a;]";
        let values = crate::tnetstring::from_slice::<State<'_>>(encoded).unwrap();
        let truths: Vec<_> = values.as_list().unwrap().iter().map(is_truthy).collect();
        assert_eq!(truths, [false, false, false, false, false, false, false, false, true, true, true, true, true]);
    }
}
