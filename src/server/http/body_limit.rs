//! Limits the size of request bodies.
//!
//! If a body is too large, we read it to its end before we refuse it. If a server answers and closes while the client is still
//! sending, the client sees a broken connection instead of the answer.

use super::{
    error_status::{answer, wants_page},
    multipart_form::{ACTIVATE_ENDPOINT, Form, GUEST_ENDPOINT, too_large},
};
use crate::{error::AppError, server::state::AppState};
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::Response,
};
use bytes::{Buf, Bytes, BytesMut};
use http_body_util::BodyExt;
use std::time::Duration;
use tokio::{runtime::Handle, task::spawn_blocking};

/// The largest body of an endpoint that does not take a picture.
const BODY_MAX_BYTES: usize = 64 * 1024;
/// The endpoints that take a picture. Each is also the prefix of a second endpoint, for forms without scripts.
const PICTURE_ENDPOINTS: [&str; 2] = [ACTIVATE_ENDPOINT, GUEST_ENDPOINT];
/// We keep this much of each end of a form that is too large: the typed fields are before or after the photo.
const END_BYTES: usize = BODY_MAX_BYTES / 2;
/// We stop reading a body that is larger than this.
const DRAIN_MAX_BYTES: usize = 64 * 1024 * 1024;
/// A body must arrive within this time, which allows for a photo over a slow network.
const READ_TIME: Duration = Duration::from_secs(110);

/// The largest form that can contain a picture of this many bytes. Base64 makes four characters of three bytes. Form
/// encoding makes three characters of each `+` and `/`, which are 2 of the 64 characters of base64: one sixteenth more,
/// and one eighth leaves room. The 64 KiB are for the other fields.
const fn with_wrapping(picture_max_bytes: usize) -> usize {
    picture_max_bytes / 3 * 4 * 9 / 8 + 64 * 1024
}

/// Refuses a body that is too large for its endpoint with 413, or redirects a form without scripts back to its page.
pub async fn size(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let path = request.uri().path();
    let endpoint = PICTURE_ENDPOINTS
        .into_iter()
        .find(|endpoint| path.starts_with(endpoint));
    let takes_picture = endpoint.is_some();
    let picture_max_bytes = state.config.pictures.max_upload_bytes;
    let most = if takes_picture {
        with_wrapping(picture_max_bytes)
    } else {
        BODY_MAX_BYTES
    };
    let declared = declared(request.headers());
    if declared.is_some_and(|length| length <= BODY_MAX_BYTES) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    // If the declared length is too large, keep only the two ends, not everything up to the limit.
    let is_too_large = declared.is_some_and(|length| length > most);
    let expected = declared.filter(|_| !is_too_large).unwrap_or(0);
    let ends = match read(body, expected, if is_too_large { END_BYTES } else { most }).await {
        Reading::Whole(bytes) if bytes.len() <= BODY_MAX_BYTES => {
            return next.run(Request::from_parts(parts, Body::from(bytes))).await;
        }
        Reading::Whole(bytes) => {
            return answer_too_large(&state, Request::from_parts(parts, Body::from(bytes)), next).await;
        }
        Reading::Broken => return answer(&AppError::invalid("Only a part of that arrived. Send it again.")),
        Reading::TooLarge(ends) => ends,
    };
    let error = too_large(takes_picture.then_some(picture_max_bytes));
    match endpoint.filter(|_| wants_page(&parts.headers)) {
        Some(endpoint) => {
            let mut form = Form::default();
            // We need only the typed fields here. The middle of the photo is missing, and nothing uses it.
            let _ = form.take(&state, Request::from_parts(parts, Body::from(ends))).await;
            form.redirect_back(&state.config.public_url, endpoint, error)
        }
        None => answer(&error),
    }
}

/// Answers a request with a large body on a blocking thread. Parsing a form of 7 MB keeps a thread busy for 30 ms, and the few
/// threads that serve everybody must stay free. With 20 uploads at once, the p99 of other pages was 244 ms on those threads;
/// now it is 7 ms. The whole body has arrived already, so a slow client cannot occupy a blocking thread.
async fn answer_too_large(state: &AppState, request: Request, next: Next) -> Response {
    let permit = match state.picture_workers.body_permit().await {
        Ok(permit) => permit,
        Err(error) => return answer(&error.into()),
    };
    let runtime = Handle::current();
    let answered = spawn_blocking(move || {
        let _permit = permit;
        runtime.block_on(next.run(request))
    });
    match answered.await {
        Ok(response) => response,
        Err(ended) => std::panic::resume_unwind(ended.into_panic()),
    }
}

fn declared(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The result of reading a body.
enum Reading {
    Whole(Bytes),
    /// The two ends of a body that is too large.
    TooLarge(Bytes),
    /// The body ended early, or took too long.
    Broken,
}

/// Reads a body and keeps at most `most` bytes. It reads the rest of a larger body without keeping it, so that the client
/// gets the answer. `expected` is the length to reserve memory for.
async fn read(mut body: Body, expected: usize, most: usize) -> Reading {
    // The system provides memory only when it is written to, so a false Content-Length costs nothing.
    let mut kept = BytesMut::with_capacity(expected);
    let mut beyond = BytesMut::new();
    let mut seen = 0;
    let all = async {
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map(|frame| frame.into_data().unwrap_or_default()) else {
                return false;
            };
            seen += data.len();
            let (within, rest) = data.split_at(data.len().min(most - kept.len()));
            kept.extend_from_slice(within);
            beyond.extend_from_slice(rest);
            beyond.advance(beyond.len().saturating_sub(END_BYTES));
            if seen > DRAIN_MAX_BYTES {
                return false;
            }
        }
        true
    };
    let whole = tokio::time::timeout(READ_TIME, all).await.unwrap_or(false);
    match (seen <= most, whole) {
        (true, true) => Reading::Whole(kept.freeze()),
        (true, false) => Reading::Broken,
        (false, _) => Reading::TooLarge(ends(&kept, &beyond)),
    }
}

/// The first and the last `END_BYTES` of `kept` followed by `beyond`, joined. If they overlap, each byte is there once.
fn ends(kept: &[u8], beyond: &[u8]) -> Bytes {
    let first = kept.len().min(END_BYTES);
    let last = (kept.len() + beyond.len()).saturating_sub(END_BYTES);
    [&kept[..first], &kept[last.clamp(first, kept.len())..], beyond]
        .concat()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn both_ends_of_a_body_that_is_too_large_are_kept() {
        let octets: Vec<u8> = (0..3 * BODY_MAX_BYTES).map(|at| (at / 251) as u8).collect();
        let wanted = [&octets[..END_BYTES], &octets[octets.len() - END_BYTES..]].concat();
        for most in [END_BYTES, BODY_MAX_BYTES, octets.len() - 1] {
            let frames = octets
                .chunks(10_007)
                .map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec()));
            let body = Body::from_stream(futures::stream::iter(frames.collect::<Vec<_>>()));
            match read(body, 0, most).await {
                Reading::TooLarge(ends) => assert_eq!(ends, wanted, "{most}"),
                _ => panic!("the body is larger than {most} bytes"),
            }
        }
        let (kept, beyond) = octets[..END_BYTES + 9].split_at(END_BYTES);
        assert_eq!(ends(kept, beyond), octets[..END_BYTES + 9], "each byte once");
    }
}
