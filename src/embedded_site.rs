//! The site's files inside this program. A debug build has none, and reads them from `target/site` for each request.

use rust_embed::RustEmbed;
use snug::server::http::static_files::{Site, SiteFile};
use std::borrow::Cow;

/// `cargo xtask front` changes this variable when the list of the site's files has changed, and cargo then compiles this file again.
/// By itself, cargo would notice only changes of files that are inside the program already.
const _: Option<&str> = option_env!("EMBEDDED_SITE");

/// How much of each SHA-256 goes into the tags of the answers.
const HASH_BYTES: usize = 12;

/// Without the front end, as for `cargo clippy` in a fresh clone, the program compiles too, and contains no files.
#[derive(RustEmbed)]
#[folder = "target/site"]
#[allow_missing = true]
struct EmbeddedFiles;

/// The site that was built before this program. Its bytes stay where they are in the program: nothing is copied or unpacked.
pub fn site() -> Site {
    let names = EmbeddedFiles::iter().map(Cow::into_owned).collect();
    Site::new(names, |name| {
        let file = EmbeddedFiles::get(name)?;
        Some(SiteFile {
            hash: hex::encode(&file.metadata.sha256_hash()[..HASH_BYTES]),
            bytes: file.data,
        })
    })
}
