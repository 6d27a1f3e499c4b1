//! TLS: handshakes, certificates, and where certificates come from. Only these files use rustls.

mod acme;
mod certificate;
mod certificate_files;
mod certificate_resolver;
mod certificate_status;
mod challenges;
mod configuration_check;
mod crypto_provider;
mod examined_handshake;
mod own_certificate;
mod private_file;
mod served_certificate;
mod server_stream;
mod server_tls;

pub use acme::{TOLERATED_S as CLOCK_TOLERATED_S, read_clock, stored_until};
pub use certificate::day;
pub use certificate_status::CertificateStatus;
pub use configuration_check::check;
pub use examined_handshake::{CertificateTrust, PresentedCertificate, examine_handshake};
pub use server_stream::ServerStream;
pub use server_tls::ServerTls;
