//! Writes a file that only this system user can read.

use anyhow::Context;
use std::{fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

/// Writes a file with mode 0600. After a crash, either the old content or the new one is there.
///
/// # Errors
/// If it can't be written.
pub fn write(folder: &Path, name: &str, text: &str) -> anyhow::Result<()> {
    let (path, new) = (folder.join(name), folder.join(format!("{name}.new")));
    let write = || {
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, &path)?;
        fs::File::open(folder)?.sync_all()
    };
    write().with_context(|| format!("can't write {}", path.display()))
}
