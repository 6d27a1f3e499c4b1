//! The place where a backup is unpacked before its files are moved to their places in the data folder.
//!
//! A restore can be killed at any time. Until [`RestoreStage::commit`], which is one `rename(2)`, the data folder counts as empty. After
//! the commit, the restore counts as done, and the next process that uses the folder moves the remaining files.

use super::{
    layout::{BackupPart, PICTURES},
    private_file::sync_folder,
    sqlite_only::database_to_restore,
};
use crate::server::{config::Config, data_folder::with_ending};
use anyhow::{Context, bail, ensure};
use std::{
    ffi::OsString,
    fs::{self, DirBuilder},
    io::ErrorKind,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

/// The folder in the data folder, while the backup is unpacked.
const UNPACKING: &str = ".restoring";
/// The same folder after the commit.
const COMMITTED: &str = ".restored";
/// The ending of the database's name while the backup is unpacked. The file is beside its later place, which may be outside of the data
/// folder.
const DATABASE_ENDING: &str = ".restoring";
/// Files that SQLite makes beside a database.
const JOURNALS: [&str; 3] = ["-journal", "-wal", "-shm"];

/// The places of one restore.
#[derive(Debug, Clone)]
pub struct RestoreStage {
    data_dir: PathBuf,
    database: PathBuf,
}

impl RestoreStage {
    /// # Errors
    /// If the database is not SQLite.
    pub fn of(config: &Config) -> anyhow::Result<Self> {
        Ok(Self {
            data_dir: config.data_dir.clone(),
            database: database_to_restore(config)?,
        })
    }

    /// Where a part of the backup is unpacked.
    pub fn path_of(&self, part: &BackupPart) -> PathBuf {
        match part {
            BackupPart::Database => with_ending(&self.database, DATABASE_ENDING),
            part => self.data_dir.join(UNPACKING).join(part.name()),
        }
    }

    /// # Errors
    /// If the data folder has files, or if there is a database or a journal of one. Lock files don't count, and neither do unpacked files.
    pub fn must_be_empty(&self) -> anyhow::Result<()> {
        let folder = self.data_dir.display();
        let mut names = self.list_strange_files()?;
        names.sort();
        if let Some(first) = names.first() {
            bail!(
                "the data folder {folder} is not empty: it has {}. Snug restores only into an empty folder, so that nothing is lost. \
                 Stop Snug, move the folder away, and try again",
                first.to_string_lossy()
            );
        }
        ensure!(
            !self.database.exists(),
            "there is a database already: {}. Snug restores only where nothing is lost. Stop Snug, move the database away, and try again",
            self.database.display()
        );
        // SQLite would apply the journal of another database to the restored one.
        let journal = JOURNALS.map(|ending| with_ending(&self.database, ending));
        if let Some(journal) = journal.into_iter().find(|path| path.exists()) {
            bail!(
                "there is a file of an earlier database: {}. It would damage the restored one. Stop Snug, move the file away, and try again",
                journal.display()
            );
        }
        Ok(())
    }

    fn list_strange_files(&self) -> anyhow::Result<Vec<OsString>> {
        let entries = match fs::read_dir(&self.data_dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(vec![]),
            Err(error) => return Err(error).with_context(|| format!("can't read {}", self.data_dir.display())),
        };
        let own = self.own_files();
        let names = entries.flatten().map(|entry| entry.file_name());
        Ok(names.filter(|name| !own.contains(name)).collect())
    }

    /// The names that an empty data folder may have.
    fn own_files(&self) -> Vec<OsString> {
        // `lost+found` is in the root of a disk.
        let fixed = ["lock", "lost+found", UNPACKING, COMMITTED].map(OsString::from);
        let staged = self.path_of(&BackupPart::Database);
        let of_database = JOURNALS.map(|ending| with_ending(&staged, ending)).into_iter();
        let of_database = of_database.chain([with_ending(&self.database, "-lock"), staged.clone()]);
        let names = of_database.filter_map(|path| path.file_name().map(OsString::from));
        fixed.into_iter().chain(names).collect()
    }

    /// Makes the folders into which the backup is unpacked.
    ///
    /// # Errors
    /// If they can't be created.
    pub fn begin(&self) -> anyhow::Result<()> {
        let folder = self.data_dir.join(UNPACKING);
        for folder in [&folder, &folder.join(PICTURES)] {
            let made = DirBuilder::new().mode(0o700).create(folder);
            made.with_context(|| format!("can't create {}", folder.display()))?;
        }
        Ok(())
    }

    /// Decides that the restore takes place. Call this after all unpacked files were synced to the disk.
    ///
    /// # Errors
    /// If SQLite has left a journal beside the database, or if the folder can't be renamed.
    pub fn commit(&self) -> anyhow::Result<()> {
        let staged = self.path_of(&BackupPart::Database);
        // SQLite deletes its journals when it closes the database. Without its journal, the database would lose changes.
        let journal = JOURNALS
            .map(|ending| with_ending(&staged, ending))
            .into_iter()
            .find(|path| path.exists());
        ensure!(
            journal.is_none(),
            "SQLite has left the file {}",
            journal.unwrap_or_default().display()
        );
        let folder = self.data_dir.join(UNPACKING);
        sync_folder(&folder.join(PICTURES))?;
        sync_folder(&folder)?;
        sync_folder(parent_of(&staged))?;
        fs::rename(&folder, self.data_dir.join(COMMITTED)).context("the restore can't be completed")?;
        sync_folder(&self.data_dir)
    }

    /// Completes or removes what an earlier restore left. Call this while you hold the data lock. Returns whether a restore was completed.
    ///
    /// # Errors
    /// If a file can't be moved or deleted.
    pub fn recover(&self) -> anyhow::Result<bool> {
        if self.is_committed() {
            self.finish()?;
            return Ok(true);
        }
        self.discard()?;
        Ok(false)
    }

    /// Whether a restore was committed and is not complete.
    pub fn is_committed(&self) -> bool {
        self.data_dir.join(COMMITTED).exists()
    }

    /// Moves the unpacked files to their places. Call this after [`RestoreStage::commit`]. It can be called again after a failure.
    ///
    /// # Errors
    /// If a file can't be moved, or if the database is neither unpacked nor in its place.
    pub fn finish(&self) -> anyhow::Result<()> {
        let (folder, staged) = (self.data_dir.join(COMMITTED), self.path_of(&BackupPart::Database));
        ensure!(
            staged.exists() || self.database.exists(),
            "a restore into {} was interrupted, and its database {} is missing: restore with the same settings as before",
            self.data_dir.display(),
            staged.display()
        );
        let keyring = BackupPart::Keyring.name();
        for name in [PICTURES, keyring.as_str()] {
            move_if_there(&folder.join(name), &self.data_dir.join(name))?;
        }
        move_if_there(&staged, &self.database)?;
        sync_folder(parent_of(&staged))?;
        sync_folder(&self.data_dir)?;
        fs::remove_dir_all(&folder).with_context(|| format!("can't delete {}", folder.display()))
    }

    /// Deletes the unpacked files.
    ///
    /// # Errors
    /// If a file can't be deleted.
    pub fn discard(&self) -> anyhow::Result<()> {
        let staged = self.path_of(&BackupPart::Database);
        for ending in ["", "-journal", "-wal", "-shm"] {
            let path = with_ending(&staged, ending);
            ignore_missing(fs::remove_file(&path)).with_context(|| format!("can't delete {}", path.display()))?;
        }
        let folder = self.data_dir.join(UNPACKING);
        ignore_missing(fs::remove_dir_all(&folder)).with_context(|| format!("can't delete {}", folder.display()))
    }
}

/// The folder of a file. A relative path without a folder is in the working directory.
fn parent_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

fn move_if_there(from: &Path, to: &Path) -> anyhow::Result<()> {
    ignore_missing(fs::rename(from, to)).with_context(|| format!("can't move {} to {}", from.display(), to.display()))
}

fn ignore_missing(done: std::io::Result<()>) -> std::io::Result<()> {
    match done {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

#[cfg(test)]
#[path = "restore_stage_tests.rs"]
mod tests;
