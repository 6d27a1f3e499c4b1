//! A TURN server that a page may use, with credentials that are valid for a short time.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One server for the configuration of an `RTCPeerConnection` (WebRTC section 4.2.4). `Debug` does not show the credential.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IceServer {
    /// Addresses such as `turns:turn.example.org:443` (RFC 7065).
    pub urls: Vec<String>,
    pub username: String,
    pub credential: String,
}

impl fmt::Debug for IceServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IceServer({}, ..)", self.urls.join(", "))
    }
}
