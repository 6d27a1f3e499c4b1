//! The house rules as tables: who may name what. The reasons stand in ARCHITECTURE.md and in the design's "The house".

/// Files that may not name some paths.
pub struct Wall {
    /// The files it holds for: `src/ui/` (all below), `src/error.rs` (one file) or `*/store.rs` (that name anywhere).
    pub files: &'static [&'static str],
    /// The files among those that are let off.
    pub but: &'static [&'static str],
    pub paths: Paths,
    /// Ends the sentence "file may not name path: …".
    pub because: &'static str,
}

/// Which paths a wall keeps out. All are written from the root: `crate::api`, `sqlx`.
pub enum Paths {
    /// These, and what lies below them.
    Never(&'static [&'static str]),
    /// Anything of ours but these, and what lies below them.
    OursBut(&'static [&'static str]),
    /// Whatever lies below the first, but for the rest and what lies below it.
    BelowBut(&'static str, &'static [&'static str]),
}

const ANYWHERE: &[&str] = &["src/"];

pub const WALLS: &[Wall] = &[
    Wall {
        files: &["src/model/"],
        but: &[],
        paths: Paths::OursBut(&["crate::model"]),
        because: "the model is words both sides share and imports nothing of ours",
    },
    Wall {
        files: &["src/error.rs"],
        but: &[],
        paths: Paths::OursBut(&["crate::error"]),
        because: "the one error on the wire imports nothing of ours",
    },
    Wall {
        files: &["src/browser/"],
        but: &[],
        paths: Paths::OursBut(&["crate::browser", "crate::model", "crate::error"]),
        because: "the browser's types know only `model` and `error`",
    },
    Wall {
        files: &["src/api/"],
        but: &[],
        paths: Paths::Never(&["crate::ui", "crate::app", "crate::router"]),
        because: "doors do not know the pages that use them",
    },
    Wall {
        files: &["src/api/"],
        but: &["src/api/client/"],
        paths: Paths::Never(&["crate::browser"]),
        because: "only `api/client` may reach the browser",
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
        because: "of the browser it may name `browser::access_token_expiry`, `browser::reach` and `browser::session_lock` only",
    },
    Wall {
        files: &["src/ui/"],
        but: &[],
        paths: Paths::Never(&["crate::server", "crate::router"]),
        because: "pages reach the server through the doors in `api`",
    },
    Wall {
        files: &["src/ui/components/"],
        but: &[],
        paths: Paths::Never(&["crate::api", "crate::browser"]),
        because: "components take props, and actions come as props",
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
        because: "the server knows neither pages nor doors",
    },
    Wall {
        files: &["src/server/people/"],
        but: &[],
        paths: Paths::Never(&["crate::server::http"]),
        because: "imports point down: http -> people -> rooms -> gate -> profile -> auth -> state",
    },
    Wall {
        files: &["src/server/rooms/"],
        but: &[],
        paths: Paths::Never(&["crate::server::http", "crate::server::people"]),
        because: "imports point down: http -> people -> rooms -> gate -> profile -> auth -> state",
    },
    Wall {
        files: &["src/server/gate.rs"],
        but: &[],
        paths: Paths::Never(&["crate::server::http", "crate::server::people", "crate::server::rooms"]),
        because: "imports point down: http -> people -> rooms -> gate -> profile -> auth -> state",
    },
    Wall {
        files: &["src/server/profile/"],
        but: &[],
        paths: Paths::Never(&[
            "crate::server::http",
            "crate::server::people",
            "crate::server::rooms",
            "crate::server::gate",
        ]),
        because: "imports point down: http -> people -> rooms -> gate -> profile -> auth -> state",
    },
    Wall {
        files: &["src/server/auth/"],
        but: &[],
        paths: Paths::Never(&[
            "crate::server::http",
            "crate::server::people",
            "crate::server::rooms",
            "crate::server::gate",
            "crate::server::profile",
        ]),
        because: "imports point down: http -> people -> rooms -> gate -> profile -> auth -> state",
    },
    Wall {
        files: &["src/server/state.rs", "src/server/state/"],
        but: &[],
        paths: Paths::Never(FEATURES),
        because: "imports point down: state stands below every feature",
    },
    Wall {
        files: &[
            "src/server/config.rs",
            "src/server/config/",
            "src/server/avatars/",
            "src/server/mail.rs",
            "src/server/mail/",
            "src/server/limit.rs",
            "src/server/limit/",
            "src/server/error.rs",
            "src/server/telemetry.rs",
            "src/server/keyring.rs",
            "src/server/clock.rs",
            "src/server/database.rs",
            "src/server/database/",
        ],
        but: &[],
        paths: Paths::Never(STATE_AND_FEATURES),
        because: "imports point down: these stand below the state",
    },
    Wall {
        files: &["src/server/voice/"],
        but: &[],
        paths: Paths::BelowBut("crate::server", &["crate::server::voice"]),
        because: "the voice names no sibling",
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
        because: "tokio, sockets and clocks are used in the voice's `driver` only",
    },
    Wall {
        files: ANYWHERE,
        but: &[
            "*/store.rs",
            "src/server/state.rs",
            "src/server/database.rs",
            "src/server/migrations.rs",
        ],
        paths: Paths::Never(&["sqlx"]),
        because: "SQL has one door: `store.rs` files, `state.rs` and `database.rs`",
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
        because: "queries stand in `store.rs` files, one function a question",
    },
    Wall {
        files: ANYWHERE,
        but: &["*/token.rs"],
        paths: Paths::Never(&["jsonwebtoken"]),
        because: "access tokens have one door: `token.rs`",
    },
    Wall {
        files: ANYWHERE,
        but: &["*/picture.rs", "src/server/avatars/picture/"],
        paths: Paths::Never(&[
            "image",
            "png",
            "gif",
            "jpeg_decoder",
            "jpeg_encoder",
            "fast_image_resize",
        ]),
        because: "pictures have one door: `picture.rs`",
    },
    Wall {
        files: ANYWHERE,
        but: &["src/server/mail.rs", "src/server/mail/"],
        paths: Paths::Never(&["lettre"]),
        because: "letters have one door: `server/mail`",
    },
    Wall {
        files: ANYWHERE,
        but: &["src/browser/", "src/api/refresh.rs", "src/api/client/"],
        paths: Paths::Never(&["web_sys", "leptos::web_sys"]),
        because: "Web APIs have one door: `browser/` (for the types of events use `leptos::ev`)",
    },
    Wall {
        files: ANYWHERE,
        but: &["src/server/voice/"],
        paths: Paths::Never(&["str0m"]),
        because: "WebRTC has one door: `server/voice/`",
    },
];

const FEATURES: &[&str] = &[
    "crate::server::http",
    "crate::server::people",
    "crate::server::rooms",
    "crate::server::gate",
    "crate::server::profile",
    "crate::server::auth",
];
const STATE_AND_FEATURES: &[&str] = &[
    "crate::server::http",
    "crate::server::people",
    "crate::server::rooms",
    "crate::server::gate",
    "crate::server::profile",
    "crate::server::auth",
    "crate::server::state",
];

/// The only files of `src/` where `cfg(feature = …)` may stand.
pub const FILES_WITH_FEATURES: &[&str] = &["src/lib.rs", "src/main.rs"];

/// Words that name no thing: no file and no folder is called so.
pub const EMPTY_NAMES: &[&str] = &["utils", "util", "helpers", "helper", "common", "types", "core", "misc"];

/// Past this many lines a file probably holds a second idea.
pub const LONG_FILE_LINES: usize = 300;

/// True if `file` is one of `patterns`, as [`Wall::files`] writes them.
pub fn is_among(file: &str, patterns: &[&str]) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_prefix('*') {
        Some(ending) => file.ends_with(ending),
        None if pattern.ends_with('/') => file.starts_with(pattern),
        None => file == *pattern,
    })
}
