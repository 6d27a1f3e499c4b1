//! Fuzzes the picture pipeline. For any bytes, the result must be two square pictures or an error. The pipeline must not panic
//! or exceed its limit on memory.
#![no_main]

#[path = "../../src/server/avatars/picture/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the parser of data URLs has its own target")]
mod picture;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|octets: &[u8]| {
    if let Ok(made) = picture::square(octets) {
        for (file, side) in [(made.large, 256), (made.small, 64)] {
            let seen =
                image::load_from_memory_with_format(&file, image::ImageFormat::Jpeg).expect("our JPEG can be decoded");
            assert_eq!((seen.width(), seen.height()), (side, side));
        }
    }
    let _ = picture::is_heavy(octets);
});
