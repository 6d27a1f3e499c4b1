//! The house rules: what each file of the source may name, how it begins, and what it is called.

mod inspect;
mod names;
mod rules;
mod source;

use crate::places::Places;
use anyhow::{Context, Result, bail};
use inspect::{Finding, inspect};
use std::path::Path;

/// The folders the rules hold for.
const FOLDERS: [&str; 3] = ["src", "tests", "xtask/src"];

/// Reads every Rust file of the project and prints what breaks a rule, one line each.
///
/// # Errors
/// If a rule is broken or a file cannot be read. A long file only warns.
pub fn check(places: &Places) -> Result<()> {
    let mut files = Vec::new();
    for folder in FOLDERS {
        find_rust_files(&places.root.join(folder), &mut files)?;
    }
    let mut broken = 0;
    for file in &files {
        let source = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
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

fn find_rust_files(folder: &Path, found: &mut Vec<std::path::PathBuf>) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    let mut entries: Vec<_> = std::fs::read_dir(folder)?.collect::<std::io::Result<_>>()?;
    entries.sort_by_key(std::fs::DirEntry::path);
    for path in entries.into_iter().map(|entry| entry.path()) {
        if path.is_dir() {
            find_rust_files(&path, found)?;
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    Ok(())
}
