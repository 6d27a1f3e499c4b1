//! HTTP around the server functions: the accept loop, middleware, static files, WebSockets, and pictures.

mod body_budget;
pub mod body_limit;
pub mod client_ip;
pub mod connection_limit;
pub mod error_status;
pub mod form_error;
pub mod guard;
pub mod guest_form;
pub mod health;
pub mod link_preview;
pub mod listen;
mod malformed_requests;
mod multipart_form;
mod paced_body;
mod picture_endpoint;
pub mod pictures;
pub mod qr_code;
pub mod redirect_length;
pub mod refresh_before_render;
pub mod room_list_socket;
mod signal_limit;
pub mod signaling;
pub mod socket;
pub mod static_files;
mod unknown_host;
mod untrusted_proxies;
mod write_deadline;
