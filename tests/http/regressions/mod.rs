//! Defects of other voice-room programs. Each test shows that Snug does not have one of them.

mod pictures;
mod rooms;
mod sessions;
