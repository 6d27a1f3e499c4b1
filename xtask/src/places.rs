//! The paths of the project's sources, and of the files that are built from them in `target/`.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// The name of the program and of the front end's files. It must be the `output-name` in `[package.metadata.leptos]`.
pub const NAME: &str = "snug";

/// The folders that xtask reads and writes.
pub struct Places {
    /// The top of the project.
    pub root: PathBuf,
    /// Where cargo builds: `target/`, or `$CARGO_TARGET_DIR`.
    pub target: PathBuf,
}

impl Places {
    /// Finds the project that this xtask belongs to, from a variable that cargo sets.
    ///
    /// # Errors
    /// If xtask was not started as `cargo xtask`.
    pub fn find() -> Result<Self> {
        let own = std::env::var_os("CARGO_MANIFEST_DIR").context("start this as `cargo xtask`")?;
        let root = Path::new(&own)
            .parent()
            .context("xtask/ must be inside the project")?
            .to_owned();
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
        Ok(Self { root, target })
    }

    /// The folder of files that the server serves unchanged. `src/embedded_site.rs` contains this path, so the path does not depend
    /// on `$CARGO_TARGET_DIR`.
    pub fn site(&self) -> PathBuf {
        self.root.join("target/site")
    }

    /// The one style sheet that `style/` is bundled into.
    pub fn style_sheet(&self) -> PathBuf {
        self.root.join("target/style").join(format!("{NAME}.css"))
    }

    /// The results of wasm-bindgen and wasm-opt, before their names get hashes.
    pub fn bound(&self) -> PathBuf {
        self.target.join("front")
    }

    /// The note that tells cargo when the files of the site have changed. `.cargo/config.toml` includes this file, so its path does
    /// not depend on `$CARGO_TARGET_DIR`.
    pub fn note_for_cargo(&self) -> PathBuf {
        self.root.join("target/site.toml")
    }

    /// `path` relative to the root of the project, with `/` between its parts.
    pub fn within(&self, path: &Path) -> String {
        let inside = path.strip_prefix(&self.root).unwrap_or(path);
        inside
            .iter()
            .map(|part| part.to_string_lossy())
            .collect::<Vec<_>>()
            .join("/")
    }
}
