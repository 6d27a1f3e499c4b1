//! The avatar store: faces as files that are named by their content, in a folder or in an S3 bucket, until nobody wears them.
//!
//! Three things may happen to one file at once: it is put there, it is taken away because its last wearer has changed, and it
//! is swept up because a crash left it. So putting shares a lock until the row that wears the file is written, and taking
//! away has it alone. The lock is this program's: a folder or a bucket belongs to one of them.

pub mod picture;
pub mod store;
pub mod workers;

use super::{
    config::{PicturesConfig, S3Url},
    database::Database,
    error::Result,
    keyring::sha256_hex,
};
use anyhow::Context;
use bytes::Bytes;
use object_store::{
    ClientOptions, Error, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig,
    aws::{AmazonS3Builder, AmazonS3ConfigKey},
    local::LocalFileSystem,
    path::Path,
};
use picture::Picture;
use std::{
    fs,
    path::PathBuf,
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};
use tokio::sync::{RwLock, RwLockReadGuard};

/// A file that nobody wears may be on its way to a row for so long, in seconds.
pub const ORPHAN_AGE_S: i64 = 3_600;

/// A bucket has so long for a request, and for all tries of one.
const S3_TIMEOUT: Duration = Duration::from_secs(10);

/// The two sizes of every photo, and the lock that keeps putting and deleting apart.
pub struct AvatarStore {
    store: Arc<dyn ObjectStore>,
    lock: RwLock<()>,
    /// Where the store writes files before it gives them their names; `None` where it is no folder.
    folder: Option<PathBuf>,
}

/// While it lives, nothing is taken away.
pub struct PutGuard<'a>(#[expect(dead_code, reason = "held, never read")] RwLockReadGuard<'a, ()>);

impl AvatarStore {
    /// The folder `pictures` of `data_dir`, or the bucket that is set.
    ///
    /// # Errors
    /// Where there is no writing into the folder, or the bucket's address can't be used.
    pub fn open(config: &PicturesConfig, data_dir: &std::path::Path) -> anyhow::Result<Self> {
        Ok(match &config.s3_url {
            Some(url) => Self::over(Arc::new(bucket(url).context("SNUG_PICTURES_S3_URL")?)),
            None => {
                let folder = data_dir.join("pictures");
                fs::create_dir_all(&folder)
                    .with_context(|| format!("can't write to {} (snug.data.dir, SNUG_DATA_DIR)", folder.display()))?;
                let store = LocalFileSystem::new_with_prefix(&folder)?.with_fsync(true);
                Self {
                    folder: Some(folder),
                    ..Self::over(Arc::new(store))
                }
            }
        })
    }

    /// Over a store of another kind.
    pub fn over(store: Arc<dyn ObjectStore>) -> Self {
        Self {
            store,
            lock: RwLock::default(),
            folder: None,
        }
    }

    /// To be taken before [`Self::put`], and held until the picture's row is written.
    pub async fn begin_put(&self) -> PutGuard<'_> {
        PutGuard(self.lock.read().await)
    }

    /// Stores a picture; its content's hash.
    ///
    /// # Errors
    /// Where database or store can't be written.
    pub async fn put(&self, database: &Database, picture: Picture, now_s: i64, _: &PutGuard<'_>) -> Result<String> {
        let hash = sha256_hex(&picture.large);
        store::note(database, &hash, now_s).await?;
        // The small one first: whoever sees the large one finds both.
        for (name, octets) in files(&hash).into_iter().zip([picture.small, picture.large]) {
            let put = self.store.put(&name, PutPayload::from(octets)).await;
            put.map_err(anyhow::Error::from)?;
        }
        Ok(hash)
    }

    /// The JPEG of that name (`<hash>.jpg`, `<hash>-64.jpg`); `None` where there is none.
    ///
    /// # Errors
    /// Where the store can't be read.
    pub async fn find(&self, name: &str) -> Result<Option<Bytes>> {
        if hash_of(name).is_none() {
            return Ok(None);
        }
        match self.store.get(&Path::from(name)).await {
            Ok(found) => Ok(Some(found.bytes().await.map_err(anyhow::Error::from)?)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(anyhow::Error::from(error).into()),
        }
    }

    /// Takes a picture away where nobody wears it; whether it did.
    ///
    /// # Errors
    /// Where the database can't be asked; a file that can't be deleted is logged, and swept up later.
    pub async fn delete(&self, database: &Database, hash: &str) -> Result<bool> {
        let _alone = self.lock.write().await;
        if store::is_in_use(database, hash).await? {
            return Ok(false);
        }
        let mut all_gone = true;
        for name in files(hash) {
            match self.store.delete(&name).await {
                Ok(()) | Err(Error::NotFound { .. }) => {}
                Err(error) => {
                    all_gone = false;
                    tracing::warn!(%error, "an old picture could not be deleted; it will be tried again");
                }
            }
        }
        match all_gone {
            true => store::forget(database, hash).await?,
            // As old as can be: the next sweep takes it, also where it was hung before there were notes.
            false => store::note(database, hash, 0).await?,
        }
        Ok(true)
    }

    /// Takes away what nobody wears and no upload can still be about: what a crash left, and what could not be deleted.
    /// Files that the database has no note of are left alone: they may be another Snug's, or from before a database was
    /// restored. How many that were.
    ///
    /// # Errors
    /// Where the database can't be asked.
    pub async fn sweep(&self, database: &Database, now_s: i64) -> Result<usize> {
        let until_s = now_s - ORPHAN_AGE_S;
        let mut taken = match &self.folder {
            Some(folder) => sweep_unfinished(folder, until_s),
            None => 0,
        };
        for hash in store::list_orphans(database, until_s).await? {
            taken += usize::from(self.delete(database, &hash).await?);
        }
        Ok(taken)
    }
}

/// Deletes what a crash left half written: `<name>.jpg#<number>`, which the store itself does not list. How many.
fn sweep_unfinished(folder: &std::path::Path, until_s: i64) -> usize {
    let is_old = |file: &fs::DirEntry| {
        let written = file.metadata().and_then(|data| data.modified()).ok();
        let age = written.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        age.is_some_and(|since| i64::try_from(since.as_secs()).is_ok_and(|at| at <= until_s))
    };
    let is_unfinished = |file: &fs::DirEntry| file.file_name().to_string_lossy().contains(".jpg#");
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    files
        .filter(|file| is_unfinished(file) && is_old(file))
        .filter(|file| fs::remove_file(file.path()).is_ok())
        .count()
}

fn bucket(url: &S3Url) -> object_store::Result<impl ObjectStore> {
    let builder = AmazonS3Builder::new()
        .with_bucket_name(url.bucket())
        .with_region(url.region())
        .with_access_key_id(url.access_key())
        .with_secret_access_key(url.secret_key())
        // Not every store that speaks S3 knows how to delete many at once.
        .with_config(AmazonS3ConfigKey::DisableBulkDelete, "true")
        // Somebody waits for the answer; what could not be deleted is swept up later.
        .with_client_options(ClientOptions::new().with_timeout(S3_TIMEOUT))
        .with_retry(RetryConfig {
            max_retries: 2,
            retry_timeout: S3_TIMEOUT,
            ..RetryConfig::default()
        });
    match url.endpoint() {
        Some(endpoint) => builder
            .with_endpoint(endpoint)
            .with_allow_http(endpoint.starts_with("http://"))
            .build(),
        None => builder.build(),
    }
}

/// The names of a picture's two files, the small one first.
fn files(hash: &str) -> [Path; 2] {
    [format!("{hash}-64.jpg"), format!("{hash}.jpg")].map(Path::from)
}

/// The content's hash in a file's name; `None` for every other name.
fn hash_of(name: &str) -> Option<&str> {
    let stem = name.strip_suffix(".jpg")?;
    let hash = stem.strip_suffix("-64").unwrap_or(stem);
    let is_ours = hash.len() == 64 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    is_ours.then_some(hash)
}
