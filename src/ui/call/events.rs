//! The inputs and outputs of a call's state machine: what happens, and what the browser has to do.

use super::answers::HostAnswer;
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
    /// Joining by itself, because the person was inside when this tab loaded the page again.
    JoinAgain,
    /// Leaving on purpose.
    Leave,
    /// The person has left the page without joining.
    Disconnect,
    ToggleMicrophone,
    Unmute,
    Mute,
    HearYourself,
    /// The person clicked the button to hear the room, after the browser had refused to play sound.
    Play,
    /// The person clicked the button to try the voice connection again.
    TryAgain,
    /// The person has opened the panel for hosts. The sentence about the last refused request is then no longer shown.
    DismissRefusal,
    Request(StageRequest),
    /// A sheet about the voice connection of a person was opened (`true`) or closed.
    WatchFacts {
        of: UserId,
        on: bool,
    },
    // What happens on the room's socket.
    Socket(SocketState),
    Signal(Box<ServerSignal>),
    /// The error of the room's endpoint, which says why the socket was refused.
    SocketRefused(AppError),
    /// An event of a voice connection. `attempt` is the number of the attempt that made the connection. The event counts
    /// only if this attempt is still the current one.
    Connection {
        attempt: u32,
        event: ConnectionEvent,
    },
    // What happens to your microphone.
    MicrophoneOpened {
        purpose: MicrophonePurpose,
        opened: Result<(), Closed>,
    },
    /// The browser's name for the microphone that it has just opened, if it tells one. This input comes before `MicrophoneOpened`.
    MicrophoneNamed(Option<String>),
    /// The microphone was unplugged, or the browser took it away.
    MicrophoneEnded,
    /// A device was plugged in or unplugged.
    DevicesChanged,
    /// The person has forbidden the microphone in the browser's settings.
    MicrophoneForbidden,
    /// The system mutes or unmutes the microphone's track, for example for a phone call.
    SystemMuted(bool),
    // What happens to the page.
    PageHidden(bool),
    /// The network of the device has changed.
    NetworkChanged,
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
    /// The browser has made an offer to look for another path (an ICE restart).
    RestartOffered {
        sdp: String,
    },
    /// The browser can't look for another path.
    RestartFailed,
    /// The browser does not accept the server's answer.
    AnswerNotTaken,
    Peer(PeerEventKind),
}

/// What the microphone was opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MicrophonePurpose {
    /// To talk. `request` is the number of the unmute for which the microphone was opened. The browser's answer is ignored if you
    /// have muted or unmuted again since.
    Talk { request: u32 },
    /// In place of the microphone that was unplugged while you used it. `request` is as in `Talk`.
    Replace { request: u32 },
    /// For the microphone test "Hear yourself".
    Echo,
}

/// What a timer of the call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallTimer {
    /// The connection is taking long, so tell the person.
    Slow { attempt: u32 },
    /// The server should have answered the offer by now.
    Unanswered { attempt: u32 },
    /// The pause before the next attempt to connect is over.
    Reconnect { attempt: u32 },
    /// The browser has not found the path to the server again for a while.
    Disconnected { attempt: u32 },
    /// All ways of the connection had failed, and the browser was to find another one by now. `failure` is the number of the failure.
    StillFailed { attempt: u32, failure: u32 },
    /// You have been cut off for so long that your microphone must not open again by itself. `gap` is the number of the gap.
    CutOffForLong { gap: u32 },
    /// The wait after a pause from outside the page is over.
    PlayAgain { attempt: u32 },
    /// "Hear yourself" is over.
    EchoOver,
    /// The sentence about the refusal with this number has been on the screen long enough.
    RefusalRead { refusal: u32 },
}

/// Something that the browser has to do.
#[derive(Debug, Clone, PartialEq)]
pub enum CallOutput {
    Send(ClientSignal),
    /// Close the room's socket and open another one.
    ReopenSocket,
    /// Open another socket at once, because the present one may be dead. The present one stays until the other one works.
    RenewSocket {
        /// Whether the network has changed, so that also a socket that is just being opened may be dead.
        is_other_network: bool,
    },
    /// Close the socket for good.
    HangUp,
    /// Ask the room's endpoint why the socket was refused.
    AskWhy,
    /// Make a connection, add the microphone if it is open, and create the offer.
    OpenConnection {
        attempt: u32,
    },
    CloseConnection,
    AcceptAnswer {
        attempt: u32,
        sdp: String,
    },
    /// Make an offer to look for another path (an ICE restart).
    RestartConnection {
        attempt: u32,
    },
    AcceptRestart {
        attempt: u32,
        sdp: String,
    },
    Play {
        attempt: u32,
    },
    /// Don't play the rest of this voice that is still in the browser's buffer.
    Hush {
        voice: u32,
    },
    Unhush {
        voice: u32,
    },
    /// Show these people as speaking, and nobody else.
    ShowSpeaking(Vec<UserId>),
    /// Stop showing muted people as speaking.
    HushMuted,
    OpenMicrophone(MicrophonePurpose),
    /// Send the microphone's track over the connection.
    SendMicrophone,
    /// Make the microphone send sound (`true`) or silence (`false`).
    SetLive(bool),
    ReleaseMicrophone,
    /// Give the focus to the button of the microphone, unless the person is typing. While a sheet is open, wait.
    FocusMicrophone,
    Start {
        timer: CallTimer,
        after_ms: u32,
    },
    /// Start the timer for a random pause that grows with the number of failures.
    StartAfterPause {
        timer: CallTimer,
        failures: u32,
    },
    /// Make the soft sound that tells a host of a raised hand.
    RingForHand,
    /// Tell the person that the room has done what they asked for.
    Answer(HostAnswer),
}
