//! The names of the backups that Snug makes by itself. They contain the time, so their alphabetical order is that of their age.

use super::unfinished::ENDINGS;
use anyhow::Context;
use std::{fs, io::ErrorKind, path::Path, path::PathBuf};
use time::OffsetDateTime;

/// Why Snug has made a backup by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackupOccasion {
    /// The setting `data.backups`.
    Plan,
    /// A newer Snug is about to migrate the database.
    Upgrade,
}

impl BackupOccasion {
    /// The name of a backup that is made at this unix time in seconds: `snug-2026-12-01-051500.tar`, or `before-0.2.0-…` with the
    /// version to which Snug is upgraded.
    pub fn name_at(self, now_s: i64) -> String {
        let at = OffsetDateTime::from_unix_timestamp(now_s).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
        let (hour, minute, second) = at.to_hms();
        let prefix = self.prefix();
        format!("{prefix}{year}-{month:02}-{day:02}-{hour:02}{minute:02}{second:02}.tar")
    }

    /// The beginning of the names of backups that this version makes.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Plan => "snug-",
            Self::Upgrade => concat!("before-", env!("CARGO_PKG_VERSION"), "-"),
        }
    }

    /// The time in the name of a backup that was made on such an occasion, by any version; `None` for the name of another file.
    fn stamp_of(self, name: &str) -> Option<&str> {
        let stem = name.strip_suffix(".tar")?;
        let (before, stamp) = stem.split_at_checked(stem.len().checked_sub(STAMP.len())?)?;
        let is_ours = match self {
            Self::Plan => before == self.prefix(),
            Self::Upgrade => before.starts_with("before-") && before.ends_with('-'),
        };
        (is_ours && is_stamp(stamp)).then_some(stamp)
    }
}

/// The form of the time in a name. Each 0 is any digit.
const STAMP: &[u8] = b"0000-00-00-000000";

fn is_stamp(text: &str) -> bool {
    let fits = |(byte, wanted): (u8, &u8)| {
        if *wanted == b'0' {
            byte.is_ascii_digit()
        } else {
            byte == *wanted
        }
    };
    text.len() == STAMP.len() && text.bytes().zip(STAMP).all(fits)
}

/// The backups of this occasion in the folder, the newest first; none if the folder is missing.
pub fn list(folder: &Path, occasion: BackupOccasion) -> Vec<PathBuf> {
    let names = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = names.filter_map(|entry| entry.file_name().into_string().ok());
    let mut found: Vec<(String, String)> = names
        .filter_map(|name| Some((occasion.stamp_of(&name)?.to_owned(), name)))
        .collect();
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.into_iter().map(|(_, name)| folder.join(name)).collect()
}

/// Deletes old backups of this occasion, so that `keep` of them remain: `made`, which was made just now, and the newest others in its
/// folder. Other files stay.
///
/// # Errors
/// If a file can't be deleted.
pub fn delete_old(made: &Path, occasion: BackupOccasion, keep: usize) -> anyhow::Result<()> {
    let folder = made.parent().unwrap_or(made);
    // If the clock was ahead once, other backups can have a later time in their names.
    let others = list(folder, occasion).into_iter().filter(|path| path != made);
    others.skip(keep.saturating_sub(1)).try_for_each(|path| delete(&path))
}

/// Deletes the unfinished files of Snug's own backups, which a killed process left.
///
/// # Errors
/// If a file can't be deleted.
pub fn delete_unfinished(folder: &Path) -> anyhow::Result<()> {
    let is_ours = |name: &str| {
        let occasions = [BackupOccasion::Plan, BackupOccasion::Upgrade];
        let mut stems = ENDINGS.iter().filter_map(|ending| name.strip_suffix(ending));
        stems.any(|stem| occasions.iter().any(|occasion| occasion.stamp_of(stem).is_some()))
    };
    let names = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = names.filter_map(|entry| entry.file_name().into_string().ok());
    names
        .filter(|name| is_ours(name))
        .try_for_each(|name| delete(&folder.join(name)))
}

/// Deletes a file. It is no error if the file is gone already.
///
/// # Errors
/// If it can't be deleted.
pub fn delete(path: &Path) -> anyhow::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("can't delete {}", path.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(paths: Vec<PathBuf>) -> Vec<String> {
        let name = |path: PathBuf| path.file_name().expect("a name").to_string_lossy().into_owned();
        paths.into_iter().map(name).collect()
    }

    #[test]
    fn a_name_has_the_time_in_utc_and_is_recognized() {
        let plan = BackupOccasion::Plan.name_at(1_795_996_805);
        assert_eq!(plan, "snug-2026-11-30-000005.tar");
        assert_eq!(BackupOccasion::Plan.stamp_of(&plan), Some("2026-11-30-000005"));
        assert_eq!(BackupOccasion::Upgrade.stamp_of(&plan), None);
        let upgrade = BackupOccasion::Upgrade.name_at(1_795_996_805);
        assert!(
            upgrade.starts_with("before-") && upgrade.ends_with("-2026-11-30-000005.tar"),
            "{upgrade}"
        );
        assert_eq!(BackupOccasion::Upgrade.stamp_of(&upgrade), Some("2026-11-30-000005"));
        assert_eq!(BackupOccasion::Plan.stamp_of(&upgrade), None);
    }

    #[test]
    fn only_the_oldest_of_our_own_backups_are_deleted() {
        let folder = tempfile::tempdir().expect("a folder");
        let foreign = [
            "snug.tar",
            "snug-2026-11-30.tar",
            "my-2026-11-30-000005.tar",
            "notes.txt",
            "snug-2026-11-30-00000é.tar",
        ];
        for name in foreign {
            fs::write(folder.path().join(name), "").expect("written");
        }
        for time in [1_795_000_000, 1_795_996_805, 1_795_500_000] {
            for occasion in [BackupOccasion::Plan, BackupOccasion::Upgrade] {
                fs::write(folder.path().join(occasion.name_at(time)), "").expect("written");
            }
        }
        fs::write(folder.path().join("before-0.0.9-2026-01-01-000000.tar"), "").expect("written");
        let made = |occasion: BackupOccasion| folder.path().join(occasion.name_at(1_795_500_000));
        delete_old(&made(BackupOccasion::Plan), BackupOccasion::Plan, 2).expect("deleted");
        let left = names(list(folder.path(), BackupOccasion::Plan));
        assert_eq!(
            left,
            [1_795_996_805, 1_795_500_000].map(|time| BackupOccasion::Plan.name_at(time))
        );
        delete_old(&made(BackupOccasion::Plan), BackupOccasion::Plan, 1).expect("deleted");
        assert_eq!(
            list(folder.path(), BackupOccasion::Plan),
            [made(BackupOccasion::Plan)],
            "the clock was ahead once"
        );
        delete_old(&made(BackupOccasion::Upgrade), BackupOccasion::Upgrade, 3).expect("deleted");
        assert!(
            !folder.path().join("before-0.0.9-2026-01-01-000000.tar").exists(),
            "the oldest of any version"
        );
        assert_eq!(list(folder.path(), BackupOccasion::Upgrade).len(), 3);
        assert!(foreign.iter().all(|name| folder.path().join(name).exists()));
    }

    #[test]
    fn unfinished_files_of_other_backups_stay() {
        let folder = tempfile::tempdir().expect("a folder");
        for ending in ENDINGS {
            for name in ["mine.tar", "snug-2026-11-30-000005.tar"] {
                fs::write(folder.path().join(format!("{name}{ending}")), "").expect("written");
            }
        }
        delete_unfinished(folder.path()).expect("deleted");
        let left = fs::read_dir(folder.path()).expect("the folder").flatten();
        assert_eq!(
            left.filter(|entry| entry.file_name().to_string_lossy().starts_with("mine"))
                .count(),
            3
        );
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 3);
        delete_unfinished(&folder.path().join("missing")).expect("nothing to delete");
    }
}
