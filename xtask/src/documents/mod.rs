//! Checks the documents: the paths, commands, variables and names in them must exist, and some documents must stay short.

mod claims;
mod markdown;
mod old_manner;
mod project;

use crate::places::Places;
use anyhow::{Context, Result, bail};
use claims::false_claims;
use markdown::Document;
use old_manner::{Prose, count_old_manner};
use project::Project;

/// The documents whose length is limited, and their maximum length.
const LIMITS: [(&str, LengthLimit); 3] = [
    ("README.md", LengthLimit::Lines(90)),
    ("ARCHITECTURE.md", LengthLimit::Words(2_500)),
    ("docs/glossary.md", LengthLimit::Lines(60)),
];

/// Documents whose claims are not checked. The first two describe the past, so the things that they name need not exist any
/// more. The third becomes a part of docs/protocol.md, and its links work only there.
const NOT_CHECKED: [&str; 3] = [
    "CHANGELOG.md",
    "docs/decisions/0001-names.md",
    "tests/http/contract/sockets.md",
];

/// The maximum number of sentences in the old manner (see `old_manner`) per 10,000 words.
const OLD_MANNER_MAX: f64 = 8.0;

#[derive(Clone, Copy)]
enum LengthLimit {
    Lines(usize),
    Words(usize),
}

/// Reads every document, and prints a line for each false claim and for each document that is too long.
///
/// # Errors
/// If it printed such a line, if too many sentences are in the old manner, or if a file can't be read.
pub fn check(places: &Places) -> Result<()> {
    let project = Project::read(places)?;
    let mut wrong = 0;
    for (name, text) in project.documents() {
        let mut sentences = vec![];
        if !NOT_CHECKED.contains(&name) {
            sentences.extend(false_claims(&Document::parse(name, text), &project));
        }
        sentences.extend(too_long(name, text).map(|sentence| (1, sentence)));
        for (line, sentence) in &sentences {
            println!("{name}:{line}: {sentence}");
        }
        wrong += sentences.len();
    }
    if wrong > 0 {
        bail!("the documents have {wrong} problems: false claims, or too many lines or words");
    }
    check_prose(&project)?;
    println!(
        "documents: {} files checked, no false claims",
        project.documents().count()
    );
    Ok(())
}

fn too_long(name: &str, text: &str) -> Option<String> {
    let (_, limit) = LIMITS.iter().find(|(limited, _)| *limited == name)?;
    let (has, most, unit) = match *limit {
        LengthLimit::Lines(most) => (text.lines().count(), most, "lines"),
        LengthLimit::Words(most) => (text.split_whitespace().count(), most, "words"),
    };
    (has > most).then(|| format!("has {has} {unit}, but at most {most} are allowed, so that people read it to its end"))
}

/// Fails if too many sentences in documents, comments and strings are in the old manner.
fn check_prose(project: &Project) -> Result<()> {
    let mut prose = Prose::default();
    for (name, text) in project.files() {
        if !NOT_CHECKED.contains(&name) && !name.starts_with("migrations/") && !name.starts_with("xtask/src/documents/")
        {
            prose.add(count_old_manner(name, text));
        }
    }
    let share = prose.per_10_000_words();
    let found = prose.found.len();
    println!("old manner: {share:.1} in 10,000 words ({found} in {})", prose.words);
    if share > OLD_MANNER_MAX {
        prose.found.iter().for_each(|place| println!("{place}"));
        bail!("at most {OLD_MANNER_MAX} in 10,000 words: see \"How we write\" in CONTRIBUTING.md");
    }
    Ok(())
}

/// Prints each sentence in the old manner with its file and line.
///
/// # Errors
/// If a file can't be read.
pub fn print_old_manner(places: &Places) -> Result<()> {
    let project = Project::read(places).context("cannot read the project")?;
    for (name, text) in project.files().filter(|(name, _)| !NOT_CHECKED.contains(name)) {
        count_old_manner(name, text)
            .found
            .iter()
            .for_each(|place| println!("{place}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_readme_of_91_lines_is_too_long() {
        assert_eq!(too_long("README.md", &"line\n".repeat(90)), None);
        assert!(too_long("README.md", &"line\n".repeat(91)).is_some());
        assert!(too_long("ARCHITECTURE.md", &"word ".repeat(2_501)).is_some());
        assert_eq!(too_long("docs/voice.md", &"word ".repeat(9_000)), None);
    }
}
