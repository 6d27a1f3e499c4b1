//! The easel: where a photo's octets become two small JPEGs, off the threads that answer, a few at a time.

use super::picture::{self, Picture, PictureError};
use crate::{
    error::{AppError, Kind},
    model::id::UserId,
    server::error::Result,
};
use std::{
    collections::HashSet,
    panic::catch_unwind,
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
/// So long a picture waits for others to be done.
const LINE_LIMIT: Duration = Duration::from_secs(20);

/// As many pictures at once as there are cores, one a user, one heavy one.
pub struct Easel {
    places: Arc<Semaphore>,
    heavy: Arc<Semaphore>,
    working: Arc<Mutex<HashSet<UserId>>>,
}

impl Default for Easel {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            places: Arc::new(Semaphore::new(cores)),
            heavy: Arc::new(Semaphore::new(1)),
            working: Arc::default(),
        }
    }
}

impl Easel {
    /// Takes the user's one place.
    ///
    /// # Errors
    /// `TooMany` while another picture of theirs is being worked on.
    pub fn take(&self, user: &UserId) -> Result<EaselPlace> {
        let mut working = self.working.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if !working.insert(user.clone()) {
            let sentence = "Your last picture is still being worked on. Wait a moment, then send this one.";
            return Err(AppError::too_many(sentence, 2).into());
        }
        Ok(EaselPlace {
            working: self.working.clone(),
            user: user.clone(),
        })
    }

    /// Makes the two squares of a photo.
    ///
    /// # Errors
    /// The sentence for what is wrong with the picture; `TooMany` where the line is long.
    pub async fn paint(&self, photo: Vec<u8>) -> Result<Picture> {
        let looked = spawn_blocking(move || (catch_unwind(|| picture::is_heavy(&photo)), photo));
        let (is_heavy, photo) = looked.await.map_err(anyhow::Error::from)?;
        let heavy = match is_heavy.map_err(|_| panicked())? {
            true => Some(wait_for(&self.heavy).await?),
            false => None,
        };
        let place = wait_for(&self.places).await?;
        let work = spawn_blocking(move || {
            // Held until the decoder is done, also where nobody waits for it any more.
            let _held = (heavy, place);
            catch_unwind(|| picture::square(&photo))
        });
        let too_slow =
            || AppError::invalid("This picture takes too long to open. Save it as a plain JPEG and send that.");
        let painted = timeout(TIME_LIMIT, work)
            .await
            .map_err(|_| too_slow())?
            .map_err(anyhow::Error::from)?;
        Ok(painted.map_err(|_| panicked())?.map_err(told)?)
    }
}

async fn wait_for(line: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit> {
    let long = |_| AppError::too_many("Many people are choosing a picture just now. Send yours once more.", 10);
    let permit = timeout(LINE_LIMIT, line.clone().acquire_owned()).await.map_err(long)?;
    Ok(permit.map_err(anyhow::Error::from)?)
}

fn panicked() -> AppError {
    tracing::error!("a picture made its decoder panic; it was refused");
    AppError::invalid("This picture can't be opened. Save it anew as a JPEG or PNG and send that.")
}

/// What a door answers for a picture that was refused.
pub fn told(error: PictureError) -> AppError {
    let kind = match error {
        PictureError::TooLarge => Kind::TooLarge,
        PictureError::Unsupported | PictureError::NotAPicture => Kind::Unsupported,
        PictureError::Broken | PictureError::TooSmall | PictureError::MalformedDataUrl => Kind::Invalid,
    };
    AppError::new(kind, error.to_string())
}

/// A user's place at the easel, given back when dropped.
pub struct EaselPlace {
    working: Arc<Mutex<HashSet<UserId>>>,
    user: UserId,
}

impl Drop for EaselPlace {
    fn drop(&mut self) {
        let mut working = self.working.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        working.remove(&self.user);
    }
}
