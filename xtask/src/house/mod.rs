//! The house rules: what each file of the source may name, how it begins, and what it is called.

mod circles;
mod file_graph;
mod inspect;
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

/// The folders the rules hold for.
const FOLDERS: [&str; 3] = ["src", "tests", "xtask/src"];
/// The folders among which a type name is defined once.
const TYPED_FOLDERS: [&str; 5] = ["src", "tests", "xtask/src", "benches", "fuzz/fuzz_targets"];
/// The folders in which no name has a retired word in it.
const NAMED_FOLDERS: [&str; 5] = ["src", "crates", "tests", "benches", "style"];

/// The folders among whose files no circle may be.
const LAYERED_FOLDERS: [&str; 5] = ["src", "tests", "benches", "xtask/src", "end2end"];

/// Reads every Rust file of the project and prints what breaks a rule, one line each.
///
/// # Errors
/// If a rule is broken or a file cannot be read. A long file only warns.
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
        bail!(
            "{broken} of the house rules' lines broken, in {} files read",
            files.len()
        );
    }
    println!("house rules: {} files keep them", files.len());
    Ok(())
}

/// Prints each name with a retired word in it; how many there are.
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

/// Prints each type name that is defined a second time; how many there are.
fn refuse_repeated_types(places: &Places) -> Result<usize> {
    let mut all = vec![];
    for file in find_files(places, &TYPED_FOLDERS, &["rs"])? {
        all.extend(definitions(&places.within(&file), &read(&file)?));
    }
    let repeated = find_repeated(&all);
    repeated.iter().for_each(|sentence| println!("{sentence}"));
    Ok(repeated.len())
}

/// Prints who needs whom in each circle of files; how many circles there are.
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
