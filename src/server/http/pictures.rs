//! Serves photos by content hash and drawn faces by seed, and takes photos from the form without scripts.

use super::{
    error_status::{answer, wants_page},
    multipart_form::{ACTIVATE_ENDPOINT, Form},
};
use crate::{
    model::{generated_face, return_to},
    server::{auth::identity::Visit, rooms::first_room, state::AppState},
};
use axum::{
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};

const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// The content security policy of a picture. If somebody opens the picture as a page of its own, it
/// cannot run or load anything.
const SANDBOX: &str = "default-src 'none'; style-src 'none'; sandbox";

/// Answers with a photo. Its name is the hash of its content, so browsers may keep it for ever.
pub async fn photo(State(state): State<AppState>, Path(name): Path<String>, request: HeaderMap) -> Response {
    match state.avatars.find(&name).await {
        Ok(Some(jpeg)) => forever("image/jpeg", &name, &request, jpeg.into()),
        Ok(None) => (StatusCode::NOT_FOUND, "There is no such picture.").into_response(),
        Err(error) => answer(&error.into()),
    }
}

/// Answers with a drawn face as an SVG file. Our pages draw faces inline; this is for other programs.
pub async fn generated_face(Path(name): Path<String>, request: HeaderMap) -> Response {
    // The router has already decoded the percent encoding.
    match name.strip_suffix(".svg").filter(|seed| generated_face::is_seed(seed)) {
        Some(seed) => {
            let face = generated_face::svg(seed, generated_face::Mood::Resting);
            forever("image/svg+xml", "face-2", &request, face.into())
        }
        None => (StatusCode::NOT_FOUND, "There is no such face.").into_response(),
    }
}

/// The answer for content that never changes: 304 if the client already has it (RFC 9110 section 13.1.2).
fn forever(content_type: &'static str, tag: &str, request: &HeaderMap, body: Body) -> Response {
    let tag = format!("\"{tag}\"");
    let known = request.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let is_known = known.is_some_and(|tags| {
        tags.split(',')
            .any(|known| known.trim().trim_start_matches("W/") == tag)
    });
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(FOR_EVER));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(SANDBOX));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    if is_known {
        headers.remove(header::CONTENT_TYPE);
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, body).into_response()
}

/// Activates an account from the form without scripts, which sends the photo as multipart.
pub async fn activate_form(State(state): State<AppState>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let (visit, wants_page) = (Visit::new(state.clone(), &parts), wants_page(&parts.headers));
    let mut form = Form::default();
    let done = match form.take(&state, Request::from_parts(parts, body)).await {
        Ok(()) => {
            let photo = std::mem::take(&mut form.photo);
            first_room::activate(&visit, form.profile.clone(), photo, &form.first_room).await
        }
        Err(error) => Err(error),
    };
    match (done, wants_page) {
        (Ok((_, Some(room))), true) => Redirect::to(&room).into_response(),
        (Ok((_, None)), true) => Redirect::to(return_to::destination(Some(&form.next))).into_response(),
        (Ok((user, _)), false) => axum::Json(user).into_response(),
        (Err(error), false) => answer(&error.into()),
        (Err(error), true) => form.redirect_back(ACTIVATE_ENDPOINT, error.into()),
    }
}
