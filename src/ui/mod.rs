//! What people see: pages fetch, components show. Nothing here names the server.

pub mod call;
pub mod call_bar;
pub mod components;
pub mod face_form;
pub mod pages;
pub mod reconnecting_socket;
pub mod session;
pub mod unreachable_banner;
