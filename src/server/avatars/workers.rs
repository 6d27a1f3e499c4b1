//! The picture workers: they make the two small JPEGs of a photo, on blocking threads and only a few at a time.

use super::picture::{Photo, Picture, PictureError};
use crate::{
    error::{AppError, Kind},
    model::id::UserId,
    server::error::Result,
};
use std::{
    collections::HashSet,
    panic::{UnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
    time::timeout,
};

/// A picture that takes longer than this is refused.
const TIME_LIMIT: Duration = Duration::from_secs(5);
/// A picture waits at most this long in each queue.
const QUEUE_LIMIT: Duration = Duration::from_secs(20);

/// Limits how many pictures are processed at the same time: one for each core, one for each user, and only one heavy
/// picture ([`Photo::is_heavy`]) at a time. A picture waits in a queue while all cores are busy or while another
/// heavy picture is processed. A user's second picture is refused.
pub struct PictureWorkers {
    body_permits: Arc<Semaphore>,
    worker_permits: Arc<Semaphore>,
    heavy: Arc<Semaphore>,
    queue_limit: Duration,
    working: Arc<Mutex<HashSet<UserId>>>,
}

impl Default for PictureWorkers {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            body_permits: Arc::new(Semaphore::new(cores)),
            worker_permits: Arc::new(Semaphore::new(cores)),
            heavy: Arc::new(Semaphore::new(1)),
            queue_limit: QUEUE_LIMIT,
            working: Arc::default(),
        }
    }
}

impl PictureWorkers {
    /// Takes the one permit of this user.
    ///
    /// # Errors
    /// `TooMany` while another picture of this user is being processed.
    pub fn take(&self, user: &UserId) -> Result<UserPermit> {
        let mut working = self.working.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if !working.insert(user.clone()) {
            let sentence = "Your last picture is still being processed. Wait a moment, then send this one.";
            return Err(AppError::too_many(sentence, 2).into());
        }
        Ok(UserPermit {
            working: self.working.clone(),
            user: user.clone(),
        })
    }

    /// A permit to parse a large form on a blocking thread.
    ///
    /// # Errors
    /// `TooMany` if no permit is free within the time limit of the queue.
    pub async fn body_permit(&self) -> Result<OwnedSemaphorePermit> {
        self.wait_for(&self.body_permits).await
    }

    /// Makes the two squares of a photo.
    ///
    /// # Errors
    /// The errors of [`public_error`] if something is wrong with the picture; `TooMany` if no worker is free within the
    /// time limit of the queue; `Invalid` if processing takes too long or the decoder panics.
    pub async fn process(&self, photo: Photo) -> Result<Picture> {
        let looked = spawn_blocking(move || (catch_unwind(|| photo.is_heavy()), photo));
        let (is_heavy, photo) = looked.await.map_err(anyhow::Error::from)?;
        let heavy = match is_heavy.map_err(|_| panicked())? {
            true => Some(self.wait_for(&self.heavy).await?),
            false => None,
        };
        self.work(TIME_LIMIT, move || {
            let _held = heavy;
            photo.square()
        })
        .await
    }

    /// Runs `job` on a blocking thread when a worker is free. Stops waiting for the result after `limit`.
    async fn work(
        &self,
        limit: Duration,
        job: impl FnOnce() -> std::result::Result<Picture, PictureError> + UnwindSafe + Send + 'static,
    ) -> Result<Picture> {
        let permit = self.wait_for(&self.worker_permits).await?;
        let work = spawn_blocking(move || {
            // A decoder cannot be stopped. It keeps its permit until it ends, even if nobody waits for it any more.
            let _held = permit;
            catch_unwind(job)
        });
        let too_slow =
            || AppError::invalid("This picture takes too long to open. Save it as a plain JPEG and send that.");
        let processed = timeout(limit, work)
            .await
            .map_err(|_| too_slow())?
            .map_err(anyhow::Error::from)?;
        Ok(processed.map_err(|_| panicked())?.map_err(public_error)?)
    }

    async fn wait_for(&self, queue: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit> {
        let long = |_| {
            AppError::too_many(
                "Your picture was not saved, because many people are sending one right now. Try again in ten seconds.",
                10,
            )
        };
        let next_permit = queue.clone().acquire_owned();
        let permit = timeout(self.queue_limit, next_permit).await.map_err(long)?;
        Ok(permit.map_err(anyhow::Error::from)?)
    }
}

fn panicked() -> AppError {
    tracing::error!("a picture made its decoder panic; it was refused");
    AppError::invalid("This picture can't be opened. Save it again as a JPEG or PNG and send that.")
}

/// The public error for a picture that was refused.
pub fn public_error(error: PictureError) -> AppError {
    let kind = match error {
        PictureError::TooLarge => Kind::TooLarge,
        PictureError::Unsupported | PictureError::NotAPicture => Kind::Unsupported,
        PictureError::Broken | PictureError::TooSmall | PictureError::MalformedDataUrl => Kind::Invalid,
    };
    AppError::new(kind, error.to_string())
}

/// A user's permit for one picture. Dropping it allows the user to send the next picture.
pub struct UserPermit {
    working: Arc<Mutex<HashSet<UserId>>>,
    user: UserId,
}

impl Drop for UserPermit {
    fn drop(&mut self) {
        let mut working = self.working.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        working.remove(&self.user);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        thread,
    };

    async fn error_of(
        workers: &PictureWorkers,
        limit: Duration,
        job: fn() -> std::result::Result<Picture, PictureError>,
    ) -> AppError {
        workers.work(limit, job).await.expect_err("refused").into()
    }

    #[tokio::test]
    async fn a_picture_is_refused_if_its_decoder_panics() {
        let error = error_of(&PictureWorkers::default(), TIME_LIMIT, || panic!("a bug in a decoder")).await;
        assert_eq!(error.kind, Kind::Invalid);
        assert!(error.detail.contains("can't be opened"), "{error}");
    }

    #[tokio::test]
    async fn a_slow_picture_is_refused_and_keeps_its_permit_until_it_is_done() {
        let workers = PictureWorkers {
            worker_permits: Arc::new(Semaphore::new(1)),
            ..PictureWorkers::default()
        };
        let slow = || {
            thread::sleep(Duration::from_millis(300));
            Err(PictureError::Broken)
        };
        let error = error_of(&workers, Duration::from_millis(20), slow).await;
        assert!(error.detail.contains("takes too long"), "{error}");
        assert_eq!(workers.worker_permits.available_permits(), 0);
        let error = error_of(&workers, TIME_LIMIT, || Err(PictureError::TooSmall)).await;
        assert!(error.detail.contains("too small"), "{error}");
        assert_eq!(TIME_LIMIT, Duration::from_secs(5));
    }

    #[tokio::test]
    async fn a_heavy_photo_waits_for_another_heavy_one_and_delays_no_light_one() {
        let workers = PictureWorkers::default();
        let cores = thread::available_parallelism().map_or(1, usize::from);
        assert_eq!(workers.worker_permits.available_permits(), cores);
        assert_eq!(workers.body_permits.available_permits(), cores);
        assert_eq!(workers.heavy.available_permits(), 1);
        // A progressive JPEG that ends after its frame header.
        let jpeg = |[high, low]: [u8; 2]| {
            let frame = [8, high, low, high, low, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0];
            [&[0xff, 0xd8, 0xff, 0xc2, 0, 17][..], &frame].concat()
        };
        let photo = |side: u16| Photo::whole(jpeg(side.to_be_bytes()));
        let (heavy, light) = (photo(4_000), photo(64));
        assert!(heavy.is_heavy() && !light.is_heavy());
        let before = workers.wait_for(&workers.heavy).await.expect("nobody waits");
        let waiting = workers.process(heavy);
        tokio::pin!(waiting);
        assert!(
            timeout(Duration::from_millis(200), &mut waiting).await.is_err(),
            "the heavy photo waits"
        );
        workers
            .process(light)
            .await
            .expect_err("processed meanwhile, and refused as broken");
        drop(before);
        waiting.await.expect_err("processed next, and refused as broken");
        assert_eq!(workers.heavy.available_permits(), 1);
    }

    #[tokio::test]
    async fn no_more_pictures_are_processed_at_once_than_there_are_permits() {
        static AT_ONCE: AtomicUsize = AtomicUsize::new(0);
        static MOST: AtomicUsize = AtomicUsize::new(0);
        let workers = PictureWorkers {
            worker_permits: Arc::new(Semaphore::new(2)),
            ..PictureWorkers::default()
        };
        let job = || {
            MOST.fetch_max(AT_ONCE.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            thread::sleep(Duration::from_millis(20));
            AT_ONCE.fetch_sub(1, Ordering::SeqCst);
            Err(PictureError::Broken)
        };
        futures::future::join_all((0..8).map(|_| workers.work(TIME_LIMIT, job))).await;
        assert_eq!(MOST.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_picture_that_waits_too_long_in_a_queue_is_refused() {
        let none = || Arc::new(Semaphore::new(0));
        let workers = PictureWorkers {
            body_permits: none(),
            worker_permits: none(),
            queue_limit: Duration::from_millis(20),
            ..PictureWorkers::default()
        };
        let at_body_permit = AppError::from(workers.body_permit().await.expect_err("no permit"));
        let at_worker_permit = error_of(&workers, TIME_LIMIT, || Err(PictureError::Broken)).await;
        for error in [at_body_permit, at_worker_permit] {
            assert_eq!((error.kind, error.status().as_u16()), (Kind::TooMany, 429));
            assert!(error.detail.contains("Try again in ten seconds"), "{error}");
        }
        assert_eq!(PictureWorkers::default().queue_limit, Duration::from_secs(20));
    }
}
