//! What happens to a call, and what the call asks of the browser: the two sides of its state machine.

use crate::{
    browser::{microphone::Closed, peer::PeerEventKind},
    error::AppError,
    model::{
        id::UserId,
        signal::{ClientSignal, ServerSignal},
        stage::StageRequest,
    },
    ui::reconnecting_socket::SocketState,
};

/// Something happened.
#[derive(Debug, Clone, PartialEq)]
pub enum CallInput {
    // The person.
    Join,
    /// Leaving on purpose.
    Leave,
    /// The page that only looked in is gone.
    Disconnect,
    ToggleMicrophone,
    Unmute,
    Mute,
    HearYourself,
    /// A tap, after the browser refused to play.
    Play,
    /// A click that asks for another voice connection.
    TryAgain,
    /// The last refusal was read.
    DismissRefusal,
    Request(StageRequest),
    // The room's socket.
    Socket(SocketState),
    Signal(Box<ServerSignal>),
    /// The endpoint's answer to why the socket was refused.
    SocketRefused(AppError),
    /// About the voice connection of an attempt. If that is not the current one, the news is old and changes nothing.
    Connection {
        attempt: u32,
        event: ConnectionEvent,
    },
    // Your microphone.
    MicrophoneOpened {
        purpose: MicrophonePurpose,
        opened: Result<(), Closed>,
    },
    /// The device was unplugged, or the browser took it away.
    MicrophoneEnded,
    /// The system (a phone call, another program) mutes the microphone's track, or lets it go on.
    SystemMuted(bool),
    // The page.
    PageHidden(bool),
    Timer(CallTimer),
}

/// What happens to a voice connection.
#[derive(Debug, Clone, PartialEq)]
pub enum ConnectionEvent {
    /// This browser makes no such connection.
    NotMade,
    Offered {
        sdp: String,
    },
    /// The browser does not take the answer.
    AnswerNotTaken,
    Peer(PeerEventKind),
}

/// What the microphone was opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MicrophonePurpose {
    /// To talk; `request` tells a later mute from an earlier unmute.
    Talk { request: u32 },
    /// "Hear yourself".
    Echo,
}

/// What a timer of the call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallTimer {
    /// Connecting takes long.
    Slow { attempt: u32 },
    /// An offer should have been answered by now.
    Unanswered { attempt: u32 },
    /// It is time for another connection.
    Reconnect { attempt: u32 },
    /// "Hear yourself" is over.
    EchoOver,
}

/// What the shell does next, in this order.
#[derive(Debug, Clone, PartialEq)]
pub enum CallOutput {
    Send(ClientSignal),
    /// Close this socket and open another.
    ReopenSocket,
    /// Close the socket for good.
    HangUp,
    /// Ask the endpoint why the socket is refused.
    AskWhy,
    /// Make a connection, put the microphone into it if that is open, and offer it.
    OpenConnection {
        attempt: u32,
    },
    CloseConnection,
    AcceptAnswer {
        attempt: u32,
        sdp: String,
    },
    Play {
        attempt: u32,
    },
    /// Silence what is still to come of a voice.
    Hush {
        voice: u32,
    },
    Unhush {
        voice: u32,
    },
    /// Nobody is known to speak, or these are.
    ShowSpeaking(Vec<UserId>),
    /// Nobody speaks who is muted.
    HushMuted,
    OpenMicrophone(MicrophonePurpose),
    /// Put the microphone into the connection.
    SendMicrophone,
    /// Let sound out of the microphone, or none.
    SetLive(bool),
    ReleaseMicrophone,
    Start {
        timer: CallTimer,
        after_ms: u32,
    },
    /// Start the timer after a pause that grows with the failures, and that differs from tab to tab.
    StartAfterPause {
        timer: CallTimer,
        failures: u32,
    },
}
