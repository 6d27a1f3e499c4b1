//! `snug owner-link`: prints a new owner link.

use snug::server::{auth::owner_link::command, config::Config, data_folder};
use std::process::ExitCode;

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
