//! The house rules for libraries: the places that may use each of them. ARCHITECTURE.md lists these places.

use super::rules::{Paths, Wall};

const ANYWHERE: &[&str] = &["src/"];

pub const LIBRARY_WALLS: &[Wall] = &[
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
