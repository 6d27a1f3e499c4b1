//! The inputs and outputs of a call's state machine: what happens, and what the browser has to do.

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

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum CallInput {
    // What the person does.
    Join,
    /// Leaving on purpose.
    Leave,
    /// The person only looked in, and has left the page.
    Disconnect,
    ToggleMicrophone,
    Unmute,
    Mute,
    HearYourself,
    /// The person tapped, after the browser had refused to play sound.
    Play,
    /// The person clicked the button to try the voice connection again.
    TryAgain,
    /// The person has read the last refusal.
    DismissRefusal,
    Request(StageRequest),
    // What happens on the room's socket.
    Socket(SocketState),
    Signal(Box<ServerSignal>),
    /// The endpoint's error, which says why the socket was refused.
    SocketRefused(AppError),
    /// An event of the voice connection of this attempt. It is ignored if the attempt is not the current one.
    Connection {
        attempt: u32,
        event: ConnectionEvent,
    },
    // What happens to your microphone.
    MicrophoneOpened {
        purpose: MicrophonePurpose,
        opened: Result<(), Closed>,
    },
    /// The device was unplugged, or the browser took it away.
    MicrophoneEnded,
    /// The system mutes or unmutes the microphone's track, for example for a phone call.
    SystemMuted(bool),
    // What happens to the page.
    PageHidden(bool),
    Timer(CallTimer),
}

/// What happens to a voice connection.
#[derive(Debug, Clone, PartialEq)]
pub enum ConnectionEvent {
    /// This browser can't make such a connection.
    NotMade,
    Offered {
        sdp: String,
    },
    /// The browser does not accept the server's answer.
    AnswerNotTaken,
    Peer(PeerEventKind),
}

/// What the microphone was opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MicrophonePurpose {
    /// To talk. `request` is a number by which the answer to an outdated request can be ignored.
    Talk { request: u32 },
    /// "Hear yourself".
    Echo,
}

/// What a timer of the call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallTimer {
    /// The connection takes long, so tell the person.
    Slow { attempt: u32 },
    /// An offer should have been answered by now.
    Unanswered { attempt: u32 },
    /// The pause before another connection is over.
    Reconnect { attempt: u32 },
    /// "Hear yourself" is over.
    EchoOver,
}

/// What the browser has to do, in this order.
#[derive(Debug, Clone, PartialEq)]
pub enum CallOutput {
    Send(ClientSignal),
    /// Close this socket and open another.
    ReopenSocket,
    /// Close the socket for good.
    HangUp,
    /// Ask the endpoint why the socket was refused.
    AskWhy,
    /// Make a connection, with the microphone if that is open, and create the offer.
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
    /// Silence what the browser would still play of a voice.
    Hush {
        voice: u32,
    },
    Unhush {
        voice: u32,
    },
    /// Show these people as speaking, and nobody else.
    ShowSpeaking(Vec<UserId>),
    /// Show no muted person as speaking.
    HushMuted,
    OpenMicrophone(MicrophonePurpose),
    /// Send the microphone's track over the connection.
    SendMicrophone,
    /// Let the microphone send sound, or silence.
    SetLive(bool),
    ReleaseMicrophone,
    Start {
        timer: CallTimer,
        after_ms: u32,
    },
    /// Start the timer for a random pause that grows with the number of failures.
    StartAfterPause {
        timer: CallTimer,
        failures: u32,
    },
}
