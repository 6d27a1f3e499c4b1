//! A lock on a file, which the kernel releases when the process ends, however it ends.

use super::lock_holder::{LockHolder, this_process};
use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::Write,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::Path,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// How often a taken lock is tried again.
const TRY_EVERY: Duration = Duration::from_millis(200);

/// A lock that this process holds until the value is dropped.
#[derive(Debug)]
pub struct FileLock {
    #[expect(dead_code, reason = "held, never read: closing the file releases the lock")]
    file: File,
    /// The incarnation of the process that held the lock before; `None` unless we are sure that this process has ended. We are sure
    /// only if the process locked this very file, and not another file of which this is a copy, since this machine was last started.
    pub previous: Option<String>,
}

/// What the lock protects, for messages.
#[derive(Debug, Clone, Copy)]
pub struct Protected<'a> {
    /// Such as `the data folder /srv/snug/data`.
    pub name: &'a str,
    /// The configuration key that says where the folder or database is, and the environment variable of that key.
    pub key: &'a str,
}

/// The content of the file.
#[derive(Serialize, Deserialize)]
struct LockText {
    /// An id of one start of the program.
    incarnation: String,
    /// The [place](place_of) of the file that the process locked. A copy of the file has another place, and does not show that the process
    /// has ended.
    place: Option<String>,
    #[serde(flatten)]
    holder: LockHolder,
}

impl FileLock {
    /// Locks the file at `path` (`flock(2)`) and writes into it who holds the lock. Creates the file with mode 0600 if it is missing.
    /// Waits until `deadline` if another process holds the lock. The file stays when the lock is released, because deleting it would
    /// let two processes lock two files of the same name.
    ///
    /// # Errors
    /// If another process holds the lock at `deadline`: the message names the process. If the file can't be opened, locked or written.
    pub async fn take(
        path: &Path,
        protected: Protected<'_>,
        incarnation: &str,
        deadline: Instant,
    ) -> anyhow::Result<Self> {
        let cannot_write = || cannot_write(protected);
        // The file must not be truncated here: it says who holds the lock.
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(path).with_context(cannot_write)?;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => tokio::time::sleep(TRY_EVERY).await,
                Err(TryLockError::WouldBlock) => bail!("{}", in_use(protected, &describe_holder(path))),
                Err(TryLockError::Error(error)) => {
                    return Err(error).with_context(|| format!("can't lock {}", path.display()));
                }
            }
        }
        let place = place_of(&file);
        let previous = read(path).filter(|text| place.is_some() && text.place == place);
        let previous = previous.map(|text| text.incarnation);
        write_holder(&mut file, incarnation, place).with_context(cannot_write)?;
        Ok(Self { file, previous })
    }
}

/// Names the process that holds the lock on the file at `path`, and since when. `None` if nobody holds it, or if the file can't be
/// opened. Changes nothing: it takes a shared lock for an instant.
pub fn find_holder(path: &Path) -> Option<String> {
    let file = File::open(path).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Some(describe_holder(path)),
        Ok(()) | Err(TryLockError::Error(_)) => None,
    }
}

/// The message if another process uses the data folder or the database.
pub fn in_use(Protected { name, key }: Protected<'_>, holder: &str) -> String {
    format!("{name} is in use: {holder}. Only one Snug can use it: stop that process, or change the setting ({key})")
}

/// The message if the data folder or the folder of the database can't be written.
pub fn cannot_write(Protected { name, key }: Protected<'_>) -> String {
    format!("can't write to {name}: give it to the system user that runs Snug, or change the setting ({key})")
}

/// What identifies the file: the id of this machine's last boot, the device and the inode. `None` if the kernel does not say.
fn place_of(file: &File) -> Option<String> {
    let kernel = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let metadata = file.metadata().ok()?;
    Some(format!("{} {} {}", kernel.trim(), metadata.dev(), metadata.ino()))
}

fn write_holder(file: &mut File, incarnation: &str, place: Option<String>) -> anyhow::Result<()> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let text = LockText {
        incarnation: incarnation.to_owned(),
        place,
        holder: LockHolder {
            process: this_process(),
            since_s: since.as_secs() as i64,
        },
    };
    let text = serde_json::to_string(&text)? + "\n";
    file.set_len(0)?;
    file.write_all(text.as_bytes())?;
    Ok(())
}

fn read(path: &Path) -> Option<LockText> {
    serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()
}

fn describe_holder(path: &Path) -> String {
    match read(path) {
        Some(text) => text.holder.to_string(),
        // Between taking the lock and writing its name, the other process is unknown for an instant.
        None => format!("another process has locked {}", path.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOLDER: Protected<'static> = Protected {
        name: "the folder",
        key: "KEY",
    };

    #[tokio::test]
    async fn a_second_lock_names_the_first_and_changes_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lock");
        let first = FileLock::take(&path, FOLDER, "one", Instant::now())
            .await
            .expect("locked");
        assert_eq!(first.previous, None);
        let written = std::fs::read_to_string(&path).expect("the holder");
        let second = FileLock::take(&path, FOLDER, "two", Instant::now()).await;
        let message = second.expect_err("it is taken").to_string();
        assert!(message.starts_with("the folder is in use: process "), "{message}");
        assert!(message.contains(&std::process::id().to_string()), "{message}");
        assert!(message.contains("has used it since 20"), "{message}");
        assert!(message.contains("KEY"), "{message}");
        assert_eq!(std::fs::read_to_string(&path).expect("the holder"), written);
        drop(first);
        let third = FileLock::take(&path, FOLDER, "three", Instant::now())
            .await
            .expect("free again");
        assert_eq!(third.previous.as_deref(), Some("one"));
    }

    #[tokio::test]
    async fn a_look_at_a_lock_names_its_holder_and_keeps_nobody_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lock");
        assert_eq!(find_holder(&path), None);
        assert!(!path.exists(), "nothing was created");
        let lock = FileLock::take(&path, FOLDER, "one", Instant::now())
            .await
            .expect("locked");
        let holder = find_holder(&path).expect("a holder");
        assert!(holder.starts_with(&this_process()), "{holder}");
        drop(lock);
        assert_eq!(find_holder(&path), None);
        FileLock::take(&path, FOLDER, "two", Instant::now())
            .await
            .expect("the look has left no lock");
    }

    #[tokio::test]
    async fn a_copy_of_a_lock_file_does_not_say_that_its_process_has_ended() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, copy) = (folder.path().join("lock"), folder.path().join("copy"));
        let _first = FileLock::take(&path, FOLDER, "one", Instant::now())
            .await
            .expect("locked");
        std::fs::copy(&path, &copy).expect("copied");
        let second = FileLock::take(&copy, FOLDER, "two", Instant::now())
            .await
            .expect("locked");
        assert_eq!(second.previous, None);
    }

    #[tokio::test]
    async fn a_lock_that_becomes_free_before_the_deadline_is_taken() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lock");
        let first = FileLock::take(&path, FOLDER, "one", Instant::now())
            .await
            .expect("locked");
        let deadline = Instant::now() + Duration::from_secs(12);
        let second = FileLock::take(&path, FOLDER, "two", deadline);
        let free = async { drop(first) };
        let (second, ()) = tokio::join!(second, free);
        second.expect("locked after the first");
    }
}
