//! Checks whether the disk has room for a backup. If a backup filled the disk, all of Snug would stop.

use crate::server::data_folder::free_bytes;
use anyhow::ensure;
use std::{fs, path::Path};

/// What stays free for the database and the log, in bytes.
const RESERVE: u64 = 64 << 20;

/// # Errors
/// If the disk of `folder` has no room for this many bytes. If the system does not say how much is free, there is no error: the write
/// will fail if the disk is full.
pub fn must_have_room(folder: &Path, bytes: u64) -> anyhow::Result<()> {
    let Ok(free) = free_bytes(folder) else { return Ok(()) };
    ensure!(
        free >= bytes.saturating_add(RESERVE),
        "the disk of {} has {} free, and {} are needed: free some space, or use another disk",
        folder.display(),
        in_words(free),
        in_words(bytes.saturating_add(RESERVE)),
    );
    Ok(())
}

/// The size of a file, or of all files in a folder; 0 if it is missing.
pub fn bytes_in(path: &Path) -> u64 {
    let size = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
    match fs::read_dir(path) {
        Ok(entries) => entries.flatten().map(|entry| size(&entry.path())).sum(),
        Err(_) => size(path),
    }
}

/// A number of bytes for people, such as `34.1 MB`.
pub fn in_words(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_is_too_small_is_named_with_both_sizes() {
        let folder = tempfile::tempdir().expect("a folder");
        must_have_room(folder.path(), 0).expect("a machine that runs tests has 64 MB left");
        let message = must_have_room(folder.path(), u64::MAX)
            .expect_err("no disk is so large")
            .to_string();
        assert!(message.contains(" free, and 18446744073.7 GB are needed"), "{message}");
    }

    #[test]
    fn sizes_are_those_of_a_file_or_of_a_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("a"), [0; 10]).expect("written");
        fs::write(folder.path().join("b"), [0; 5]).expect("written");
        assert_eq!(bytes_in(folder.path()), 15);
        assert_eq!(bytes_in(&folder.path().join("a")), 10);
        assert_eq!(bytes_in(&folder.path().join("c")), 0);
        assert_eq!([in_words(0), in_words(34_100_000)], ["0.0 kB", "34.1 MB"]);
    }
}
