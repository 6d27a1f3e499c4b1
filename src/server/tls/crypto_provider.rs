//! The cryptography for TLS: aws-lc, which WebRTC and the keyring use too.

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use std::sync::{Arc, LazyLock};

static PROVIDER: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| Arc::new(aws_lc_rs::default_provider()));

/// The provider. It is stateless.
pub fn provider() -> Arc<CryptoProvider> {
    PROVIDER.clone()
}
