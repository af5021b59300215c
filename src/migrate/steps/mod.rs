//! The steps from version to version, as one list. Each is a function of its own with a test of its own.

mod one_record;
mod program;
mod two_records;

use crate::flow::Version::{self, Format, Program};
use crate::state::State;

/// A step: flows of one version become flows of the next.
struct Step {
    from: Version,
    to: Version,
    run: fn(&mut State<'_>),
}

const fn step(from: Version, to: Version, run: fn(&mut State<'_>)) -> Step {
    Step { from, to, run }
}

/// Steps that change nothing but the version.
fn nothing(_: &mut State<'_>) {}

/// All steps, in order. Joining a connection of two records, which takes two states, is no step of this list but done
/// where 12 is reached (`join.rs`); `one_record` is what that version means for every other flow.
const STEPS: &[Step] = &[
    step(Program(0, 11), Program(0, 12), nothing),
    step(Program(0, 12), Program(0, 13), nothing),
    step(Program(0, 13), Program(0, 14), program::http_version_and_status_code),
    step(Program(0, 14), Program(0, 15), nothing),
    step(Program(0, 15), Program(0, 16), program::content_and_reason),
    step(Program(0, 16), Program(0, 17), program::peer_address),
    step(Program(0, 17), Program(0, 18), program::ip_address),
    step(Program(0, 18), Program(0, 19), program::mode_and_metadata),
    step(Program(0, 19), Program(1, 0), program::text),
    step(Program(1, 0), Program(2, 0), program::plain_addresses),
    step(Program(2, 0), Program(3, 0), program::mitmcert),
    step(Program(3, 0), Format(4), nothing),
    step(Format(4), Format(5), two_records::connection_ids),
    step(Format(5), Format(6), two_records::tls_for_ssl),
    step(Format(6), Format(7), two_records::tls_extensions),
    step(Format(7), Format(8), two_records::trailers),
    step(Format(8), Format(9), two_records::authority_and_replay),
    step(Format(9), Format(10), two_records::connection_fields),
    step(Format(10), Format(11), two_records::sni_and_alpn),
    step(Format(11), Format(12), two_records::one_record),
    step(Format(12), Format(13), one_record::marked_as_text),
    step(Format(13), Format(14), one_record::comment),
    // The messages of 15 have a sixth value. They are no part of the state here: `write.rs` adds it.
    step(Format(14), Format(15), nothing),
    step(Format(15), Format(16), one_record::timestamp_created),
    step(Format(16), Format(17), one_record::no_mode),
    step(Format(17), Format(18), one_record::proxy_mode),
    step(Format(18), Format(19), one_record::connection_names),
    step(Format(19), Format(20), one_record::no_connection_state),
    step(Format(20), Format(21), one_record::quic),
];

/// The first version whose messages say whether they were injected.
pub(super) const INJECTED: Version = Format(15);

/// Whether there is a way from this version to the newest.
pub(super) fn is_known(version: Version) -> bool {
    version == Version::NEWEST || STEPS.iter().any(|step| step.from == version)
}

/// Takes a state from one version to another. The version that stands in it is left alone.
pub(super) fn run(state: &mut State<'_>, from: Version, to: Version) {
    let steps = STEPS.iter().skip_while(|step| step.from != from).take_while(|step| step.to <= to);
    steps.for_each(|step| (step.run)(state));
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::tnetstring;

    /// A state, written as JSON: strings are strings, and `b"…"` in front of one (within the string) makes bytes.
    pub(in crate::migrate) fn state(json: &str) -> State<'static> {
        fn from(value: &serde_json::Value) -> State<'static> {
            match value {
                serde_json::Value::Null => State::Null,
                serde_json::Value::Bool(value) => (*value).into(),
                serde_json::Value::Number(value) => match value.as_i64() {
                    Some(value) => value.into(),
                    None => value.as_f64().unwrap().into(),
                },
                serde_json::Value::String(value) => match value.strip_prefix("b:") {
                    Some(bytes) => State::from(bytes.as_bytes().to_vec()),
                    None => State::from(value.clone()),
                },
                serde_json::Value::Array(values) => State::List(values.iter().map(from).collect()),
                serde_json::Value::Object(entries) => {
                    State::Dict(entries.iter().map(|(key, value)| (key_from(key), from(value))).collect())
                }
            }
        }
        fn key_from(key: &str) -> crate::state::Key<'static> {
            match key.strip_prefix("b:") {
                Some(bytes) => crate::state::Key::Bytes(bytes.as_bytes().to_vec().into()),
                None => crate::state::Key::Str(key.to_owned().into()),
            }
        }
        from(&serde_json::from_str(json).unwrap())
    }

    /// Asserts what a step makes of a state, and that it lets a flow alone that has nothing of what it expects.
    #[track_caller]
    pub(super) fn assert_step(step: fn(&mut State<'_>), before: &str, after: &str) {
        let mut changed = state(before);
        step(&mut changed);
        assert_eq!(sorted(changed), sorted(state(after)));
        for odd in ["{}", "[]", "null", r#"{"request": null, "response": [], "client_conn": 1, "server_conn": "x"}"#] {
            step(&mut state(odd));
        }
    }

    /// The order of keys has no meaning.
    fn sorted(state: State<'static>) -> State<'static> {
        match state {
            State::Dict(entries) => {
                let mut entries: Vec<_> = entries.into_iter().map(|(key, value)| (key, sorted(value))).collect();
                entries.sort_by(|(one, _), (other, _)| one.as_bytes().cmp(other.as_bytes()));
                State::Dict(entries)
            }
            other => other,
        }
    }

    #[test]
    fn the_list_is_an_unbroken_chain_to_the_newest_version() {
        assert!(STEPS.windows(2).all(|pair| pair[0].to == pair[1].from && pair[0].from < pair[0].to));
        assert_eq!(STEPS.last().unwrap().to, Version::NEWEST);
        assert!(is_known(Program(0, 11)) && is_known(Format(21)));
        for unknown in [Program(0, 10), Program(0, 20), Program(1, 1), Program(4, 0), Format(0), Format(3), Format(22)]
        {
            assert!(!is_known(unknown), "{unknown}");
        }
    }

    #[test]
    fn a_run_ends_where_it_should() {
        let mut flow = state(r#"{"version": 12, "marked": true}"#);
        run(&mut flow, Format(12), Format(13));
        assert_eq!(tnetstring::to_vec(&flow).unwrap(), b"36:7:version;2:12#6:marked;9::default:;}");
        let before = flow.clone();
        run(&mut flow, Format(21), Format(21));
        assert_eq!(flow, before);
    }
}
