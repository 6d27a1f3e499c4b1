//! Makes a backup: copies the database, packs it with the keys and the photos, reads the result again, and gives it its name.

use super::{
    blocking::on_blocking_thread,
    disk_space::{bytes_in, must_have_room},
    layout::{BackupAbout, BackupPart, FORMAT, PICTURES},
    pack::BackupPacker,
    private_file::create_private,
    sqlite_only::{database_to_back_up, photos_are_in_bucket},
    store,
    unfinished::UnfinishedBackup,
    unpack::{BackupContent, read_backup},
};
use crate::server::{avatars::file_names, clock::Clock, config::Config, data_folder::with_ending};
use anyhow::{Context, bail, ensure};
use std::{
    fs::{self, File},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

/// What the caller of [`write`] chooses.
#[derive(Debug, Clone, Copy)]
pub struct BackupChoices {
    /// Whether the keys are in the backup. If they are, the backup is as secret as the data folder.
    pub with_keys: bool,
    /// Whether a file that exists is replaced.
    pub may_overwrite: bool,
}

/// A backup that was written and read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupReport {
    /// The size of the file.
    pub bytes: u64,
    pub has_keys: bool,
    pub photos: usize,
    /// How many photos accounts use that are not in the data folder, and so not in the backup.
    pub missing_photos: usize,
    /// Whether the photos are in a bucket, so that the backup has none.
    pub photos_in_bucket: bool,
}

/// Writes a backup of the Snug of this configuration into the file `target`, with mode 0600. Works while the server runs, and while
/// people write to the database. If the future is dropped, nothing remains.
///
/// The database is copied first, and then the photos. A photo that its person replaces in between is missing in the backup. After a
/// restore, pages show nothing in its place until this person chooses a photo again.
///
/// # Errors
/// If the database is not SQLite or is missing, if `target` exists and must not be replaced, if the disk has no room, if something
/// can't be read or written, or if the backup is not right when it is read again. `target` is then unchanged.
pub async fn write(config: &Config, target: &Path, choices: BackupChoices) -> anyhow::Result<BackupReport> {
    let database = database_to_back_up(config)?;
    let target = std::path::absolute(target)?;
    let unfinished = Arc::new(UnfinishedBackup::create(target.clone(), choices.may_overwrite)?);
    check_room(config, &database, &target)?;
    // If this future is dropped, SQLite goes on. So the thread keeps the unfinished files until SQLite has closed them.
    let (runtime, copied) = (Handle::current(), unfinished.clone());
    let pictures = on_blocking_thread(move || runtime.block_on(copy_database(&database, &copied.copy()))).await?;
    let source = BackupSource::new(config, choices, pictures);
    let stop = CancellationToken::new();
    let _stop_if_dropped = stop.clone().drop_guard();

    let (parts, packed, stopped) = (source, unfinished.clone(), stop.clone());
    let (missing_photos, about) = on_blocking_thread(move || {
        let missing = pack(&parts, &packed, &stopped).context("the backup can't be written")?;
        Ok((missing, parts.about))
    })
    .await?;
    let (verified, stopped) = (unfinished.clone(), stop.clone());
    let content = on_blocking_thread(move || unpack_database(&verified, &stopped))
        .await
        .context("the backup was read again, and is not right")?;
    ensure!(content.about == about, "the backup was read again, and is not right");
    if let Some(damage) = store::find_damage(&unfinished.copy()).await? {
        bail!("the database is damaged, so no backup was made of it: {damage}");
    }
    let bytes = bytes_in(&unfinished.path());
    unfinished.publish()?;
    Ok(BackupReport {
        bytes,
        has_keys: content.has_keys,
        photos: content.picture_files / 2,
        missing_photos,
        photos_in_bucket: about.photos_in_bucket,
    })
}

/// The backup and the copy of the database are on the disk at the same time.
fn check_room(config: &Config, database: &Path, target: &Path) -> anyhow::Result<()> {
    let database = bytes_in(database) + bytes_in(&with_ending(database, "-wal"));
    let photos = bytes_in(&config.data_dir.join(PICTURES));
    must_have_room(target.parent().unwrap_or(target), 2 * database + photos)
}

/// Copies the database. Returns the hashes of the photos that accounts use, as the copy has them.
async fn copy_database(database: &Path, copy: &Path) -> anyhow::Result<Vec<String>> {
    let path = copy
        .to_str()
        .with_context(|| format!("{} is not UTF-8: choose another name", copy.display()))?;
    let copied = store::copy_database(database, path).await;
    copied.with_context(|| format!("the database {} can't be copied", database.display()))?;
    let pictures = store::list_pictures(copy).await;
    pictures.with_context(|| format!("{} is not the database of a Snug", database.display()))
}

/// What goes into a backup, besides the database.
struct BackupSource {
    about: BackupAbout,
    keyring: Option<PathBuf>,
    pictures: PathBuf,
    /// The hashes of the photos, in ascending order; empty if they are in a bucket.
    hashes: Vec<String>,
}

impl BackupSource {
    fn new(config: &Config, choices: BackupChoices, hashes: Vec<String>) -> Self {
        let photos_in_bucket = photos_are_in_bucket(config);
        let keyring = config.data_dir.join(BackupPart::Keyring.name());
        Self {
            about: BackupAbout {
                format: FORMAT,
                version: env!("CARGO_PKG_VERSION").into(),
                made_at: Clock::default().now_s(),
                photos_in_bucket,
            },
            keyring: choices.with_keys.then_some(keyring),
            pictures: config.data_dir.join(PICTURES),
            hashes: if photos_in_bucket { vec![] } else { hashes },
        }
    }
}

/// Writes the backup into its unfinished file, and syncs it to the disk. Returns how many photos are missing.
fn pack(source: &BackupSource, unfinished: &UnfinishedBackup, stop: &CancellationToken) -> anyhow::Result<usize> {
    let about = serde_json::to_vec(&source.about)?;
    let mut packer = BackupPacker::new(unfinished.file(), source.about.made_at, stop);
    packer.add(&BackupPart::About, &about[..], about.len() as u64)?;
    packer.add_file(&BackupPart::Database, &File::open(unfinished.copy())?)?;
    if let Some(keyring) = &source.keyring {
        let file = File::open(keyring).with_context(|| format!("can't read the keys {}", keyring.display()))?;
        packer.add_file(&BackupPart::Keyring, &file)?;
    }
    let mut missing = 0;
    for hash in &source.hashes {
        missing += usize::from(!pack_picture(&mut packer, &source.pictures, hash)?);
    }
    packer.finish()?;
    unfinished.file().sync_all()?;
    Ok(missing)
}

/// Adds both files of a photo. Returns whether they were there.
fn pack_picture(packer: &mut BackupPacker<'_>, folder: &Path, hash: &str) -> anyhow::Result<bool> {
    // Both files are opened before one is added, so that a backup never has one without the other.
    let mut opened = vec![];
    for name in file_names(hash) {
        match File::open(folder.join(&name)) {
            Ok(file) => opened.push((name, file)),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error).with_context(|| format!("can't read the photo {name}")),
        }
    }
    for (name, file) in opened {
        packer.add_file(&BackupPart::Picture(name), &file)?;
    }
    Ok(true)
}

/// Reads the backup again, and unpacks its database over the copy from which the backup was made.
fn unpack_database(unfinished: &UnfinishedBackup, stop: &CancellationToken) -> anyhow::Result<BackupContent> {
    fs::remove_file(unfinished.copy())?;
    let mut copy = create_private(&unfinished.copy())?;
    let file = io::BufReader::new(File::open(unfinished.path())?);
    read_backup(file, stop, |part, content| {
        if *part == BackupPart::Database {
            io::copy(content, &mut copy)?;
        }
        Ok(())
    })
}
