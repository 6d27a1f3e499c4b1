//! The files of the project, with which the claims of the documents are compared.

use crate::places::Places;
use anyhow::{Context, Result};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// Folders that are not part of the sources, because their files are generated or installed.
const MADE: [&str; 8] = [
    "target",
    "dist",
    "node_modules",
    "data",
    ".git",
    "test-results",
    "playwright-report",
    "screenshots",
];
/// Folders with pictures for tests and seeds for fuzzers. We read the paths of their files, but not their content.
const WITHOUT_TEXT: [&str; 2] = ["tests/pictures/corpus/", "fuzz/seeds/"];

/// All paths of the project, and the text of its text files.
#[derive(Default)]
pub struct Project {
    /// The paths of files and folders, relative to the root of the project. The path of a folder ends with `/`.
    paths: BTreeSet<String>,
    texts: BTreeMap<String, String>,
    identifiers: BTreeSet<String>,
}

impl Project {
    /// Reads the project.
    ///
    /// # Errors
    /// If a file or folder can't be read.
    pub fn read(places: &Places) -> Result<Self> {
        let mut project = Self::default();
        project.collect(places, &places.root)?;
        Ok(project)
    }

    /// A project that consists of these files, for tests.
    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Self {
        let mut project = Self::default();
        for (name, text) in files {
            for (end, _) in name.match_indices('/') {
                project.paths.insert(name[..=end].to_owned());
            }
            project.add(name, text);
        }
        project
    }

    /// The documents, sorted by name: their names and texts.
    pub fn documents(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files().filter(|(name, _)| name.ends_with(".md"))
    }

    /// The text files, sorted by name: their names and texts.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    pub fn text(&self, name: &str) -> &str {
        self.texts.get(name).map_or("", String::as_str)
    }

    /// Whether a file or folder has this path, or a path that ends with it (`auth/token.rs`). In `path`, `*` and
    /// `<name>` match anything within one part.
    pub fn has_path(&self, path: &str) -> bool {
        let wanted: Vec<&str> = path.trim_end_matches('/').split('/').collect();
        self.paths.iter().any(|own| {
            let own: Vec<&str> = own.trim_end_matches('/').split('/').collect();
            let skipped = own.len().checked_sub(wanted.len());
            skipped.is_some_and(|skipped| {
                own[skipped..]
                    .iter()
                    .zip(&wanted)
                    .all(|(own, wanted)| is_part(own, wanted))
            })
        })
    }

    /// Whether a word occurs anywhere in the program, the tests or the scripts.
    pub fn has_identifier(&self, word: &str) -> bool {
        self.identifiers.contains(word)
    }

    fn collect(&mut self, places: &Places, folder: &Path) -> Result<()> {
        for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let path = entry?.path();
            let name = places.within(&path);
            let last = path.file_name().unwrap_or_default().to_string_lossy();
            if MADE.contains(&last.as_ref()) {
                continue;
            }
            if path.is_dir() {
                self.paths.insert(format!("{name}/"));
                self.collect(places, &path)?;
            } else if WITHOUT_TEXT.iter().any(|folder| name.starts_with(folder)) {
                self.paths.insert(name);
            } else {
                // If a file is not text, such as a picture, we keep only its path.
                let text = String::from_utf8(std::fs::read(&path)?).unwrap_or_default();
                self.add(&name, &text);
            }
        }
        Ok(())
    }

    fn add(&mut self, name: &str, text: &str) {
        self.paths.insert(name.to_owned());
        if !name.ends_with(".md") {
            let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
            self.identifiers.extend(words.map(str::to_owned));
        }
        self.texts.insert(name.to_owned(), text.to_owned());
    }
}

/// Whether `own`, a part of a path, matches `wanted`, the same part as a document writes it.
fn is_part(own: &str, wanted: &str) -> bool {
    let Some(begin) = wanted.find(['*', '<']) else {
        return own == wanted;
    };
    let end = wanted.rfind(['*', '>']).unwrap_or(begin);
    own.starts_with(&wanted[..begin]) && own.ends_with(&wanted[end + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_from_the_root_and_by_its_end() {
        let project = Project::of(&[
            ("src/server/auth/token.rs", "fn sign() {}"),
            ("migrations/1_users.sql", ""),
        ]);
        for path in [
            "src/server/auth/token.rs",
            "auth/token.rs",
            "src/server/",
            "server/auth/",
            "migrations/<date>_users.sql",
            "auth/*.rs",
        ] {
            assert!(project.has_path(path), "{path}");
        }
        for path in [
            "src/server/auth/tokens.rs",
            "token/auth.rs",
            "src/servers/",
            "uth/token.rs",
        ] {
            assert!(!project.has_path(path), "{path}");
        }
        assert!(project.has_identifier("sign") && !project.has_identifier("signs"));
    }
}
