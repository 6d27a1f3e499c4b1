//! Before a page is rendered: a stale access cookie is renewed, and who may not see the page is shown the way.

use super::error_status::{answer, busy_page, wants_page};
use crate::{
    error::{AppError, Kind},
    model::return_to,
    server::{
        auth::{
            self,
            cookie::{self, CookieName},
            identity::Visit,
        },
        error::Error,
        state::AppState,
    },
};
use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};

/// What a renewal needs: the state, and the style sheet of the page that asks for patience.
#[derive(Clone)]
pub struct Renewal {
    pub state: AppState,
    pub css: String,
}

/// Renews for document requests: the renewed identity reaches this same render, not only the browser.
pub async fn before_render(State(Renewal { state, css }): State<Renewal>, request: Request, next: Next) -> Response {
    let wants_page = wants_page(request.headers());
    if is_form(&request) && wants_page {
        return before_form(state, request, next).await;
    }
    if request.method() != Method::GET || !(wants_page || return_to::needs_user(request.uri().path())) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let visit = Visit::new(state.clone(), &parts);
    let mut fresh = vec![];
    if visit.identity().is_err() {
        fresh = match auth::session::refresh(&visit).await {
            Ok(cookies) => cookies,
            // Nobody is taken for signed out because the database was busy.
            Err(Error::Public(error)) if is_busy(&error) && return_to::needs_user(parts.uri.path()) => {
                return if wants_page {
                    busy_page(&css, &error)
                } else {
                    answer(&error)
                };
            }
            // Whatever else fails here, the page says; a refresh that fails takes no cookie away.
            Err(_) => vec![],
        };
        cookie::rewrite_request(&mut parts.headers, &fresh);
    }
    let visit = Visit::new(state, &parts);
    let mut response = match first(&visit, parts.uri.path(), parts.uri.query()).await {
        Some(first) if wants_page => Redirect::to(&first.address).into_response(),
        // What follows no way (a program, a feed reader) hears why.
        Some(First { error: Some(error), .. }) => answer(&error),
        _ => next.run(Request::from_parts(parts, body)).await,
    };
    for value in fresh.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// Forms of pages without scripts, which nothing else renews. What is about signing in or out says itself which cookies hold.
fn is_form(request: &Request) -> bool {
    let path = request.uri().path();
    request.method() == Method::POST && path.starts_with("/api/") && !path.starts_with("/api/auth/")
}

async fn before_form(state: AppState, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let visit = Visit::new(state, &parts);
    let mut fresh = vec![];
    if visit.identity().is_err() {
        // Where that fails, the endpoint says why.
        fresh = auth::session::refresh(&visit).await.unwrap_or_default();
        cookie::rewrite_request(&mut parts.headers, &fresh);
    }
    let mut response = next.run(Request::from_parts(parts, body)).await;
    for value in fresh.iter().filter_map(|cookie| HeaderValue::from_str(cookie).ok()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

fn is_busy(error: &AppError) -> bool {
    error.kind == Kind::Unavailable
}

/// Where somebody must go first, and the error that says why; none where they are merely let through.
struct First {
    address: String,
    error: Option<AppError>,
}

/// To sign in, or to put on a name and a face; and on from the sign-in page, for who is signed in already.
async fn first(visit: &Visit, path: &str, query: Option<&str>) -> Option<First> {
    let is_sign_in = path == "/sign-in";
    if !is_sign_in && !return_to::needs_user(path) {
        return None;
    }
    // Who signs in once more, to do what needs a fresh sign-in, is not led on before they have.
    if is_sign_in && (wants_again(query) || visit.cookie(CookieName::Code).is_some()) {
        return None;
    }
    let here = query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    match visit.activated().await.err() {
        None
        | Some(Error::Public(AppError {
            kind: Kind::NotActivated,
            ..
        })) if is_sign_in => Some(First {
            address: return_to::destination(next_in(query).as_deref()).to_owned(),
            error: None,
        }),
        Some(Error::Public(error)) if error.kind == Kind::NotActivated && path != "/activate" => Some(First {
            address: return_to::with_next("/activate", &here),
            error: Some(error),
        }),
        Some(Error::Public(error)) if error.needs_sign_in() && !is_sign_in => Some(First {
            address: return_to::with_next("/sign-in", &here),
            error: Some(error),
        }),
        _ => None,
    }
}

fn wants_again(query: Option<&str>) -> bool {
    query.is_some_and(|query| url::form_urlencoded::parse(query.as_bytes()).any(|(key, _)| key == "again"))
}

fn next_in(query: Option<&str>) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(query?.as_bytes());
    pairs.find(|(key, _)| key == "next").map(|(_, next)| next.into_owned())
}
