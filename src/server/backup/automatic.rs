//! Backups that Snug makes by itself: as often as the setting `data.backups` says, and before an upgrade migrates the database.

use super::{
    layout::BackupPart,
    names::{self, BackupOccasion},
    upgrades,
    write::{BackupChoices, BackupReport, write},
};
use crate::server::{
    clock::Clock,
    config::{BackupPlan, Config},
    data_folder,
};
use anyhow::Context;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};
use tokio::time::sleep;

/// The time from the start of the server to the first backup. We don't make it at once, because the server is busy while it starts.
const FIRST_AFTER: Duration = Duration::from_secs(300);
/// How often we look whether it is time. A longer sleep would be too long if the machine sleeps meanwhile.
const LOOK_EVERY: Duration = Duration::from_secs(600);
/// How long we wait after a failure.
const RETRY_AFTER: Duration = Duration::from_secs(3_600);
/// How the last backup that Snug made by itself went. Clones share one value.
#[derive(Debug, Clone, Default)]
pub struct BackupStatus(Arc<Mutex<Option<String>>>);

impl BackupStatus {
    /// Why the last backup failed; `None` if it succeeded, or if none was made since the start.
    pub fn failure(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, failure: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = failure;
    }
}

/// The folder of the backups that Snug makes by itself.
pub fn folder(config: &Config) -> PathBuf {
    config.data_dir.join("backups")
}

/// When the newest backup by plan was made; `None` if there is none. A backup that seems to come from the future does not count,
/// because the clock was wrong then or is wrong now.
pub fn newest(config: &Config) -> Option<SystemTime> {
    let now = SystemTime::now();
    let written = |path: &PathBuf| fs::metadata(path).ok()?.modified().ok();
    let found = names::list(&folder(config), BackupOccasion::Plan);
    found.iter().filter_map(written).filter(|time| *time <= now).max()
}

/// Makes backups as the setting `data.backups` says, until the task is aborted. Failures are logged and tried again an hour later.
/// Returns at once if the setting is off, or if the database is not SQLite.
pub async fn run_by_plan(config: Config, status: BackupStatus) {
    let Some(plan) = plan_of(&config) else { return };
    sleep(FIRST_AFTER).await;
    loop {
        if !is_due(newest(&config), SystemTime::now(), plan.every) {
            sleep(LOOK_EVERY.min(plan.every)).await;
            continue;
        }
        match make_and_rotate(&config, plan).await {
            Ok(_) => status.set(None),
            Err(error) => {
                tracing::error!("the backup has failed, and will be tried again in an hour: {error:#}");
                status.set(Some(format!("{error:#}")));
                sleep(RETRY_AFTER).await;
            }
        }
    }
}

/// Makes one backup as the setting `data.backups` says, whatever the age of the last one. Returns its report; `None` if the setting is
/// off, or if the database is not SQLite.
///
/// # Errors
/// The errors of [`write`], and if an old backup can't be deleted.
pub async fn make_by_plan(config: &Config) -> anyhow::Result<Option<BackupReport>> {
    match plan_of(config) {
        Some(plan) => make_and_rotate(config, plan).await.map(Some),
        None => Ok(None),
    }
}

/// Makes a backup before a migration, unless the setting `data.backups` is off or the database is not SQLite. If the migration fails and
/// is tried again, the backup of the first try is kept: later ones can contain changes of a migration that failed halfway.
///
/// # Errors
/// The errors of [`write`]. The message says how to start without a backup.
pub async fn before_upgrade(config: &Config) -> anyhow::Result<()> {
    if plan_of(config).is_none() {
        return Ok(());
    }
    // After a restore of a backup without keys, there are no keys yet.
    let with_keys = config.data_dir.join(BackupPart::Keyring.name()).exists();
    let made = make(config, BackupOccasion::Upgrade, with_keys).await;
    let (target, _) = made.context(
        "the backup before the upgrade has failed, so nothing was changed (snug.data.backups, SNUG_DATA_BACKUPS=off starts without \
         a backup)",
    )?;
    upgrades::delete_repeated(&target)
}

/// Deletes old backups from before upgrades. Call this after the migration has succeeded. A file that can't be deleted is only logged,
/// because the server can start.
pub fn after_upgrade(config: &Config) {
    if plan_of(config).is_some()
        && let Err(error) = upgrades::delete_old(&folder(config))
    {
        tracing::warn!("an old backup can't be deleted: {error:#}");
    }
}

fn plan_of(config: &Config) -> Option<BackupPlan> {
    config.backups.filter(|_| config.database_url.is_sqlite())
}

/// Makes a backup by plan, and then deletes old ones.
async fn make_and_rotate(config: &Config, plan: BackupPlan) -> anyhow::Result<BackupReport> {
    let (target, report) = make(config, BackupOccasion::Plan, true).await?;
    names::delete_old(&target, BackupOccasion::Plan, plan.keep)?;
    Ok(report)
}

/// Makes a backup. Returns its path too.
async fn make(config: &Config, occasion: BackupOccasion, with_keys: bool) -> anyhow::Result<(PathBuf, BackupReport)> {
    let folder = folder(config);
    data_folder::create(&folder)?;
    names::delete_unfinished(&folder)?;
    let target = folder.join(occasion.name_at(Clock::default().now_s()));
    let choices = BackupChoices {
        with_keys,
        may_overwrite: false,
    };
    let report = write(config, &target, choices).await?;
    log(&target, &report);
    Ok((target, report))
}

fn log(target: &Path, report: &BackupReport) {
    let (bytes, missing) = (report.bytes, report.missing_photos);
    tracing::info!(bytes, "made the backup {}", target.display());
    if missing > 0 {
        tracing::warn!("{missing} photos are missing in the data folder, and so in the backup");
    }
}

fn is_due(newest: Option<SystemTime>, now: SystemTime, every: Duration) -> bool {
    let age = newest.and_then(|newest| now.duration_since(newest).ok());
    age.is_none_or(|age| age >= every)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::{database::Database, database_schema};

    #[test]
    fn a_backup_is_due_when_the_newest_one_is_old_enough() {
        let (now, day) = (SystemTime::now(), Duration::from_secs(86_400));
        assert!(is_due(None, now, day), "there is none");
        assert!(!is_due(Some(now), now, day));
        assert!(!is_due(Some(now - day / 2), now, day));
        assert!(is_due(Some(now - day), now, day));
        assert!(is_due(Some(now + day), now, day), "the clock was wrong");
    }

    #[tokio::test]
    async fn nothing_is_made_if_the_setting_is_off() {
        let folder = tempfile::tempdir().expect("a folder");
        let config = Config::for_tests(folder.path());
        assert_eq!(make_by_plan(&config).await.expect("nothing to do"), None);
        before_upgrade(&config).await.expect("nothing to do");
        run_by_plan(config, BackupStatus::default()).await;
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 0);
    }

    #[tokio::test]
    async fn a_backup_that_fails_before_an_upgrade_says_how_to_go_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut config = Config::for_tests(folder.path());
        config.backups = Some(BackupPlan::default());
        let message = format!("{:#}", before_upgrade(&config).await.expect_err("no database"));
        assert!(message.contains("SNUG_DATA_BACKUPS=off"), "{message}");
    }

    #[tokio::test]
    async fn a_backup_before_an_upgrade_needs_no_keys() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut config = Config::for_tests(folder.path());
        config.backups = Some(BackupPlan::default());
        let database = Database::connect(&config.database_url, None).await.expect("a database");
        database_schema::migrate(&database).await.expect("migrated");
        database.close().await;
        before_upgrade(&config).await.expect("a backup");
        after_upgrade(&config);
        let made = names::list(&super::folder(&config), BackupOccasion::Upgrade);
        assert_eq!(made.len(), 1, "{made:?}");
    }
}
