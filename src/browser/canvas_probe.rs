//! Finds out whether the browser gives back what a page draws on a canvas. Firefox with `resistFingerprinting`, LibreWolf and Tor give back
//! noise or white instead, and say nothing.

use super::picture::{Image, canvas, jpeg, opened, read};
use js_sys::{Array, Function, Reflect, Uint8ClampedArray};
use wasm_bindgen::JsCast;

/// The known picture has this many patches in a row and in a column.
const PATCHES: u32 = 4;
/// The side of a patch in pixels. A JPEG mixes the colours of pixels that are near each other, so patches are larger than its blocks.
const PATCH_PX: u32 = 16;
const SIDE_PX: u32 = PATCHES * PATCH_PX;
/// How much a sample in the middle of a patch may differ. A JPEG changes samples a little, and some browsers add noise that nobody sees.
const TOLERANCE: u8 = 40;

/// Whether a photo that goes through a canvas stays what it is. Draws a known picture and takes it the same way as a photo.
pub async fn canvas_is_honest() -> bool {
    match pixels_of_known_picture().await {
        Some(pixels) => shows_known_picture(&pixels),
        None => false,
    }
}

/// The pixels (RGBA) of the known picture after a canvas has made a JPEG of it. `None` if the browser refuses a step.
async fn pixels_of_known_picture() -> Option<Vec<u8>> {
    let (drawn, context) = canvas(SIDE_PX, SIDE_PX)?;
    for at in 0..PATCHES * PATCHES {
        let [red, green, blue] = colour(at);
        context.set_fill_style_str(&format!("rgb({red},{green},{blue})"));
        let (x, y) = (at % PATCHES * PATCH_PX, at / PATCHES * PATCH_PX);
        context.fill_rect(x.into(), y.into(), PATCH_PX.into(), PATCH_PX.into());
    }
    let file = read(&jpeg(&drawn, 0.92).await?, |_| {}).await?;
    let document = web_sys::window()?.document()?;
    let image: Image = document.create_element("img").ok()?.dyn_into().ok()?;
    image.set_src(&file);
    opened(&image).await?;
    let (_seen, context) = canvas(SIDE_PX, SIDE_PX)?;
    context.draw_image_with_html_image_element(&image, 0.0, 0.0).ok()?;
    let read_pixels: Function = Reflect::get(&context, &"getImageData".into()).ok()?.dyn_into().ok()?;
    let whole = Array::of4(&0.into(), &0.into(), &SIDE_PX.into(), &SIDE_PX.into());
    let pixels = read_pixels.apply(&context, &whole).ok()?;
    Some(Uint8ClampedArray::new(&Reflect::get(&pixels, &"data".into()).ok()?).to_vec())
}

/// The colour of a patch of the known picture. Patches beside and above each other differ.
fn colour(at: u32) -> [u8; 3] {
    let step = |by: u32| (30 + at * by % 8 * 28) as u8;
    [step(3), step(5), step(1)]
}

/// Whether the middle of each patch in `pixels` (RGBA, row by row) has its colour.
fn shows_known_picture(pixels: &[u8]) -> bool {
    (0..PATCHES * PATCHES).all(|at| {
        let middle = |of: u32| of * PATCH_PX + PATCH_PX / 2;
        let (x, y) = (middle(at % PATCHES), middle(at / PATCHES));
        let begin = ((y * SIDE_PX + x) * 4) as usize;
        pixels.get(begin..begin + 3).is_some_and(|seen| {
            let mut pairs = seen.iter().zip(colour(at));
            pairs.all(|(seen, wanted)| seen.abs_diff(wanted) <= TOLERANCE)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known picture, with `change` applied to each sample.
    fn picture(change: impl Fn(usize, u8) -> u8) -> Vec<u8> {
        let pixels = (0..SIDE_PX * SIDE_PX).flat_map(|at| {
            let patch = at / SIDE_PX / PATCH_PX * PATCHES + at % SIDE_PX / PATCH_PX;
            let [red, green, blue] = colour(patch);
            [red, green, blue, 255]
        });
        pixels.enumerate().map(|(at, sample)| change(at, sample)).collect()
    }

    #[test]
    fn a_picture_with_a_little_noise_is_known() {
        assert!(shows_known_picture(&picture(|_, sample| sample)));
        assert!(shows_known_picture(&picture(|at, sample| {
            sample.saturating_add((at % 7) as u8 * 3)
        })));
    }

    #[test]
    fn white_noise_stripes_and_nothing_are_lies() {
        assert!(!shows_known_picture(&picture(|_, _| 255)));
        assert!(!shows_known_picture(
            &picture(|at, _| ((at * 2_654_435_761) >> 7) as u8)
        ));
        assert!(!shows_known_picture(&picture(|at, sample| if at / 256 % 2 == 0 {
            !sample
        } else {
            sample
        })));
        assert!(!shows_known_picture(&picture(|_, _| 0)));
        assert!(!shows_known_picture(&[]));
    }
}
