//! The house rules as tables: which files may import what. ARCHITECTURE.md explains the layers.

/// A rule that forbids some files to name some paths.
pub struct Wall {
    /// The files that the rule is for: `src/ui/` (everything in the folder), `src/error.rs` (one file) or `*/store.rs` (that
    /// name in any folder).
    pub files: &'static [&'static str],
    /// The files to which the rule does not apply although `files` includes them.
    pub but: &'static [&'static str],
    pub paths: Paths,
    /// The rest of the sentence "file must not name path: …".
    pub because: &'static str,
}

/// The paths that a rule forbids. All are written from the root: `crate::api`, `sqlx`.
pub enum Paths {
    /// These paths and everything below them.
    Never(&'static [&'static str]),
    /// Everything in our crate, except these paths and everything below them.
    OursBut(&'static [&'static str]),
    /// Everything below the first path, except the paths in the list and everything below them.
    BelowBut(&'static str, &'static [&'static str]),
}

const ANYWHERE: &[&str] = &["src/"];

pub const WALLS: &[Wall] = &[
    Wall {
        files: &["src/model/"],
        but: &[],
        paths: Paths::OursBut(&["crate::model"]),
        because: "the model is shared by browser and server, so it imports nothing else of the crate",
    },
    Wall {
        files: &["src/error.rs"],
        but: &[],
        paths: Paths::OursBut(&["crate::error"]),
        because: "`error.rs` has the only error that is sent to browsers, so it imports nothing else of the crate",
    },
    Wall {
        files: &["src/browser/"],
        but: &[],
        paths: Paths::OursBut(&["crate::browser", "crate::model", "crate::error"]),
        because: "the types in `browser` know only `model` and `error`",
    },
    Wall {
        files: &["src/api/"],
        but: &[],
        paths: Paths::Never(&["crate::ui", "crate::app", "crate::router"]),
        because: "endpoints do not know the pages that use them",
    },
    Wall {
        files: &["src/api/"],
        but: &["src/api/client/"],
        paths: Paths::Never(&["crate::browser"]),
        because: "only `api/client` may import from `browser`",
    },
    Wall {
        files: &["src/api/client/"],
        but: &[],
        paths: Paths::BelowBut(
            "crate::browser",
            &[
                "crate::browser::access_token_expiry",
                "crate::browser::reachability",
                "crate::browser::session_lock",
            ],
        ),
        because: "`api/client` may import only `browser::access_token_expiry`, `browser::reachability` and `browser::session_lock`",
    },
    Wall {
        files: &["src/ui/"],
        but: &[],
        paths: Paths::Never(&["crate::server", "crate::router"]),
        because: "pages reach the server through the endpoints in `api`",
    },
    Wall {
        files: &["src/ui/components/"],
        but: &[],
        paths: Paths::Never(&["crate::api", "crate::browser"]),
        because: "components take props: pass them actions instead",
    },
    Wall {
        files: &["src/server/"],
        but: &[],
        paths: Paths::Never(&[
            "crate::ui",
            "crate::api",
            "crate::browser",
            "crate::app",
            "crate::router",
        ]),
        because: "the server does not know pages and endpoints",
    },
    Wall {
        files: &["src/server/people/"],
        but: &[],
        paths: Paths::Never(&["crate::server::http"]),
        because: "imports point down: http -> snug_info -> people -> rooms -> gate -> profile -> auth -> state",
    },
    Wall {
        files: &["src/server/snug_info/"],
        but: &[],
        paths: Paths::Never(&["crate::server::http"]),
        because: "imports point down: http -> snug_info -> people -> rooms -> gate -> profile -> auth -> state",
    },
    Wall {
        files: &["src/server/setup_check.rs"],
        but: &[],
        paths: Paths::Never(&["crate::server::http"]),
        because: "imports point down: http is above the check of what is missing",
    },
    Wall {
        files: &["src/server/health.rs"],
        but: &[],
        paths: Paths::Never(&["crate::server::http"]),
        because: "imports point down: http is above the examination that owners ask for",
    },
    Wall {
        files: &["src/server/doctor/"],
        but: &[],
        paths: Paths::Never(&[
            "crate::server::account_deletion",
            "crate::server::http",
            "crate::server::people",
            "crate::server::rooms",
        ]),
        because: "imports point down: the doctor is below http, and asks a running Snug as any program does",
    },
    Wall {
        files: &["src/server/rooms/"],
        but: &[],
        paths: Paths::Never(&["crate::server::http", "crate::server::people"]),
        because: "imports point down: http -> snug_info -> people -> rooms -> gate -> profile -> auth -> state",
    },
    Wall {
        files: &["src/server/account_deletion/"],
        but: &[],
        paths: Paths::Never(&["crate::server::http", "crate::server::people", "crate::server::rooms"]),
        because: "imports point down: deleting an account is above the gate and below rooms, people and http",
    },
    Wall {
        files: &["src/server/gate.rs"],
        but: &[],
        paths: Paths::Never(&[
            "crate::server::account_deletion",
            "crate::server::http",
            "crate::server::people",
            "crate::server::rooms",
        ]),
        because: "imports point down: http -> snug_info -> people -> rooms -> gate -> profile -> auth -> state",
    },
    Wall {
        files: &["src/server/profile/"],
        but: &[],
        paths: Paths::Never(&[
            "crate::server::account_deletion",
            "crate::server::http",
            "crate::server::people",
            "crate::server::rooms",
            "crate::server::gate",
        ]),
        because: "imports point down: http -> snug_info -> people -> rooms -> gate -> profile -> auth -> state",
    },
    Wall {
        files: &["src/server/auth/"],
        but: &[],
        paths: Paths::Never(&[
            "crate::server::account_deletion",
            "crate::server::http",
            "crate::server::people",
            "crate::server::rooms",
            "crate::server::gate",
            "crate::server::profile",
        ]),
        because: "imports point down: http -> snug_info -> people -> rooms -> gate -> profile -> auth -> state",
    },
    Wall {
        files: &["src/server/metrics/"],
        but: &[],
        paths: Paths::Never(FEATURES),
        because: "imports point down: the metrics are read from the state, and only `http` shows them",
    },
    Wall {
        files: &["src/server/"],
        but: &["src/server/metrics/", "src/server/http/metrics_endpoint.rs"],
        paths: Paths::Never(&["crate::server::metrics"]),
        because: "code counts beside itself, and `metrics` reads the counts",
    },
    Wall {
        files: &["src/server/state.rs", "src/server/state/"],
        but: &[],
        paths: Paths::Never(FEATURES),
        because: "imports point down: the state is below every feature",
    },
    Wall {
        files: &[
            "src/server/config.rs",
            "src/server/config/",
            "src/server/avatars/",
            "src/server/backup/",
            "src/server/mail/",
            "src/server/limit.rs",
            "src/server/limit/",
            "src/server/error.rs",
            "src/server/telemetry.rs",
            "src/server/keyring.rs",
            "src/server/typed_address.rs",
            "src/server/clock.rs",
            "src/server/data_folder.rs",
            "src/server/data_lock.rs",
            "src/server/clock_jumps.rs",
            "src/server/database.rs",
            "src/server/database/",
            "src/server/database_fence.rs",
            "src/server/database_lease/",
            "src/server/database_waits.rs",
            "src/server/database_schema/",
            "src/server/file_lock.rs",
            "src/server/health_runs.rs",
            "src/server/inherited_sockets.rs",
            "src/server/lock_holder.rs",
            "src/server/readiness.rs",
            "src/server/refresh_outcomes.rs",
            "src/server/request_counts.rs",
            "src/server/request_id.rs",
            "src/server/config_source.rs",
            "src/server/current_limits.rs",
            "src/server/service_manager.rs",
            "src/server/snug_info/cache.rs",
            "src/server/snug_info/store.rs",
            "src/server/tls/",
            "src/server/typed_fields.rs",
        ],
        but: &[],
        paths: Paths::Never(STATE_AND_FEATURES),
        because: "imports point down: these are below the state",
    },
    Wall {
        files: &["src/server/voice/"],
        but: &[],
        paths: Paths::BelowBut("crate::server", &["crate::server::voice"]),
        because: "`voice` imports nothing from the rest of the server",
    },
    Wall {
        files: &["src/server/voice/"],
        but: &["src/server/voice/driver.rs", "src/server/voice/driver/", "*/tests.rs"],
        paths: Paths::Never(&[
            "tokio",
            "mio",
            "quinn_udp",
            "socket2",
            "std::thread",
            "std::net::UdpSocket",
            "std::net::TcpStream",
            "std::net::TcpListener",
            "std::time::SystemTime",
            "std::time::Instant::now",
            "Instant::now",
            "SystemTime::now",
        ]),
        because: "in `voice`, only the `driver` may use tokio, sockets and clocks",
    },
    Wall {
        files: ANYWHERE,
        but: &["*/store.rs", "src/server/state.rs", "src/server/database.rs"],
        paths: Paths::Never(&["sqlx"]),
        because: "only `store.rs` files, `state.rs` and `database.rs` use SQL",
    },
    Wall {
        files: ANYWHERE,
        but: &["*/store.rs", "src/server/state.rs"],
        paths: Paths::Never(&[
            "sqlx::query",
            "sqlx::query_as",
            "sqlx::query_scalar",
            "sqlx::raw_sql",
            "sqlx::QueryBuilder",
        ]),
        because: "queries belong in `store.rs` files, one function for each query",
    },
    Wall {
        files: ANYWHERE,
        but: &["*/token.rs"],
        paths: Paths::Never(&["jsonwebtoken"]),
        because: "only `token.rs` makes and reads access tokens",
    },
    Wall {
        files: ANYWHERE,
        but: &["src/server/avatars/picture/"],
        paths: Paths::Never(&[
            "image",
            "png",
            "gif",
            "jpeg_decoder",
            "jpeg_encoder",
            "fast_image_resize",
        ]),
        because: "only `avatars/picture` decodes pictures",
    },
    Wall {
        files: ANYWHERE,
        but: &["src/server/mail/"],
        paths: Paths::Never(&["lettre"]),
        because: "only `server/mail` sends e-mails",
    },
    Wall {
        files: ANYWHERE,
        but: &["src/server/inherited_sockets.rs", "src/server/service_manager.rs"],
        paths: Paths::Never(&["listenfd", "sd_notify"]),
        because: "only `inherited_sockets.rs` takes sockets from systemd, and only `service_manager.rs` talks to it",
    },
    Wall {
        files: ANYWHERE,
        but: &["src/server/tls/"],
        paths: Paths::Never(&[
            "rustls",
            "tokio_rustls",
            "x509_parser",
            "rcgen",
            "instant_acme",
            "hyper_rustls",
            "rustls_platform_verifier",
        ]),
        because: "only `server/tls` does TLS handshakes and reads certificates",
    },
    Wall {
        files: ANYWHERE,
        but: &[
            "src/server/open_files.rs",
            "src/server/data_folder.rs",
            "src/server/lock_holder.rs",
        ],
        paths: Paths::Never(&["nix"]),
        because: "only `open_files.rs` and `data_folder.rs` ask for and change settings of the process, and only `lock_holder.rs` asks for the name of the machine",
    },
    Wall {
        files: ANYWHERE,
        but: &["src/browser/", "src/api/client/"],
        paths: Paths::Never(&["web_sys", "leptos::web_sys"]),
        because: "only `browser/` uses Web APIs (for the types of events, use `leptos::ev`)",
    },
    Wall {
        files: ANYWHERE,
        but: &["src/embedded_site.rs"],
        paths: Paths::Never(&["rust_embed"]),
        because: "only `embedded_site.rs`, which is a part of the program and not of the crate, contains the site",
    },
    Wall {
        files: ANYWHERE,
        but: &["src/server/http/static_files.rs"],
        paths: Paths::Never(&["mime_guess"]),
        because: "only `static_files.rs` guesses types from names",
    },
    Wall {
        files: ANYWHERE,
        but: &["src/main.rs", "src/commands/"],
        paths: Paths::Never(&["clap"]),
        because: "only `main.rs` and `commands/` read arguments",
    },
    Wall {
        files: ANYWHERE,
        but: &["src/server/metrics/"],
        paths: Paths::Never(&["prometheus_client"]),
        because: "only `server/metrics` knows how metrics are written",
    },
    Wall {
        files: ANYWHERE,
        but: &["src/server/telemetry.rs"],
        paths: Paths::Never(&["tracing_subscriber"]),
        because: "only `telemetry.rs` decides what is logged and how",
    },
    Wall {
        files: ANYWHERE,
        but: &["src/server/http/request_scope.rs"],
        paths: Paths::Never(&["pin_project_lite"]),
        because: "only `request_scope.rs` has a future of its own; everything else uses `async`",
    },
    Wall {
        files: ANYWHERE,
        but: &["src/server/backup/"],
        paths: Paths::Never(&["tar"]),
        because: "only `server/backup/` reads and writes archives",
    },
    Wall {
        files: ANYWHERE,
        but: &["src/server/voice/"],
        paths: Paths::Never(&["str0m"]),
        because: "only `server/voice/` uses WebRTC",
    },
];

const FEATURES: &[&str] = &[
    "crate::server::account_deletion",
    "crate::server::http",
    "crate::server::people",
    "crate::server::rooms",
    "crate::server::gate",
    "crate::server::profile",
    "crate::server::auth",
];
const STATE_AND_FEATURES: &[&str] = &[
    "crate::server::account_deletion",
    "crate::server::http",
    "crate::server::people",
    "crate::server::rooms",
    "crate::server::gate",
    "crate::server::profile",
    "crate::server::auth",
    "crate::server::state",
];

/// The only files of `src/` that may contain `cfg(feature = …)`.
pub const FILES_WITH_FEATURES: &[&str] = &["src/lib.rs", "src/main.rs"];

/// Words that say nothing about the content. No file and no folder may have such a name.
pub const EMPTY_NAMES: &[&str] = &["utils", "util", "helpers", "helper", "common", "types", "core", "misc"];

/// A file with more lines than this probably has a second idea in it.
pub const LONG_FILE_LINES: usize = 300;

/// Whether `file` matches one of `patterns`, which are written as in [`Wall::files`].
pub fn is_among(file: &str, patterns: &[&str]) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_prefix('*') {
        Some(ending) => file.ends_with(ending),
        None if pattern.ends_with('/') => file.starts_with(pattern),
        None => file == *pattern,
    })
}
