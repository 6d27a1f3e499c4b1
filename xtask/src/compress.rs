//! Compresses files at build time, so that the server never compresses while somebody waits.

use anyhow::Result;
use std::io::Write;

/// The endings of files that are worth compressing. PNG files and fonts, for example, are compressed already.
const SHRINKING: [&str; 10] = [
    "css",
    "html",
    "ico",
    "js",
    "json",
    "svg",
    "txt",
    "wasm",
    "webmanifest",
    "xml",
];

/// The quality level of brotli.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// Level 11, the highest. Compressing the wasm then takes some seconds.
    Best,
    /// Level 4, for a build that is soon replaced by the next.
    Quick,
}

/// Whether a file with this name is worth compressing.
pub fn shrinks(name: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, ending)| SHRINKING.contains(&ending))
}

/// Compresses with brotli (RFC 7932). The window is 16 MB, the largest that every browser supports.
pub fn brotli(bytes: &[u8], effort: Effort) -> Result<Vec<u8>> {
    let quality = match effort {
        Effort::Best => 11,
        Effort::Quick => 4,
    };
    let parameters = brotli::enc::BrotliEncoderParams {
        quality,
        lgwin: 24,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut packed, &parameters)?;
    Ok(packed)
}

/// Compresses with gzip (RFC 1952), for the few clients that do not support brotli.
pub fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use super::{Effort, brotli, gzip, shrinks};
    use std::io::Read;

    #[test]
    fn compressed_files_can_be_decompressed() {
        let text = "the small room of a pub ".repeat(100).into_bytes();
        for effort in [Effort::Best, Effort::Quick] {
            let mut unpacked = Vec::new();
            brotli::BrotliDecompress(&mut &brotli(&text, effort).expect("packs")[..], &mut unpacked).expect("unpacks");
            assert_eq!(unpacked, text);
        }
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&gzip(&text).expect("packs")[..])
            .read_to_end(&mut unpacked)
            .expect("unpacks");
        assert_eq!(unpacked, text);
    }

    #[test]
    fn pictures_are_not_compressed() {
        assert!(shrinks("snug.0123.wasm") && shrinks("favicon.svg"));
        assert!(!shrinks("face.png") && !shrinks("LICENSE"));
    }
}
