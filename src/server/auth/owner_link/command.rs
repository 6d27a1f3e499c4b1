//! The command `snug owner-link`, which prints a new owner link on the machine of the server.
//!
//! The command works while the server runs: it writes one row, and the server reads that row when somebody opens the link. So it takes
//! no lock, and it does not migrate the database, because the server may be older than this program.

use super::{address, store};
use crate::server::{
    clock::Clock,
    config::Config,
    database::{Database, sqlite_file},
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
    // Opening a database of SQLite that is missing would make an empty one.
    if let Some(database) = sqlite_file(&config.database_url)
        && !database.is_file()
    {
        bail!(
            "there is no Snug in {}: the database {} is missing. Run this command with the same configuration as the server",
            config.data_dir.display(),
            database.display()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_a_database_the_command_says_so_and_makes_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let config = Config::for_tests(folder.path());
        Keyring::open(&folder.path().join("keyring.json"), true).expect("new keys");
        let message = make_link(&config).await.expect_err("no database").to_string();
        assert!(message.contains("snug.db is missing"), "{message}");
        assert!(!folder.path().join("snug.db").exists());
    }
}
