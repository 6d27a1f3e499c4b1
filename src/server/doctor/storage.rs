//! Checks of the data folder: its permissions, the keys in it, and the room on its disk.

use crate::{
    model::health::HealthFinding,
    server::{
        backup::in_words,
        config::Config,
        data_folder::{self, PathRights, free_bytes, rights, with_ending},
        database::sqlite_file,
        keyring::Keyring,
    },
};
use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};

const FOLDER: &str = "data_folder";
const KEYRING: &str = "keyring";
const DISK: &str = "disk";
/// The keyring is in the data folder.
const KEYRING_FILE: &str = "keyring.json";
/// If less is free, the database and the log stop soon.
const FREE_MIN_BYTES: u64 = 64 << 20;
/// If less is free, there is no room for the backups and photos of the next weeks.
const FREE_GOOD_BYTES: u64 = 1 << 30;

/// What the system says about the data folder.
struct StorageFacts<'a> {
    folder: &'a Path,
    rights: Result<PathRights, ErrorKind>,
    /// If the data folder is missing, the nearest folder above it that exists.
    above: Option<(PathBuf, PathRights)>,
    /// The user that runs this program.
    user: u32,
    /// The files and folders in the data folder that Snug writes, and the database.
    contents: Vec<(PathBuf, PathRights)>,
}

/// Checks the data folder and its disk.
pub fn check(config: &Config) -> Vec<HealthFinding> {
    let facts = read_facts(config);
    // A folder that does not exist yet will be on the disk of the folder above.
    let above = facts.above.as_ref().filter(|_| facts.rights.is_err());
    let on_disk = above.map_or(facts.folder, |(above, _)| above.as_path());
    vec![judge_folder(&facts), judge_disk(facts.folder, free_bytes(on_disk).ok())]
}

/// Opens the keyring. Without it, the doctor can't ask a running Snug. The finding is `None` if Snug will make new keys.
pub fn open_keyring(config: &Config) -> (Option<Keyring>, Option<HealthFinding>) {
    let path = config.data_dir.join(KEYRING_FILE);
    let has_database = sqlite_file(&config.database_url).is_some_and(|file| file.exists());
    match Keyring::open(&path, false) {
        Ok(keyring) => (
            Some(keyring),
            Some(HealthFinding::good(KEYRING, "The keys can be read.")),
        ),
        Err(_) if !path.exists() && !has_database => (None, None),
        Err(error) => (None, Some(judge_keyring(&path, path.exists(), &format!("{error:#}")))),
    }
}

fn judge_keyring(path: &Path, exists: bool, error: &str) -> HealthFinding {
    let path = path.display();
    match exists {
        true => HealthFinding::bad(
            KEYRING,
            format!("The keys {path} can't be read: {error}."),
            "Run snug doctor as the user that runs Snug. If this is that user, restore the file from a backup.",
        ),
        false => HealthFinding::bad(
            KEYRING,
            format!("The keys {path} are missing, although there is a database."),
            "Restore the file from a backup. Without it, everybody has to sign in again, and all links into rooms stop working.",
        ),
    }
}

fn read_facts(config: &Config) -> StorageFacts<'_> {
    let folder = config.data_dir.as_path();
    let database = sqlite_file(&config.database_url);
    let of_database = database
        .iter()
        .flat_map(|file| ["", "-wal", "-shm"].map(|end| with_ending(file, end)));
    let names = [KEYRING_FILE, "lock", "pictures", "outbox", "backups", "tls"];
    let paths = of_database.chain(names.map(|name| folder.join(name)));
    let mut above = folder
        .ancestors()
        .skip(1)
        .map(|above| match above.as_os_str().is_empty() {
            true => Path::new("."),
            false => above,
        });
    StorageFacts {
        folder,
        rights: rights(folder).map_err(|error| error.kind()),
        above: above.find_map(|above| Some((above.to_owned(), rights(above).ok()?))),
        user: data_folder::own_user(),
        contents: paths
            .filter_map(|path| Some((path.clone(), rights(&path).ok()?)))
            .collect(),
    }
}

fn judge_folder(facts: &StorageFacts<'_>) -> HealthFinding {
    let folder = facts.folder.display();
    let rights = match facts.rights {
        Ok(rights) => rights,
        Err(ErrorKind::NotFound) => return judge_missing(facts),
        Err(kind) => return cannot_write(facts, &format!("The data folder {folder} can't be opened ({kind}).")),
    };
    if !rights.is_folder {
        return HealthFinding::bad(
            FOLDER,
            format!("{folder} is not a folder."),
            "Set SNUG_DATA_DIR to a folder, or move the file away.",
        );
    }
    if !rights.is_readable || !rights.is_writable {
        let (owner, user) = (rights.owner, facts.user);
        let message = format!(
            "The data folder {folder} can't be written: it belongs to the user {owner}, and this is the user {user}."
        );
        return cannot_write(facts, &message);
    }
    if let Some((path, file)) = facts
        .contents
        .iter()
        .find(|(_, file)| !file.is_readable || !file.is_writable)
    {
        let (path, owner, user) = (path.display(), file.owner, facts.user);
        let message = format!("{path} can't be written: it belongs to the user {owner}, and this is the user {user}.");
        return cannot_write(facts, &message);
    }
    judge_owners(facts, rights.owner)
}

/// Compares the owners of the files. The superuser can write all files, so this is the only sign of a fault if the superuser runs the
/// doctor.
fn judge_owners(facts: &StorageFacts<'_>, owner: u32) -> HealthFinding {
    let folder = facts.folder.display();
    let of_another = facts.contents.iter().find(|(_, file)| file.owner != owner);
    match of_another {
        None => HealthFinding::good(FOLDER, format!("The data folder {folder} can be written.")),
        Some((path, file)) => {
            let message = format!(
                "{} belongs to the user {}, and the data folder {folder} to the user {owner}, so Snug can't write both.",
                path.display(),
                file.owner
            );
            let advice = format!("Give all of it to the user that runs Snug: chown -R {owner} {folder}");
            match owner {
                // If the superuser runs Snug, Snug can write both.
                0 => HealthFinding::warning(FOLDER, message, advice),
                _ => HealthFinding::bad(FOLDER, message, advice),
            }
        }
    }
}

fn judge_missing(facts: &StorageFacts<'_>) -> HealthFinding {
    let folder = facts.folder.display();
    match &facts.above {
        Some((_, rights)) if rights.is_writable && rights.is_folder => HealthFinding::good(
            FOLDER,
            format!("The data folder {folder} does not exist yet. Snug makes it when it starts."),
        ),
        _ => cannot_write(
            facts,
            &format!("The data folder {folder} does not exist and can't be made."),
        ),
    }
}

fn cannot_write(facts: &StorageFacts<'_>, message: &str) -> HealthFinding {
    let (folder, user) = (facts.folder.display(), facts.user);
    let advice = format!(
        "Run snug doctor as the user that runs Snug. If this is that user, give it the folder (chown -R {user} {folder}), or name another \
         folder in SNUG_DATA_DIR."
    );
    HealthFinding::bad(FOLDER, message, advice)
}

fn judge_disk(folder: &Path, free: Option<u64>) -> HealthFinding {
    let folder = folder.display();
    let advice = "Free some space, or move the data folder to another disk (SNUG_DATA_DIR).";
    match free {
        Some(free) if free < FREE_MIN_BYTES => HealthFinding::bad(
            DISK,
            format!("The disk of {folder} is full: {} are free.", in_words(free)),
            advice,
        ),
        Some(free) if free < FREE_GOOD_BYTES => HealthFinding::warning(
            DISK,
            format!("The disk of {folder} has only {} free.", in_words(free)),
            advice,
        ),
        Some(free) => HealthFinding::good(DISK, format!("The disk of {folder} has {} free.", in_words(free))),
        None => HealthFinding::skipped(
            DISK,
            format!("The system does not say how much is free on the disk of {folder}."),
            "",
        ),
    }
}

#[cfg(test)]
mod tests;
