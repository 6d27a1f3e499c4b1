//! Reads the configuration of this machine. Everything that is not set has a default in the program.

use leptos::config::LeptosOptions;
use snug::server::config::{CommandLine, Config, GivenArgument, Loaded, Problems};
use std::{env, net::SocketAddr, path::Path};

/// The file that is read if `--config` names no other.
const FILE: &str = "Leptos.toml";

/// Reads Snug's settings and the options of the web framework, and prints warnings about them to standard error. `said`, the command
/// line, overrides the file and the variables.
///
/// # Errors
/// If `file` does not exist, and the errors of [`Config::from_machine`].
pub fn read(file: Option<&Path>, said: CommandLine) -> Result<(Config, LeptosOptions), Problems> {
    let loaded = load(file, said)?;
    for warning in &loaded.warnings {
        eprintln!("warning: {warning}");
    }
    Ok((loaded.config, options(loaded.site_addr)))
}

/// Reads Snug's settings again while it runs, and writes warnings about them into the log.
///
/// # Errors
/// Those of [`read`].
pub fn read_again(file: Option<&Path>, said: CommandLine) -> Result<Config, Problems> {
    let loaded = load(file, said)?;
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    Ok(loaded.config)
}

/// The settings that one or more `--domain NAME` give.
pub fn given_domains(domains: &[String]) -> Vec<GivenArgument> {
    let given = (!domains.is_empty()).then(|| ("public.domains", domains.join(",")));
    given.into_iter().collect()
}

/// Reads the configuration of this machine from `file` or [`FILE`], the variables and the command line.
///
/// # Errors
/// Everything that is wrong with it, one sentence each.
pub fn load(file: Option<&Path>, said: CommandLine) -> Result<Loaded, Problems> {
    if let Some(file) = file.filter(|file| !file.is_file()) {
        return Err(Problems(vec![format!(
            "--config: there is no file {}.",
            file.display()
        )]));
    }
    Config::from_machine_with(file.unwrap_or(Path::new(FILE)), said)
}

/// The options of the web framework. Only the addresses can change: the rest must fit the front end, which was built before.
fn options(site_addr: Option<SocketAddr>) -> LeptosOptions {
    let mut options = LeptosOptions::builder().output_name("snug").build();
    if let Some(address) = site_addr {
        options.site_addr = address;
    }
    // `cargo leptos watch` sets this variable.
    let reload_port = env::var("LEPTOS_RELOAD_PORT").ok();
    if let Some(port) = reload_port.and_then(|port| port.parse().ok()) {
        options.reload_port = port;
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_does_not_exist_is_an_error_that_names_it() {
        let read = read(Some(Path::new("/nowhere/Leptos.toml")), CommandLine::default());
        let problems = read.expect_err("no file").0;
        assert_eq!(problems, ["--config: there is no file /nowhere/Leptos.toml."]);
    }

    #[test]
    fn the_address_that_was_set_is_used() {
        let address = SocketAddr::from(([192, 0, 2, 7], 8080));
        assert_eq!(options(Some(address)).site_addr, address);
        assert_eq!(options(None).site_addr, SocketAddr::from(([127, 0, 0, 1], 3000)));
    }
}
