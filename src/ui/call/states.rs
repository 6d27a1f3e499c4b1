//! The states of a call, as pages show them.

/// Whether you are in the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinState {
    /// Looking in: nobody sees you.
    Lobby,
    /// Joining: waiting for the server's answer.
    Joining,
    Inside,
}

/// The state of your own microphone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mic {
    Muted,
    /// The browser asks you for permission, or is opening it.
    Opening,
    Live,
}

/// The state of the voice connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoundState {
    Off,
    Connecting,
    /// Still connecting after a while, so that the page says so.
    Slow,
    Through,
    /// Given up after several attempts: the network lets no voice through.
    Blocked,
}
