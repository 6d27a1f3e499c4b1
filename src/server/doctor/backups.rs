//! Checks how old the newest backup is.

use crate::{
    model::health::HealthFinding,
    server::{
        backup,
        config::{BackupPlan, Config},
        database::sqlite_file,
    },
};
use std::{
    path::Path,
    time::{Duration, SystemTime},
};

const CHECK: &str = "backup";
const HOUR: Duration = Duration::from_secs(3_600);

/// Checks the backups that Snug makes by itself. `failure` is why the last one of the running server failed.
pub fn check(config: &Config, failure: Option<&str>) -> HealthFinding {
    let Some(database) = sqlite_file(&config.database_url) else {
        return HealthFinding::skipped(
            CHECK,
            "Snug makes no backups of PostgreSQL.",
            "Use pg_dump, and copy keyring.json and the folder pictures of the data folder (docs/deploy.md).",
        );
    };
    let Some(plan) = config.backups else {
        return HealthFinding::skipped(
            CHECK,
            "Snug makes no backups by itself (data.backups is off).",
            "Make your own with snug backup FILE, or set SNUG_DATA_BACKUPS=every=1d,keep=7.",
        );
    };
    let now = SystemTime::now();
    let age = |time: SystemTime| now.duration_since(time).unwrap_or_default();
    let in_use_for = written_at(&config.data_dir.join("keyring.json"))
        .or_else(|| written_at(&database))
        .map(age);
    judge(plan, backup::newest(config).map(age), in_use_for, failure)
}

/// When a file was written last. Snug writes its keys only once, at its first start.
fn written_at(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).ok()?.modified().ok()
}

/// `newest` is the age of the newest backup, and `in_use_for` how long there has been something to back up.
fn judge(
    plan: BackupPlan,
    newest: Option<Duration>,
    in_use_for: Option<Duration>,
    failure: Option<&str>,
) -> HealthFinding {
    let advice = "Let Snug run, and read its log for lines about backups. To make one now: snug backup FILE";
    // A server that was off for the night makes its backup a little later.
    let late_after = plan.every * 2 + HOUR;
    match newest {
        _ if failure.is_some() => HealthFinding::bad(
            CHECK,
            format!(
                "The last backup has failed: {}.",
                failure.unwrap_or_default().trim_end_matches('.')
            ),
            "Snug tries again every hour. Remove the cause, or make one elsewhere: snug backup FILE",
        ),
        Some(age) if age > late_after => HealthFinding::warning(
            CHECK,
            format!(
                "The newest backup is {} old, and there should be one every {}.",
                in_words(age),
                in_words(plan.every)
            ),
            advice,
        ),
        Some(age) => HealthFinding::good(CHECK, format!("The newest backup is {} old.", in_words(age))),
        None if in_use_for.is_some_and(|age| age > late_after) => {
            HealthFinding::warning(CHECK, "There is no backup.", advice)
        }
        None => HealthFinding::good(CHECK, "The first backup is not due yet."),
    }
}

fn in_words(time: Duration) -> String {
    let hours = time.as_secs() / HOUR.as_secs();
    match hours {
        0 => "less than an hour".to_owned(),
        1 => "1 hour".to_owned(),
        2..48 => format!("{hours} hours"),
        _ => format!("{} days", hours / 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::health::HealthVerdict;

    const DAY: Duration = Duration::from_secs(86_400);

    fn verdict(newest: Option<Duration>, in_use_for: Option<Duration>, failure: Option<&str>) -> HealthVerdict {
        judge(BackupPlan::default(), newest, in_use_for, failure).verdict
    }

    #[test]
    fn an_old_backup_and_a_missing_one_are_warnings() {
        assert_eq!(verdict(Some(DAY), Some(DAY * 90), None), HealthVerdict::Good);
        assert_eq!(verdict(Some(DAY * 3), Some(DAY * 90), None), HealthVerdict::Warning);
        assert_eq!(verdict(None, Some(DAY * 3), None), HealthVerdict::Warning);
        assert_eq!(verdict(None, Some(HOUR), None), HealthVerdict::Good, "a new Snug");
        assert_eq!(verdict(None, None, None), HealthVerdict::Good);
        let old = judge(BackupPlan::default(), Some(DAY * 9), None, None);
        assert!(
            old.message.contains("9 days old") && old.message.contains("every 24 hours"),
            "{old:?}"
        );
    }

    #[test]
    fn a_backup_that_has_failed_is_bad_whatever_the_age_of_the_one_before() {
        assert_eq!(verdict(Some(HOUR), None, Some("the disk is full")), HealthVerdict::Bad);
    }
}
