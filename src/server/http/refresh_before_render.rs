//! Renews the sign-in before a page is rendered, and redirects people who must first sign in or choose a name.

use super::{
    error_status::{answer, busy_page, wants_page},
    health::is_health_check,
    link_preview,
    next_page::next_in,
};
use crate::{
    error::{AppError, Kind},
    model::{link_preview::LinkPreview, return_to},
    server::{
        auth::{
            self, SetCookies,
            cookie::{self, CookieName},
            identity::{RefreshFailed, Visit},
            verified_token::VerifiedToken,
        },
        error::Error,
        state::AppState,
    },
};
use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};

/// The state of the [`before_render`] middleware.
#[derive(Clone)]
pub struct Renewal {
    pub state: AppState,
    /// The address of the style sheet, for the page that is shown while the database cannot be reached.
    pub css: String,
}

/// Renews the sign-in for requests that ask for a page. The new cookies also replace those of the request, so that the
/// page is rendered for the renewed identity and agrees with the cookies that the browser gets. Also attaches what messengers may
/// show of the page, because whether somebody must sign in first depends on it.
pub async fn before_render(
    State(Renewal { state, css }): State<Renewal>,
    mut request: Request,
    next: Next,
) -> Response {
    if link_preview::has_preview(&request) {
        link_preview::attach(&state, &mut request).await;
    }
    let wants_page = wants_page(request.headers());
    if is_form(&request) && wants_page {
        return before_form(state, request, next).await;
    }
    let path = request.uri().path();
    // A health check must not wait for the database, also if somebody makes it in a browser.
    let may_need_refresh = (wants_page && !is_health_check(path)) || return_to::needs_user(path);
    if request.method() != Method::GET || !may_need_refresh {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(VerifiedToken::default());
    let visit = Visit::new(state.clone(), &parts);
    let mut fresh = vec![];
    if visit.identity().is_err() {
        fresh = match auth::session::refresh(&visit).await {
            Ok(cookies) => cookies,
            // A busy database must not look like a sign-out.
            Err(Error::Public(error)) if is_busy(&error) && return_to::needs_user(parts.uri.path()) => {
                return if wants_page {
                    busy_page(&css, &error)
                } else {
                    answer(&error)
                };
            }
            // The page reports all other errors. A refresh that fails deletes no cookies.
            Err(_) => vec![],
        };
        cookie::rewrite_request(&mut parts.headers, &fresh);
    }
    let visit = Visit::new(state, &parts);
    let response = match first(&visit, parts.uri.path(), parts.uri.query()).await {
        Some(first)
            if wants_page
                || first
                    .error
                    .as_ref()
                    .is_some_and(|error| may_want_preview(&parts, error)) =>
        {
            Redirect::to(&first.address).into_response()
        }
        // A client that does not want a page (a program, a feed reader) gets the error instead of a redirect.
        Some(First { error: Some(error), .. }) => answer(&error),
        _ => next.run(Request::from_parts(parts, body)).await,
    };
    with_cookies(response, fresh)
}

/// Whether the client may be a messenger that wants to show a preview of a link into a room. Messengers are not signed in and follow
/// redirects, but unlike browsers, many of them do not ask for HTML by name.
fn may_want_preview(parts: &Parts, error: &AppError) -> bool {
    let accept = parts.headers.get(header::ACCEPT).map(HeaderValue::to_str);
    let takes_anything = accept.is_none_or(|accept| accept.is_ok_and(|accept| accept.contains("*/*")));
    error.needs_sign_in()
        && takes_anything
        && parts
            .extensions
            .get::<LinkPreview>()
            .is_some_and(LinkPreview::shows_room)
}

/// The endpoints that read the refresh token themselves or begin a new session. If we refreshed the sign-in before such
/// an endpoint runs, our cookies would contradict those that the endpoint sets.
const WITHOUT_REFRESH: [&str; 4] = [
    "/api/auth/refresh",
    "/api/auth/sign_out",
    "/api/auth/verify_code",
    "/api/auth/verify_link",
];

/// Whether the request sends a form that needs fresh tokens. Without scripts, nothing else refreshes the tokens before the
/// form is sent.
fn is_form(request: &Request) -> bool {
    let path = request.uri().path();
    request.method() == Method::POST && path.starts_with("/api/") && !WITHOUT_REFRESH.contains(&path)
}

async fn before_form(state: AppState, request: Request, next: Next) -> Response {
    let (mut parts, mut body) = request.into_parts();
    parts.extensions.insert(VerifiedToken::default());
    let visit = Visit::new(state, &parts);
    let mut fresh = vec![];
    if visit.identity().is_err() {
        // Read the whole body before the refresh; `body_limit` keeps it small. The browser gets the new token only with
        // the answer. If the body arrived slowly after the refresh, the token would be so old by then that we would
        // wrongly take its age as proof that the browser has it (see docs/sessions.md).
        body = match to_bytes(body, usize::MAX).await {
            Ok(bytes) => Body::from(bytes),
            Err(_) => {
                return answer(&AppError::invalid(
                    "Only a part of what you sent arrived. Send it again.",
                ));
            }
        };
        // If the refresh fails, the endpoint answers with the reason. It also keeps what was typed.
        match auth::session::refresh(&visit).await {
            Ok(cookies) => fresh = cookies,
            Err(Error::Public(error)) if is_busy(&error) => drop(parts.extensions.insert(RefreshFailed(error))),
            Err(_) => {}
        }
        cookie::rewrite_request(&mut parts.headers, &fresh);
    }
    with_cookies(next.run(Request::from_parts(parts, body)).await, fresh)
}

/// Adds the cookies of a refresh. A cookie that the answer sets itself is not replaced: for example, signing out clears the
/// cookies.
fn with_cookies(mut response: Response, fresh: SetCookies) -> Response {
    let name = |cookie: &str| cookie.split('=').next().map(str::to_owned);
    let set = response.headers().get_all(header::SET_COOKIE).iter();
    let set: Vec<_> = set.filter_map(|value| name(value.to_str().ok()?)).collect();
    let added = fresh
        .iter()
        .filter(|cookie| name(cookie).is_none_or(|name| !set.contains(&name)));
    for value in added.filter_map(|cookie| HeaderValue::from_str(cookie).ok()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

fn is_busy(error: &AppError) -> bool {
    error.kind == Kind::Unavailable
}

/// The page that somebody must visit first.
struct First {
    address: String,
    /// Why they must not see the page that they asked for; `None` if they are signed in and do not need the sign-in page.
    error: Option<AppError>,
}

/// Where to redirect: to the sign-in page; to the page for name and picture; or away from the sign-in page, for people who
/// are already signed in.
async fn first(visit: &Visit, path: &str, query: Option<&str>) -> Option<First> {
    let is_sign_in = path == "/sign-in";
    if !is_sign_in && !return_to::needs_user(path) {
        return None;
    }
    // Some actions need a recent sign-in (`?again=1`). People who chose to sign in again, or who
    // wait for their code, must stay on the sign-in page, even if they are signed in.
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
