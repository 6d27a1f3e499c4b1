//! Bits of entropy-coded data, and Huffman codes among them (ITU-T T.81, annexes C and F.2.2).

/// Codes of at most 16 bits: for each 16 bits that may come, the symbol and how many bits it takes.
pub(super) struct Huffman {
    /// 0 bits where no code begins so.
    by_bits: Vec<(u8, u8)>,
}

impl Huffman {
    /// `counts[n]` codes of `n + 1` bits, for `symbols` in order. Nothing where they are none or too many.
    pub(super) fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        if symbols.is_empty() || symbols.len() > 256 {
            return None;
        }
        let mut by_bits = Vec::with_capacity(1 << 16);
        let mut symbols = symbols.iter();
        for (bits, count) in (1_u8..).zip(counts) {
            for _ in 0..*count {
                let length = by_bits.len() + (1 << (16 - bits));
                if length > 1 << 16 {
                    return None;
                }
                by_bits.resize(length, (*symbols.next()?, bits));
            }
        }
        by_bits.resize(1 << 16, (0, 0));
        Some(Self { by_bits })
    }
}

/// Reads a scan's data from its first bit; every answer is `None` once it has ended.
pub(super) struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    /// The next bits are the upper ones of the lowest `count`.
    held: u64,
    count: u32,
    /// How many of the last ones were made up, at a marker or the end.
    missing: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self {
            data,
            at: 0,
            held: 0,
            count: 0,
            missing: 0,
        }
    }

    /// The next `count` bits, at most 16.
    pub(super) fn take(&mut self, count: u8) -> Option<u32> {
        self.hold_16();
        let bits = self.peek_16() >> (16 - u32::from(count));
        self.skip(count)?;
        Some(bits)
    }

    pub(super) fn symbol(&mut self, huffman: &Huffman) -> Option<u8> {
        self.hold_16();
        let (symbol, bits) = *huffman.by_bits.get(self.peek_16() as usize)?;
        if bits == 0 {
            return None;
        }
        self.skip(bits)?;
        Some(symbol)
    }

    /// A difference of `size` bits (F.2.2.1, EXTEND).
    pub(super) fn signed(&mut self, size: u8) -> Option<i32> {
        if size == 0 {
            return Some(0);
        }
        if size > 15 {
            return None;
        }
        let bits = self.take(size)? as i32;
        let half = 1 << (size - 1);
        Some(if bits < half { bits - 2 * half + 1 } else { bits })
    }

    /// Behind the restart marker that must come now.
    pub(super) fn restart(&mut self) -> Option<()> {
        (self.held, self.count, self.missing) = (0, 0, 0);
        let marker = self.data.get(self.at..self.at + 2)?;
        self.at += 2;
        matches!(marker, [0xff, 0xd0..=0xd7]).then_some(())
    }

    fn peek_16(&self) -> u32 {
        (self.held >> (self.count - 16)) as u32 & 0xffff
    }

    fn skip(&mut self, count: u8) -> Option<()> {
        self.count -= u32::from(count);
        (self.count >= self.missing).then_some(())
    }

    fn hold_16(&mut self) {
        while self.count < 16 {
            let byte = match self.data.get(self.at..) {
                Some(&[0xff, 0x00, ..]) => {
                    self.at += 2;
                    0xff
                }
                Some(&[byte, ..]) if byte != 0xff => {
                    self.at += 1;
                    byte
                }
                _ => {
                    self.missing += 8;
                    0
                }
            };
            self.held = self.held << 8 | u64::from(byte);
            self.count += 8;
        }
    }
}
