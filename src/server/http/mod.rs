//! HTTP around the endpoints: the accept loop, the files of the site, guards, renewals, sockets, pictures.

pub mod body;
pub mod connection_limit;
mod form;
pub mod forwarded;
pub mod guard;
pub mod guests;
pub mod health;
pub mod list_socket;
pub mod listen;
mod malformed_requests;
pub mod pictures;
pub mod qr;
pub mod renew;
mod signal_limit;
pub mod signaling;
pub mod site;
pub mod socket;
pub mod status;
