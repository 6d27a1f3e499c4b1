//! Web APIs behind small Rust types. These modules compile for the server too, but only event handlers and Effects call
//! them. Event handlers and Effects run only in the browser.

pub mod access_token_expiry;
mod audio_context;
pub mod camera;
pub mod canvas_probe;
pub mod chime;
pub mod device_changes;
pub mod keyboard;
mod level_meter;
mod media;
pub mod microphone;
pub mod network;
pub mod page;
pub mod peer;
pub mod picture;
pub mod reachability;
pub mod roving_focus;
pub mod session_lock;
pub mod sight;
pub mod slide;
pub mod socket;
pub mod tab;
mod test_tone;
pub mod timer;
