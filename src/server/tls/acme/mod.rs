//! Certificates from a certificate authority, by ACME (RFC 8555): the first one, and a new one before the old one ends.

mod authority;
mod certificate_folder;
mod clock_skew;
mod issue;
mod plan;
mod renewal;

pub use authority::read_further_roots;
pub use renewal::RenewalTask;
