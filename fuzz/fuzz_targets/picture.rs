//! Fuzzes the picture pipeline. For any bytes and any part that a person could have chosen, the result must be two square pictures or
//! an error. The pipeline must not panic or exceed its limit on memory.
#![no_main]

#[path = "../../src/model/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the pipeline needs only the area of a crop")]
mod model;
#[path = "../../src/server/avatars/picture/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the parser of data URLs has its own target")]
mod picture;

use libfuzzer_sys::fuzz_target;
use model::crop_area::{CropArea, UNIT};
use picture::Photo;

fuzz_target!(|octets: &[u8]| {
    for area in [None, area_from(octets)] {
        let photo = Photo {
            bytes: octets.to_vec(),
            area,
        };
        if let Ok(made) = photo.square() {
            for (file, side) in [(made.large, 256), (made.small, 64)] {
                let seen = image::load_from_memory_with_format(&file, image::ImageFormat::Jpeg)
                    .expect("our JPEG can be decoded");
                assert_eq!((seen.width(), seen.height()), (side, side));
            }
        }
        let _ = photo.is_heavy();
    }
});

/// The last four octets as an area, because decoders ignore what follows a picture. `None` if the area is too small to be chosen.
fn area_from(octets: &[u8]) -> Option<CropArea> {
    let [left, top, side, turns] = *octets.last_chunk()?;
    let millionths = |octet: u8| u32::from(octet) * UNIT / 256;
    CropArea::parse(&format!(
        "{},{},{},{}",
        millionths(left),
        millionths(top),
        millionths(side),
        turns % 4
    ))
}
