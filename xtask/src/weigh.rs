//! Prints how many bytes the first visit of each page loads, compressed with brotli.

use crate::places::{NAME, Places};
use crate::site::beside;
use crate::split::{LIST_OF_CHUNKS, read_list};
use anyhow::{Context, Result};
use std::path::Path;

/// The pages that load the program: the name of each page, the name of its chunk, and the kB that it should not exceed.
const PAGES: [(&str, &str, f64); 6] = [
    ("sign-in", "sign_in", 225.0),
    ("invitation", "invitation", 285.0),
    ("rooms", "rooms", 285.0),
    ("activate", "profile", 330.0),
    ("settings", "profile", 330.0),
    ("room", "room", 380.0),
];

const NOT_BUILT: &str = "the front end is not built yet: run `cargo xtask front`";

/// Prints what the wasm, the script and the styles of each page weigh together, and compares the sum with our goal. If a sum is too
/// large, this function does not fail: people decide whether it is acceptable.
///
/// # Errors
/// If the front end has not been built.
pub fn print(places: &Places) -> Result<()> {
    let site = places.site();
    let [base, script, styles] = ["wasm", "js", "css"].map(|ending| file_for_all_pages(&site, ending));
    let (base, script, styles) = (
        packed_kb(&site, &base?)?,
        packed_kb(&site, &script?)?,
        packed_kb(&site, &styles?)?,
    );
    let chunks = read_list(&std::fs::read_to_string(site.join(LIST_OF_CHUNKS)).context(NOT_BUILT)?);
    for (page, chunk, goal) in PAGES {
        let files = chunks.get(chunk).map(Vec::as_slice).unwrap_or_default();
        let mut wasm = base;
        for file in files {
            wasm += packed_kb(&site, file)?;
        }
        let sum = wasm + script + styles;
        let count = files.len() + 1;
        println!(
            "size with brotli: {page:10} {sum:6.1} kB, {} (wasm {wasm:.1} kB in files: {count}, js {script:.1}, css {styles:.1})",
            verdict(sum, goal)
        );
    }
    Ok(())
}

fn verdict(sum_kb: f64, goal_kb: f64) -> String {
    if sum_kb <= goal_kb {
        format!("{:.1} kB below our goal of {goal_kb:.0} kB", goal_kb - sum_kb)
    } else {
        format!("{:.1} kB over our goal of {goal_kb:.0} kB", sum_kb - goal_kb)
    }
}

/// The name of `pkg/snug.<hash>.<ending>`, which all pages load.
fn file_for_all_pages(site: &Path, ending: &str) -> Result<String> {
    for entry in std::fs::read_dir(site.join("pkg")).context(NOT_BUILT)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with(&format!("{NAME}.")) && name.ends_with(&format!(".{ending}")) {
            return Ok(format!("pkg/{name}"));
        }
    }
    anyhow::bail!(NOT_BUILT)
}

/// The size of a file's compressed copy, in thousands of bytes.
fn packed_kb(site: &Path, file: &str) -> Result<f64> {
    let copy = beside(&site.join(file), "br");
    let about = copy
        .metadata()
        .with_context(|| format!("cannot read {}", copy.display()))?;
    Ok(about.len() as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::verdict;

    #[test]
    fn a_sum_equal_to_the_goal_is_not_over_it() {
        assert_eq!(verdict(225.0, 225.0), "0.0 kB below our goal of 225 kB");
        assert_eq!(verdict(237.3, 225.0), "12.3 kB over our goal of 225 kB");
    }
}
