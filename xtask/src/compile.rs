//! From Rust to what a browser loads: cargo, wasm-bindgen, wasm-opt.

use crate::fingerprint::fingerprint;
use crate::places::{NAME, Places};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use wasm_bindgen_cli_support::Bindgen;

/// The cargo profile of a front end that goes out, and of one that is only looked at (no LTO, incremental).
pub const PROFILE: &str = "wasm-release";
pub const QUICK_PROFILE: &str = "release";

/// What a browser loads, before names are hashed.
pub struct Bound {
    pub script: Vec<u8>,
    pub wasm: Vec<u8>,
    /// Scripts that crates bring along: path below `pkg/`, content.
    pub snippets: Vec<(String, Vec<u8>)>,
}

/// Runs cargo and returns the wasm it made.
///
/// # Errors
/// If it does not compile; cargo has said why.
pub fn compile(places: &Places, profile: &str) -> Result<PathBuf> {
    let mut cargo = cargo(places);
    cargo.args([
        "build",
        "--lib",
        "--target",
        "wasm32-unknown-unknown",
        "--features",
        "hydrate",
        "--profile",
        profile,
    ]);
    if !cargo.status().context("cannot start cargo")?.success() {
        bail!("the browser's half does not compile");
    }
    Ok(places
        .target
        .join("wasm32-unknown-unknown")
        .join(profile)
        .join(format!("{NAME}.wasm")))
}

/// A cargo that does not see what `cargo run` told us about ourselves: it would rebuild for each difference.
pub fn cargo(places: &Places) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(&places.root);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name.as_ref());
        }
    }
    command
}

/// Runs wasm-bindgen and, where `optimise` and npm brought it, wasm-opt; or takes what they made of this wasm last time.
///
/// # Errors
/// If the wasm cannot be read or one of the two fails.
pub fn bind(places: &Places, wasm: &Path, optimise: bool) -> Result<Bound> {
    let raw = fs::read(wasm).with_context(|| format!("cannot read {}", wasm.display()))?;
    let optimiser = places.root.join("node_modules/.bin/wasm-opt");
    let optimise = optimise && is_there(&optimiser);
    let (out, stamp) = (places.bound(), places.bound().join("made-of.txt"));
    let made_of = format!(
        "{} {}",
        fingerprint(&raw),
        if optimise { "wasm-opt -Oz" } else { "as compiled" }
    );
    if fs::read_to_string(&stamp).is_ok_and(|last| last == made_of) {
        println!("  nothing changed since last time");
        return read_bound(&out);
    }
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    run_wasm_bindgen(wasm, &out)?;
    if optimise {
        run_wasm_opt(&optimiser, &out.join(format!("{NAME}_bg.wasm")))?;
    }
    fs::write(stamp, made_of)?;
    read_bound(&out)
}

/// Says so plainly where wasm-opt is missing.
fn is_there(optimiser: &Path) -> bool {
    let runs = optimiser.exists()
        && Command::new(optimiser)
            .arg("--version")
            .output()
            .is_ok_and(|run| run.status.success());
    if !runs {
        println!(
            "  skipped: wasm-opt (`npm ci` brings it, and needs Node.js). All works; pages load about a tenth more."
        );
    }
    runs
}

fn run_wasm_bindgen(wasm: &Path, out: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    // Leptos tells the script where the wasm lies, so the script need not guess an address.
    bindgen
        .web(true)?
        .input_path(wasm)
        .out_name(NAME)
        .typescript(false)
        .demangle(false)
        .omit_default_module_path(true);
    bindgen.generate(out).context("wasm-bindgen failed")
}

/// Needs no feature flags: never give it `--all-features`, the browsers do not have them all.
fn run_wasm_opt(optimiser: &Path, wasm: &Path) -> Result<()> {
    let run = Command::new(optimiser)
        .arg("-Oz")
        .arg(wasm)
        .arg("-o")
        .arg(wasm)
        .status();
    if !run.context("cannot start wasm-opt")?.success() {
        bail!("wasm-opt failed");
    }
    Ok(())
}

/// Reads what [`bind`] left in `folder`.
///
/// # Errors
/// If it was never called, or a file is gone.
pub fn read_bound(folder: &Path) -> Result<Bound> {
    let read = |name: String| fs::read(folder.join(&name)).with_context(|| format!("wasm-bindgen made no {name}"));
    Ok(Bound {
        script: read(format!("{NAME}.js"))?,
        wasm: read(format!("{NAME}_bg.wasm"))?,
        snippets: crate::site::files_below(&folder.join("snippets"), "pkg/snippets")?,
    })
}
