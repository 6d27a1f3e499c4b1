//! The state machine of a call in one room. For each event, the machine changes its state and returns what the browser has to do.
//! The code is pure.

mod device_events;
mod refusals;
mod server_signals;

use super::{
    answers::OpenRequests,
    call_end::CallEnd,
    events::{CallInput, CallOutput, CallTimer, ConnectionEvent},
    hands::HandWatch,
    own_device::OwnDevice,
    own_microphone::OwnMicrophone,
    room_view::RoomView,
    states::{JoinState, Mic, SoundState},
    surroundings::Surroundings,
    talked_with::TalkedWith,
    voice_connection::{ConnectionNews, VoiceConnection},
};
use crate::{
    browser::peer::PeerEventKind,
    model::{
        id::UserId,
        room::RoomPage,
        signal::{ClientSignal, Refusal},
        stage::StageRequest,
    },
    ui::reconnecting_socket::SocketState,
};

/// The state of a call. It does not contain how loud people are, because loudness changes often and no decision depends on it.
#[derive(Debug, Clone, PartialEq)]
pub struct CallMachine {
    pub room: RoomView,
    pub join_state: JoinState,
    pub ended: Option<CallEnd>,
    /// A sentence that says why your last request was refused.
    pub refused: Option<String>,
    /// How many requests were refused. When this number changes, pages redraw their switches, so that a switch whose request was
    /// refused goes back to its old position.
    pub refusals: u32,
    pub connection: VoiceConnection,
    pub microphone: OwnMicrophone,
    pub device: OwnDevice,
    pub surroundings: Surroundings,
    socket: SocketState,
    /// Whether the server's signal `welcome` has arrived on this socket. The server accepts no offer before it has sent the welcome.
    is_welcomed: bool,
    pub hands: HandWatch,
    /// Whether you have unmuted on another page or device since you last unmuted or joined here.
    pub moved_elsewhere: bool,
    /// What you have asked for, and the room has not answered yet.
    open_requests: OpenRequests,
    /// Whether this page has asked to end the room.
    asked_to_end: bool,
    pub talked_with: TalkedWith,
}

impl CallMachine {
    /// A call in the lobby. `room` is the room as the server rendered it.
    pub fn new(room: &RoomPage) -> Self {
        Self {
            room: RoomView::new(room.clone(), None),
            join_state: JoinState::Lobby,
            ended: None,
            refused: None,
            refusals: 0,
            connection: VoiceConnection::new(),
            microphone: OwnMicrophone::new(),
            device: OwnDevice::default(),
            surroundings: Surroundings::default(),
            socket: SocketState::Opening,
            is_welcomed: false,
            hands: HandWatch::default(),
            moved_elsewhere: false,
            open_requests: OpenRequests::default(),
            asked_to_end: false,
            talked_with: TalkedWith::default(),
        }
    }

    /// Handles what happened, and returns what the browser has to do, in order.
    pub fn handle(&mut self, input: CallInput) -> Vec<CallOutput> {
        let mut outputs = vec![];
        self.on_input(input, &mut outputs);
        self.note_talk();
        outputs
    }

    /// Whether you have invited this person to the stage, and they have not answered yet.
    pub fn has_invited(&self, user: &UserId) -> bool {
        self.open_requests.has_invited(user)
    }

    fn note_talk(&mut self) {
        if self.join_state == JoinState::Inside
            && let Some(me) = &self.room.me
        {
            let is_live = self.microphone.mic == Mic::Live;
            self.talked_with.note(&self.room.roster, me, is_live);
        }
    }

    fn on_input(&mut self, input: CallInput, outputs: &mut Vec<CallOutput>) {
        match input {
            CallInput::Join => self.join(outputs),
            CallInput::Leave => {
                outputs.push(CallOutput::Send(ClientSignal::Leave));
                self.disconnect(outputs);
            }
            CallInput::Disconnect => self.disconnect(outputs),
            CallInput::ToggleMicrophone => match self.shown_mic() {
                Mic::Muted => self.unmute(outputs),
                Mic::Opening | Mic::Live => self.mute(outputs),
            },
            CallInput::Unmute => self.unmute(outputs),
            CallInput::Mute => self.mute(outputs),
            CallInput::HearYourself => self.microphone.hear_yourself(outputs),
            CallInput::Play => self.connection.play(outputs),
            CallInput::TryAgain => self.connection.try_again(outputs),
            CallInput::DismissRefusal => self.refused = None,
            CallInput::Request(request) => {
                self.refused = None;
                self.hands.on_request(&request);
                self.open_requests.ask(&request, &self.room);
                self.asked_to_end = request == StageRequest::End;
                outputs.push(CallOutput::Send(ClientSignal::StageRequest(request)));
            }
            CallInput::Socket(state) => self.on_socket(state, outputs),
            CallInput::Signal(signal) => self.on_signal(*signal, outputs),
            CallInput::SocketRefused(error) => {
                if let Some(end) = CallEnd::of_refused_socket(&error) {
                    self.end(end, outputs);
                }
            }
            CallInput::Connection { attempt, event } => {
                if self.connection.is_current(attempt) {
                    self.on_connection(event, outputs);
                }
            }
            CallInput::MicrophoneOpened { purpose, opened } => {
                let is_inside = self.join_state == JoinState::Inside;
                self.microphone.on_opened(purpose, opened, is_inside, outputs);
                self.note_held_microphone(purpose, outputs);
            }
            CallInput::MicrophoneNamed(name) => self.device.on_opened(name),
            CallInput::MicrophoneEnded => self.on_microphone_ended(outputs),
            CallInput::SystemMuted(is_muted) => self.on_system_muted(is_muted, outputs),
            CallInput::DevicesChanged => self.on_devices_changed(),
            CallInput::MicrophoneForbidden => self.on_forbidden(outputs),
            CallInput::PageHidden(is_hidden) => {
                self.surroundings.page_hidden = is_hidden;
                self.play_again(outputs);
            }
            CallInput::Timer(timer) => self.on_timer(timer, outputs),
        }
    }

    fn join(&mut self, outputs: &mut Vec<CallOutput>) {
        if self.join_state == JoinState::Lobby {
            self.refused = None;
            self.moved_elsewhere = false;
            self.join_state = JoinState::Joining;
            self.connection.forget_failures();
            // The server accepts no offer before the welcome. If the welcome has not arrived yet, `on_signal` opens the connection when
            // it arrives.
            if self.is_welcomed {
                self.connection.open(outputs);
            }
        }
    }

    fn disconnect(&mut self, outputs: &mut Vec<CallOutput>) {
        outputs.push(CallOutput::HangUp);
        self.connection.close(outputs);
        self.microphone.release(outputs);
        self.join_state = JoinState::Lobby;
        self.open_requests.clear();
    }

    fn unmute(&mut self, outputs: &mut Vec<CallOutput>) {
        self.refused = None;
        self.microphone.remark = None;
        self.device.news = None;
        // If the room does not let you talk, another part of the page already says why.
        if self.join_state != JoinState::Inside || !self.room.may_talk() {
            return;
        }
        if self.connection.sound == SoundState::Blocked {
            let remark = "Your voice isn't getting through. Try the connection again first.";
            self.microphone.remark = Some(remark);
            return;
        }
        self.moved_elsewhere = false;
        if self.is_held_by_system() {
            // Some systems give the microphone back only to a page that asks again.
            outputs.push(CallOutput::ReleaseMicrophone);
        }
        self.microphone.unmute(outputs);
    }

    fn mute(&mut self, outputs: &mut Vec<CallOutput>) {
        self.refused = None;
        self.device.news = None;
        self.microphone.mute(outputs);
    }

    fn on_socket(&mut self, state: SocketState, outputs: &mut Vec<CallOutput>) {
        self.socket = state;
        let SocketState::Lost { attempt, .. } = state else {
            return;
        };
        self.is_welcomed = false;
        self.connection.close(outputs);
        self.microphone.mute_after_loss(outputs);
        outputs.push(CallOutput::ShowSpeaking(vec![]));
        if self.join_state == JoinState::Inside {
            self.join_state = JoinState::Joining;
        }
        // Browsers do not say why the server refused a socket, so ask the room's endpoint.
        if attempt > 1 {
            outputs.push(CallOutput::AskWhy);
        }
    }

    fn on_connection(&mut self, event: ConnectionEvent, outputs: &mut Vec<CallOutput>) {
        match event {
            ConnectionEvent::NotMade => self.on_not_made(outputs),
            // If the socket is not open, this signal is lost. When the socket is open again and the welcome arrives, another
            // connection is made.
            ConnectionEvent::Offered { sdp } => {
                outputs.push(CallOutput::Send(ClientSignal::Join { sdp }));
                self.connection.offer(outputs);
            }
            ConnectionEvent::AnswerNotTaken => self.connection.block(),
            ConnectionEvent::Peer(event) => {
                if event == PeerEventKind::Paused {
                    self.on_paused(outputs);
                }
                if self.connection.on_peer(event) == ConnectionNews::Lost {
                    self.lose_connection(outputs);
                }
            }
        }
    }

    /// Handles the event that the browser can't make a connection.
    fn on_not_made(&mut self, outputs: &mut Vec<CallOutput>) {
        self.connection.block();
        if self.join_state == JoinState::Joining {
            self.refuse(Refusal::BadOffer, outputs);
        }
    }

    fn lose_connection(&mut self, outputs: &mut Vec<CallOutput>) {
        self.connection.lose(outputs);
        self.microphone.mute_after_loss(outputs);
    }

    fn on_timer(&mut self, timer: CallTimer, outputs: &mut Vec<CallOutput>) {
        match timer {
            CallTimer::Slow { attempt } if self.connection.is_current(attempt) => self.connection.is_slow(),
            CallTimer::Unanswered { attempt } if self.connection.is_current(attempt) => {
                if self.connection.is_unanswered() {
                    outputs.push(CallOutput::ReopenSocket);
                }
            }
            CallTimer::Reconnect { attempt } if self.connection.is_current(attempt) => {
                if self.socket == SocketState::Open && self.is_welcomed && self.join_state != JoinState::Lobby {
                    self.connection.open(outputs);
                }
            }
            CallTimer::PlayAgain { attempt } if self.connection.is_current(attempt) => self.play_again(outputs),
            CallTimer::Slow { .. }
            | CallTimer::Unanswered { .. }
            | CallTimer::Reconnect { .. }
            | CallTimer::PlayAgain { .. } => {}
            CallTimer::EchoOver => self.microphone.end_echo(outputs),
            CallTimer::RefusalRead { refusal } => self.forget_refusal(refusal),
        }
    }
}

#[cfg(test)]
mod tests;
