//! The files of a backup that is being written. The backup gets its name only when it is complete. So a backup with the right name is
//! complete, even after `kill -9`.

use super::private_file::{create_private, sync_folder};
use crate::server::data_folder::with_ending;
use anyhow::{Context, bail, ensure};
use std::{
    fs::{self, File, TryLockError},
    io::ErrorKind,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// The endings of the unfinished files: the backup, and the copy of the database.
pub const ENDINGS: [&str; 3] = [".unfinished", ".unfinished.db", ".unfinished.db-journal"];

/// A backup that has no name yet. Dropping it deletes the unfinished files.
#[derive(Debug)]
pub struct UnfinishedBackup {
    target: PathBuf,
    may_overwrite: bool,
    /// Locked, so that another process that writes the same backup does not delete it.
    file: File,
}

impl UnfinishedBackup {
    /// Creates the unfinished files beside `target`, empty and with mode 0600. Deletes those that a killed process left.
    ///
    /// # Errors
    /// If `target` exists and must not be overwritten, if another process writes it, or if the folder is missing or can't be written.
    pub fn create(target: PathBuf, may_overwrite: bool) -> anyhow::Result<Self> {
        check_target(&target, may_overwrite)?;
        let [path, copy, journal] = ENDINGS.map(|ending| with_ending(&target, ending));
        for leftover in [&path, &copy, &journal] {
            delete_leftover(leftover)?;
        }
        let file = create_private(&path)?;
        file.lock()?;
        // Until we had the lock, another process could take the file for one that a killed process left.
        must_be_at(&path, &file)?;
        let unfinished = Self {
            target,
            may_overwrite,
            file,
        };
        create_private(&copy)?;
        Ok(unfinished)
    }

    /// The file to write the backup into.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// The path of that file.
    pub fn path(&self) -> PathBuf {
        with_ending(&self.target, ENDINGS[0])
    }

    /// The path for the copy of the database.
    pub fn copy(&self) -> PathBuf {
        with_ending(&self.target, ENDINGS[1])
    }

    /// Gives the backup its name. Call this after its content was synced to the disk.
    ///
    /// # Errors
    /// If a file of that name was created meanwhile, if the unfinished file was deleted or replaced, or if the file can't be renamed.
    pub fn publish(&self) -> anyhow::Result<()> {
        check_target(&self.target, self.may_overwrite)?;
        must_be_at(&self.path(), &self.file)?;
        let renamed = fs::rename(self.path(), &self.target);
        renamed.with_context(|| format!("can't write {}", self.target.display()))?;
        sync_folder(folder_of(&self.target))
    }
}

impl Drop for UnfinishedBackup {
    fn drop(&mut self) {
        let path = self.path();
        if path.exists() && must_be_at(&path, &self.file).is_err() {
            // Another process has replaced our files, and these are its own.
            return;
        }
        for ending in ENDINGS {
            // After `publish`, the first file is gone. We ignore errors here, because the next backup tries again.
            let _ = fs::remove_file(with_ending(&self.target, ending));
        }
    }
}

fn check_target(target: &Path, may_overwrite: bool) -> anyhow::Result<()> {
    let name = target.display();
    let folder = folder_of(target);
    ensure!(
        folder.is_dir(),
        "there is no folder {}: make it first",
        folder.display()
    );
    match fs::symlink_metadata(target) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).with_context(|| format!("can't look at {name}")),
        Ok(there) if there.is_dir() => bail!("{name} is a folder: add the name of a file"),
        Ok(_) if may_overwrite => Ok(()),
        Ok(_) => bail!("{name} exists: choose another name, or add --overwrite to replace the file"),
    }
}

/// Checks that this open file still has this path.
fn must_be_at(path: &Path, file: &File) -> anyhow::Result<()> {
    let ours = file.metadata()?;
    let is_there = fs::symlink_metadata(path).is_ok_and(|there| (there.dev(), there.ino()) == (ours.dev(), ours.ino()));
    ensure!(
        is_there,
        "another process has deleted or replaced {}: wait until it has ended, and try again",
        path.display()
    );
    Ok(())
}

/// Deletes a file that a killed process left.
fn delete_leftover(path: &Path) -> anyhow::Result<()> {
    // If it is not a plain file, it is not ours, and opening it could wait for ever.
    if !fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file()) {
        return Ok(());
    }
    if let Ok(file) = File::open(path)
        && let Err(TryLockError::WouldBlock) = file.try_lock()
    {
        bail!("another process writes {} now: wait until it has ended", path.display());
    }
    fs::remove_file(path).with_context(|| format!("can't delete {}", path.display()))
}

/// The folder of an absolute path to a file.
fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .expect("the folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_backup_has_its_name_only_when_it_is_published_and_only_its_owner_can_read_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("a.tar");
        let unfinished = UnfinishedBackup::create(target.clone(), false).expect("created");
        assert_eq!(names(folder.path()), ["a.tar.unfinished", "a.tar.unfinished.db"]);
        unfinished.publish().expect("published");
        drop(unfinished);
        assert_eq!(names(folder.path()), ["a.tar"]);
        let mode = fs::metadata(&target).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_backup_that_is_given_up_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        drop(UnfinishedBackup::create(folder.path().join("a.tar"), false).expect("created"));
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn the_files_of_a_killed_process_are_replaced_and_those_of_a_running_one_are_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("a.tar");
        for ending in ENDINGS {
            fs::write(with_ending(&target, ending), "left").expect("written");
        }
        let first = UnfinishedBackup::create(target.clone(), false).expect("created");
        assert_eq!(fs::read(first.path()).expect("there"), b"");
        let second = UnfinishedBackup::create(target.clone(), false).expect_err("the first one writes");
        assert!(second.to_string().contains("another process writes"), "{second}");
        assert!(first.path().exists());
    }

    #[test]
    fn a_file_is_overwritten_only_if_that_was_asked_for() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("a.tar");
        fs::write(&target, "old").expect("written");
        let refused = UnfinishedBackup::create(target.clone(), false).expect_err("it exists");
        assert!(refused.to_string().contains("--overwrite"), "{refused}");
        assert_eq!(fs::read(&target).expect("there"), b"old");
        let allowed = UnfinishedBackup::create(target.clone(), true).expect("created");
        allowed.publish().expect("published");
        assert_eq!(fs::read(&target).expect("there"), b"");
        let folder_itself = UnfinishedBackup::create(folder.path().to_owned(), true);
        let message = folder_itself.expect_err("a folder").to_string();
        assert!(message.contains("is a folder"), "{message}");
    }

    #[test]
    fn a_file_that_appears_meanwhile_is_not_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("a.tar");
        let unfinished = UnfinishedBackup::create(target.clone(), false).expect("created");
        fs::write(&target, "another").expect("written");
        unfinished.publish().expect_err("it exists");
        drop(unfinished);
        assert_eq!(fs::read(&target).expect("there"), b"another");
    }

    #[test]
    fn files_that_another_process_has_put_in_the_place_of_ours_are_neither_published_nor_deleted() {
        let folder = tempfile::tempdir().expect("a folder");
        let target = folder.path().join("a.tar");
        let unfinished = UnfinishedBackup::create(target.clone(), false).expect("created");
        fs::remove_file(unfinished.path()).expect("deleted");
        unfinished.publish().expect_err("our file is gone");
        fs::write(unfinished.path(), "of another process").expect("written");
        let message = unfinished.publish().expect_err("another file").to_string();
        assert!(message.contains("another process"), "{message}");
        drop(unfinished);
        assert_eq!(names(folder.path()), ["a.tar.unfinished", "a.tar.unfinished.db"]);
    }
}
