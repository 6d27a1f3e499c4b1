//! The log: one line per event, with fields. It must never contain an e-mail address, a code, a token or a cookie.

use tracing_subscriber::EnvFilter;

/// Starts logging to standard error. `RUST_LOG` sets the levels. The default is `info` for Snug, `error` for the voice libraries, and
/// `warn` for all other crates.
pub fn start() {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("warn,snug=info,is=error,str0m=error,dimpl=error"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .compact()
        .init();
}
