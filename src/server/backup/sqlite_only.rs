//! Finds the SQLite file to back up or to restore. For PostgreSQL, the error says what to use instead.

use super::layout::{BackupPart, PICTURES};
use crate::server::{config::Config, database::sqlite_file};
use anyhow::bail;
use std::path::PathBuf;

/// The file of the database to back up.
///
/// # Errors
/// If the database is PostgreSQL: the message has the commands that make a backup. If there is no database yet.
pub fn database_to_back_up(config: &Config) -> anyhow::Result<PathBuf> {
    let Some(database) = sqlite_file(&config.database_url) else {
        let (name, folder) = (config.database_url.describe(), config.data_dir.display());
        let keyring = BackupPart::Keyring.name();
        let photos = match photos_are_in_bucket(config) {
            true => "The photos are in a bucket: copy it with the tools of its provider.".to_owned(),
            false => format!("Then copy the photos: {folder}/{PICTURES}."),
        };
        bail!(
            "the database is {name}, and Snug makes backups only of SQLite. Use PostgreSQL's own program for the database: pg_dump \
             --format=custom --file=snug.dump URL, with the URL of your setting (SNUG_DATABASE_URL). Then copy the keys: \
             {folder}/{keyring}. {photos}"
        );
    };
    if !database.is_file() {
        bail!(
            "there is no Snug in {}: the database {} is missing. Run this command with the same configuration as the server",
            config.data_dir.display(),
            database.display()
        );
    }
    Ok(database)
}

/// The file of the database to restore. It may be missing.
///
/// # Errors
/// If the database is PostgreSQL: the message has the commands that restore a backup.
pub fn database_to_restore(config: &Config) -> anyhow::Result<PathBuf> {
    let Some(database) = sqlite_file(&config.database_url) else {
        let (name, folder) = (config.database_url.describe(), config.data_dir.display());
        let keyring = BackupPart::Keyring.name();
        let photos = match photos_are_in_bucket(config) {
            true => "The photos are in a bucket.".to_owned(),
            false => format!("Copy the photos back too, to {folder}/{PICTURES}."),
        };
        bail!(
            "the database is {name}, and Snug restores only SQLite. Use PostgreSQL's own programs, with an empty database: pg_restore \
             --no-owner --dbname=URL snug.dump, and then psql URL -c 'delete from sessions', so that everybody signs in again. Copy \
             the keys back to {folder}/{keyring}. {photos}"
        );
    };
    Ok(database)
}

/// Whether the photos are in a bucket, and so in no backup.
pub fn photos_are_in_bucket(config: &Config) -> bool {
    config.pictures.s3_url.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::config::{DatabaseUrl, S3Url};
    use std::path::Path;

    fn on_postgres() -> Config {
        let mut config = Config::for_tests(Path::new("/srv/snug/data"));
        config.database_url = DatabaseUrl::parse("postgres://snug:hunter2@localhost/snug").expect("an address");
        config
    }

    #[test]
    fn for_postgresql_the_commands_are_named_without_the_password() {
        let mut config = on_postgres();
        let backup = database_to_back_up(&config).expect_err("PostgreSQL").to_string();
        let restore = database_to_restore(&config).expect_err("PostgreSQL").to_string();
        assert!(backup.contains("pg_dump"), "{backup}");
        assert!(
            restore.contains("pg_restore") && restore.contains("delete from sessions"),
            "{restore}"
        );
        for message in [&backup, &restore] {
            assert!(
                message.contains("snug on localhost") && !message.contains("hunter2"),
                "{message}"
            );
            assert!(message.contains("/srv/snug/data/keyring.json"), "{message}");
            assert!(message.contains("/srv/snug/data/pictures"), "{message}");
        }
        let bucket = S3Url::parse("s3://key:secret@snug-faces?region=eu-central-1").expect("a bucket");
        config.pictures.s3_url = Some(bucket);
        for message in [database_to_back_up(&config), database_to_restore(&config)] {
            let message = message.expect_err("PostgreSQL").to_string();
            assert!(
                message.contains("in a bucket") && !message.contains("secret"),
                "{message}"
            );
        }
    }

    #[test]
    fn a_folder_without_a_snug_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let config = Config::for_tests(folder.path());
        let message = database_to_back_up(&config).expect_err("no database").to_string();
        assert!(message.contains("there is no Snug in"), "{message}");
        assert_eq!(
            database_to_restore(&config).expect("SQLite"),
            folder.path().join("snug.db")
        );
    }
}
