//! Ids for flows and connections that come from a format without one.
//!
//! mitmproxy draws the ids of flows and connections at random. Here they are made from what the flow holds and from
//! its position in the file, so that reading a file twice gives the same flows: a 128-bit FNV-1a hash
//! of both, shown as a UUID of version 8, the version that RFC 9562 (section 5.8) leaves to
//! applications. The connections of a flow add their name to the hash.

use std::fmt::Write as _;

/// The offset basis and the prime of the 128-bit FNV.
const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

/// An id in the making.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Identity(u128);

impl Identity {
    /// The id of the record with this number.
    pub(crate) fn of_record(record: u64) -> Identity {
        Identity(BASIS).with(&record.to_be_bytes())
    }

    /// The id of a thing of this kind, of which nothing else is known yet.
    pub(crate) fn of_kind(kind: &str) -> Identity {
        Identity(BASIS).with(kind.as_bytes())
    }

    /// The id that these bytes belong to as well.
    pub(crate) fn with(self, bytes: &[u8]) -> Identity {
        Identity(bytes.iter().fold(self.0, |hash, &byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME)))
    }

    /// The id as mitmproxy writes ids.
    pub(crate) fn to_uuid(self) -> String {
        let version = 8 << 76;
        let variant = 0b10 << 62;
        let bits = self.0 & !(0xf << 76) & !(0b11 << 62) | version | variant;
        let mut uuid = String::with_capacity(36);
        for (position, digit) in format!("{bits:032x}").chars().enumerate() {
            if matches!(position, 8 | 12 | 16 | 20) {
                uuid.push('-');
            }
            // A String takes all that is written to it.
            let _ = uuid.write_char(digit);
        }
        uuid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_uuids_of_version_8_and_follow_from_the_content() {
        let id = Identity::of_record(0).with(b"foo").to_uuid();
        assert_eq!(id, Identity::of_record(0).with(b"fo").with(b"o").to_uuid());
        assert_ne!(id, Identity::of_record(1).with(b"foo").to_uuid());
        assert_ne!(id, Identity::of_record(0).with(b"fop").to_uuid());
        assert_eq!(id.len(), 36);
        let groups: Vec<_> = id.split('-').map(str::len).collect();
        assert_eq!(groups, [8, 4, 4, 4, 12]);
        assert_eq!(&id[14..15], "8");
        assert!(matches!(&id[19..20], "8" | "9" | "a" | "b"), "{id}");
    }

    #[test]
    fn the_hash_is_fnv_1a() {
        // Test vectors of the FNV specification.
        assert_eq!(Identity(BASIS).with(b"a").0, 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
        assert_eq!(Identity(BASIS).with(b"foobar").0, 0x343e_1662_793c_64bf_6f0d_3597_ba44_6f18);
    }
}
