//! The data folder: only the system user that runs Snug can read it, and Snug does not start if the folder can't be written.

use super::file_lock::{self, Protected};
use anyhow::Context;
use nix::{
    sys::{
        stat::{Mode, umask},
        statvfs::statvfs,
    },
    unistd::{AccessFlags, Uid, eaccess},
};
use std::{
    fs::{self, DirBuilder, Metadata, Permissions},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// The mode of a folder that only its system user can use. Of the mode of a file that is there already, these bits stay as they are: a
/// program that the operator keeps in the folder can still be started.
const OWNER_ONLY: u32 = 0o700;

/// The configuration key of the data folder, and the environment variable of that key.
pub const KEY: &str = "snug.data.dir, SNUG_DATA_DIR";

/// The data folder as messages name it.
pub fn name(folder: &Path) -> String {
    format!("the data folder {}", folder.display())
}

/// From now on, files and folders that this process creates have modes 0600 and 0700, whichever library creates them. Call this once,
/// before the first file is created.
pub fn keep_new_files_private() {
    umask(Mode::S_IRWXG | Mode::S_IRWXO);
}

/// Creates the folder with mode 0700 if it is missing.
///
/// # Errors
/// If the folder can't be created. The message says which key names the folder.
pub fn create(folder: &Path) -> anyhow::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(OWNER_ONLY)
        .create(folder)
        .with_context(|| cannot_write(folder))
}

/// The path with `ending` at the end of its name. SQLite names the files beside a database like this.
pub fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// How many bytes this user can still write to the disk of `folder`.
///
/// # Errors
/// If the folder is missing, or the system does not say.
pub fn free_bytes(folder: &Path) -> io::Result<u64> {
    let disk = statvfs(folder)?;
    Ok(disk.blocks_available().saturating_mul(disk.fragment_size()))
}

/// What this system user may do with a file or a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathRights {
    /// The number of the system user to whom it belongs.
    pub owner: u32,
    pub is_folder: bool,
    pub is_readable: bool,
    pub is_writable: bool,
}

/// Asks the system for the rights of this user, and changes nothing.
///
/// # Errors
/// If the path does not exist, or if a folder above it can't be searched.
pub fn rights(path: &Path) -> io::Result<PathRights> {
    let metadata = fs::metadata(path)?;
    let search = match metadata.is_dir() {
        true => AccessFlags::X_OK,
        false => AccessFlags::empty(),
    };
    Ok(PathRights {
        owner: metadata.uid(),
        is_folder: metadata.is_dir(),
        is_readable: eaccess(path, AccessFlags::R_OK | search).is_ok(),
        is_writable: eaccess(path, AccessFlags::W_OK | search).is_ok(),
    })
}

/// The number of the system user that runs this process.
pub fn own_user() -> u32 {
    Uid::effective().as_raw()
}

/// Whether the folder belongs to another system user than the one that runs this process. False if the folder is missing.
pub fn is_of_another_user(folder: &Path) -> bool {
    fs::metadata(folder).is_ok_and(|metadata| metadata.uid() != Uid::effective().as_raw())
}

/// Checks that files can be created in the folder, and takes the permissions of other users away: from the folder, from everything in
/// it, and from the files `beside`, which may be elsewhere or missing. Logs how many modes it has changed. Call this only while you
/// hold the lock on the folder.
///
/// # Errors
/// If a file can't be created in the folder. The message says which key names the folder.
pub fn make_private(folder: &Path, beside: &[PathBuf]) -> anyhow::Result<()> {
    check_writable(folder).with_context(|| cannot_write(folder))?;
    let mut changes = Changes::default();
    // The folder itself may be a symbolic link that the operator made, so this call follows it.
    if let Ok(metadata) = fs::metadata(folder) {
        changes.tighten(folder, &metadata);
    }
    changes.tighten_below(folder);
    for file in beside {
        if let Ok(metadata) = fs::symlink_metadata(file) {
            changes.tighten(file, &metadata);
        }
    }
    changes.log(folder);
    Ok(())
}

fn cannot_write(folder: &Path) -> String {
    let name = &name(folder);
    file_lock::cannot_write(Protected { name, key: KEY })
}

/// Creates a file and deletes it again.
fn check_writable(folder: &Path) -> io::Result<()> {
    let probe = folder.join(format!(".writable-{}", std::process::id()));
    fs::write(&probe, [])?;
    fs::remove_file(&probe)
}

/// How many modes were changed, and how many could not be changed.
#[derive(Debug, Default, PartialEq, Eq)]
struct Changes {
    tightened: usize,
    failed: usize,
}

impl Changes {
    /// Tightens everything below `folder`. Symbolic links are not followed.
    fn tighten_below(&mut self, folder: &Path) {
        let Ok(entries) = fs::read_dir(folder) else {
            self.failed += 1;
            return;
        };
        for entry in entries.flatten() {
            // A file may have vanished since the folder was read. Then there is nothing to do.
            let Ok(metadata) = entry.metadata() else { continue };
            self.tighten(&entry.path(), &metadata);
            if metadata.is_dir() {
                self.tighten_below(&entry.path());
            }
        }
    }

    fn tighten(&mut self, path: &Path, metadata: &Metadata) {
        // A symbolic link has no mode of its own, and sockets and devices in this folder are not Snug's.
        if !metadata.is_dir() && !metadata.is_file() {
            return;
        }
        let mode = metadata.permissions().mode() & 0o777;
        if mode & !OWNER_ONLY == 0 {
            return;
        }
        match fs::set_permissions(path, Permissions::from_mode(mode & OWNER_ONLY)) {
            Ok(()) => self.tightened += 1,
            Err(_) => self.failed += 1,
        }
    }

    fn log(&self, folder: &Path) {
        let (tightened, failed, folder) = (self.tightened, self.failed, folder.display());
        if tightened > 0 {
            tracing::info!(
                "other users could read or change {tightened} files and folders of the data folder {folder}; now only this user can"
            );
        }
        if failed > 0 {
            tracing::warn!(
                "other users may be able to read {failed} files or folders in the data folder {folder}, because their modes can't be \
                 changed: give the folder to the system user that runs Snug"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode");
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("there").permissions().mode() & 0o777
    }

    #[test]
    fn files_and_folders_become_private_and_links_are_not_followed() {
        let (above, elsewhere) = (
            tempfile::tempdir().expect("a folder"),
            tempfile::tempdir().expect("a folder"),
        );
        let folder = above.path().join("data");
        let (file, other) = (folder.join("pictures/a.jpg"), elsewhere.path().join("other"));
        fs::create_dir_all(folder.join("pictures")).expect("a folder");
        for path in [&file, &other] {
            fs::write(path, "x").expect("written");
            set_mode(path, 0o664);
        }
        set_mode(&folder, 0o755);
        set_mode(&folder.join("pictures"), 0o750);
        symlink(&other, folder.join("link")).expect("a link");
        fs::write(folder.join("keyring.json"), "x").expect("written");
        set_mode(&folder.join("keyring.json"), 0o400);
        let script = folder.join("backup.sh");
        fs::write(&script, "x").expect("written");
        set_mode(&script, 0o755);
        let mut changes = Changes::default();
        changes.tighten(&folder, &fs::metadata(&folder).expect("there"));
        changes.tighten_below(&folder);
        assert_eq!(
            changes,
            Changes {
                tightened: 4,
                failed: 0
            }
        );
        assert_eq!(
            (mode(&folder), mode(&folder.join("pictures")), mode(&file)),
            (0o700, 0o700, 0o600)
        );
        assert_eq!(mode(&other), 0o664, "a link leads out of the folder");
        assert_eq!(mode(&folder.join("keyring.json")), 0o400, "nothing is loosened");
        make_private(&folder, &[]).expect("it can be written");
        assert_eq!(mode(&script), 0o700, "the owner can still start it");
        assert_eq!(fs::read_dir(&folder).expect("read").count(), 4, "the probe is deleted");
    }

    #[test]
    fn a_file_beside_the_folder_becomes_private_too() {
        let above = tempfile::tempdir().expect("a folder");
        let (folder, database) = (above.path().join("data"), above.path().join("snug.db"));
        create(&folder).expect("created");
        assert_eq!(mode(&folder), 0o700);
        fs::write(&database, "x").expect("written");
        set_mode(&database, 0o644);
        make_private(&folder, &[database.clone(), above.path().join("missing")]).expect("done");
        assert_eq!(mode(&database), 0o600);
    }

    #[test]
    fn a_folder_that_can_t_be_written_is_refused_with_the_name_of_its_key() {
        let above = tempfile::tempdir().expect("a folder");
        let file = above.path().join("data");
        fs::write(&file, "a file, not a folder").expect("written");
        for error in [create(&file), make_private(&file, &[])] {
            let message = format!("{:#}", error.expect_err("it can't be written"));
            assert!(
                message.contains("SNUG_DATA_DIR") && message.contains("can't write"),
                "{message}"
            );
        }
    }
}
