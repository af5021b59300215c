//! Ids of connections, which formats before 5 do not have.
//!
//! mitmproxy gives two flows the same id for a connection if the connection began at the same time and has the same
//! address, and invents ids at random. Here an id is made from these two, so the same flows get the same ids in any
//! order and any run, and nothing has to be remembered.

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
    let mut hash = Hash::new();
    hash.add(side.as_bytes());
    match connection.get("timestamp_start") {
        Some(start) => hash.add(&start.as_f64().unwrap_or(0.0).to_bits().to_le_bytes()),
        None => hash.add(b""),
    }
    match connection.get(address) {
        Some(address @ State::List(_)) => hash.add(&tnetstring::to_vec(address).unwrap_or_default()),
        // A server that nobody could connect to has no address on our side. It is this flow's alone.
        _ => hash.add(flow_id),
    }
    hash.uuid()
}

/// FNV-1a of 128 bits: enough to tell apart what nobody made alike on purpose, and the same on every machine.
struct Hash(u128);

impl Hash {
    fn new() -> Hash {
        Hash(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }

    fn add(&mut self, part: &[u8]) {
        // The length keeps two parts from being read as one.
        for &byte in (part.len() as u64).to_le_bytes().iter().chain(part) {
            self.0 = (self.0 ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
    }

    /// The hash as a UUID of version 8, whose content RFC 9562 leaves to its maker.
    fn uuid(&self) -> String {
        let hex = format!("{:032x}", self.0);
        let variant = 8 + (self.0 >> 62 & 3);
        format!("{}-{}-8{}-{variant:x}{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
    }
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

    #[test]
    fn an_id_is_a_uuid() {
        let id = server(&connection(1.0.into(), address(1)), b"");
        let lengths: Vec<_> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert!(id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-'));
        assert_eq!(id.as_bytes()[14], b'8');
        assert!(b"89ab".contains(&id.as_bytes()[19]));
    }
}
