//! The address of a Snug that serves only the local network, as its owner shows it to a phone.

/// What the owner's page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanAddress {
    /// Such as `https://192.168.1.5:3000`.
    pub url: String,
    /// A picture of the address, as the data URL of an image.
    pub qr_code: String,
    /// The SHA-256 fingerprint of the certificate, as browsers show it.
    pub fingerprint: String,
}
