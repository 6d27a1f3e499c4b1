//! Builds the front end: compiles it, makes the bindings, bundles the styles, and writes the site.

use crate::compile::{Bound, PROFILE, QUICK_PROFILE, bind, compile};
use crate::compress::Effort;
use crate::fingerprint::fingerprint;
use crate::places::{NAME, Places};
use crate::site::{BuiltFile, files_below, write_if_changed};
use crate::steps::Steps;
use crate::{site, style, weigh};
use anyhow::{Context, Result};
use std::path::PathBuf;

/// How to build the front end.
pub enum Build {
    /// For a release.
    Release,
    /// For development: larger, but built faster.
    Quick,
    /// From a wasm file that is compiled already.
    Given(PathBuf),
}

/// Builds everything in `target/site`, and skips steps whose input has not changed.
///
/// # Errors
/// The error of the first step that fails.
pub fn build(places: &Places, kind: &Build) -> Result<()> {
    let mut steps = Steps::new("front end", 4);
    steps.begin(
        "compile the front end",
        "3 minutes the first time, then 1 minute for each change",
    );
    let wasm = match kind {
        Build::Release => compile(places, PROFILE)?,
        Build::Quick => compile(places, QUICK_PROFILE)?,
        Build::Given(file) => file.clone(),
    };
    steps.begin("wasm-bindgen and wasm-opt", "15 seconds");
    let bound = bind(places, &wasm, !matches!(kind, Build::Quick))?;
    steps.begin("styles", "1 second");
    let sheet = bundle_styles(places)?;
    steps.begin("hashed names, brotli and gzip", "5 seconds");
    lay_out(places, bound, sheet, matches!(kind, Build::Quick))?;
    weigh::print(places)
}

/// Builds only the styles, and keeps the wasm of the last build.
///
/// # Errors
/// If there was no build before, or if the styles do not build.
pub fn restyle(places: &Places) -> Result<()> {
    let bound = crate::compile::read_bound(&places.bound()).context("run `cargo xtask front` once first")?;
    let sheet = bundle_styles(places)?;
    lay_out(places, bound, sheet, false)
}

/// Bundles the styles. Also writes the sheet to where `cargo leptos` looks for it, because `cargo leptos` does not follow
/// `@import`.
fn bundle_styles(places: &Places) -> Result<Vec<u8>> {
    let sheet = style::bundle(places)?.into_bytes();
    write_if_changed(&places.style_sheet(), &sheet)?;
    Ok(sheet)
}

/// Appends our own script to the one of wasm-bindgen, so that browsers load one file. Our script decides how the program starts.
fn with_beginning(places: &Places, mut script: Vec<u8>) -> Result<Vec<u8>> {
    let own = places.root.join("src/browser/begin.js");
    let own = std::fs::read(&own).with_context(|| format!("cannot read {}", own.display()))?;
    script.push(b'\n');
    script.extend(own);
    Ok(script)
}

fn lay_out(places: &Places, bound: Bound, sheet: Vec<u8>, is_quick: bool) -> Result<()> {
    let mut files = bound.snippets;
    files.extend(files_below(&places.root.join("public"), "")?);
    let script = with_beginning(places, bound.script)?;
    for (ending, bytes) in [("js", script), ("wasm", bound.wasm), ("css", sheet)] {
        let hash = fingerprint(&bytes);
        files.push((format!("pkg/{NAME}.{hash}.{ending}"), bytes));
    }
    // Only the wasm is so large that the effort matters. Its file name contains a hash, which differs between a quick build
    // and a release. So a release never keeps a copy that a quick build has compressed badly.
    let effort = |name: &str| {
        if is_quick && name.ends_with(".wasm") {
            Effort::Quick
        } else {
            Effort::Best
        }
    };
    site::write(&places.site(), &files, effort)?;
    write_if_changed(&places.note_for_cargo(), note_for_cargo(&files).as_bytes()).map(drop)
}

/// A configuration file for cargo, which sets a variable that is different for each content of the site. The program reads this
/// variable while it is compiled, so cargo compiles the program again when a file is added or changed. The value must win over the
/// one in the environment, because the builder itself runs with the value of the last build.
fn note_for_cargo(files: &[BuiltFile]) -> String {
    let mut lines: Vec<String> = files
        .iter()
        .map(|(name, bytes)| format!("{name} {}\n", fingerprint(bytes)))
        .collect();
    lines.sort();
    let value = fingerprint(lines.concat().as_bytes());
    format!("# Written by `cargo xtask front`.\n[env]\nEMBEDDED_SITE = {{ value = \"{value}\", force = true }}\n")
}

#[cfg(test)]
mod tests {
    use super::note_for_cargo;

    #[test]
    fn the_note_changes_with_each_name_and_each_byte_but_not_with_the_order() {
        let note = |files: &[(&str, &str)]| {
            let files: Vec<_> = files
                .iter()
                .map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
                .collect();
            note_for_cargo(&files)
        };
        let (a, b) = (("a.svg", "one"), ("b.svg", "two"));
        assert_eq!(note(&[a, b]), note(&[b, a]));
        assert_ne!(note(&[a, b]), note(&[a]));
        assert_ne!(note(&[a, b]), note(&[a, ("b.svg", "three")]));
        assert_ne!(note(&[a]), note(&[("c.svg", "one")]));
        assert!(note(&[a]).contains("[env]\nEMBEDDED_SITE = { value = \""));
    }
}
