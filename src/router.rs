//! All routes, and the middleware around them. This is the only module that imports both the pages and the server.

use crate::{
    app::{App, shell},
    assets::Assets,
    model::{lan_address::LanAddress, sign_in_options::SignInOptions},
    server::{
        backup, housekeeping,
        http::{
            body_limit, check_socket, client_ip, entry, error_status, form_error, guard, guest_form, health, lan_page,
            listen, listeners::Listeners, metrics_endpoint, own_names, page_shape, pictures, probe_endpoint, qr_code,
            redirect_length, refresh_before_render, request_scope::RequestScopeLayer, room_list_socket,
            shared_service::shared, signaling, static_files::Site,
        },
        reload, rooms, service_manager,
        state::AppState,
        theme,
    },
};
use anyhow::anyhow;
use axum::{
    Router,
    body::Body,
    extract::{FromRef, Request, State},
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::from_fn_with_state,
    response::Response,
    routing::{any, get, post},
};
use leptos::prelude::*;
use leptos_axum::{AxumRouteListing, LeptosRoutes, ResponseOptions, generate_route_list};
use std::{
    ops::Deref,
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};
use tokio::time::timeout;
use tower::ServiceBuilder;
use tower_http::{catch_panic::CatchPanicLayer, timeout::TimeoutLayer};

/// All pages. They are listed only once per process, because of a fault in Leptos: if one thread lists pages while another thread
/// requests a resource for the first time, that resource never resolves (leptos-rs/leptos#4773).
static PAGES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(App));

/// A stop takes at most this long, in all. Whoever waits for the lock then gets it, even if the database or the mail server does not answer.
const STOPPED_WITHIN: Duration = Duration::from_secs(5);
/// The parts of a stop end this long after its beginning: sockets of pages that do not answer, then letters and changes of rooms. The
/// rest is for the database.
const SOCKETS_CLOSED_WITHIN: Duration = Duration::from_millis(2_500);
const WRITTEN_WITHIN: Duration = Duration::from_millis(4_500);

/// The path of every page, as Leptos writes it, such as `/rooms/{id}`.
pub fn page_paths() -> impl Iterator<Item = &'static str> {
    PAGES.iter().map(AxumRouteListing::path)
}

/// The state of all routes. Every layer and every route clones it for every request, so it must be cheap to clone.
#[derive(Clone)]
struct PageContext(Arc<ContextParts>);

struct ContextParts {
    state: AppState,
    options: LeptosOptions,
    site: Site,
    assets: Assets,
    lan: Option<LanAddress>,
}

impl Deref for PageContext {
    type Target = ContextParts;

    fn deref(&self) -> &ContextParts {
        &self.0
    }
}

impl FromRef<PageContext> for AppState {
    fn from_ref(context: &PageContext) -> Self {
        context.state.clone()
    }
}

impl FromRef<PageContext> for LeptosOptions {
    fn from_ref(context: &PageContext) -> Self {
        context.options.clone()
    }
}

/// Builds all routes of the program. `site` has the files that are served unchanged.
pub fn build(state: AppState, options: LeptosOptions, site: Site) -> Router {
    let context = PageContext(Arc::new(ContextParts {
        assets: Assets::among(site.names()),
        site,
        lan: lan_page::of(&state),
        state: state.clone(),
        options,
    }));
    let (pages, css) = (PAGES.clone(), context.assets.css.clone());
    let provide = {
        let context = context.clone();
        move || provide_endpoint_context(&context)
    };
    let render = {
        let context = context.clone();
        move || page(&context)
    };
    let renewal = refresh_before_render::Renewal {
        state: state.clone(),
        css: css.clone(),
    };
    // The layers, from the outermost to the innermost.
    let is_https = state.config.public_url.is_https();
    let around = ServiceBuilder::new()
        .layer(RequestScopeLayer::new(state.clone()))
        .map_response(move |response| guard::security_headers(response, is_https))
        .layer(shared(CatchPanicLayer::custom(move |_| {
            error_status::broken_page(&css)
        })))
        .map_response(error_status::late_status)
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            state.config.times.request,
        ))
        .layer(shared(from_fn_with_state(
            client_ip::ClientIp::new(state.clone()),
            entry::enter,
        )))
        .map_response(redirect_length::limit_location)
        .layer(shared(from_fn_with_state(
            form_error::FormErrors::new(state.clone()),
            form_error::form_error,
        )))
        .layer(shared(from_fn_with_state(
            body_limit::BodyLimit::new(state),
            body_limit::size,
        )))
        .layer(axum::extract::DefaultBodyLimit::disable())
        .and_then(async |response| Ok(error_status::error_status(response).await))
        .layer(shared(from_fn_with_state(
            renewal,
            refresh_before_render::before_render,
        )))
        .and_then(async |response| Ok(page_shape::write_shape(response).await));
    Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(metrics_endpoint::read_metrics))
        .route("/probe", get(probe_endpoint::answer_doctor))
        .route("/ws/probe", any(probe_endpoint::answer_doctor_by_socket))
        .route("/pictures/{name}", get(pictures::photo))
        .route("/faces/{name}", get(pictures::generated_face))
        .route("/rooms/{id}/qr.svg", get(qr_code::of_room))
        .route("/invite/{token}/qr.svg", get(qr_code::of_invite))
        .route("/ws/rooms", any(room_list_socket::watch_rooms))
        .route("/ws/rooms/{id}", any(signaling::room))
        .route("/ws/check", any(check_socket::check))
        .route("/api/profile/activate_form", post(pictures::activate_form))
        .route("/api/invites/come_as_guest_form", post(guest_form::come_as_guest_form))
        .route("/api/{*endpoint}", any(health::no_such_endpoint))
        .leptos_routes_with_context(&context, pages, provide, render)
        .fallback(file_or_not_found)
        .layer(around)
        .with_state(context)
}

/// Serves until the future `stop` completes, or until this process can't go on. Then stops in this order: new connections are refused,
/// pages are told to come back, requests in progress end, letters and changes of rooms are written, the database is closed, and the data
/// lock is released. That takes at most [`STOPPED_WITHIN`].
///
/// # Errors
/// If the process can't go on: its voice thread has ended, or another process has taken the database.
pub async fn serve(
    listeners: impl Into<Listeners>,
    state: AppState,
    app: Router,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let tidying = tokio::spawn(housekeeping::run_hourly(state.clone()));
    let backing_up = tokio::spawn(backup::run_by_plan(state.config.clone(), state.backups.clone()));
    let reloading = tokio::spawn(reload::at_every_hangup(state.clone()));
    let renewing = tokio::spawn(renew_certificate(state.clone()));
    // Not before: until somebody listens for SIGHUP and SIGTERM, these signals end the process at once.
    service_manager::tell_ready();
    let (mut outcome, mut began) = (Ok(()), Instant::now());
    let stop = async {
        outcome = tokio::select! {
            () = stop => Ok(()),
            error = broken(&state) => Err(error),
        };
        began = Instant::now();
        service_manager::tell_stopping();
        state.sockets.close_all();
    };
    listen::serve(listeners.into(), app, &state, stop).await;
    let left = |within: Duration| within.saturating_sub(began.elapsed());
    state.sockets.all_closed(left(SOCKETS_CLOSED_WITHIN)).await;
    let written = left(WRITTEN_WITHIN);
    tokio::join!(rooms::persist::finish(&state, written), state.mail.finish(written));
    for task in [tidying, backing_up, reloading, renewing] {
        task.abort();
    }
    if timeout(left(STOPPED_WITHIN), state.database.close()).await.is_err() {
        tracing::warn!("the database did not close in time");
    }
    state.data_lock.release().await;
    outcome
}

/// Keeps the certificate valid if it comes from a certificate authority, or warns before its end. Never returns.
async fn renew_certificate(state: AppState) {
    match &state.tls {
        Some(tls) => tls.keep_certificate(|| state.now_s()).await,
        None => std::future::pending().await,
    }
}

/// Returns when this process can't go on, with the reason.
async fn broken(state: &AppState) -> anyhow::Error {
    let error = tokio::select! {
        () = state.voice.ended() => anyhow!("the voice thread has ended, so nobody could hear anybody; please report the panic above"),
        () = state.data_lock.lost() => anyhow!(
            "another process has taken the database {} while this one could not renew its lease",
            state.config.database_url.describe()
        ),
    };
    tracing::error!("this Snug stops: {error}");
    error
}

fn provide_endpoint_context(context: &PageContext) {
    provide_context(context.state.clone());
    provide_context(context.assets.clone());
    provide_context(context.state.snug_info.text().name);
    provide_context(context.lan.clone());
    provide_context(SignInOptions {
        mail: !context.state.mail.is_off(),
        guests: context.state.config.sign_up.guests,
    });
}

/// The HTML document of a page. Also sets the content security policy, with the nonce of this render.
fn page(context: &PageContext) -> impl IntoView + use<> {
    let reload_port = std::env::var_os("LEPTOS_WATCH").map(|_| context.options.reload_port);
    let url = &context.state.config.public_url;
    let request = use_context::<Parts>();
    let other_name = request
        .as_ref()
        .and_then(|parts| own_names::other_name(&parts.uri, &parts.headers, &context.state.config));
    let policy = leptos::nonce::use_nonce().map(|nonce| guard::page_policy(&nonce, url, other_name, reload_port));
    let policy = policy.and_then(|policy| HeaderValue::from_str(&policy).ok());
    if let (Some(policy), Some(response)) = (policy, use_context::<ResponseOptions>()) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
    if let Some(parts) = request {
        provide_context(theme::find(&context.state, &parts.headers));
    }
    shell(context.options.clone())
}

/// A file of the site, or the 404 page if there is no such file.
async fn file_or_not_found(State(context): State<PageContext>, request: Request) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_read {
        return health::no_such_endpoint().await;
    }
    if let Some(file) = context.site.answer(request.uri().path(), request.headers()) {
        return file;
    }
    let provide = {
        let context = context.clone();
        move || provide_endpoint_context(&context)
    };
    let render = leptos_axum::render_app_async_with_context(provide, move || page(&context));
    let mut response: http::Response<Body> = render(request).await;
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}
