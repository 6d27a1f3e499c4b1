//! Progressive JPEG at an eighth of its size (ITU-T T.81, annexes B and G): there each block of 8 by 8 is one pixel, its
//! mean, and that stands in scans of its own. Details are neither decoded nor given room.

mod bits;
mod frame;

use bits::{Bits, Huffman};
use frame::Frame;
use image::RgbImage;

const START_OF_FRAME: u8 = 0xc2;
const HUFFMAN_TABLES: u8 = 0xc4;
const END_OF_IMAGE: u8 = 0xd9;
const START_OF_SCAN: u8 = 0xda;
const QUANTIZATION_TABLES: u8 = 0xdb;
const RESTART_INTERVAL: u8 = 0xdd;
const ADOBE: u8 = 0xee;

/// Encoders write one or two. Each takes 128 kB and some microseconds, of twenty bytes in the file.
const MAX_TABLES: u32 = 64;

/// The picture, or nothing where the file is put together in any unusual way, for a whole decoder to judge. Reads at most
/// `max_scans` scans.
pub(super) fn means(file: &[u8], max_scans: u8) -> Option<RgbImage> {
    let mut reading = Reading::default();
    let mut scans = 0;
    let mut at = 2;
    loop {
        let &[0xff, marker, ref rest @ ..] = file.get(at..)? else {
            return None;
        };
        if marker == END_OF_IMAGE {
            return reading.frame?.picture(&reading.quantization);
        }
        // Only segments that say how long they are.
        if !matches!(marker, 0xc2 | 0xc4 | 0xda..=0xdd | 0xe0..=0xef | 0xfe) {
            return None;
        }
        let end = at + 2 + usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?]));
        let segment = file.get(at + 4..end)?;
        at = end;
        if marker == START_OF_SCAN {
            scans += 1;
            at = end_of_scan(file, end)?;
            reading.scan(segment, &file[end..at])?;
        } else {
            reading.segment(marker, segment)?;
        }
        if scans > max_scans {
            return None;
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
struct Reading {
    /// Of each table what means are multiplied by.
    quantization: [Option<i32>; 4],
    huffman: [Option<Huffman>; 4],
    tables: u32,
    /// Units between two restarts; 0 for none.
    restart_interval: usize,
    frame: Option<Frame>,
}

impl Reading {
    fn segment(&mut self, marker: u8, segment: &[u8]) -> Option<()> {
        match marker {
            START_OF_FRAME if self.frame.is_none() => self.frame = Some(Frame::read(segment)?),
            START_OF_FRAME => return None,
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
            // Those for details are of class 1.
            if kind >> 4 == 0 {
                self.tables += 1;
                if self.tables > MAX_TABLES {
                    return None;
                }
                *self.huffman.get_mut(usize::from(kind & 0xf))? = Some(Huffman::new(counts, symbols)?);
            }
            rest = &body[16 + length..];
        }
        Some(())
    }

    /// A scan of means adds to what the frame has; one of details is passed over.
    fn scan(&mut self, header: &[u8], data: &[u8]) -> Option<()> {
        let frame = self.frame.as_mut()?;
        let (&count, rest) = header.split_first()?;
        let (ids, rest) = rest.split_at_checked(2 * usize::from(count))?;
        let &[first, last, bits] = rest else { return None };
        if first > 0 {
            return Some(());
        }
        let (is_refinement, low_bit) = (bits >> 4 > 0, bits & 0xf);
        let mut members = Vec::with_capacity(4);
        for &[id, tables] in ids.as_chunks::<2>().0 {
            let index = frame.components.iter().position(|component| component.id == id)?;
            members.push((index, usize::from(tables >> 4)));
        }
        if last > 0 || low_bit > 13 || members.is_empty() {
            return None;
        }
        let mut data = Bits::new(data);
        let mut predictions = [0_i32; 4];
        let (wide, high) = frame.units(&members);
        for unit in 0..wide * high {
            if self.restart_interval > 0 && unit > 0 && unit % self.restart_interval == 0 {
                data.restart()?;
                predictions = [0; 4];
            }
            for &(index, table) in &members {
                let component = &mut frame.components[index];
                // A component that comes alone comes block by block.
                let (h, v) = if members.len() > 1 {
                    (component.h, component.v)
                } else {
                    (1, 1)
                };
                for block in 0..h * v {
                    let (x, y) = (unit % wide * h + block % h, unit / wide * v + block / h);
                    let mean = component.means.get_mut(y * component.stride + x)?;
                    if is_refinement {
                        *mean |= (data.take(1)? as i32) << low_bit;
                    } else {
                        let size = data.symbol(self.huffman.get(table)?.as_ref()?)?;
                        predictions[index] = predictions[index].checked_add(data.signed(size)?)?;
                        *mean = predictions[index].checked_shl(u32::from(low_bit))?;
                    }
                }
                component.is_there = true;
            }
        }
        Some(())
    }
}
