//! The endpoint of the guest form for browsers without scripts, which send the photo as multipart.

use super::{
    error_status::{answer, wants_page},
    multipart_form::{Form, GUEST_ENDPOINT},
};
use crate::server::{
    auth::identity::Visit,
    rooms::guest::{self, Arrival},
    state::AppState,
};
use axum::{
    extract::{Request, State},
    http::header::SET_COOKIE,
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};

/// Redirects into the room, or back to the page of the link with the error.
pub async fn come_as_guest_form(State(state): State<AppState>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let (visit, wants_page) = (Visit::new(state.clone(), &parts), wants_page(&parts.headers));
    let mut form = Form::default();
    let done = match form.take(&state, Request::from_parts(parts, body)).await {
        Ok(()) => {
            let photo = std::mem::take(&mut form.photo);
            guest::come(&visit, &form.token, form.profile.clone(), photo).await
        }
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
        Err(error) if wants_page => form.redirect_back(GUEST_ENDPOINT, error.into()),
        Err(error) => answer(&error.into()),
    }
}
