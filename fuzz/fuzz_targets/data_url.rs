//! Whatever text comes as a data URL: octets or an error, and what is taken is exactly of the grammar.
#![no_main]

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
