//! The addresses of this build's script, WebAssembly program and style sheet. The file names contain the hashes that the build
//! added.

/// The paths of the built files on this site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assets {
    pub js: String,
    pub wasm: String,
    pub css: String,
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
        }
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
    fn a_site_without_built_files_has_addresses_without_hashes() {
        assert_eq!(among(&[]).wasm, "/pkg/snug.wasm");
    }
}
