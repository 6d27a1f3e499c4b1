//! What a frame header describes, and the picture that its DC coefficients make.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::RgbImage;

/// One plane in blocks of 8 by 8.
pub(super) struct Component {
    pub(super) id: u8,
    /// Blocks of an interleaved unit, across and down.
    pub(super) h: usize,
    pub(super) v: usize,
    quantization: usize,
    /// Blocks that show something of the picture.
    wide: usize,
    high: usize,
    /// Blocks of a row as they are stored, whole units.
    pub(super) stride: usize,
    pub(super) dc: Vec<i32>,
    pub(super) is_there: bool,
}

/// The frame header and what belongs to it.
pub(super) struct Frame {
    width: usize,
    height: usize,
    units_wide: usize,
    units_high: usize,
    pub(super) is_progressive: bool,
    pub(super) components: Vec<Component>,
}

impl Frame {
    /// Grey, or Y, Cb and Cr, of 8 bits each; Y in full resolution.
    pub(super) fn read(segment: &[u8], is_progressive: bool) -> Option<Self> {
        let &[8, h1, h0, w1, w0, count, ref rest @ ..] = segment else {
            return None;
        };
        let (height, width) = (u16::from_be_bytes([h1, h0]), u16::from_be_bytes([w1, w0]));
        let (height, width) = (usize::from(height), usize::from(width));
        let described = rest.as_chunks::<3>().0;
        let factors = |sides: u8| (usize::from(sides >> 4), usize::from(sides & 0xf));
        let (h_max, v_max) = factors(described.first()?[1]);
        // Components called so are of other colours than Y, Cb and Cr.
        let ids: Vec<u8> = described.iter().map(|[id, ..]| *id).collect();
        let is_other = matches!(&ids[..], b"RGB" | b"rgb" | [1, 34, 35]);
        let is_known = matches!((count, described), (1, [_]) | (3, [_, _, _])) && !is_other;
        if !is_known || height == 0 || width == 0 {
            return None;
        }
        let all_fit = described.iter().all(|[_, sides, _]| {
            let (h, v) = factors(*sides);
            (1..=h_max.min(4)).contains(&h) && (1..=v_max.min(4)).contains(&v)
        });
        if !all_fit {
            return None;
        }
        let (units_wide, units_high) = (width.div_ceil(8 * h_max), height.div_ceil(8 * v_max));
        let components = described.iter().map(|&[id, sides, quantization]| {
            let (h, v) = factors(sides);
            Component {
                id,
                h,
                v,
                quantization: usize::from(quantization),
                wide: (width * h).div_ceil(h_max).div_ceil(8),
                high: (height * v).div_ceil(v_max).div_ceil(8),
                stride: units_wide * h,
                dc: vec![0; units_wide * h * units_high * v],
                is_there: false,
            }
        });
        Some(Self {
            width,
            height,
            units_wide,
            units_high,
            is_progressive,
            components: components.collect(),
        })
    }

    /// How many units a scan has, across and down: of one component alone, or of several.
    pub(super) fn units(&self, only: Option<usize>) -> (usize, usize) {
        only.map_or((self.units_wide, self.units_high), |index| {
            (self.components[index].wide, self.components[index].high)
        })
    }

    pub(super) fn picture(self, quantization: &[Option<i32>; 4]) -> Option<RgbImage> {
        let (width, height) = (self.width.div_ceil(8) as u32, self.height.div_ceil(8) as u32);
        let (h_max, v_max) = self.components.first().map(|first| (first.h, first.v))?;
        let mut planes = vec![];
        for component in self.components {
            let quantization = *quantization.get(component.quantization)?;
            // As much of it as lies under the picture: its last block may reach beyond.
            let under = (
                f64::from(width) * component.h as f64 / h_max as f64,
                f64::from(height) * component.v as f64 / v_max as f64,
            );
            planes.push(component.plane(quantization, (width, height), under)?);
        }
        let pixels = match &planes[..] {
            [grey] => grey.iter().flat_map(|y| [*y; 3]).collect(),
            [y, cb, cr] => y
                .iter()
                .zip(cb.iter().zip(cr))
                .flat_map(|(y, (cb, cr))| rgb(*y, *cb, *cr))
                .collect(),
            _ => return None,
        };
        RgbImage::from_raw(width, height, pixels)
    }
}

impl Component {
    /// Its samples, as many as the picture has pixels, of the part of it that lies `under` the picture.
    fn plane(&self, quantization: Option<i32>, (width, height): (u32, u32), under: (f64, f64)) -> Option<Vec<u8>> {
        let quantization = quantization.filter(|_| self.is_there)?;
        // A DC coefficient is eight times the level, whose middle is 128 (T.81, A.3.1 and A.3.3).
        let level = |dc: &i32| (dc.saturating_mul(quantization).saturating_add(4) >> 3).clamp(-128, 127) + 128;
        let rows = self.dc.chunks_exact(self.stride).take(self.high);
        let samples: Vec<u8> = rows
            .flat_map(|row| row[..self.wide].iter().map(|dc| level(dc) as u8))
            .collect();
        let (wide, high) = (self.wide as u32, self.high as u32);
        if (wide, high) == (width, height) {
            return Some(samples);
        }
        let from = ImageRef::new(wide, high, &samples, PixelType::U8).ok()?;
        let mut to = Image::new(width, height, PixelType::U8);
        let linear = ResizeOptions::new()
            .resize_alg(ResizeAlg::Convolution(FilterType::Bilinear))
            .crop(0.0, 0.0, under.0, under.1);
        Resizer::new().resize(&from, &mut to, &linear).ok()?;
        Some(to.into_vec())
    }
}

/// JFIF 1.02, "Conversion to and from RGB", in 65,536ths.
fn rgb(y: u8, cb: u8, cr: u8) -> [u8; 3] {
    let (y, cb, cr) = (i32::from(y) << 16, i32::from(cb) - 128, i32::from(cr) - 128);
    let level = |sum: i32| ((sum + 32_768) >> 16).clamp(0, 255) as u8;
    [
        level(y + 91_881 * cr),
        level(y - 22_554 * cb - 46_802 * cr),
        level(y + 116_130 * cb),
    ]
}
