//! The gallery: photos on their way from octets to files named by their content, and out again when nobody wears them.

use super::{picture, store};
use crate::{
    error::{AppError, Kind},
    server::{error::Result, keyring::sha256_hex, state::AppState},
};
use object_store::{ObjectStoreExt, path::Path};
use std::{panic::catch_unwind, time::Duration};

/// A picture that takes longer than this is refused.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// The octets in a data URL.
///
/// # Errors
/// `TooLarge` or `Invalid`.
pub fn decode(data_url: &str) -> Result<Vec<u8>> {
    Ok(picture::decode_data_url(data_url).map_err(told)?)
}

/// Makes a square JPEG of the photo and stores it; its content's hash.
///
/// # Errors
/// The sentence for what is wrong with the picture.
pub async fn hang(state: &AppState, bytes: Vec<u8>) -> Result<String> {
    if bytes.len() > state.config.pictures.max_upload_bytes {
        return Err(told(picture::PictureError::TooLarge).into());
    }
    let made = paint(state, bytes).await?;
    let hash = sha256_hex(&made.large);
    // The small one first: whoever sees the large one finds both.
    let put = |small, octets: Vec<u8>| {
        let path = Path::from(file(&hash, small));
        async move {
            state
                .pictures
                .put(&path, octets.into())
                .await
                .map_err(anyhow::Error::from)
        }
    };
    put(true, made.small).await?;
    put(false, made.large).await?;
    Ok(hash)
}

async fn paint(state: &AppState, bytes: Vec<u8>) -> Result<picture::Picture> {
    let heavy = match picture::is_heavy(&bytes) {
        true => Some(
            state
                .easel
                .heavy
                .clone()
                .acquire_owned()
                .await
                .map_err(anyhow::Error::from)?,
        ),
        false => None,
    };
    let place = state
        .easel
        .places
        .clone()
        .acquire_owned()
        .await
        .map_err(anyhow::Error::from)?;
    let work = tokio::task::spawn_blocking(move || {
        // Held until the decoder is done, also where nobody waits for it any more.
        let _held = (heavy, place);
        catch_unwind(|| picture::square(&bytes))
    });
    let too_slow = || AppError::invalid("This picture takes too long to open. Save it as a plain JPEG and send that.");
    let painted = tokio::time::timeout(TIME_LIMIT, work)
        .await
        .map_err(|_| too_slow())?
        .map_err(anyhow::Error::from)?;
    let painted = painted.map_err(|_| {
        tracing::error!("a picture made its decoder panic; it was refused");
        AppError::invalid("This picture can't be opened. Save it anew as a JPEG or PNG and send that.")
    })?;
    Ok(painted.map_err(told)?)
}

/// Takes a picture away where nobody wears it any more.
///
/// # Errors
/// Where the database can't be asked; a file that can't be deleted is logged and stays.
pub async fn collect(state: &AppState, worn_before: &str) -> Result<()> {
    let is_photo = !worn_before.is_empty() && !worn_before.starts_with("face:");
    if !is_photo || store::is_worn(&state.database, worn_before).await? {
        return Ok(());
    }
    for small in [false, true] {
        if let Err(error) = state.pictures.delete(&Path::from(file(worn_before, small))).await {
            tracing::warn!(%error, "an old picture could not be deleted");
        }
    }
    Ok(())
}

/// The JPEG of that name (`<hash>.jpg`, `<hash>-64.jpg`); `None` where there is none.
///
/// # Errors
/// Where the store can't be read.
pub async fn find(state: &AppState, name: &str) -> Result<Option<bytes::Bytes>> {
    let hash = name
        .strip_suffix(".jpg")
        .map(|stem| stem.strip_suffix("-64").unwrap_or(stem));
    let is_ours = hash
        .is_some_and(|hash| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase()));
    if !is_ours {
        return Ok(None);
    }
    match state.pictures.get(&Path::from(name)).await {
        Ok(found) => Ok(Some(found.bytes().await.map_err(anyhow::Error::from)?)),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(anyhow::Error::from(error).into()),
    }
}

fn file(hash: &str, small: bool) -> String {
    if small {
        format!("{hash}-64.jpg")
    } else {
        format!("{hash}.jpg")
    }
}

fn told(error: picture::PictureError) -> AppError {
    use picture::PictureError as P;
    let kind = match error {
        P::TooLarge => Kind::TooLarge,
        P::Unsupported | P::NotAPicture => Kind::Unsupported,
        _ => Kind::Invalid,
    };
    AppError::new(kind, error.to_string())
}
