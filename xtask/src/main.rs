//! `cargo xtask`: builds the front end, which cargo alone cannot, and checks rules that the compiler does not know.

mod compile;
mod compress;
mod documents;
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
cargo xtask style   build only the styles (after one run of `front`)
cargo xtask weigh   print the compressed size of the front end
cargo xtask house   check the house rules: which file may import which, the names of files, and their first lines
cargo xtask documents   check the documents: paths, commands, variables and links exist, and no document is too long
cargo xtask prose   print sentences that are hard to read, with file and line
cargo xtask dev     build, start the server, and do both again whenever a file changes

front --wasm FILE   use this wasm file instead of compiling one
front --quick       skip link-time optimisation and wasm-opt: faster to build, larger to load (`dev` does this)";

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
        ["documents"] => documents::check(&places),
        ["prose"] => documents::print_old_manner(&places),
        ["dev"] => watch::develop(&places),
        [] | ["help" | "--help" | "-h"] => {
            println!("{HELP}");
            Ok(())
        }
        _ => bail!(
            "there is no `cargo xtask {}`. The commands are:\n{HELP}",
            words.join(" ")
        ),
    }
}
