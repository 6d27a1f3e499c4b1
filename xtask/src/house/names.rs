//! Finds the paths that a file names, each written out from the root of its crate: `super::x` becomes `crate::server::x`.

use super::source::{Word, words};

/// A path that a file names, such as `crate::server::auth` or `sqlx::query`, and its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPath {
    pub path: String,
    pub line: usize,
    /// The name that a `use` gives the path in this file. `None` for a glob, for `as _`, and for a path outside of a `use`.
    pub imported_as: Option<String>,
}

impl NamedPath {
    /// Whether this path is `root` or below it.
    pub fn stays_in(&self, root: &str) -> bool {
        is_below(&self.path, root)
    }

    /// Whether this path is in `root`, or is a glob that imports `root`.
    pub fn reaches(&self, root: &str) -> bool {
        self.stays_in(root)
            || self
                .path
                .strip_suffix("::*")
                .is_some_and(|parent| is_below(root, parent))
    }
}

fn is_below(inner: &str, outer: &str) -> bool {
    inner
        .strip_prefix(outer)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Lists every path of two or more parts, and every `use`, in the file with the path `file` (such as `src/server/auth/mod.rs`).
pub fn names(file: &str, source: &str) -> Vec<NamedPath> {
    let mut reader = PathReader {
        words: words(source),
        at: 0,
        module: module_of(file),
        inline: Vec::new(),
        names: Vec::new(),
    };
    reader.read();
    reader.names
}

/// The parts of a file's module path: `src/server/auth/mod.rs` is `crate::server::auth`.
pub fn module_of(file: &str) -> Vec<String> {
    let inside = file
        .split_once("src/")
        .map_or(file, |(_, inside)| inside)
        .trim_end_matches(".rs");
    let parts = inside
        .split('/')
        .filter(|part| !matches!(*part, "mod" | "lib" | "main"));
    std::iter::once("crate").chain(parts).map(str::to_owned).collect()
}

struct PathReader {
    words: Vec<Word>,
    at: usize,
    /// The current module, including inline modules.
    module: Vec<String>,
    /// One entry for each open brace: true if the brace opened an inline module.
    inline: Vec<bool>,
    names: Vec<NamedPath>,
}

impl PathReader {
    fn read(&mut self) {
        while self.at < self.words.len() {
            match self.text(0) {
                "mod" if self.text(2) == "{" => self.enter_module(),
                "use" if self.text(1) != "<" => {
                    self.at += 1;
                    self.read_use(&[]);
                }
                "{" => self.open(false),
                "}" => self.close(),
                word if is_identifier(word) => self.read_path(),
                _ => self.at += 1,
            }
        }
    }

    fn text(&self, ahead: usize) -> &str {
        self.words.get(self.at + ahead).map_or("", |word| word.text.as_str())
    }

    fn enter_module(&mut self) {
        let name = self.text(1).to_owned();
        self.module.push(name);
        self.at += 2;
        self.open(true);
    }

    fn open(&mut self, is_module: bool) {
        self.inline.push(is_module);
        self.at += 1;
    }

    fn close(&mut self) {
        if self.inline.pop() == Some(true) {
            self.module.pop();
        }
        self.at += 1;
    }

    /// Reads one branch of a `use` tree below `prefix`, up to its `,`, `}` or `;`.
    fn read_use(&mut self, prefix: &[String]) {
        let mut path = prefix.to_vec();
        let mut renamed = None;
        let line = self.words.get(self.at).map_or(0, |word| word.line);
        while self.at < self.words.len() {
            match self.text(0) {
                "{" => return self.read_group(&path),
                "," | "}" | ";" => {
                    let own_name = path.iter().rev().find(|part| *part != "self").cloned();
                    let imported_as = renamed.or(own_name).filter(|name| !matches!(name.as_str(), "*" | "_"));
                    return self.push(&path, line, imported_as);
                }
                "as" => {
                    renamed = Some(self.text(1).to_owned());
                    self.at += 2;
                }
                "::" => self.at += 1,
                word => {
                    path.push(word.to_owned());
                    self.at += 1;
                }
            }
        }
    }

    fn read_group(&mut self, prefix: &[String]) {
        self.at += 1;
        while !matches!(self.text(0), "}" | "") {
            match self.text(0) {
                "," => self.at += 1,
                _ => self.read_use(prefix),
            }
        }
        self.at += 1;
    }

    fn read_path(&mut self) {
        let line = self.words[self.at].line;
        // A word after a generic, such as `new` in `Vec::<u8>::new`, is not the start of a path.
        let continues = self.at > 0 && self.words[self.at - 1].text == "::" && !self.starts_at_the_root();
        let mut path = vec![self.text(0).to_owned()];
        self.at += 1;
        while self.text(0) == "::" && (is_identifier(self.text(1)) || self.text(1) == "*") {
            path.push(self.text(1).to_owned());
            self.at += 2;
        }
        if path.len() > 1 && !continues {
            self.push(&path, line, None);
        }
    }

    /// Whether the `::` before this word begins a path, as in `::std::x`. A `>` before the `::` either ends a generic or
    /// belongs to an arrow, and a path begins only after an arrow.
    fn starts_at_the_root(&self) -> bool {
        let before = |back: usize| self.at.checked_sub(back).map_or("", |at| self.words[at].text.as_str());
        match before(2) {
            ">" => matches!(before(3), "-" | "="),
            word => !is_identifier(word),
        }
    }

    fn push(&mut self, path: &[String], line: usize, imported_as: Option<String>) {
        let written_out = self.write_out(path);
        if !written_out.is_empty() {
            self.names.push(NamedPath {
                path: written_out.join("::"),
                line,
                imported_as,
            });
        }
    }

    fn write_out(&self, path: &[String]) -> Vec<String> {
        let mut from = match path.first().map(String::as_str) {
            Some("self" | "super") => self.module.clone(),
            _ => return path.iter().filter(|part| *part != "self").cloned().collect(),
        };
        for part in path {
            match part.as_str() {
                "self" => {}
                "super" => drop(from.pop()),
                _ => from.push(part.clone()),
            }
        }
        from
    }
}

fn is_identifier(word: &str) -> bool {
    word.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_')
}

#[cfg(test)]
#[path = "names_tests.rs"]
mod tests;
