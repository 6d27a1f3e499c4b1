//! `snug owner-link`: prints a new owner link.

use super::configuration::given_domains;
use snug::server::{
    auth::owner_link::command,
    config::{CommandLine, Config},
    data_folder,
};
use std::process::ExitCode;

/// The arguments of `snug owner-link`.
#[derive(clap::Args)]
pub struct OwnerLinkArguments {
    /// The host name that the server got by `snug serve --domain`
    #[arg(long = "domain", value_name = "NAME")]
    domains: Vec<String>,
}

impl OwnerLinkArguments {
    /// The settings that the command line gives.
    pub fn said(&self) -> CommandLine {
        CommandLine {
            arguments: given_domains(&self.domains),
            lan: None,
        }
    }
}

/// Prints a new owner link, alone on its line, so that scripts can read it.
pub async fn run(config: Config) -> ExitCode {
    // SQLite may create files beside the database.
    data_folder::keep_new_files_private();
    match command::make_link(&config).await {
        Ok(link) => {
            println!("{link}");
            eprintln!(
                "Open the link and press its button. It signs you in as an owner of this Snug. The link works once, within a day. \
                 Give it to nobody: it can also sign in as an owner who can't get a code."
            );
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("Snug can't make an owner link: {error:#}");
            ExitCode::FAILURE
        }
    }
}
