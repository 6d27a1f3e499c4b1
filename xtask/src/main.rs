//! `cargo xtask`: builds what cargo alone does not, and checks what the compiler does not.

mod compile;
mod compress;
mod fingerprint;
mod front;
mod house;
mod places;
mod site;
mod steps;
mod style;
mod watch;
mod weigh;

use anyhow::{Result, bail};
use places::Places;
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask front   build the front end into target/site: wasm, script, styles, public files, hashed and compressed
cargo xtask style   only its styles (the rest must have been built once)
cargo xtask weigh   print what the front end weighs over the wire
cargo xtask house   check the house rules: who may import whom, what files are called, how they begin
cargo xtask dev     build, start the server, and do both again whenever a file changes

front --wasm FILE   takes this wasm instead of compiling one
front --quick       leaves out link-time optimisation and wasm-opt: faster to build, heavier to load (`dev` does this)";

fn main() -> ExitCode {
    match run(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let places = Places::find()?;
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["front"] => front::build(&places, &front::Build::Release),
        ["front", "--quick"] => front::build(&places, &front::Build::Quick),
        ["front", "--wasm", file] => front::build(&places, &front::Build::Given(file.into())),
        ["style"] => front::restyle(&places),
        ["weigh"] => weigh::print(&places),
        ["house"] => house::check(&places),
        ["dev"] => watch::develop(&places),
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(())
        }
        _ => bail!("there is no `cargo xtask {}`. There is:\n{HELP}", words.join(" ")),
    }
}
