//! Restores a backup into an empty data folder.

use super::{
    blocking::on_blocking_thread,
    disk_space::must_have_room,
    layout::BackupPart,
    private_file::create_private,
    restore_stage::RestoreStage,
    store,
    unpack::{BackupContent, read_backup},
};
use crate::server::{
    config::{Config, DatabaseUrl},
    data_folder,
    data_lock::DataLock,
    database::Database,
    database_schema::{self, SchemaAge},
    keyring::Keyring,
};
use anyhow::{Context, bail, ensure};
use std::{
    fs::{self, File},
    io::{self, BufReader, Read},
    path::Path,
};
use tokio_util::sync::CancellationToken;

/// A backup that was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreReport {
    /// When the backup was made, in unix seconds.
    pub made_at: i64,
    pub has_keys: bool,
    pub photos: usize,
    /// Whether the photos are in a bucket, and were not in the backup.
    pub photos_in_bucket: bool,
    /// Whether the sessions were kept. Snug then starts only with the keys that have signed them.
    pub kept_sessions: bool,
    /// How many sessions were ended.
    pub ended_sessions: i64,
}

/// Restores the backup in the file `backup` into the empty data folder of this configuration. Creates the folder if it is missing.
///
/// All sessions end, unless `keep_sessions` is true. A browser that has refreshed its session after the backup has a token that is newer
/// than the restored database. Snug would take this token for a stolen one, and send a letter that warns of a stolen sign-in. So keep
/// the sessions only of a Snug that did not run after the backup was made.
///
/// # Errors
/// If the database is not SQLite, if the data folder is not empty, is in use, or belongs to another user, if the file is not a whole
/// backup of a Snug that is not newer than this one, or if something can't be written. The data folder is then empty as before.
pub async fn restore(config: &Config, backup: &Path, keep_sessions: bool) -> anyhow::Result<RestoreReport> {
    let stage = RestoreStage::of(config)?;
    let file = open_backup(backup)?;
    if !stage.is_committed() {
        stage.must_be_empty()?;
    }
    ensure!(
        !data_folder::is_of_another_user(&config.data_dir),
        "the data folder {} belongs to another system user: run this command as that user, with sudo -u",
        config.data_dir.display()
    );
    let lock = DataLock::take(config).await?;
    let restored = restore_locked(config, &stage, file, keep_sessions).await;
    lock.release().await;
    restored
}

/// Completes or removes what a killed restore has left. Call this while you hold the data lock, before anything else is opened.
///
/// # Errors
/// If a file can't be moved or deleted.
pub fn recover(config: &Config) -> anyhow::Result<()> {
    if config.database_url.is_sqlite() && RestoreStage::of(config)?.recover()? {
        tracing::info!("a restore that was interrupted is complete now");
    }
    Ok(())
}

fn open_backup(path: &Path) -> anyhow::Result<File> {
    let shown = path.display();
    let metadata = fs::metadata(path).with_context(|| format!("can't open {shown}"))?;
    ensure!(metadata.is_file(), "{shown} is not a file");
    File::open(path).with_context(|| format!("can't open {shown}"))
}

async fn restore_locked(
    config: &Config,
    stage: &RestoreStage,
    file: File,
    keep_sessions: bool,
) -> anyhow::Result<RestoreReport> {
    if stage.recover()? {
        bail!("an earlier restore into this folder was interrupted. It is complete now, so start Snug");
    }
    // Another process may have used the folder before we had the lock.
    stage.must_be_empty()?;
    must_have_room(&config.data_dir, file.metadata()?.len())?;
    let filled = fill(stage, file, keep_sessions).await;
    let committed = filled.and_then(|report| stage.commit().map(|()| report));
    if committed.is_err() && !stage.is_committed() {
        // If a file can't be deleted now, the next restore or the next start deletes it.
        let _ = stage.discard();
    }
    let report = committed?;
    stage.finish()?;
    Ok(report)
}

/// Unpacks the backup into the stage, and prepares it.
async fn fill(stage: &RestoreStage, file: File, keep_sessions: bool) -> anyhow::Result<RestoreReport> {
    stage.begin()?;
    let stop = CancellationToken::new();
    let _stop_if_dropped = stop.clone().drop_guard();
    let (places, stopped) = (stage.clone(), stop.clone());
    let content = on_blocking_thread(move || unpack(&places, file, &stopped)).await?;
    if content.has_keys {
        Keyring::open(&stage.path_of(&BackupPart::Keyring), false)?;
    }
    let database = stage.path_of(&BackupPart::Database);
    check_database(&database).await?;
    let ended_sessions = match keep_sessions {
        true => 0,
        false => store::end_sessions(&database).await?,
    };
    Ok(RestoreReport {
        made_at: content.about.made_at,
        has_keys: content.has_keys,
        photos: content.picture_files / 2,
        photos_in_bucket: content.about.photos_in_bucket,
        kept_sessions: keep_sessions,
        ended_sessions,
    })
}

/// Writes each part of the backup into its own file, and syncs it to the disk.
fn unpack(stage: &RestoreStage, file: File, stop: &CancellationToken) -> anyhow::Result<BackupContent> {
    read_backup(BufReader::new(file), stop, |part, content| {
        let path = stage.path_of(part);
        write_part(&path, content).with_context(|| format!("can't write {}", path.display()))
    })
}

fn write_part(path: &Path, content: &mut dyn Read) -> anyhow::Result<()> {
    let mut file = create_private(path)?;
    io::copy(content, &mut file)?;
    file.sync_all()?;
    Ok(())
}

/// Checks that the unpacked file is a whole database of a Snug that is not newer than this one.
async fn check_database(path: &Path) -> anyhow::Result<()> {
    const NOT_OURS: &str = "the database in the backup can't be used";
    if let Some(damage) = store::find_damage(path).await.context(NOT_OURS)? {
        bail!("{NOT_OURS}: {damage}");
    }
    let database = Database::connect(&DatabaseUrl::sqlite_file(path), None).await?;
    let age = database_schema::check(&database).await;
    database.close().await;
    ensure!(
        age.context(NOT_OURS)? != SchemaAge::Empty,
        "{NOT_OURS}: no Snug has written it"
    );
    Ok(())
}
