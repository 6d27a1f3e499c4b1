//! Reads and changes the segments of JPEG files (ITU-T T.81 annex B), to make hostile files.

use image::RgbImage;
use jpeg_encoder::{ColorType, Encoder};

const START_OF_SCAN: u8 = 0xda;

/// The markers of all segments that are not needed for decoding, such as metadata and comments. The JFIF header is not
/// among them.
pub fn strange_segments(file: &[u8]) -> Vec<u8> {
    let plain = |marker: u8| matches!(marker, 0xc0..=0xc4 | 0xda..=0xdd | 0xe0);
    markers(file).into_iter().filter(|marker| !plain(*marker)).collect()
}

/// The markers of all segments up to the first scan. Also checks that the file ends with the end marker.
fn markers(file: &[u8]) -> Vec<u8> {
    assert!(
        file.starts_with(&[0xff, 0xd8]) && file.ends_with(&[0xff, 0xd9]),
        "the file must begin and end with the markers of a JPEG"
    );
    let mut found = vec![];
    let mut at = 2;
    while file[at] == 0xff {
        let marker = file[at + 1];
        found.push(marker);
        if marker == START_OF_SCAN {
            break;
        }
        at += 2 + usize::from(u16::from_be_bytes([file[at + 2], file[at + 3]]));
    }
    found
}

pub fn encode(image: &RgbImage, set: impl FnOnce(&mut Encoder<&mut Vec<u8>>)) -> Vec<u8> {
    let mut file = vec![];
    let mut encoder = Encoder::new(&mut file, 92);
    set(&mut encoder);
    let (width, height) = (image.width() as u16, image.height() as u16);
    encoder
        .encode(image.as_raw(), width, height, ColorType::Rgb)
        .expect("a JPEG");
    file
}

pub fn cmyk(width: u16, height: u16) -> Vec<u8> {
    let samples: Vec<u8> = (0..usize::from(width) * usize::from(height) * 4)
        .map(|at| (at * 7) as u8)
        .collect();
    let mut file = vec![];
    Encoder::new(&mut file, 90)
        .encode(&samples, width, height, ColorType::Cmyk)
        .expect("a JPEG");
    file
}

/// Returns `file`, a progressive JPEG, with its first scan repeated so that it occurs `count` times.
pub fn with_scans(file: &[u8], count: usize) -> Vec<u8> {
    let start = file
        .windows(2)
        .position(|pair| pair == [0xff, START_OF_SCAN])
        .expect("a scan");
    let next = file[start + 2..]
        .windows(2)
        .position(|pair| pair[0] == 0xff && !matches!(pair[1], 0 | 0xd0..=0xd7))
        .map_or(file.len() - 2, |at| start + 2 + at);
    [&file[..next], &file[start..next].repeat(count - 1), &file[next..]].concat()
}

/// Returns `file` with `segment` before all its other segments.
pub fn insert(file: &[u8], segment: &[u8]) -> Vec<u8> {
    [&file[..2], segment, &file[2..]].concat()
}

/// The positions at which segments with this marker begin.
fn places(file: &[u8], marker: u8) -> Vec<usize> {
    let pairs = file.windows(2).enumerate();
    pairs
        .filter(|(_, pair)| *pair == [0xff, marker])
        .map(|(at, _)| at)
        .collect()
}

/// Returns `file` with a different restart interval before each scan.
pub fn with_restarts_between_scans(file: &[u8]) -> Vec<u8> {
    let mut file = file.to_vec();
    for (number, at) in places(&file, START_OF_SCAN).into_iter().enumerate().rev() {
        file.splice(at..at, [0xff, 0xdd, 0, 4, 0, number as u8]);
    }
    file
}

/// Returns `file` with other names for its three components, both in the frame and in the first scan.
pub fn with_components(file: &[u8], names: [u8; 3]) -> Vec<u8> {
    let mut file = file.to_vec();
    let (frame, scan) = (places(&file, 0xc0)[0] + 10, places(&file, START_OF_SCAN)[0] + 5);
    for (number, name) in names.into_iter().enumerate() {
        file[frame + 3 * number] = name;
        file[scan + 2 * number] = name;
    }
    file
}

/// Returns `file` with two bytes instead of one for each value of its quantization tables (T.81, B.2.4.1).
pub fn with_tables_of_16_bits(file: &[u8]) -> Vec<u8> {
    let mut file = file.to_vec();
    for at in places(&file, 0xdb).into_iter().rev() {
        let end = at + 2 + usize::from(u16::from_be_bytes([file[at + 2], file[at + 3]]));
        let mut tables = vec![];
        for table in file[at + 4..end].chunks(65) {
            tables.push(table[0] | 0x10);
            tables.extend(table[1..].iter().flat_map(|value| [0, *value]));
        }
        let length = tables.len() as u16 + 2;
        file.splice(at + 2..end, [&length.to_be_bytes()[..], &tables].concat());
    }
    file
}

/// An EXIF block with an orientation and a GPS position (EXIF 2.3 section 4.6; big-endian TIFF).
pub fn exif(orientation: u8) -> Vec<u8> {
    let mut tiff = b"MM\0*\0\0\0\x08".to_vec();
    // Two entries: the orientation, and the offset of the GPS entries.
    tiff.extend([0, 2]);
    tiff.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0]);
    tiff.extend([0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 38]);
    tiff.extend([0; 4]);
    // The latitude: north, and three rationals after this block.
    tiff.extend([0, 2]);
    tiff.extend([0, 1, 0, 2, 0, 0, 0, 2, b'N', 0, 0, 0]);
    tiff.extend([0, 2, 0, 5, 0, 0, 0, 3, 0, 0, 0, 68]);
    tiff.extend([0; 4]);
    for part in [52_u32, 1, 31, 1, 12, 1] {
        tiff.extend(part.to_be_bytes());
    }
    tiff
}
