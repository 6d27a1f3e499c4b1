//! Decides which backups from before upgrades are kept. If an upgrade fails halfway, it is tried again at every start, for example by
//! systemd. Each try makes a backup, but only the backup of the first try is certain to have no changes of the upgrade.

use super::names::{self, BackupOccasion, delete, list};
use std::path::Path;

/// How many backups from before upgrades are kept after an upgrade.
const KEPT: usize = 3;

/// Deletes the backups of all tries except the first and the last, which made `made`. At most [`KEPT`] backups are from earlier upgrades,
/// so the backup of the first try is among the oldest `KEPT + 1` others.
///
/// # Errors
/// If a file can't be deleted.
pub fn delete_repeated(made: &Path) -> anyhow::Result<()> {
    let folder = made.parent().unwrap_or(made);
    let others = list(folder, BackupOccasion::Upgrade)
        .into_iter()
        .filter(|path| path != made);
    others.rev().skip(KEPT + 1).try_for_each(|path| delete(&path))
}

/// Deletes old backups after an upgrade that has succeeded, so that [`KEPT`] remain: the first one of this version, and the newest others.
///
/// # Errors
/// If a file can't be deleted.
pub fn delete_old(folder: &Path) -> anyhow::Result<()> {
    let is_of_this_version = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(BackupOccasion::Upgrade.prefix())
    };
    let found = list(folder, BackupOccasion::Upgrade);
    match found.iter().rev().find(|path| is_of_this_version(path)) {
        Some(first) => names::delete_old(first, BackupOccasion::Upgrade, KEPT),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::PathBuf};

    /// Makes an empty file with the name of a backup that was made at this time.
    fn make(folder: &Path, now_s: i64) -> PathBuf {
        let path = folder.join(BackupOccasion::Upgrade.name_at(now_s));
        fs::write(&path, "").expect("written");
        path
    }

    #[test]
    fn the_backup_of_the_first_try_stays_while_an_upgrade_fails_and_after_it_succeeds() {
        for earlier in 0..=KEPT {
            let folder = tempfile::tempdir().expect("a folder");
            for number in 1..=earlier {
                let name = format!("before-0.0.{number}-2026-01-0{number}-000000.tar");
                fs::write(folder.path().join(name), "").expect("written");
            }
            let first = make(folder.path(), 1_795_000_000);
            delete_repeated(&first).expect("nothing to delete");
            let mut last = first.clone();
            for start in 1..20 {
                last = make(folder.path(), 1_795_000_000 + start);
                delete_repeated(&last).expect("deleted");
                assert!(first.exists() && last.exists(), "{earlier} {start}");
                assert!(list(folder.path(), BackupOccasion::Upgrade).len() <= KEPT + 2);
            }
            delete_old(folder.path()).expect("deleted");
            assert!(first.exists() && last.exists(), "{earlier}");
            assert_eq!(list(folder.path(), BackupOccasion::Upgrade).len(), KEPT);
        }
    }

    #[test]
    fn a_folder_without_backups_is_no_error() {
        let folder = tempfile::tempdir().expect("a folder");
        delete_old(folder.path()).expect("nothing to delete");
        delete_old(&folder.path().join("missing")).expect("nothing to delete");
    }
}
