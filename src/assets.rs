//! The addresses of this build's script, WebAssembly program and style sheet. The file names contain the hashes that the build
//! added.

use std::{collections::BTreeMap, sync::Arc};

/// The file of the site in which the build lists the files of each chunk.
pub const LIST_OF_CHUNKS: &str = "pkg/chunks.txt";

/// The paths of the built files on this site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assets {
    pub js: String,
    pub wasm: String,
    pub css: String,
    /// The addresses of the WebAssembly files of each chunk, by the name of the chunk.
    chunks: Arc<BTreeMap<String, Vec<String>>>,
}

impl Assets {
    /// Finds the built files among all files of the site, which are paths such as `pkg/snug.3f….js`. If several builds have left
    /// their files, the last one in the list counts. If there is none, the address is that of a build without hashes.
    pub fn among(files: &[String]) -> Self {
        let address = |ending: &str| {
            let built = files.iter().rev().find(|file| is_built(file, ending));
            format!("/{}", built.cloned().unwrap_or_else(|| format!("pkg/snug.{ending}")))
        };
        Self {
            js: address("js"),
            wasm: address("wasm"),
            css: address("css"),
            chunks: Arc::default(),
        }
    }

    /// These assets with the chunks in a list that the build has written. Each line is the name of a chunk, a colon, and the chunk's files
    /// with spaces between them.
    pub fn with_chunks(self, list: &str) -> Self {
        let chunk = |line: &str| {
            let (name, files) = line.split_once(':')?;
            let addresses = files.split_whitespace().map(|file| format!("/{file}"));
            Some((name.to_owned(), addresses.collect()))
        };
        Self {
            chunks: Arc::new(list.lines().filter_map(chunk).collect()),
            ..self
        }
    }

    /// The addresses of a chunk's files. None if the program is not split.
    pub fn chunks(&self, name: &str) -> &[String] {
        self.chunks.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Whether `file` is `pkg/snug.ENDING` or `pkg/snug.HASH.ENDING`.
fn is_built(file: &str, ending: &str) -> bool {
    let between = file
        .strip_prefix("pkg/snug.")
        .and_then(|rest| rest.strip_suffix(ending));
    between.is_some_and(|between| {
        let hash = between.strip_suffix('.');
        between.is_empty() || hash.is_some_and(|hash| !hash.contains(['.', '/']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn among(files: &[&str]) -> Assets {
        Assets::among(&files.iter().map(|file| (*file).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn the_built_files_are_found_by_their_names() {
        let assets = among(&[
            "favicon.svg",
            "pkg/snippets/snug.aa.js",
            "pkg/snug.aa.js",
            "pkg/snug.aa.js.br",
            "pkg/snug.bb.wasm",
            "pkg/snug.cc.css",
        ]);
        let found = [&assets.js, &assets.wasm, &assets.css].map(String::as_str);
        assert_eq!(found, ["/pkg/snug.aa.js", "/pkg/snug.bb.wasm", "/pkg/snug.cc.css"]);
    }

    #[test]
    fn the_last_of_several_builds_counts() {
        assert_eq!(among(&["pkg/snug.old.css", "pkg/snug.css"]).css, "/pkg/snug.css");
        assert_eq!(among(&["pkg/snug.css", "pkg/snug.new.css"]).css, "/pkg/snug.new.css");
    }

    #[test]
    fn the_files_of_a_chunk_are_in_the_list_that_the_build_writes() {
        let assets = among(&[]).with_chunks("room: pkg/snug_room.aa.wasm pkg/snug_chunk_1.aa.wasm\nrooms: \n");
        assert_eq!(
            assets.chunks("room"),
            ["/pkg/snug_room.aa.wasm", "/pkg/snug_chunk_1.aa.wasm"]
        );
        assert!(assets.chunks("rooms").is_empty() && assets.chunks("settings").is_empty());
    }

    #[test]
    fn a_site_without_built_files_has_addresses_without_hashes() {
        assert_eq!(among(&[]).wasm, "/pkg/snug.wasm");
    }
}
