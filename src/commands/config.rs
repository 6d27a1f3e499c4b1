//! `snug config`: prints all settings, or checks those of this machine.

use clap::Subcommand;
use snug::server::{clock::Clock, config::Config, tls};
use std::{io::Write, process::ExitCode};

/// What `snug config` can do.
#[derive(Subcommand)]
pub enum ConfigTask {
    /// Print all settings with their documentation and defaults, as a TOML file
    ///
    /// The output is the same on every machine and contains no secret. It can be the
    /// beginning of a file of your own: snug config print > Leptos.toml
    #[command(verbatim_doc_comment)]
    Print,
    /// Check your configuration, and start nothing
    ///
    /// Reads the file and the variables, and reports all problems at once, each with its
    /// key and its variable. The exit status is 0 if the configuration is valid, and 1 if
    /// it is not.
    #[command(verbatim_doc_comment)]
    Check,
}

/// Prints all settings. Does not use `println!`, which panics if the reader closes the pipe early, as `head` does.
pub fn print() -> ExitCode {
    match std::io::stdout().write_all(Config::reference().as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Checks the certificate files that the configuration names, and says whether Snug can start with it. Everything else was checked when the
/// configuration was read.
pub fn check(config: &Config) -> ExitCode {
    match tls::check(config, Clock::default().now_s()) {
        Ok(warnings) => {
            for warning in warnings {
                eprintln!("warning: {warning}");
            }
            println!(
                "The configuration is valid. Snug would run at {}.",
                config.public_url.origin()
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("Snug cannot start with this configuration:\n- {error:#}.");
            ExitCode::FAILURE
        }
    }
}
