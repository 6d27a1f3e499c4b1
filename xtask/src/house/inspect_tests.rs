//! Checks that each house rule reports a file that breaks it.

use super::{Finding, LAYERS, Paths, inspect, is_among, walls};

/// A file, a line in it that breaks a rule, and a part of the sentence that the check must print.
const BREAKS: &[(&str, &str, &str)] = &[
    (
        "src/server/database.rs",
        "use nix::sys::resource::setrlimit;",
        "change settings of the process",
    ),
    (
        "src/model/user.rs",
        "use crate::error::AppError;",
        "the model is shared",
    ),
    (
        "src/error.rs",
        "use crate::model::id::UserId;",
        "the only error that is sent",
    ),
    (
        "src/browser/picture.rs",
        "crate::api::auth::me();",
        "know only `model` and `error`",
    ),
    (
        "src/api/rooms.rs",
        "use crate::{ui::session, model::room};",
        "endpoints do not know the pages",
    ),
    (
        "src/api/auth.rs",
        "use crate::browser::access_token_expiry::now;",
        "only `api/client`",
    ),
    (
        "src/api/client/flight.rs",
        "use crate::browser::{session_clock, socket};",
        "`browser::access_token_expiry`, `browser::reachability` and `browser::session_lock`",
    ),
    (
        "src/ui/pages/rooms.rs",
        "crate::server::rooms::list();",
        "through the endpoints",
    ),
    (
        "src/ui/components/face.rs",
        "use super::super::super::api::profile;",
        "take props",
    ),
    (
        "src/server/mail.rs",
        "use crate::app::App;",
        "does not know pages and endpoints",
    ),
    (
        "src/server/rooms/mod.rs",
        "use super::http::signaling;",
        "imports point down",
    ),
    (
        "src/server/profile/mod.rs",
        "use crate::server::rooms::store;",
        "imports point down",
    ),
    ("src/server/auth/mod.rs", "use crate::server::*;", "imports point down"),
    (
        "src/server/account_deletion/mod.rs",
        "use crate::server::rooms::access::may_enter;",
        "deleting an account is above the gate",
    ),
    (
        "src/server/gate.rs",
        "use super::rooms::access::may_enter;",
        "imports point down",
    ),
    (
        "src/server/profile/mod.rs",
        "use crate::server::gate::Owner;",
        "imports point down",
    ),
    (
        "src/server/people/mod.rs",
        "use crate::server::http::guard;",
        "imports point down",
    ),
    (
        "src/server/snug_info/mod.rs",
        "use crate::server::http::guard;",
        "imports point down",
    ),
    (
        "src/server/setup_check.rs",
        "use crate::server::http::guard;",
        "http is above the check of what is missing",
    ),
    (
        "src/server/health.rs",
        "use crate::server::http::guard;",
        "http is above the examination",
    ),
    (
        "src/server/doctor/mod.rs",
        "use crate::server::http::guard;",
        "the doctor is below http",
    ),
    (
        "src/server/state.rs",
        "use super::auth::identity::Identity;",
        "the state is below every feature",
    ),
    (
        "src/server/config.rs",
        "use crate::server::state::State;",
        "these are below the state",
    ),
    (
        "src/server/voice/room.rs",
        "use crate::server::auth;",
        "imports nothing from the rest of the server",
    ),
    (
        "src/server/voice/room.rs",
        "let now = Instant::now();",
        "tokio, sockets and clocks",
    ),
    (
        "src/server/auth/mod.rs",
        "fn f(p: &sqlx::AnyPool) {}",
        "only `store.rs` files, `state.rs`",
    ),
    (
        "src/server/database.rs",
        "sqlx::query(\"select 1\")",
        "one function for each query",
    ),
    ("src/server/auth/mod.rs", "use jsonwebtoken::encode;", "only `token.rs`"),
    (
        "src/server/profile/mod.rs",
        "image::load_from_memory(b)",
        "only `avatars/picture`",
    ),
    ("src/server/auth/mod.rs", "use lettre::Message;", "only `server/mail`"),
    (
        "src/ui/pages/activate.rs",
        "use leptos::web_sys::File;",
        "only `browser/`",
    ),
    (
        "src/server/metrics/mod.rs",
        "use crate::server::rooms::store;",
        "the metrics are read from the state",
    ),
    (
        "src/server/mail/mod.rs",
        "use crate::server::metrics::all_families::MAIL_WAITING;",
        "code counts beside itself",
    ),
    (
        "src/server/mail/mod.rs",
        "use prometheus_client::registry::Registry;",
        "only `server/metrics`",
    ),
    (
        "src/server/state.rs",
        "tracing_subscriber::fmt::init()",
        "only `telemetry.rs`",
    ),
    (
        "src/server/http/socket.rs",
        "use pin_project_lite::pin_project;",
        "only `request_scope.rs`",
    ),
    (
        "src/server/http/listeners.rs",
        "let sockets = listenfd::ListenFd::from_env();",
        "only `inherited_sockets.rs` takes sockets",
    ),
    (
        "src/server/http/connection.rs",
        "use tokio_rustls::TlsAcceptor;",
        "only `server/tls` does TLS handshakes",
    ),
    (
        "src/server/state.rs",
        "let archive = tar::Archive::new(file);",
        "only `server/backup/` reads and writes archives",
    ),
    (
        "src/server/http/signaling.rs",
        "str0m::Rtc::new()",
        "only `server/voice/`",
    ),
    (
        "src/router.rs",
        "#[derive(rust_embed::RustEmbed)]",
        "only `embedded_site.rs`",
    ),
    (
        "src/server/http/pictures.rs",
        "mime_guess::from_path(name)",
        "only `static_files.rs`",
    ),
    (
        "src/server/telemetry.rs",
        "use clap::Args;",
        "only `main.rs` and `commands/`",
    ),
    (
        "src/ui/session.rs",
        "#[cfg(all(not(test),\n feature = \"ssr\"))]",
        "lib.rs and main.rs only",
    ),
    (
        "src/ui/session.rs",
        "if cfg!(feature = \"ssr\") {}",
        "lib.rs and main.rs only",
    ),
    ("src/server/utils.rs", "", "says nothing about the content"),
    ("src/common/words.rs", "", "says nothing about the content"),
];

fn sentences(file: &str, source: &str) -> Vec<String> {
    inspect(file, source).iter().map(ToString::to_string).collect()
}

#[test]
fn each_rule_can_fail() {
    for (file, source, expected) in BREAKS {
        let said = sentences(file, &format!("//! One idea.\n{source}\n"));
        assert!(
            said.iter().any(|sentence| sentence.contains(expected)),
            "{file}: {source}: {said:?}"
        );
    }
}

#[test]
fn each_wall_has_a_line_that_fails_at_it() {
    for wall in walls() {
        let breaks = |(file, _, expected): &(&str, &str, &str)| {
            is_among(file, wall.files) && !is_among(file, wall.but) && wall.because.contains(expected)
        };
        assert!(
            BREAKS.iter().any(breaks),
            "no line of BREAKS breaks the rule \"{}\"",
            wall.because
        );
    }
}

#[test]
fn walls_name_layers_that_exist() {
    for wall in walls() {
        if let Paths::HigherThan(layer) = wall.paths {
            assert!(LAYERS.contains(&layer), "{layer}");
        }
    }
}

#[test]
fn a_finding_names_the_file_and_the_line() {
    let said = sentences("src/ui/session.rs", "//! One idea.\n\nuse crate::server::auth;\n");
    assert_eq!(
        said,
        [
            "src/ui/session.rs:3: must not name `crate::server::auth`: pages reach the server through the endpoints in `api`"
        ]
    );
}

#[test]
fn allowed_imports_give_no_findings() {
    let allowed = [
        (
            "src/model/room.rs",
            "use super::id::UserId; use crate::model::user::User;",
        ),
        ("src/error.rs", "#[cfg(test)] mod tests { use super::*; }"),
        (
            "src/api/client/mod.rs",
            "use crate::browser::access_token_expiry; use web_sys::Request;",
        ),
        (
            "src/api/rooms.rs",
            "async fn list() { crate::server::rooms::list().await }",
        ),
        (
            "src/server/rooms/store.rs",
            "sqlx::query_as(\"…\"); use crate::server::state::State;",
        ),
        (
            "src/server/http/pictures.rs",
            "use crate::server::{rooms, profile, auth}; // sqlx::query",
        ),
        ("src/server/voice/driver.rs", "tokio::spawn(f); Instant::now();"),
        (
            "src/ui/pages/room.rs",
            "let image = 1; image.x; crate::ui::image::y(\"sqlx::query\");",
        ),
        ("src/lib.rs", "#[cfg(feature = \"ssr\")] pub mod server;"),
    ];
    for (file, source) in allowed {
        assert_eq!(
            sentences(file, &format!("//! One idea.\n{source}\n")),
            Vec::<String>::new(),
            "{file}"
        );
    }
}

#[test]
fn a_file_without_a_doc_line_is_an_error_and_a_long_file_is_a_warning() {
    assert!(matches!(
        inspect("src/a.rs", "use std::fmt;\n")[..],
        [Finding::Broken { line: 1, .. }]
    ));
    let long = format!("//! One idea.\n{}", "\n".repeat(300));
    assert!(matches!(inspect("src/a.rs", &long)[..], [Finding::Doubt { .. }]));
}
