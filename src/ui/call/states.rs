//! The states of a call, as pages show them.

/// Whether you are in the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinState {
    /// You see the room but have not joined it, and nobody in it sees you.
    Lobby,
    /// You have asked to join, and the server has not answered yet.
    Joining,
    Inside,
}

/// The state of your own microphone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mic {
    Muted,
    /// The browser asks you for permission, or is opening the microphone.
    Opening,
    Live,
}

/// The state of the voice connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoundState {
    Off,
    Connecting,
    /// The page is still connecting after a while, and now says so.
    Slow,
    Through,
    /// There is no connection, and the page tries again only after a click.
    Blocked,
}

/// What the page says while the system has your microphone and you would be live otherwise.
pub const HELD_WORDS: &str = "Your device has taken the microphone, for example for a phone call. Nobody hears you until it gives the microphone back.";

/// What the page says while you are cut off: nothing of you arrives at the server, or nothing reaches you.
pub fn cut_off_words(mic: Mic) -> &'static str {
    match mic {
        Mic::Live => "Nobody hears you right now. Reconnecting…",
        Mic::Muted | Mic::Opening => "You hear nobody right now. Reconnecting…",
    }
}
