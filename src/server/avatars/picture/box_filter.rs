//! Shrinks a picture while its rows are decoded: each box of pixels becomes one pixel with their average. So a large
//! picture is never in memory as a whole.

use image::RgbImage;
use image::metadata::Orientation;

use super::error::PictureError;
use super::file_square::FileSquare;
use super::sizes::LARGE_SIDE_PX;
use crate::model::crop_area::CropArea;

/// The filter leaves at least this many pixels on the shorter side of a large picture: twice as many as the large
/// square has. So the quality depends on the resizer that runs afterwards, and not on this filter.
const ENOUGH_PX: u32 = 2 * LARGE_SIDE_PX;
/// The greatest side of a box. A sum of 16 x 16 samples of 8 bits still fits into 16 bits.
const MAX_BOX_PX: u32 = 16;
/// The background of transparent pixels: the colour of paper in the light theme.
pub(super) const PAPER: [u8; 3] = [0xf6, 0xf1, 0xe8];

/// A square in a picture, divided into boxes of equal size. Its pixels are opaque.
pub(super) struct BoxFilter {
    left: u32,
    top: u32,
    /// The side of a box in pixels.
    box_px: u32,
    /// The side of the square in boxes.
    count: u32,
    sums: Vec<[u16; 3]>,
}

/// Where the pixels of a row are in the picture. A row of an interlaced PNG has only every `step_x`th pixel.
#[derive(Debug, Clone, Copy)]
pub(super) struct PixelRow {
    pub y: u32,
    pub first_x: u32,
    pub step_x: u32,
}

impl PixelRow {
    /// All pixels of row `y`.
    pub(super) fn whole(y: u32) -> Self {
        Self {
            y,
            first_x: 0,
            step_x: 1,
        }
    }
}

impl BoxFilter {
    /// A filter for the part `area` of a picture of `width` by `height` px that `orientation` turns upright. Without an area, this is
    /// the square around the centre.
    pub(super) fn over(area: Option<CropArea>, width: u32, height: u32, orientation: Orientation) -> Self {
        let Some(area) = area else {
            return Self::new(width, height);
        };
        let square = FileSquare::of(area, width, height, orientation);
        let (box_px, count) = boxes(square.side);
        let rest = square.side - count * box_px;
        Self::at(square.left + rest / 2, square.top + rest / 2, box_px, count)
    }

    /// A filter for the square around the centre of a picture of `width` by `height` px.
    pub(super) fn new(width: u32, height: u32) -> Self {
        let (box_px, count) = boxes(width.min(height));
        Self::at(
            (width - count * box_px) / 2,
            (height - count * box_px) / 2,
            box_px,
            count,
        )
    }

    fn at(left: u32, top: u32, box_px: u32, count: u32) -> Self {
        Self {
            left,
            top,
            box_px,
            count,
            sums: vec![[0; 3]; (count * count) as usize],
        }
    }

    /// Adds a row of pixels with `channels` samples of 8 bits each: grey (1), grey and alpha (2), RGB (3), RGBA (4). Add
    /// each pixel of the picture once, in any order.
    pub(super) fn add(&mut self, row: PixelRow, samples: &[u8], channels: usize) {
        match channels {
            1 => self.add_pixels::<1>(row, samples),
            2 => self.add_pixels::<2>(row, samples),
            3 => self.add_pixels::<3>(row, samples),
            _ => self.add_pixels::<4>(row, samples),
        }
    }

    fn add_pixels<const CHANNELS: usize>(&mut self, row: PixelRow, samples: &[u8]) {
        let line = row.y.wrapping_sub(self.top) / self.box_px;
        if row.y < self.top || line >= self.count {
            return;
        }
        let count = self.count as usize;
        let line = &mut self.sums[line as usize * count..][..count];
        let pixels = samples.as_chunks::<CHANNELS>().0;
        if row.step_x == 1 {
            let inside = pixels.get(self.left as usize..).unwrap_or_default();
            // The boxes of photos from phones are two or three pixels wide. With a constant length, the compiler unrolls the loop.
            match self.box_px {
                1 => add_boxes(line, inside.as_chunks::<1>().0.iter().map(<[_; 1]>::as_slice)),
                2 => add_boxes(line, inside.as_chunks::<2>().0.iter().map(<[_; 2]>::as_slice)),
                3 => add_boxes(line, inside.as_chunks::<3>().0.iter().map(<[_; 3]>::as_slice)),
                length => add_boxes(line, inside.chunks_exact(length as usize)),
            }
        } else {
            for (x, pixel) in (row.first_x..).step_by(row.step_x as usize).zip(pixels) {
                let across = x.checked_sub(self.left).map(|x| (x / self.box_px) as usize);
                if let Some(sum) = across.and_then(|across| line.get_mut(across)) {
                    add(sum, on_paper(pixel));
                }
            }
        }
    }

    /// The average of each box.
    ///
    /// # Errors
    /// `Broken` if the square has no pixel.
    pub(super) fn into_image(self) -> Result<RgbImage, PictureError> {
        // `share` is 1 / `pixels` in units of 1/65,536. Rounding it changes an average by less than half a level, so white
        // stays white.
        let pixels = self.box_px * self.box_px;
        let share = (65_536 + pixels / 2) / pixels;
        let average = |sum: u16| ((u32::from(sum) * share + 32_768) >> 16) as u8;
        let averages = self.sums.as_flattened().iter().map(|sum| average(*sum)).collect();
        RgbImage::from_raw(self.count, self.count, averages).ok_or(PictureError::Broken)
    }
}

/// The side of a box in pixels, and the number of boxes in a row, for a square with this side.
fn boxes(side: u32) -> (u32, u32) {
    let box_px = (side / ENOUGH_PX).clamp(1, MAX_BOX_PX);
    (box_px, side / box_px)
}

#[inline(always)]
fn add_boxes<'a, const CHANNELS: usize>(sums: &mut [[u16; 3]], box_filter: impl Iterator<Item = &'a [[u8; CHANNELS]]>) {
    for (sum, pixels) in sums.iter_mut().zip(box_filter) {
        pixels.iter().for_each(|pixel| add(sum, on_paper(pixel)));
    }
}

fn add(sum: &mut [u16; 3], pixel: [u8; 3]) {
    for (sum, sample) in sum.iter_mut().zip(pixel) {
        *sum += u16::from(sample);
    }
}

/// Turns a pixel of one to four samples into opaque RGB, with the colour of paper behind it.
fn on_paper(pixel: &[u8]) -> [u8; 3] {
    match *pixel {
        [l] => [l; 3],
        [l, a] => blend([l; 3], a),
        [r, g, b] => [r, g, b],
        [r, g, b, a] => blend([r, g, b], a),
        _ => PAPER,
    }
}

fn blend(colour: [u8; 3], alpha: u8) -> [u8; 3] {
    let over = u16::from(alpha);
    std::array::from_fn(|i| {
        let sum = u16::from(colour[i]) * over + u16::from(PAPER[i]) * (255 - over) + 127;
        (sum / 255) as u8
    })
}
