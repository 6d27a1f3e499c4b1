//! The states of a call that pages show.

/// Whether you are in the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinState {
    /// Looking in: nobody sees you.
    Lobby,
    /// On the way in.
    Joining,
    Inside,
}

/// How your own microphone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mic {
    Muted,
    /// The browser is asking you, or opening it.
    Opening,
    Live,
}

/// Whether sound goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoundState {
    Off,
    Connecting,
    /// Still connecting after a while: the page tells you.
    Slow,
    Through,
    /// Tried often enough: the network lets no voice through.
    Blocked,
}
