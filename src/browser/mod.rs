//! Web APIs behind small Rust types. They compile on both sides and are called only from handlers and Effects.

pub mod camera;
pub mod countdown;
pub mod keys;
mod media;
pub mod microphone;
pub mod page;
pub mod peer;
pub mod picture;
pub mod reach;
pub mod session_clock;
pub mod session_lock;
pub mod socket;
