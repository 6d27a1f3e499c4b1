//! Prints how many bytes the first visit of a page loads, compressed with brotli.

use crate::places::{NAME, Places};
use anyhow::{Context, Result};
use std::path::Path;

/// The size that wasm, script and styles should not exceed together, in kB.
const GOAL_KB: f64 = 200.0;

/// Prints the three sizes, and compares their sum with the maximum that we aim for. If the sum is too large, this function
/// does not fail: people decide whether the sum is acceptable.
///
/// # Errors
/// If the front end has not been built.
pub fn print(places: &Places) -> Result<()> {
    let folder = places.site().join("pkg");
    let sizes = ["wasm", "js", "css"].map(|ending| Ok((ending, packed_kb(&folder, ending)?)));
    let sizes: Vec<(&str, f64)> = sizes.into_iter().collect::<Result<_>>()?;
    let sum: f64 = sizes.iter().map(|(_, kb)| kb).sum();
    let parts: Vec<String> = sizes
        .iter()
        .map(|(ending, kb)| format!("{ending} {kb:.1} kB"))
        .collect();
    println!(
        "size with brotli: {}: {sum:.1} kB in all, {}",
        parts.join(", "),
        verdict(sum)
    );
    Ok(())
}

fn verdict(sum_kb: f64) -> String {
    if sum_kb <= GOAL_KB {
        format!("{:.1} kB below our maximum of {GOAL_KB:.0} kB", GOAL_KB - sum_kb)
    } else {
        format!("{:.1} kB over our maximum of {GOAL_KB:.0} kB", sum_kb - GOAL_KB)
    }
}

/// The size in thousands of bytes of `snug.<hash>.<ending>.br`.
fn packed_kb(folder: &Path, ending: &str) -> Result<f64> {
    let missing = "the front end is not built yet: run `cargo xtask front`";
    for entry in std::fs::read_dir(folder).context(missing)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(&format!("{NAME}.")) && name.ends_with(&format!(".{ending}.br")) {
            return Ok(entry.metadata()?.len() as f64 / 1000.0);
        }
    }
    anyhow::bail!(missing)
}

#[cfg(test)]
mod tests {
    use super::verdict;

    #[test]
    fn a_sum_equal_to_the_maximum_is_not_over_it() {
        assert_eq!(verdict(200.0), "0.0 kB below our maximum of 200 kB");
        assert_eq!(verdict(212.3), "12.3 kB over our maximum of 200 kB");
    }
}
