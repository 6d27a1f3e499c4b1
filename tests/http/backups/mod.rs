//! Backups: what is in them, restoring them, and what remains when a program is killed.

mod automatic;
mod commands;
mod killed;
mod restored;

use crate::{database::On, test_app::TestApp};
use snug::server::{
    backup::{self, BackupChoices, BackupReport, RestoreReport},
    config::{Config, DatabaseUrl},
};
use std::path::Path;
use tempfile::TempDir;

const EVERYTHING: BackupChoices = BackupChoices {
    with_keys: true,
    may_overwrite: false,
};

/// Backs up the data of this server, which may run.
async fn back_up(app: &TestApp, target: &Path) -> BackupReport {
    let written = backup::write(&app.state.config, target, EVERYTHING).await;
    written.expect("a backup")
}

/// Restores a backup into the data folder of this configuration.
pub async fn restore_into(config: &Config, backup: &Path, keep_sessions: bool) -> RestoreReport {
    let restored = backup::restore(config, backup, keep_sessions).await;
    restored.expect("restored")
}

/// A server on a new data folder into which the backup was restored.
async fn start_restored(backup: &Path, keep_sessions: bool) -> (TestApp, TempDir) {
    let above = tempfile::tempdir().expect("a folder");
    let folder = above.path().join("data");
    restore_into(&Config::for_tests(&folder), backup, keep_sessions).await;
    let app = TestApp::with(On::Sqlite, |config| {
        config.database_url = DatabaseUrl::sqlite_file(&folder.join("snug.db"));
        config.data_dir = folder.clone();
    });
    (app.await, above)
}
