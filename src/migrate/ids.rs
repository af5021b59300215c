//! Ids of connections, which formats before 5 do not have.
//!
//! mitmproxy gives two flows the same id for a connection if the connection began at the same time and has the same
//! address, and invents ids at random. Here an id is made from these two, so the same flows get the same ids in any
//! order and any run, and nothing has to be remembered.

use crate::capture::Identity;
use crate::state::State;
use crate::tnetstring;

/// The id of a connection from a client.
pub(super) fn client(connection: &State<'_>, flow_id: &[u8]) -> String {
    id("client", connection, "address", flow_id)
}

/// The id of a connection to a server.
pub(super) fn server(connection: &State<'_>, flow_id: &[u8]) -> String {
    id("server", connection, "source_address", flow_id)
}

fn id(side: &'static str, connection: &State<'_>, address: &str, flow_id: &[u8]) -> String {
    let start = connection.get("timestamp_start").and_then(State::as_f64);
    let identity = Identity::of_kind(side).with(&start.unwrap_or(0.0).to_be_bytes());
    let identity = match connection.get(address) {
        Some(address @ State::List(_)) => identity.with(&tnetstring::to_vec(address).unwrap_or_default()),
        // A server that nobody could connect to has no address on our side. It is this flow's alone.
        _ => identity.with(flow_id),
    };
    identity.to_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(start: State<'static>, address: State<'static>) -> State<'static> {
        State::Dict(vec![("timestamp_start".into(), start), ("source_address".into(), address)])
    }

    fn address(port: i64) -> State<'static> {
        State::List(vec!["127.0.0.1".into(), port.into()])
    }

    #[test]
    fn a_connection_has_the_same_id_in_all_its_flows() {
        let one = server(&connection(1.0.into(), address(1)), b"flow 1");
        assert_eq!(one, server(&connection(1.0.into(), address(1)), b"flow 2"));
        // Python takes the two numbers for equal.
        assert_eq!(one, server(&connection(1.into(), address(1)), b"flow 1"));
        assert_ne!(one, server(&connection(1.5.into(), address(1)), b"flow 1"));
        assert_ne!(one, server(&connection(1.0.into(), address(2)), b"flow 1"));
        assert_ne!(one, client(&connection(1.0.into(), address(1)), b"flow 1"));
    }

    #[test]
    fn connections_that_never_were_are_not_taken_for_one() {
        let never = connection(State::Null, State::Null);
        assert_ne!(server(&never, b"flow 1"), server(&never, b"flow 2"));
    }
}
