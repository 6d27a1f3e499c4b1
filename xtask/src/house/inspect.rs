//! Checks one file against the house rules.

use super::library_walls::LIBRARY_WALLS;
use super::module_walls::{LAYERS, MODULE_WALLS};
use super::names::{NamedPath, names};
use super::rules::{EMPTY_NAMES, FILES_WITH_FEATURES, LONG_FILE_LINES, Paths, Wall, is_among};
use super::source::{Word, words};
use std::fmt;

/// Something in a file that is against the house rules.
#[derive(Debug, PartialEq, Eq)]
pub enum Finding {
    /// Fails the check.
    Broken {
        file: String,
        line: usize,
        sentence: String,
    },
    /// Prints a warning only.
    Doubt { file: String, sentence: String },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken { file, line, sentence } => write!(f, "{file}:{line}: {sentence}"),
            Self::Doubt { file, sentence } => write!(f, "{file}:1: warning: {sentence}"),
        }
    }
}

/// Lists everything in a file that is against the rules. `file` is its path from the root of the project, with `/`.
pub fn inspect(file: &str, source: &str) -> Vec<Finding> {
    let broken = |(line, sentence)| Finding::Broken {
        file: file.to_owned(),
        line,
        sentence,
    };
    let mut findings: Vec<Finding> = paths_through_walls(file, source)
        .into_iter()
        .chain(stray_features(file, source))
        .chain(empty_name(file))
        .chain(missing_first_line(source))
        .map(broken)
        .collect();
    findings.extend(too_long(file, source));
    findings
}

type Line = (usize, String);

fn walls() -> impl Iterator<Item = &'static Wall> {
    MODULE_WALLS.iter().chain(LIBRARY_WALLS)
}

fn paths_through_walls(file: &str, source: &str) -> Vec<Line> {
    let walls = walls().filter(|wall| is_among(file, wall.files) && !is_among(file, wall.but));
    let named = names(file, source);
    let mut found: Vec<Line> = Vec::new();
    for wall in walls {
        for name in named.iter().filter(|name| goes_through(name, wall)) {
            let line = (name.line, format!("must not name `{}`: {}", name.path, wall.because));
            if !found.contains(&line) {
                found.push(line);
            }
        }
    }
    found.sort();
    found
}

fn goes_through(name: &NamedPath, wall: &Wall) -> bool {
    let inside = |allowed: &[&str]| allowed.iter().any(|path| name.stays_in(path));
    match wall.paths {
        Paths::Never(paths) => paths.iter().any(|path| name.reaches(path)),
        Paths::OursBut(allowed) => name.stays_in("crate") && !inside(allowed),
        Paths::BelowBut(root, allowed) => name.reaches(root) && !inside(allowed),
        Paths::HigherThan(layer) => LAYERS
            .iter()
            .take_while(|higher| **higher != layer)
            .any(|higher| name.reaches(higher)),
    }
}

/// Finds `cfg(feature = …)`, `cfg_attr` and `cfg!` outside of the two files that may decide what is compiled.
fn stray_features(file: &str, source: &str) -> Vec<Line> {
    if !file.starts_with("src/") || is_among(file, FILES_WITH_FEATURES) {
        return Vec::new();
    }
    let words = words(source);
    let asks_for_a_feature = |at: &usize| {
        let opens = words[*at + 1..].iter().take_while(|word| word.text == "!").count() + at + 1;
        words[*at].text.starts_with("cfg") && inside_parentheses(&words[opens..]).any(|word| word.text == "feature")
    };
    let sentence = "`cfg(feature = …)` belongs in lib.rs and main.rs only";
    (0..words.len())
        .filter(asks_for_a_feature)
        .map(|at| (words[at].line, sentence.to_owned()))
        .collect()
}

/// The words from the parenthesis at the start of `words` up to its closing parenthesis, without the closing parenthesis. Empty if
/// `words` does not begin with a parenthesis.
fn inside_parentheses(words: &[Word]) -> impl Iterator<Item = &Word> {
    let mut depth = 0;
    words.iter().take_while(move |word| {
        match word.text.as_str() {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        depth > 0
    })
}

fn empty_name(file: &str) -> Option<Line> {
    let part = file
        .trim_end_matches(".rs")
        .split('/')
        .find(|part| EMPTY_NAMES.contains(part))?;
    Some((
        1,
        format!("`{part}` says nothing about the content: choose a name that does"),
    ))
}

fn missing_first_line(source: &str) -> Option<Line> {
    let begins_well = source.lines().next().is_some_and(|line| line.starts_with("//! "));
    (!begins_well).then(|| {
        (
            1,
            "the first line must begin with `//!` and name the one idea of the file".to_owned(),
        )
    })
}

fn too_long(file: &str, source: &str) -> Option<Finding> {
    let lines = source.lines().count();
    let sentence = format!("{lines} lines: look for a second idea that could be a file of its own");
    (lines > LONG_FILE_LINES).then(|| Finding::Doubt {
        file: file.to_owned(),
        sentence,
    })
}

#[cfg(test)]
#[path = "inspect_tests.rs"]
mod tests;
