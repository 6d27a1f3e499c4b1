//! Web APIs behind small Rust types. They compile on both sides and are called only from handlers and Effects.

pub mod access_token_expiry;
pub mod camera;
pub mod keyboard;
mod media;
pub mod microphone;
pub mod page;
pub mod peer;
pub mod picture;
pub mod reachability;
pub mod session_lock;
pub mod socket;
pub mod timer;
