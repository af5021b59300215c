//! Bytes that are read from front to back. What is missing is an error, never a panic.

use super::NotThat;

const CUT_OFF: NotThat = NotThat("it ends in the middle of a value");

#[derive(Clone, Copy, Debug)]
pub(super) struct Bytes<'a> {
    rest: &'a [u8],
}

impl<'a> Bytes<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Bytes<'a> {
        Bytes { rest: bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) fn take(&mut self, length: impl TryInto<usize>) -> Result<&'a [u8], NotThat> {
        let (taken, rest) =
            length.try_into().ok().and_then(|length| self.rest.split_at_checked(length)).ok_or(CUT_OFF)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], NotThat> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(CUT_OFF)?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(super) fn u8(&mut self) -> Result<u8, NotThat> {
        self.array().map(u8::from_be_bytes)
    }

    pub(super) fn u16(&mut self) -> Result<u16, NotThat> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, NotThat> {
        self.array().map(u32::from_be_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, NotThat> {
        self.array().map(u64::from_be_bytes)
    }

    /// A number of at most `longest` bytes with seven bits each, the lowest first.
    pub(super) fn varint(&mut self, longest: u32) -> Result<u64, NotThat> {
        let mut number = 0;
        for position in 0..longest {
            let byte = self.u8()?;
            // Of a tenth byte a single bit has room.
            if position == 9 && byte > 1 {
                break;
            }
            number |= u64::from(byte & 0x7f) << (7 * position);
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(NotThat("a number in it is too long"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_have_an_end() {
        let varint = |bytes: &[u8], longest| Bytes::new(bytes).varint(longest).ok();
        assert_eq!(varint(b"\x00", 10), Some(0));
        assert_eq!(varint(b"\xac\x02", 10), Some(300));
        assert_eq!(varint(&[0xff; 10], 10), None);
        assert_eq!(varint(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10), Some(u64::MAX));
        assert_eq!(varint(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10), None);
        assert_eq!(varint(b"\x80\x80\x80\x80\x01", 4), None);
        assert_eq!(varint(b"\x80", 10), None);
    }
}
