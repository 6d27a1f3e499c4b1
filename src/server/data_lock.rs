//! The data lock: while a process holds it, no other process uses the same data folder or database.
//!
//! `serve` holds the lock as long as it runs. Commands that only read, or whose writes are single statements, don't need it. A command
//! that replaces data must take it first.

use super::{
    config::Config,
    data_folder::{self, with_ending},
    database::{DATABASE_KEY, sqlite_file},
    database_fence::DatabaseFence,
    database_lease::{self, Claim, DatabaseLease},
    file_lock::{self, FileLock, Protected},
};
use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long a start waits for another process to end, in all. This is longer than the ten seconds after which the lease of a killed
/// process is free.
pub const WAIT_MAX: Duration = Duration::from_secs(12);

/// The locks on the data folder and the database.
#[derive(Debug)]
pub struct DataLock {
    files: Mutex<Vec<FileLock>>,
    /// `None` on SQLite, where a file lock protects the database.
    lease: Option<DatabaseLease>,
}

impl DataLock {
    /// Creates the data folder if it is missing, locks the folder and the database, and then makes the files in the folder private.
    /// Before it holds both locks it changes nothing, except that it creates what is missing: the folder, the empty lock files, and
    /// the table of the lease. Waits at most [`WAIT_MAX`] for other processes.
    ///
    /// # Errors
    /// If another process uses the folder or the database: the message names what is in use, the process, and since when. If the
    /// folder can't be written or the database can't be reached.
    pub async fn take(config: &Config) -> anyhow::Result<Self> {
        Self::take_until(config, Instant::now() + WAIT_MAX).await
    }

    async fn take_until(config: &Config, deadline: Instant) -> anyhow::Result<Self> {
        let folder = &config.data_dir;
        let claim = Claim::of_this_process();
        data_folder::create(folder)?;
        let (name, key) = (&data_folder::name(folder), data_folder::KEY);
        let lock = FileLock::take(
            &folder.join("lock"),
            Protected { name, key },
            &claim.incarnation,
            deadline,
        )
        .await?;
        // The process that held this lock before has ended. So if the lease in the database is still that process's, it is free.
        let ended = lock.previous.clone();
        let (mut files, mut lease) = (vec![lock], None);
        // Two paths can lead to one file by a symbolic link. A database that does not exist yet keeps its path.
        let database = sqlite_file(&config.database_url).map(|file| file.canonicalize().unwrap_or(file));
        match &database {
            // The database may be outside the data folder, or in the folder of another Snug. So it has a lock of its own.
            Some(file) => {
                let (name, key) = (&format!("the database {}", file.display()), DATABASE_KEY);
                let (path, protected) = (with_ending(file, "-lock"), Protected { name, key });
                files.push(FileLock::take(&path, protected, &claim.incarnation, deadline).await?);
            }
            None => lease = Some(DatabaseLease::take(&config.database_url, claim, ended.as_deref(), deadline).await?),
        }
        let lock = Self {
            files: Mutex::new(files),
            lease,
        };
        let (folder, beside) = (folder.clone(), database.map(|file| files_of(&file)).unwrap_or_default());
        // A large data folder has many files, so their modes are read on a separate thread.
        let private = tokio::task::spawn_blocking(move || data_folder::make_private(&folder, &beside)).await;
        if let Err(error) = private.map_err(anyhow::Error::from).flatten() {
            lock.release().await;
            return Err(error);
        }
        Ok(lock)
    }

    /// The fence of the database; `None` on SQLite.
    pub fn fence(&self) -> Option<&DatabaseFence> {
        self.lease.as_ref().map(DatabaseLease::fence)
    }

    /// Returns when another process has taken the database. Never returns on SQLite, whose lock can't be lost. Cancel safe.
    pub async fn lost(&self) {
        match &self.lease {
            Some(lease) => lease.lost().await,
            None => std::future::pending().await,
        }
    }

    /// Lets other processes use the folder and the database. Call this after the last write.
    pub async fn release(&self) {
        if let Some(lease) = &self.lease {
            lease.release().await;
        }
        self.files.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// What another process, or this one, uses now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataInUse {
    /// Such as `the data folder /srv/snug/data`.
    pub what: String,
    /// The process, and since when.
    pub holder: String,
}

/// Finds out whether a process uses the data folder or the database. Changes nothing, and holds no lock for longer than a look.
///
/// # Errors
/// If a PostgreSQL database can't be reached.
pub async fn find_user(config: &Config) -> anyhow::Result<Option<DataInUse>> {
    let database = sqlite_file(&config.database_url).map(|file| file.canonicalize().unwrap_or(file));
    let of_folder = (data_folder::name(&config.data_dir), config.data_dir.join("lock"));
    let of_database = database.map(|file| (format!("the database {}", file.display()), with_ending(&file, "-lock")));
    for (what, lock) in [of_folder].into_iter().chain(of_database) {
        if let Some(holder) = file_lock::find_holder(&lock) {
            return Ok(Some(DataInUse { what, holder }));
        }
    }
    if config.database_url.is_sqlite() {
        return Ok(None);
    }
    let holder = database_lease::find_holder(&config.database_url).await?;
    let what = format!("the database {}", config.database_url.describe());
    Ok(holder.map(|holder| DataInUse { what, holder }))
}

/// The files of a SQLite database (SQLite's documentation, "Temporary Files Used By SQLite").
fn files_of(database: &Path) -> Vec<PathBuf> {
    ["", "-wal", "-shm"].map(|ending| with_ending(database, ending)).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::config::DatabaseUrl;

    async fn take_now(config: &Config) -> anyhow::Result<DataLock> {
        DataLock::take_until(config, Instant::now()).await
    }

    #[tokio::test]
    async fn two_data_folders_can_t_share_one_sqlite_file() {
        let above = tempfile::tempdir().expect("a folder");
        let first = Config::for_tests(&above.path().join("first"));
        let mut second = Config::for_tests(&above.path().join("second"));
        let lock = take_now(&first).await.expect("free");
        take_now(&second).await.expect("free").release().await;
        std::fs::write(above.path().join("first/snug.db"), "").expect("written");
        std::os::unix::fs::symlink(above.path().join("first/snug.db"), above.path().join("link.db")).expect("a link");
        for file in ["first/snug.db", "link.db"] {
            let url = format!("sqlite:{}", above.path().join(file).display());
            second.database_url = DatabaseUrl::parse(&url).expect("an address");
            let message = take_now(&second).await.expect_err("in use").to_string();
            assert!(message.contains("snug.db is in use"), "{message}");
            assert!(message.contains("SNUG_DATABASE_URL"), "{message}");
        }
        lock.release().await;
        take_now(&second).await.expect("free after the release");
    }
}
