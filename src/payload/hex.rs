//! Hex dumps: offset, sixteen bytes in two groups, the same bytes as ASCII.

use std::io::Write as _;

pub(super) const PER_LINE: usize = 16;

/// Appends the dump of bytes, of which the first stands at `offset`.
pub(super) fn dump(out: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    for (number, line) in bytes.chunks(PER_LINE).enumerate() {
        // Writing into a buffer cannot fail.
        drop(write!(out, "{:08x} ", offset + number * PER_LINE));
        for position in 0..PER_LINE {
            if position % 8 == 0 {
                out.push(b' ');
            }
            match line.get(position) {
                Some(byte) => drop(write!(out, "{byte:02x} ")),
                None => out.extend_from_slice(b"   "),
            }
        }
        out.extend_from_slice(b" |");
        out.extend(line.iter().map(|&byte| if matches!(byte, 0x20..=0x7e) { byte } else { b'.' }));
        out.extend_from_slice(b"|\n");
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_dump_has_offset_bytes_and_ascii() {
        let mut out = Vec::new();
        super::dump(&mut out, 0, b"0123456789abcdef\x1b[2J\xff");
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r"
        00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|
        00000010  1b 5b 32 4a ff                                    |.[2J.|
        ");
    }
}
