//! Choices that follow from the input: the same for the same bytes.

/// Numbers that look random.
pub struct Choices(u64);

impl Choices {
    /// Those of an input: its FNV-1a hash is where they start.
    pub fn of(data: &[u8]) -> Choices {
        let hash = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        Choices(data.iter().fold(0xcbf2_9ce4_8422_2325, hash) | 1)
    }

    /// A number below `bound` (xorshift).
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}
