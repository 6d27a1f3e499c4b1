//! `cargo xtask house` checks the house rules: what a file may import, how it begins, and how things are named.

mod circles;
mod file_graph;
mod inspect;
mod library_walls;
mod module_walls;
mod names;
mod retired;
mod rules;
mod source;
mod type_names;

use crate::places::Places;
use anyhow::{Context, Result, bail};
use circles::{describe, find_circles};
use file_graph::file_graph;
use inspect::{Finding, inspect};
use retired::{RETIRED, find_retired};
use std::path::{Path, PathBuf};
use type_names::{definitions, find_repeated};

/// The folders whose files are checked by `inspect.rs`.
const FOLDERS: [&str; 3] = ["src", "tests", "xtask/src"];
/// The folders in which each type name may be defined only once.
const TYPED_FOLDERS: [&str; 5] = ["src", "tests", "xtask/src", "benches", "fuzz/fuzz_targets"];
/// The folders in which no name may contain a retired word.
const NAMED_FOLDERS: [&str; 5] = ["src", "crates", "tests", "benches", "style"];

/// The folders whose files must not import each other in a circle.
const LAYERED_FOLDERS: [&str; 5] = ["src", "tests", "benches", "xtask/src", "end2end"];

/// Checks all files of the project and prints a line for everything that breaks a rule.
///
/// # Errors
/// If a rule is broken, or if a file cannot be read. A long file gives only a warning.
pub fn check(places: &Places) -> Result<()> {
    let files = find_files(places, &FOLDERS, &["rs"])?;
    let mut broken = refuse_retired_words(places)? + refuse_repeated_types(places)? + refuse_circles(places)?;
    for file in &files {
        let source = read(file)?;
        for finding in inspect(&places.within(file), &source) {
            println!("{finding}");
            broken += usize::from(matches!(finding, Finding::Broken { .. }));
        }
    }
    if broken > 0 {
        bail!("house rules broken in {broken} places ({} files checked)", files.len());
    }
    println!("house rules: {} files checked, none breaks them", files.len());
    Ok(())
}

/// Prints each name that contains a retired word, and returns how many there are.
fn refuse_retired_words(places: &Places) -> Result<usize> {
    let mut broken = 0;
    for file in find_files(places, &NAMED_FOLDERS, &["rs", "css"])? {
        let source = read(&file)?;
        for (line, sentence) in find_retired(&places.within(&file), &source, RETIRED) {
            println!("{}:{line}: {sentence}", places.within(&file));
            broken += 1;
        }
    }
    Ok(broken)
}

/// Prints each type name that is defined again, and returns how many there are.
fn refuse_repeated_types(places: &Places) -> Result<usize> {
    let mut all = vec![];
    for file in find_files(places, &TYPED_FOLDERS, &["rs"])? {
        all.extend(definitions(&places.within(&file), &read(&file)?));
    }
    let repeated = find_repeated(&all);
    repeated.iter().for_each(|sentence| println!("{sentence}"));
    Ok(repeated.len())
}

/// Prints the imports of each circle of files, and returns how many circles there are.
fn refuse_circles(places: &Places) -> Result<usize> {
    let mut sources = vec![];
    for file in find_files(places, &LAYERED_FOLDERS, &["rs", "ts", "mjs"])? {
        let name = places.within(&file);
        if !name.contains("node_modules/") {
            sources.push((name, read(&file)?));
        }
    }
    let graph = file_graph(&sources);
    let circles = find_circles(&graph);
    for circle in &circles {
        describe(&graph, circle)
            .iter()
            .for_each(|sentence| println!("{sentence}"));
    }
    Ok(circles.len())
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

fn find_files(places: &Places, folders: &[&str], endings: &[&str]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for folder in folders {
        collect_files(&places.root.join(folder), endings, &mut found)?;
    }
    Ok(found)
}

fn collect_files(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    let mut entries: Vec<_> = std::fs::read_dir(folder)?.collect::<std::io::Result<_>>()?;
    entries.sort_by_key(std::fs::DirEntry::path);
    for path in entries.into_iter().map(|entry| entry.path()) {
        let has_ending = |ending: &str| path.extension().is_some_and(|own| own == ending);
        if path.is_dir() {
            collect_files(&path, endings, found)?;
        } else if endings.iter().any(|ending| has_ending(ending)) {
            found.push(path);
        }
    }
    Ok(())
}
