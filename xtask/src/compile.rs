//! Compiles the front end from Rust to the files that a browser loads, with cargo, wasm-bindgen and wasm-opt.

use crate::fingerprint::fingerprint;
use crate::places::{NAME, Places};
use crate::split::{Chunks, can_be_split, chunk_path, read_chunks, split};
use anyhow::{Context, Result, anyhow, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use wasm_bindgen_cli_support::Bindgen;

/// The cargo profile for a release of the front end.
pub const PROFILE: &str = "wasm-release";
/// The cargo profile during development: no link-time optimisation, incremental.
pub const QUICK_PROFILE: &str = "wasm-quick";

/// The folder of the chunks, in the folder of everything that [`bind`] writes.
const CHUNKS: &str = "chunks";

/// How wasm-opt makes the wasm small. It does not inline: inlining makes the file smaller but the download a tenth larger, because
/// brotli packs calls better than copies of what they call.
const WASM_OPT_FLAGS: [&str; 6] = [
    "-Oz",
    "--one-caller-inline-max-function-size=0",
    "--always-inline-max-function-size=0",
    "--flexible-inline-max-function-size=0",
    "--code-folding",
    "--rse",
];

/// The files that a browser loads, before their names get hashes.
pub struct Bound {
    pub script: Vec<u8>,
    /// The part of the program that every page needs, or all of it.
    pub wasm: Vec<u8>,
    pub chunks: Chunks,
    /// The scripts that crates bring along: the path of each in the site, and its content.
    pub snippets: Vec<(String, Vec<u8>)>,
}

/// Compiles the front end with cargo, and returns the path of the wasm file. If it `is_whole`, it can't be split afterwards, but is built
/// faster.
///
/// # Errors
/// If it does not compile. Cargo has printed the reason.
pub fn compile(places: &Places, profile: &str, is_whole: bool) -> Result<PathBuf> {
    let (command, features) = if is_whole {
        ("build", "hydrate")
    } else {
        ("rustc", "hydrate,split")
    };
    let mut cargo = cargo(places);
    cargo.args([
        command,
        "--lib",
        "--target",
        "wasm32-unknown-unknown",
        "--features",
        features,
        "--profile",
        profile,
    ]);
    if !is_whole {
        // The splitter needs the relocations. Only the linker of the last crate gets this flag, so no other crate is built again.
        cargo.args(["--", "-Clink-arg=--emit-relocs"]);
    }
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

/// Splits the compiled file if that is possible, and runs wasm-bindgen. Then runs wasm-opt if `optimise` is true and npm has installed
/// wasm-opt. If neither the compiled file nor the use of wasm-opt has changed since the last run, the result is the files of that run.
///
/// # Errors
/// If the wasm cannot be read, or if one of the tools fails.
pub fn bind(places: &Places, wasm: &Path, optimise: bool) -> Result<Bound> {
    let raw = fs::read(wasm).with_context(|| format!("cannot read {}", wasm.display()))?;
    let optimiser = places.root.join("node_modules/.bin/wasm-opt");
    let optimise = optimise && is_there(&optimiser);
    let (out, stamp) = (places.bound(), places.bound().join("made-of.txt"));
    let made_of = format!(
        "{} {}",
        fingerprint(&raw),
        if optimise {
            WASM_OPT_FLAGS.join(" ")
        } else {
            "as compiled".to_owned()
        }
    );
    if fs::read_to_string(&stamp).is_ok_and(|last| last == made_of) {
        println!("  nothing changed since last time");
        return read_bound(&out);
    }
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    let chunks = out.join(CHUNKS);
    if can_be_split(&raw) {
        let rest = split(&raw, &chunks)?;
        run_wasm_bindgen(&rest, &out, true)?;
    } else {
        run_wasm_bindgen(wasm, &out, false)?;
    }
    if optimise {
        let mut files = vec![out.join(format!("{NAME}_bg.wasm"))];
        files.extend(read_chunks(&chunks)?.bytes.keys().map(|name| chunk_path(&chunks, name)));
        optimise_all(&optimiser, &files)?;
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
            "  skipped: wasm-opt (to install it, run `npm ci`, which needs Node.js). Everything works, but pages load some kB more."
        );
    }
    runs
}

/// The chunks of a program that `is_split` use exports which wasm-bindgen would remove.
fn run_wasm_bindgen(wasm: &Path, out: &Path, is_split: bool) -> Result<()> {
    let mut bindgen = Bindgen::new();
    // Leptos tells the script the address of the wasm, so the script does not need a default one.
    bindgen
        .web(true)?
        .input_path(wasm)
        .out_name(NAME)
        .typescript(false)
        .demangle(false)
        .keep_lld_exports(is_split)
        .omit_default_module_path(true);
    bindgen.generate(out).context("wasm-bindgen failed")
}

/// Optimises the first file, which is by far the largest, and all others at the same time.
fn optimise_all(optimiser: &Path, files: &[PathBuf]) -> Result<()> {
    let Some((first, others)) = files.split_first() else {
        return Ok(());
    };
    std::thread::scope(|scope| {
        let large = scope.spawn(|| run_wasm_opt(optimiser, first));
        let small = others.iter().try_for_each(|file| run_wasm_opt(optimiser, file));
        large
            .join()
            .map_err(|_| anyhow!("the thread that runs wasm-opt has panicked"))
            .flatten()
            .and(small)
    })
}

/// Never pass `--all-features` here: wasm-opt would use WebAssembly features that not all browsers have.
fn run_wasm_opt(optimiser: &Path, wasm: &Path) -> Result<()> {
    let run = Command::new(optimiser)
        .args(WASM_OPT_FLAGS)
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
        chunks: read_chunks(&folder.join(CHUNKS))?,
        snippets: crate::site::files_below(&folder.join("snippets"), "pkg/snippets")?,
    })
}
