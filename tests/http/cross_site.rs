//! Requests from other sites: every POST and both sockets with every kind of `Sec-Fetch-Site` and `Origin`, and requests for
//! other hosts.
//!
//! The list of endpoints comes from the program itself, so a new endpoint is covered without a change here.

use crate::{database::On, dump::dump, test_app::TestApp, visitor::Visitor};
use snug::router;

on_both_databases! {
    requests_for_an_unknown_host_are_refused,
}

/// Values of `Sec-Fetch-Site`; `None` leaves the header out.
const SITES: [Option<&str>; 6] = [
    None,
    Some("same-origin"),
    Some("same-site"),
    Some("cross-site"),
    Some("none"),
    Some(""),
];

/// Values of `Origin`; `None` leaves the header out, and `{ours}` is replaced with the origin of this server.
const ORIGINS: [Option<&str>; 7] = [
    None,
    Some("{ours}"),
    Some("null"),
    Some("https://evil.example"),
    Some("http://localhost"),
    Some("{ours}.evil.example"),
    Some(""),
];

/// The path of each plain route, and the rest of its line in the router's source. That rest names the methods of the route.
pub fn plain_routes() -> impl Iterator<Item = (String, &'static str)> {
    let routes = include_str!("../../src/router.rs").lines();
    routes.filter_map(|line| {
        let (path, takes) = line.trim().strip_prefix(".route(\"")?.split_once('"')?;
        Some((path.replace("{*endpoint}", "nothing"), takes))
    })
}

/// The plain routes that accept other methods than GET.
fn plain_endpoints() -> impl Iterator<Item = String> {
    let endpoints = plain_routes().filter(|(_, takes)| takes.contains("post(") || takes.contains("any("));
    endpoints.map(|(path, _)| path)
}

/// Every address that takes a POST: the server functions, and the plain endpoints.
pub fn list_endpoints() -> Vec<String> {
    let functions = server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned());
    let plain = plain_endpoints().filter(|path| !path.starts_with("/ws/"));
    let endpoints: Vec<String> = functions.chain(plain).collect();
    for known in [
        "/api/auth/refresh",
        "/api/rooms/open",
        "/api/profile/activate_form",
        "/api/nothing",
    ] {
        assert!(
            endpoints.iter().any(|endpoint| endpoint == known),
            "{known} is not among {endpoints:?}"
        );
    }
    endpoints
}

fn sockets(room: &str) -> Vec<String> {
    let routes = plain_endpoints().filter(|path| path.starts_with("/ws/"));
    let sockets: Vec<String> = routes.map(|path| path.replace("{id}", room)).collect();
    assert!(sockets.len() >= 2, "{sockets:?}");
    sockets
}

/// Adds `sec-fetch-site` and `origin` to the request, unless they are `None`.
fn saying(
    request: reqwest::RequestBuilder,
    site: Option<&str>,
    origin: Option<&str>,
    ours: &str,
) -> reqwest::RequestBuilder {
    let request = match site {
        Some(site) => request.header("sec-fetch-site", site),
        None => request,
    };
    match origin {
        Some(origin) => request.header("origin", origin.replace("{ours}", ours)),
        None => request,
    }
}

fn matrix() -> impl Iterator<Item = (Option<&'static str>, Option<&'static str>)> {
    SITES
        .into_iter()
        .flat_map(|site| ORIGINS.into_iter().map(move |origin| (site, origin)))
}

#[tokio::test]
async fn every_post_is_accepted_only_from_our_own_pages() {
    let app = TestApp::start().await;
    let (ada, stranger) = (app.person("Ada").await, app.visitor());
    let before = dump(On::Sqlite, app.state.database.reader()).await;
    for endpoint in list_endpoints() {
        for (site, origin) in matrix() {
            let ours = match site {
                Some(site) => site == "same-origin" || site == "none",
                None => origin == Some("{ours}"),
            };
            // Requests that must be accepted are sent without cookies, so that they change nothing.
            let visitor = if ours { &stranger } else { &ada };
            let request = saying(visitor.bare_post(&endpoint), site, origin, &app.origin());
            let answer = visitor
                .send(request.header("accept", "application/json").body(""))
                .await;
            let refused = answer.status == 403 && answer.text().contains("another site");
            assert_eq!(
                refused,
                !ours,
                "{endpoint} from {site:?}, {origin:?}: {} {}",
                answer.status,
                answer.text()
            );
            assert!(!refused || answer.set_cookies().is_empty(), "{endpoint}");
            let shared: Vec<_> = answer
                .headers
                .keys()
                .filter(|name| name.as_str().starts_with("access-control"))
                .collect();
            assert!(
                shared.is_empty(),
                "{endpoint} sends headers for other sites: {shared:?}"
            );
        }
    }
    ada.me().await.must(200);
    assert_eq!(dump(On::Sqlite, app.state.database.reader()).await, before);
}

#[tokio::test]
async fn every_socket_is_accepted_only_from_our_own_pages() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    for socket in sockets(room.id.as_str()) {
        for (site, origin) in matrix() {
            let request = ada
                .raw_get(&socket)
                .header("connection", "upgrade")
                .header("upgrade", "websocket")
                .header("sec-websocket-version", "13")
                .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
            let answer = saying(request, site, origin, &app.origin())
                .send()
                .await
                .expect("an answer");
            let wanted = match (socket.as_str(), origin) {
                // Only for `snug doctor`, which has the keys.
                ("/ws/probe", _) => 404,
                (_, Some("{ours}")) => 101,
                _ => 403,
            };
            assert_eq!(answer.status(), wanted, "{socket} from {site:?}, {origin:?}");
        }
    }
}

#[tokio::test]
async fn a_preflight_allows_nothing() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    for endpoint in list_endpoints() {
        let request = ada
            .raw_request("OPTIONS", &endpoint)
            .header("origin", "https://evil.example")
            .header("access-control-request-method", "POST");
        let answer = ada.send(request).await;
        let allows = |name: &reqwest::header::HeaderName| name.as_str().starts_with("access-control");
        assert!(!answer.headers.keys().any(allows), "{endpoint}: {:?}", answer.headers);
    }
}

/// The addresses of all pages, with the id `room` as their parameter, and one address that does not exist.
pub fn pages(room: &str) -> Vec<String> {
    let with_room = |path: &str| {
        let parts = path
            .split('/')
            .map(|part| if part.starts_with(['{', ':']) { room } else { part });
        parts.collect::<Vec<_>>().join("/")
    };
    let pages: Vec<String> = router::page_paths().map(with_room).chain(["/nowhere".into()]).collect();
    for known in ["/", "/sign-in", "/rooms", &format!("/rooms/{room}"), "/settings"] {
        assert!(pages.iter().any(|page| page == known), "{known} is not among {pages:?}");
    }
    pages
}

async fn asked_for(visitor: &Visitor, path: &str, host: &str) -> u16 {
    visitor.send(visitor.raw_get(path).header("host", host)).await.status
}

async fn requests_for_an_unknown_host_are_refused(on: On) {
    let app = TestApp::with(on, |config| config.hosts = vec!["snug.lan".into()]).await;
    let ada = app.person("Ada").await;
    let port = app.address.port();
    for host in [
        "evil.example",
        "localhost.evil.example",
        &format!("evil.example:{port}"),
        "192.0.2.1",
    ] {
        for path in [
            "/",
            "/rooms",
            "/faces/Ada.svg",
            "/api/auth/me",
            "/ws/rooms",
            "/favicon.svg",
        ] {
            assert_eq!(asked_for(&ada, path, host).await, 403, "{path} at {host}");
        }
        // The health checks accept every host, because load balancers request them by IP address.
        for path in ["/healthz", "/readyz"] {
            assert_eq!(asked_for(&ada, path, host).await, 200, "{path} at {host}");
        }
        // The metrics accept every host from programs on this machine, and not from pages that a browser shows.
        assert_eq!(asked_for(&ada, "/metrics", host).await, 200, "{host}");
        let of_page = ada.raw_get("/metrics").header("host", host);
        let of_page = of_page.header("accept-language", "en");
        assert_eq!(ada.send(of_page).await.status, 403, "{host}");
    }
    for host in [
        &format!("localhost:{port}"),
        "localhost",
        "LOCALHOST:1",
        "127.0.0.1",
        "[::1]:3000",
        "snug.lan",
        "snug.lan:80",
    ] {
        assert_eq!(asked_for(&ada, "/sign-in", host).await, 200, "{host}");
    }
}
