//! Packs files once, as small as they get, so that the server never compresses while somebody waits.

use anyhow::Result;
use std::io::Write;

/// The endings of files that shrink; pictures and fonts are packed already.
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

/// How hard brotli tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// 11, the most: seconds for the wasm.
    Best,
    /// 4, for a build that lives a minute.
    Quick,
}

/// True if a file of this name is worth packing.
pub fn shrinks(name: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(_, ending)| SHRINKING.contains(&ending))
}

/// RFC 7932. The window is 16 MB, the largest that every browser takes.
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

/// RFC 1952, for the few clients that ask for nothing better.
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
    fn what_is_packed_can_be_unpacked() {
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
    fn pictures_are_packed_already() {
        assert!(shrinks("snug.0123.wasm") && shrinks("favicon.svg"));
        assert!(!shrinks("face.png") && !shrinks("LICENSE"));
    }
}
