//! Brings the error of a form without scripts to the page of the form, in a cookie that works once and only for that page.
//!
//! Leptos puts such an error into the address of the redirect. If pages showed what an address says, a stranger's link could
//! show any sentence in Snug's own alert. So this middleware takes the error out of the redirect and seals it in a cookie. The
//! request for the page then gets the error from the cookie, and no page is rendered for an address that contains an error.

mod address;
mod sealed;
mod shown_once;

pub use sealed::RefusedForm;

use super::error_status::wants_page;
use crate::{
    error::{AppError, Kind},
    model::return_to,
    server::{
        auth::cookie::{self, CookieName},
        keyring::Purpose,
        state::AppState,
        typed_fields::TypedFields,
    },
};
use address::{address_of, address_on_this_site, address_without_error};
use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use sealed::{LIFE_S, Tag};
use server_fn::error::SERVER_FN_ERROR_HEADER;
use shown_once::ShownOnce;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Our errors are much smaller than this. A larger body is not one of them.
const ERROR_MAX_BYTES: usize = 64 * 1024;

/// The state of the [`form_error`] middleware.
#[derive(Clone)]
pub struct FormErrors {
    state: AppState,
    shown: Arc<Mutex<ShownOnce>>,
}

/// An error that is about to be shown. If it is dropped before [`ClaimedError::spend`], it can still be shown later.
struct ClaimedError {
    shown: Arc<Mutex<ShownOnce>>,
    tag: Tag,
    form: RefusedForm,
    is_spent: bool,
}

/// Moves errors of forms without scripts from redirects into cookies, and from cookies into pages.
pub async fn form_error(State(errors): State<FormErrors>, request: Request, next: Next) -> Response {
    let is_get = request.method() == Method::GET;
    let reads = is_get || request.method() == Method::HEAD;
    if let Some(address) = address_without_error(request.uri()).filter(|_| reads) {
        return Redirect::to(&address).into_response();
    }
    match wants_page(request.headers()) {
        true if is_get => errors.answer_page(request, next).await,
        true if !reads => errors.answer_form(request, next).await,
        _ => next.run(request).await,
    }
}

impl FormErrors {
    pub fn new(state: AppState) -> Self {
        Self {
            state,
            shown: Arc::default(),
        }
    }

    /// Answers a request for a page. If there is an error for this page, the page shows the error, and the cookie is removed.
    async fn answer_page(&self, request: Request, next: Next) -> Response {
        let (mut parts, body) = request.into_parts();
        let address = address_of(&parts.uri);
        let name = self.cookie_for(&address);
        let Some(value) = cookie::read(&self.state, &parts.headers, name) else {
            return next.run(Request::from_parts(parts, body)).await;
        };
        let claim = self.claim(&address, &value);
        if let Some(claim) = &claim {
            parts.extensions.insert(claim.form.for_page());
        }
        let response = next.run(Request::from_parts(parts, body)).await;
        if is_page(&response) {
            if let Some(claim) = claim {
                claim.spend();
            }
            return with_cookie(response, &cookie::clear(&self.state, name));
        }
        response
    }

    /// Answers a form. A redirect that reports an error gets the cookie, and leads to an address without the error.
    async fn answer_form(&self, mut request: Request, next: Next) -> Response {
        let headers = request.headers().clone();
        let typed = TypedFields::default();
        request.extensions_mut().insert(typed.clone());
        let (mut response, refused) = take_refused(next.run(request).await, &typed).await;
        let Some(location) = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok()) else {
            return response;
        };
        // Only the redirect to the `Referer` can lead elsewhere; our own redirects are paths already.
        let is_ours = refused.is_none() && location.starts_with('/') && !location.starts_with("//");
        let address = match is_ours {
            true => location.split('#').next().unwrap_or_default().to_owned(),
            false => address_on_this_site(location),
        };
        if !is_ours && let Ok(location) = HeaderValue::from_str(&address) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        match refused.filter(|form| !page_explains(&form.error, &address)) {
            Some(form) => self.with_error(response, &address, form),
            None => self.without_old_error(response, &address, &headers),
        }
    }

    fn with_error(&self, response: Response, address: &str, form: RefusedForm) -> Response {
        let value = sealed::seal(&self.state.keyring, address, form, self.state.now_s());
        let name = self.cookie_for(address);
        with_cookie(response, &cookie::write(&self.state, name, &value, LIFE_S))
    }

    /// The person has sent the form again, and this time it succeeded: an error that waits for its page is out of date.
    fn without_old_error(&self, response: Response, address: &str, request: &HeaderMap) -> Response {
        let name = self.cookie_for(address);
        match cookie::read(&self.state, request, name) {
            Some(_) => with_cookie(response, &cookie::clear(&self.state, name)),
            None => response,
        }
    }

    /// Each page has a cookie of its own. Otherwise, two tabs that send forms at the same time would overwrite each other's error.
    fn cookie_for(&self, address: &str) -> CookieName {
        let hash = self.state.keyring.mac(Purpose::FormError, &[address.as_bytes()]);
        let page = hash.first_chunk().map_or(0, |first| u64::from_be_bytes(*first));
        CookieName::FormError(page)
    }

    fn claim(&self, address: &str, value: &str) -> Option<ClaimedError> {
        let now_s = self.state.now_s();
        let (tag, form) = sealed::open(&self.state.keyring, address, value, now_s)?;
        lock(&self.shown).claim(tag, now_s).then(|| ClaimedError {
            shown: self.shown.clone(),
            tag,
            form,
            is_spent: false,
        })
    }
}

impl ClaimedError {
    fn spend(mut self) {
        self.is_spent = true;
    }
}

impl Drop for ClaimedError {
    fn drop(&mut self) {
        if !self.is_spent {
            lock(&self.shown).release(&self.tag);
        }
    }
}

/// The error that the answer to a form reports: a handler of ours leaves it in the extensions, and a server function in the body and
/// in `typed`.
async fn take_refused(mut response: Response, typed: &TypedFields) -> (Response, Option<RefusedForm>) {
    if let Some(form) = response.extensions_mut().remove::<RefusedForm>() {
        return (response, Some(form));
    }
    let headers = response.headers();
    let endpoint = headers.get(SERVER_FN_ERROR_HEADER).and_then(|path| path.to_str().ok());
    let Some(endpoint) = endpoint
        .filter(|_| headers.contains_key(header::LOCATION))
        .map(str::to_owned)
    else {
        return (response, None);
    };
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, ERROR_MAX_BYTES).await.unwrap_or_default();
    let form = serde_json::from_slice::<AppError>(&bytes)
        .ok()
        .map(|error| RefusedForm {
            endpoint,
            error,
            typed: typed.take(),
        });
    (Response::from_parts(parts, Body::from(bytes)), form)
}

/// Whether the page needs no notice: somebody who must sign in or choose a name first is led to the page for that. If we kept the
/// error, they would see it when they come back, although it is no longer true.
fn page_explains(error: &AppError, address: &str) -> bool {
    let path = address.split('?').next().unwrap_or_default();
    return_to::needs_user(path) && (error.needs_sign_in() || error.kind == Kind::NotActivated)
}

/// Whether the answer is the page itself. A redirect, and a page that reloads itself while the database is busy, do not show the
/// error.
fn is_page(response: &Response) -> bool {
    !response.status().is_redirection() && !response.headers().contains_key(header::REFRESH)
}

fn with_cookie(mut response: Response, set_cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(set_cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

fn lock(shown: &Mutex<ShownOnce>) -> MutexGuard<'_, ShownOnce> {
    shown.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_page_itself_shows_the_error() {
        let page = |status: u16, refresh: bool| {
            let response = Response::builder().status(status);
            let response = if refresh {
                response.header(header::REFRESH, "2")
            } else {
                response
            };
            is_page(&response.body(Body::empty()).expect("an answer"))
        };
        assert!(page(200, false) && page(404, false) && page(503, false));
        assert!(!page(303, false) && !page(302, false));
        assert!(!page(503, true), "the page that waits for the database");
    }

    #[test]
    fn a_page_that_leads_to_the_sign_in_page_keeps_no_error() {
        let errors = [
            AppError::signed_out(),
            AppError::session_ended(),
            AppError::not_activated(),
        ];
        for error in errors {
            assert!(page_explains(&error, "/rooms?q=a"), "{error}");
            assert!(!page_explains(&error, "/invite/abc"), "{error}");
        }
        assert!(!page_explains(&AppError::invalid("Give the room a topic."), "/rooms"));
    }
}
