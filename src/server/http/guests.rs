//! Coming in as a guest by a form without scripts: the raw file comes as multipart.

use super::{body::wants_page, pictures::Form, status::answer};
use crate::server::{
    auth::identity::Visit,
    error::Result,
    profile::{self, Choice},
    rooms::guest::{self, Arrival},
    state::AppState,
};
use axum::{
    extract::{Request, State},
    http::header::SET_COOKIE,
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};

/// The door of the form with scripts, by whose name the page finds what went wrong.
pub const DOOR: &str = "/api/invites/come_as_guest";

/// Leads into the room, or back to the page of the link.
pub async fn come_as_guest_form(State(state): State<AppState>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let (visit, wants_page) = (Visit::new(state.clone(), &parts), wants_page(&parts.headers));
    let mut form = Form::default();
    let done = match form.take(&state, Request::from_parts(parts, body)).await {
        Ok(()) => come(&visit, &form).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(Arrival { user, room, cookies }) => {
            let cookies = AppendHeaders(cookies.into_iter().map(|cookie| (SET_COOKIE, cookie)));
            match wants_page {
                true => (cookies, Redirect::to(&format!("/rooms/{room}"))).into_response(),
                false => (cookies, axum::Json(user)).into_response(),
            }
        }
        Err(error) if wants_page => form.sent_back(&state.config.public_url, DOOR, error.into()),
        Err(error) => answer(&error.into()),
    }
}

async fn come(visit: &Visit, form: &Form) -> Result<Arrival> {
    let choice = match form.photo.is_empty() {
        true => profile::parse_first_choice(&form.picture)?,
        false => Choice::Photo(form.photo.clone()),
    };
    guest::come(visit, &form.token, &form.name, choice).await
}

/// The page of the link with this token; the front door for what can't be one.
pub fn page_of(token: &str) -> String {
    let is_token = token.len() <= 80 && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    if is_token && !token.is_empty() {
        format!("/invite/{token}")
    } else {
        "/".to_owned()
    }
}
