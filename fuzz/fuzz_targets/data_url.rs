//! Fuzzes the parser of data URLs. For any text, the result must be bytes or an error; if the result is bytes, encoding them
//! again must give the same base64.
#![no_main]

#[path = "../../src/model/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the pipeline needs only the area of a crop")]
mod model;
#[path = "../../src/server/avatars/picture/mod.rs"]
#[allow(dead_code, unused_imports, reason = "only the parser is fuzzed here")]
mod picture;

use base64::Engine;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(octets) = picture::decode_data_url(text) {
        let again = base64::engine::general_purpose::STANDARD.encode(octets);
        assert!(text.ends_with(&again) && text.starts_with("data:image/"));
    }
});
