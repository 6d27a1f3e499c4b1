//! What a page's first visit costs over the wire, by brotli size.

use crate::places::{NAME, Places};
use anyhow::{Context, Result};
use std::path::Path;

/// What wasm, script and styles should weigh together.
const GOAL_KB: f64 = 200.0;

/// Prints the three and their sum against the goal. It never fails for weight: that is for people to judge.
///
/// # Errors
/// If nothing has been built.
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
        "weight, brotli: {}: {sum:.1} kB in all, {}",
        parts.join(", "),
        verdict(sum)
    );
    Ok(())
}

fn verdict(sum_kb: f64) -> String {
    if sum_kb <= GOAL_KB {
        format!("{:.1} kB below the goal of {GOAL_KB:.0} kB", GOAL_KB - sum_kb)
    } else {
        format!("{:.1} kB over the goal of {GOAL_KB:.0} kB", sum_kb - GOAL_KB)
    }
}

/// The size in thousands of bytes of `snug.<hash>.<ending>.br`.
fn packed_kb(folder: &Path, ending: &str) -> Result<f64> {
    let missing = "nothing is built yet: cargo xtask front";
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
    fn the_goal_itself_is_met() {
        assert_eq!(verdict(200.0), "0.0 kB below the goal of 200 kB");
        assert_eq!(verdict(212.3), "12.3 kB over the goal of 200 kB");
    }
}
