//! JPEG at an eighth of its size (ITU-T T.81, annexes B, F and G): there each block of 8 by 8 is one pixel, its DC coefficient.
//! Details are passed over: a progressive file has them in scans of their own, any other behind each DC coefficient.

mod bits;
mod frame;

use bits::{Bits, Huffman};
use frame::Frame;
use image::RgbImage;

const PROGRESSIVE_FRAME: u8 = 0xc2;
const HUFFMAN_TABLES: u8 = 0xc4;
const END_OF_IMAGE: u8 = 0xd9;
const START_OF_SCAN: u8 = 0xda;
const QUANTIZATION_TABLES: u8 = 0xdb;
const RESTART_INTERVAL: u8 = 0xdd;
const ADOBE: u8 = 0xee;

/// Encoders write two or four, and a few more a scan.
const MAX_TABLES: u32 = 64;

/// The picture, or nothing where the file is put together in any unusual return_to, for a whole decoder to judge. Reads at most
/// `max_scans` scans. The caller has held the frame's size against the limits.
pub(super) fn decode_dc_only(file: &[u8], max_scans: u8) -> Option<RgbImage> {
    let mut reader = DcReader::default();
    let mut scans = 0;
    let mut at = 2;
    loop {
        let &[0xff, marker, ref rest @ ..] = file.get(at..)? else {
            return None;
        };
        if marker == END_OF_IMAGE {
            return reader.frame?.picture(&reader.quantization);
        }
        // Only segments whose meaning is known here, or that have none for pixels.
        if !matches!(marker, 0xc0..=0xc2 | 0xc4 | 0xda | 0xdb | 0xdd | 0xe0..=0xef | 0xfe) {
            return None;
        }
        let end = at + 2 + usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?]));
        let segment = file.get(at + 4..end)?;
        at = end;
        if marker == START_OF_SCAN {
            scans += 1;
            if scans > max_scans {
                return None;
            }
            at = end_of_scan(file, end)?;
            reader.scan(segment, &file[end..at])?;
        } else {
            reader.segment(marker, segment)?;
        }
    }
}

/// Where a scan's data ends: at the first marker that is no restart.
fn end_of_scan(file: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += file.get(at..)?.iter().position(|byte| *byte == 0xff)?;
        match file.get(at + 1)? {
            0x00 | 0xd0..=0xd7 => at += 2,
            _ => return Some(at),
        }
    }
}

/// What has been read so far.
#[derive(Default)]
struct DcReader {
    /// Of each table what DC coefficients are multiplied by.
    quantization: [Option<i32>; 4],
    /// Tables for DC coefficients and for details, by their numbers.
    huffman: [[Option<Huffman>; 4]; 2],
    tables: u32,
    /// Units between two restarts; 0 for none.
    restart_interval: usize,
    frame: Option<Frame>,
}

impl DcReader {
    fn segment(&mut self, marker: u8, segment: &[u8]) -> Option<()> {
        match marker {
            0xc0..=PROGRESSIVE_FRAME if self.frame.is_none() => {
                self.frame = Some(Frame::read(segment, marker == PROGRESSIVE_FRAME)?);
            }
            0xc0..=PROGRESSIVE_FRAME => return None,
            HUFFMAN_TABLES => self.huffman_tables(segment)?,
            QUANTIZATION_TABLES => self.quantization_tables(segment)?,
            RESTART_INTERVAL => self.restart_interval = usize::from(u16::from_be_bytes(*segment.first_chunk()?)),
            // Any other transform than to Y, Cb and Cr.
            ADOBE if segment.starts_with(b"Adobe") && segment.get(11) != Some(&1) => return None,
            _ => (),
        }
        Some(())
    }

    fn quantization_tables(&mut self, mut rest: &[u8]) -> Option<()> {
        while let [kind, values @ ..] = rest {
            let (length, first) = match kind >> 4 {
                0 => (64, i32::from(*values.first()?)),
                _ => (128, i32::from(u16::from_be_bytes(*values.first_chunk()?))),
            };
            let table = self.quantization.get_mut(usize::from(kind & 0xf))?;
            // Decoders differ on which of two holds.
            if table.replace(first).is_some_and(|before| before != first) {
                return None;
            }
            rest = values.get(length..)?;
        }
        Some(())
    }

    fn huffman_tables(&mut self, mut rest: &[u8]) -> Option<()> {
        while let [kind, body @ ..] = rest {
            let counts: &[u8; 16] = body.first_chunk()?;
            let length = counts.iter().map(|count| usize::from(*count)).sum::<usize>();
            let symbols = body.get(16..16 + length)?;
            self.tables += 1;
            if self.tables > MAX_TABLES {
                return None;
            }
            let tables = self.huffman.get_mut(usize::from(kind >> 4))?;
            *tables.get_mut(usize::from(kind & 0xf))? = Some(Huffman::new(counts, symbols)?);
            rest = &body[16 + length..];
        }
        Some(())
    }

    /// A scan of DC coefficients adds to what the frame has; one of details alone is passed over.
    fn scan(&mut self, header: &[u8], data: &[u8]) -> Option<()> {
        let frame = self.frame.as_mut()?;
        let (&count, rest) = header.split_first()?;
        let (ids, rest) = rest.split_at_checked(2 * usize::from(count))?;
        let &[first, last, bits] = rest else { return None };
        // The first and the last coefficient, and of which bits (B.2.3, G.1.1.1).
        let pass = match (frame.is_progressive, first, last, bits >> 4, bits & 0xf) {
            (false, 0, 63, 0, 0) => Pass::Whole,
            (true, 0, 0, 0, low_bit @ 0..=13) => Pass::FirstBits { low_bit },
            (true, 0, 0, _, low_bit @ 0..=13) => Pass::Refinement { low_bit },
            (true, 1.., ..) => return Some(()),
            _ => return None,
        };
        let mut members = Vec::with_capacity(4);
        for &[id, tables] in ids.as_chunks::<2>().0 {
            let index = frame.components.iter().position(|component| component.id == id)?;
            members.push(Member {
                index,
                dc_codes: self.huffman[0].get(usize::from(tables >> 4))?.as_ref(),
                ac_codes: self.huffman[1].get(usize::from(tables & 0xf))?.as_ref(),
                prediction: 0,
            });
        }
        read_scan(frame, members, pass, Bits::new(data), self.restart_interval)
    }
}

/// What a scan says of each block.
#[derive(Debug, Clone, Copy)]
enum Pass {
    /// Its DC coefficient, and all its details behind it.
    Whole,
    /// The bits of its DC coefficient from this one on.
    FirstBits { low_bit: u8 },
    /// This bit of its DC coefficient.
    Refinement { low_bit: u8 },
}

/// A component in a scan.
struct Member<'a> {
    index: usize,
    dc_codes: Option<&'a Huffman>,
    ac_codes: Option<&'a Huffman>,
    /// The DC coefficient before: only differences are written.
    prediction: i32,
}

fn read_scan(
    frame: &mut Frame,
    mut members: Vec<Member>,
    pass: Pass,
    mut data: Bits,
    restart_interval: usize,
) -> Option<()> {
    let only = match &members[..] {
        [] => return None,
        [member] => Some(member.index),
        _ => None,
    };
    let (wide, high) = frame.units(only);
    // Units are what T.81 calls MCUs: of several components a block or more each, of one alone a block.
    for unit in 0..wide * high {
        if restart_interval > 0 && unit > 0 && unit % restart_interval == 0 {
            data.restart()?;
            members.iter_mut().for_each(|member| member.prediction = 0);
        }
        for member in &mut members {
            let component = &mut frame.components[member.index];
            // A component that comes alone comes block by block.
            let (h, v) = only.map_or((component.h, component.v), |_| (1, 1));
            for block in 0..h * v {
                let (x, y) = (unit % wide * h + block % h, unit / wide * v + block / h);
                let dc = component.dc.get_mut(y * component.stride + x)?;
                member.read(dc, pass, &mut data)?;
            }
        }
    }
    for member in &members {
        // Decoders differ on what a second one would mean; a progressive file has several of each.
        if std::mem::replace(&mut frame.components[member.index].is_there, true) && !frame.is_progressive {
            return None;
        }
    }
    Some(())
}

impl Member<'_> {
    /// The next block.
    #[inline]
    fn read(&mut self, dc: &mut i32, pass: Pass, data: &mut Bits) -> Option<()> {
        match pass {
            Pass::Refinement { low_bit } => *dc |= (data.take(1)? as i32) << low_bit,
            Pass::FirstBits { low_bit } => *dc = self.next_dc(data)? << low_bit,
            Pass::Whole => {
                *dc = self.next_dc(data)?;
                data.skip_ac(self.ac_codes?)?;
            }
        }
        Some(())
    }

    fn next_dc(&mut self, data: &mut Bits) -> Option<i32> {
        let size = data.symbol(self.dc_codes?)?;
        self.prediction += data.signed(size)?;
        // Far more than a DC coefficient of 8 bits can have (12 bits, F.1.2.1), and no shift loses anything of it.
        (self.prediction.unsigned_abs() < 1 << 15).then_some(self.prediction)
    }
}
