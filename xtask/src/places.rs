//! Where things lie: the project's sources, and under `target/` what is made of them.

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// The name of the program and of its front end's files, as `[package.metadata.leptos]` has it.
pub const NAME: &str = "snug";

/// The folders that the builder reads and writes.
pub struct Places {
    /// The top of the project.
    pub root: PathBuf,
    /// Where cargo builds: `target/`, or `$CARGO_TARGET_DIR`.
    pub target: PathBuf,
}

impl Places {
    /// Finds the project that this builder belongs to; cargo says where that is.
    ///
    /// # Errors
    /// If started otherwise than by `cargo xtask`.
    pub fn find() -> Result<Self> {
        let own = std::env::var_os("CARGO_MANIFEST_DIR").context("start this as `cargo xtask`")?;
        let root = Path::new(&own)
            .parent()
            .context("xtask/ lies inside the project")?
            .to_owned();
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
        Ok(Self { root, target })
    }

    /// What the server serves as it is. It does not move with `$CARGO_TARGET_DIR`: `Leptos.toml` names it.
    pub fn site(&self) -> PathBuf {
        self.root.join("target/site")
    }

    /// The one style sheet that `style/` is bundled into.
    pub fn style_sheet(&self) -> PathBuf {
        self.root.join("target/style").join(format!("{NAME}.css"))
    }

    /// What wasm-bindgen and wasm-opt made, before names are hashed.
    pub fn bound(&self) -> PathBuf {
        self.target.join("front")
    }

    /// Where Leptos looks for the hashes: beside the program that runs, which for tests is `deps/`.
    pub fn hash_files(&self) -> [PathBuf; 2] {
        ["release/hash.txt", "release/deps/hash.txt"].map(|path| self.target.join(path))
    }

    /// `path` as seen from the top of the project, with `/` between its parts.
    pub fn within(&self, path: &Path) -> String {
        let inside = path.strip_prefix(&self.root).unwrap_or(path);
        inside
            .iter()
            .map(|part| part.to_string_lossy())
            .collect::<Vec<_>>()
            .join("/")
    }
}
