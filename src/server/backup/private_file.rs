//! Files that only the system user who runs Snug can read, and syncing folders to the disk.

use anyhow::Context;
use std::{
    fs::{File, OpenOptions},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

/// Creates a file with mode 0600. Never opens a file that exists, so it never follows a symbolic link.
///
/// # Errors
/// If the file exists or can't be created.
pub fn create_private(path: &Path) -> anyhow::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true).mode(0o600);
    options
        .open(path)
        .with_context(|| format!("can't create {}", path.display()))
}

/// Makes sure that files which were created, renamed or deleted in this folder stay so after a power cut.
///
/// # Errors
/// If the folder can't be opened or synced.
pub fn sync_folder(folder: &Path) -> anyhow::Result<()> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.with_context(|| format!("can't sync {} to the disk", folder.display()))
}
