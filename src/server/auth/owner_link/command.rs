//! The command `snug owner-link`, which prints a new owner link on the machine of the server.
//!
//! The command works while the server runs: it writes one row, and the server reads that row when somebody opens the link. So it takes
//! no lock, and it does not migrate the database, because the server may be older than this program.

use super::{address, store};
use crate::server::{
    clock::Clock,
    config::Config,
    database::Database,
    keyring::{Keyring, random_id},
};
use anyhow::{Context, bail};

/// Makes a new owner link and returns it. All owner links that were not used yet stop working.
///
/// # Errors
/// If Snug has never run with this configuration, or if the keyring or the database can't be opened.
pub async fn make_link(config: &Config) -> anyhow::Result<String> {
    let keyring = config.data_dir.join("keyring.json");
    if !keyring.is_file() {
        bail!(
            "there is no Snug in {}: start Snug once, or run this command with the same configuration as the server",
            config.data_dir.display()
        );
    }
    let keyring = Keyring::open(&keyring, false)?;
    let database = Database::connect(&config.database_url, None).await?;
    let id = random_id(12);
    let written = store::replace_open_owner_links(&database, &id, Clock::default().now_s()).await;
    database.close().await;
    written.context("can't write the link: if Snug was upgraded, start the new version once, then try again")?;
    Ok(address(&config.public_url, &keyring, &id))
}
