//! Certificates from a certificate authority, by ACME (RFC 8555): the first one, and a new one before the old one expires.

mod advice;
mod authority;
mod certificate_folder;
mod clock_skew;
mod failure_record;
mod issue;
mod plan;
mod renewal;
mod without_server;

pub use authority::read_further_roots;
pub use clock_skew::TOLERATED_S;
pub use renewal::RenewalTask;
pub use without_server::{read_clock, stored_until};
