//! Compiles the front end from Rust to the files that a browser loads, with cargo, wasm-bindgen and wasm-opt.

use crate::fingerprint::fingerprint;
use crate::places::{NAME, Places};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use wasm_bindgen_cli_support::Bindgen;

/// The cargo profile for a release of the front end.
pub const PROFILE: &str = "wasm-release";
/// The cargo profile during development: no link-time optimisation, incremental.
pub const QUICK_PROFILE: &str = "wasm-quick";

/// The files that a browser loads, before their names get hashes.
pub struct Bound {
    pub script: Vec<u8>,
    pub wasm: Vec<u8>,
    /// The scripts that crates bring along: the path of each in the site, and its content.
    pub snippets: Vec<(String, Vec<u8>)>,
}

/// Compiles the front end with cargo, and returns the path of the wasm file.
///
/// # Errors
/// If it does not compile. Cargo has printed the reason.
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
        bail!("the front end does not compile");
    }
    Ok(places
        .target
        .join("wasm32-unknown-unknown")
        .join(profile)
        .join(format!("{NAME}.wasm")))
}

/// A cargo command without the variables that `cargo run` sets for xtask itself. With these variables, cargo would rebuild
/// crates that have not changed.
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

/// Runs wasm-bindgen on the compiled file, and then wasm-opt if `optimise` is true and npm has installed wasm-opt. If neither
/// the compiled file nor the use of wasm-opt has changed since the last run, the result is the files of that run.
///
/// # Errors
/// If the wasm cannot be read, or if one of the two tools fails.
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

/// Whether wasm-opt can run. If wasm-opt can't run, this function prints what that costs.
fn is_there(optimiser: &Path) -> bool {
    let runs = optimiser.exists()
        && Command::new(optimiser)
            .arg("--version")
            .output()
            .is_ok_and(|run| run.status.success());
    if !runs {
        println!(
            "  skipped: wasm-opt (to install it, run `npm ci`, which needs Node.js). Everything works, but pages load about a tenth more bytes."
        );
    }
    runs
}

fn run_wasm_bindgen(wasm: &Path, out: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    // Leptos tells the script the address of the wasm, so the script does not need a default one.
    bindgen
        .web(true)?
        .input_path(wasm)
        .out_name(NAME)
        .typescript(false)
        .demangle(false)
        .omit_default_module_path(true);
    bindgen.generate(out).context("wasm-bindgen failed")
}

/// Never pass `--all-features` here: wasm-opt would use WebAssembly features that not all browsers have.
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

/// Reads the files that [`bind`] wrote to `folder`.
///
/// # Errors
/// If a file is missing, for example because [`bind`] has never run.
pub fn read_bound(folder: &Path) -> Result<Bound> {
    let read = |name: String| fs::read(folder.join(&name)).with_context(|| format!("wasm-bindgen made no {name}"));
    Ok(Bound {
        script: read(format!("{NAME}.js"))?,
        wasm: read(format!("{NAME}_bg.wasm"))?,
        snippets: crate::site::files_below(&folder.join("snippets"), "pkg/snippets")?,
    })
}
