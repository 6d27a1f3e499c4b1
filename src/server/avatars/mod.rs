//! The avatar store: photos as files in a folder or an S3 bucket. Each photo has a large and a small file, both named by the
//! hash of the large file. Both are deleted when no account uses the photo any more.
//!
//! Without a lock, a file could be deleted just when an account begins to use it. So an upload holds a shared lock from before
//! the files are written until the account's row is written. A deletion holds the lock exclusively. The lock is inside this
//! process, so a folder or a bucket must belong to one Snug only.

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

/// A file that no account uses is deleted after this time, in seconds. A younger file may belong to an upload in progress.
pub const ORPHAN_AGE_S: i64 = 3_600;

/// The time limit for a request to a bucket, and for all retries of one request together.
const S3_TIMEOUT: Duration = Duration::from_secs(10);

/// Stores both sizes of every photo. Its lock keeps uploads and deletions apart.
pub struct AvatarStore {
    store: Arc<dyn ObjectStore>,
    lock: RwLock<()>,
    /// The folder in which the store keeps unfinished files beside the finished ones; `None` for a bucket.
    folder: Option<PathBuf>,
}

/// While this guard exists, no picture is deleted.
pub struct PutGuard<'a>(#[expect(dead_code, reason = "held, never read")] RwLockReadGuard<'a, ()>);

impl AvatarStore {
    /// Opens the bucket that the configuration names, or the folder `pictures` in `data_dir` if it names none.
    ///
    /// # Errors
    /// If the folder can't be created, or the bucket's address can't be used.
    pub fn open(config: &PicturesConfig, data_dir: &std::path::Path) -> anyhow::Result<Self> {
        Ok(match &config.s3_url {
            Some(url) => Self::over(Arc::new(bucket(url).context(
                "the address of the bucket can't be used (snug.pictures.s3_url, SNUG_PICTURES_S3_URL)",
            )?)),
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

    /// An avatar store on top of any object store.
    pub fn over(store: Arc<dyn ObjectStore>) -> Self {
        Self {
            store,
            lock: RwLock::default(),
            folder: None,
        }
    }

    /// Call this before [`Self::put`], and hold the guard until the account's row with the picture is written.
    pub async fn begin_put(&self) -> PutGuard<'_> {
        PutGuard(self.lock.read().await)
    }

    /// Stores a picture and returns the hash of its large file.
    ///
    /// # Errors
    /// If the database or the store can't be written.
    pub async fn put(&self, database: &Database, picture: Picture, now_s: i64, _: &PutGuard<'_>) -> Result<String> {
        let hash = sha256_hex(&picture.large);
        // Note the hash before writing the files, so that the sweep also finds the files that a crash leaves behind.
        store::note(database, &hash, now_s).await?;
        // Write the small file first, so that a crash between the two never leaves the large file alone.
        for (name, octets) in files(&hash).into_iter().zip([picture.small, picture.large]) {
            let put = self.store.put(&name, PutPayload::from(octets)).await;
            put.map_err(anyhow::Error::from)?;
        }
        Ok(hash)
    }

    /// The JPEG with this file name (`<hash>.jpg` or `<hash>-64.jpg`); `None` if there is none.
    ///
    /// # Errors
    /// If the store can't be read.
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

    /// Deletes a picture unless an account uses it. Returns false if an account uses it.
    ///
    /// # Errors
    /// If the database can't be queried. A file that can't be deleted is logged, and the sweep tries again later.
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
                    tracing::warn!(%error, "an old picture could not be deleted; Snug will try again later");
                }
            }
        }
        match all_gone {
            true => store::forget(database, hash).await?,
            // A note with time 0 makes the next sweep try again. A picture that was stored before Snug kept notes has
            // no note, and gets one here.
            false => store::note(database, hash, 0).await?,
        }
        Ok(true)
    }

    /// Deletes pictures that no account uses and that are too old to belong to an upload in progress. Such pictures
    /// remain after a crash or a failed deletion. Also deletes the unfinished files that a crash left. Returns how many
    /// pictures and unfinished files were deleted.
    ///
    /// The sweep looks only at the notes in the database and never lists the store. Otherwise it would delete pictures in
    /// use if the database was restored from an old backup, or if two Snugs share a bucket by mistake.
    ///
    /// # Errors
    /// If the database can't be queried.
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

/// Deletes half-written files (`<name>.jpg#<number>`) that a crash left. The store's own listing leaves them out, so we
/// read the folder. Returns how many were deleted.
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
        // Not every S3-compatible store can delete several objects in one request.
        .with_config(AmazonS3ConfigKey::DisableBulkDelete, "true")
        // Somebody waits for the answer, so give up soon. If a deletion fails, the sweep tries again later.
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

/// The names of a picture's two files: first the small one, then the large one.
pub fn file_names(hash: &str) -> [String; 2] {
    [format!("{hash}-64.jpg"), format!("{hash}.jpg")]
}

fn files(hash: &str) -> [Path; 2] {
    file_names(hash).map(Path::from)
}

/// The hash in a file's name; `None` if no picture of Snug has such a name.
pub fn hash_of(name: &str) -> Option<&str> {
    let stem = name.strip_suffix(".jpg")?;
    let hash = stem.strip_suffix("-64").unwrap_or(stem);
    let is_ours = hash.len() == 64 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    is_ours.then_some(hash)
}
