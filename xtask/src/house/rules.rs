//! What a house rule is: which files may not name which paths. Also the rules for the names, the features and the lengths of files.

/// A rule that forbids some files to name some paths.
pub struct Wall {
    /// The files that the rule is for: `src/ui/` (everything in the folder), `src/error.rs` (one file) or `*/store.rs` (that
    /// name in any folder).
    pub files: &'static [&'static str],
    /// The files to which the rule does not apply although `files` includes them.
    pub but: &'static [&'static str],
    pub paths: Paths,
    /// The rest of the sentence "file must not name path: …".
    pub because: &'static str,
}

/// The paths that a rule forbids. All are written from the root: `crate::api`, `sqlx`.
pub enum Paths {
    /// These paths and everything below them.
    Never(&'static [&'static str]),
    /// Everything in our crate, except these paths and everything below them.
    OursBut(&'static [&'static str]),
    /// Everything below the first path, except the paths in the list and everything below them.
    BelowBut(&'static str, &'static [&'static str]),
    /// All layers of the server that are higher than this one, and everything below their paths.
    HigherThan(&'static str),
}

/// The only files of `src/` that may contain `cfg(feature = …)`.
pub const FILES_WITH_FEATURES: &[&str] = &["src/lib.rs", "src/main.rs"];

/// Words that say nothing about the content. No file and no folder may have such a name.
pub const EMPTY_NAMES: &[&str] = &["utils", "util", "helpers", "helper", "common", "types", "core", "misc"];

/// A file with more lines than this probably has a second idea in it.
pub const LONG_FILE_LINES: usize = 300;

/// Whether `file` matches one of `patterns`, which are written as in [`Wall::files`].
pub fn is_among(file: &str, patterns: &[&str]) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_prefix('*') {
        Some(ending) => file.ends_with(ending),
        None if pattern.ends_with('/') => file.starts_with(pattern),
        None => file == *pattern,
    })
}
