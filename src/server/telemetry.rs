//! The log: one line an event, with fields; never an e-mail address, a code, a token or a cookie.

use tracing_subscriber::EnvFilter;

/// Starts logging to standard error. `RUST_LOG` sets what is shown; the default is `info` for Snug, `warn` for others.
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
