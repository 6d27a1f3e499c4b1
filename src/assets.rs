//! The addresses of this build's script, WebAssembly program and style sheet. The file names contain the hashes that the build
//! added.

use leptos::config::LeptosOptions;

/// The paths of the built files on this site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assets {
    pub js: String,
    pub wasm: String,
    pub css: String,
}

impl Assets {
    /// Reads the hashes from `hash.txt`, which is in the program's folder and has one line for each file (`js: 3f…`). If the
    /// build does not hash its files, their names have no hashes.
    pub fn find(options: &LeptosOptions) -> Self {
        let beside_program = std::env::current_exe()
            .ok()
            .and_then(|path| Some(path.parent()?.join(&*options.hash_file)));
        let hashes = beside_program
            .filter(|_| options.hash_files)
            .and_then(|path| std::fs::read_to_string(path).ok());
        Self::named(options, hashes.as_deref().unwrap_or_default())
    }

    fn named(options: &LeptosOptions, hashes: &str) -> Self {
        let address = |ending: &str| {
            let hash = hashes
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(kind, _)| kind.trim() == ending);
            let hash = hash.map_or(String::new(), |(_, hash)| format!(".{}", hash.trim()));
            format!("/{}/{}{hash}.{ending}", options.site_pkg_dir, options.output_name)
        };
        Self {
            js: address("js"),
            wasm: address("wasm"),
            css: address("css"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_contain_the_hashes_that_the_build_wrote() {
        let options = LeptosOptions::builder().output_name("snug").build();
        let hashed = Assets::named(&options, "js: aa\nwasm: bb\ncss: cc\n");
        assert_eq!(
            (hashed.js.as_str(), hashed.css.as_str()),
            ("/pkg/snug.aa.js", "/pkg/snug.cc.css")
        );
        assert_eq!(Assets::named(&options, "").wasm, "/pkg/snug.wasm");
    }
}
