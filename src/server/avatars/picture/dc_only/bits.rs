//! Bits of entropy-coded data, and Huffman codes among them (ITU-T T.81, annexes C and F.2.2).

/// Codes of at most so many bits, which are nearly all that come, are found by one look.
const SHORT_BITS: u32 = 9;

/// Codes of at most 16 bits for symbols of 8.
pub(super) struct Huffman {
    /// For each [`SHORT_BITS`] that may come, the symbol and how many bits it takes; 0 bits where no short code begins so.
    short: Box<[(u8, u8); 1 << SHORT_BITS]>,
    /// For each length, less one.
    lengths: [Length; 16],
    symbols: Vec<u8>,
}

/// The codes of one length: they follow one another, as their symbols do.
#[derive(Clone, Copy, Default)]
struct Length {
    /// The first 16 bits that are beyond them, and beyond all shorter ones.
    beyond: u32,
    /// What is added to a code gives its symbol's place.
    place_less_code: i32,
}

impl Huffman {
    /// `counts[n]` codes of `n + 1` bits, for `symbols` in order. Nothing where they are none or too many.
    pub(super) fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        if symbols.is_empty() || symbols.len() > 256 {
            return None;
        }
        let mut short = Box::new([(0, 0); 1 << SHORT_BITS]);
        let mut lengths = [Length::default(); 16];
        // The next code, set before 16 bits, and its symbol.
        let (mut code, mut next) = (0_u32, 0_usize);
        for (bits, &count) in (1_u32..).zip(counts) {
            let place_less_code = next as i32 - (code >> (16 - bits)) as i32;
            for _ in 0..count {
                let after = code + (1 << (16 - bits));
                if after > 1 << 16 {
                    return None;
                }
                if bits <= SHORT_BITS {
                    let places = (code >> (16 - SHORT_BITS)) as usize..(after >> (16 - SHORT_BITS)) as usize;
                    short[places].fill((*symbols.get(next)?, bits as u8));
                }
                (code, next) = (after, next + 1);
            }
            lengths[bits as usize - 1] = Length {
                beyond: code,
                place_less_code,
            };
        }
        Some(Self {
            short,
            lengths,
            symbols: symbols.to_vec(),
        })
    }

    /// The symbol that these 16 bits begin with, and how many bits it takes.
    #[inline]
    fn find(&self, bits: u32) -> Option<(u8, u8)> {
        match self.short[(bits >> (16 - SHORT_BITS)) as usize] {
            (_, 0) => self.find_long(bits),
            found => Some(found),
        }
    }

    #[cold]
    fn find_long(&self, bits: u32) -> Option<(u8, u8)> {
        let mut lengths = (1..).zip(&self.lengths).skip(SHORT_BITS as usize);
        let (count, length) = lengths.find(|(_, length)| bits < length.beyond)?;
        let place = length.place_less_code + (bits >> (16 - count)) as i32;
        Some((*self.symbols.get(usize::try_from(place).ok()?)?, count))
    }
}

/// Reads a scan's data from its first bit; every answer is `None` once it has ended.
pub(super) struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    /// The next bits are the upper ones of the lowest `count`.
    buffered: u64,
    count: u32,
    /// How many of the last ones were made up, at a marker or the end.
    missing: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self {
            data,
            at: 0,
            buffered: 0,
            count: 0,
            missing: 0,
        }
    }

    /// The next `count` bits, at most 16.
    pub(super) fn take(&mut self, count: u8) -> Option<u32> {
        self.fill_32();
        let bits = self.peek_16() >> (16 - u32::from(count));
        self.skip(count)?;
        Some(bits)
    }

    #[inline]
    pub(super) fn symbol(&mut self, huffman: &Huffman) -> Option<u8> {
        self.fill_32();
        let (symbol, bits) = huffman.find(self.peek_16())?;
        self.skip(bits)?;
        Some(symbol)
    }

    /// A difference of `size` bits (F.2.2.1, EXTEND).
    #[inline]
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

    /// Passes over what stands behind a block's DC coefficient (F.2.2.2): pairs of how many zeros come and of how many bits the
    /// number behind them has.
    #[inline]
    pub(super) fn skip_ac(&mut self, huffman: &Huffman) -> Option<()> {
        let mut at = 1;
        while at < 64 {
            self.fill_32();
            let (symbol, bits) = huffman.find(self.peek_16())?;
            let (zeros, size) = (symbol >> 4, symbol & 0xf);
            self.skip(bits + size)?;
            if size == 0 && zeros < 15 {
                return Some(());
            }
            at += u32::from(zeros) + 1;
        }
        (at == 64).then_some(())
    }

    /// Behind the restart marker that must come now, of whatever number.
    pub(super) fn restart(&mut self) -> Option<()> {
        (self.buffered, self.count, self.missing) = (0, 0, 0);
        let marker = self.data.get(self.at..self.at + 2)?;
        self.at += 2;
        matches!(marker, [0xff, 0xd0..=0xd7]).then_some(())
    }

    fn peek_16(&self) -> u32 {
        (self.buffered >> (self.count - 16)) as u32 & 0xffff
    }

    /// At most as many bits as are held.
    fn skip(&mut self, count: u8) -> Option<()> {
        self.count -= u32::from(count);
        (self.count >= self.missing).then_some(())
    }

    /// Enough for a code and the number behind it.
    #[inline]
    fn fill_32(&mut self) {
        if self.count >= 32 {
            return;
        }
        match self.data.get(self.at..).and_then(<[u8]>::first_chunk) {
            Some(bytes) if !bytes.contains(&0xff) => {
                self.buffered = self.buffered << 32 | u64::from(u32::from_be_bytes(*bytes));
                (self.at, self.count) = (self.at + 4, self.count + 32);
            }
            _ => self.fill_bytes(),
        }
    }

    #[cold]
    fn fill_bytes(&mut self) {
        while self.count < 32 {
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
            self.buffered = self.buffered << 8 | u64::from(byte);
            self.count += 8;
        }
    }
}
