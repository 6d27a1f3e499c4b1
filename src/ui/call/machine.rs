//! The state machine of a call in one room. For each event, the machine changes its state and returns what the browser has to do.
//! The code is pure.

mod connection_events;
mod device_events;
mod gap_events;
mod refusals;
mod server_signals;

use super::{
    answers::OpenRequests,
    call_end::CallEnd,
    events::{CallInput, CallOutput, CallTimer},
    gap::{Gap, SHORT_GAP_MAX_MS},
    hands::HandWatch,
    own_device::OwnDevice,
    own_microphone::OwnMicrophone,
    room_view::RoomView,
    states::{JoinState, Mic, SoundState},
    surroundings::Surroundings,
    talked_with::TalkedWith,
    voice_connection::VoiceConnection,
    watched_facts::WatchedFacts,
};
use crate::{
    model::{id::UserId, room::RoomPage, signal::ClientSignal, stage::StageRequest},
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
    /// What the server tells about a voice connection, while a sheet about it is open.
    pub facts: WatchedFacts,
    /// The time of the last input, in milliseconds of a clock that also counts the time in which the device has slept.
    now_ms: f64,
    gap: Gap,
    /// When the page last asked for another socket; `None` if it never did.
    renewed_at_ms: Option<f64>,
    /// When the page lately played the voices again that something outside had paused.
    pauses: Vec<f64>,
    /// Whether this page was loaded again while you were inside, and has not said so yet.
    was_loaded_again: bool,
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
            facts: WatchedFacts::default(),
            now_ms: 0.0,
            gap: Gap::default(),
            renewed_at_ms: None,
            pauses: vec![],
            was_loaded_again: false,
        }
    }

    /// Handles what happened, and returns what the browser has to do, in order. `now_ms` is the time on a clock that also counts the time
    /// in which the device has slept.
    pub fn handle(&mut self, input: CallInput, now_ms: f64) -> Vec<CallOutput> {
        self.now_ms = now_ms;
        let mut outputs = vec![];
        // What the button does is what it showed when it was pressed, even if the clock mutes you now.
        let input = match (input, self.shown_mic()) {
            (CallInput::ToggleMicrophone, Mic::Muted) => CallInput::Unmute,
            (CallInput::ToggleMicrophone, Mic::Opening | Mic::Live) => CallInput::Mute,
            (input, _) => input,
        };
        // A gap may have become long while the device slept, so look at the clock before anything opens the microphone again.
        self.connection.note_time(now_ms);
        self.note_gap(&mut outputs);
        self.on_input(input, &mut outputs);
        self.note_gap(&mut outputs);
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
            CallInput::Join => {
                self.was_loaded_again = false;
                self.join(outputs);
            }
            CallInput::JoinAgain => {
                self.was_loaded_again = true;
                self.join(outputs);
            }
            CallInput::Leave => {
                outputs.push(CallOutput::Send(ClientSignal::Leave));
                self.disconnect(outputs);
            }
            CallInput::Disconnect => self.disconnect(outputs),
            CallInput::Unmute => self.unmute(outputs),
            // `handle` has already replaced `ToggleMicrophone` by what it means.
            CallInput::Mute | CallInput::ToggleMicrophone => self.mute(outputs),
            CallInput::HearYourself => self.hear_yourself(outputs),
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
            CallInput::WatchFacts { of, on } => self.watch_facts(of, on, outputs),
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
            CallInput::NetworkChanged => self.on_network_changed(outputs),
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

    fn watch_facts(&mut self, of: UserId, on: bool, outputs: &mut Vec<CallOutput>) {
        // When another sheet has been opened before this one was closed, the other sheet counts.
        if !on && self.facts.of() != Some(&of) {
            return;
        }
        let of = on.then_some(of);
        self.facts.watch(of.clone());
        outputs.push(CallOutput::Send(ClientSignal::WatchFacts { of }));
    }

    /// Asks again, because the server does not know a new socket's questions. Only people inside may ask.
    fn watch_facts_again(&mut self, outputs: &mut Vec<CallOutput>) {
        let of = self.facts.of().cloned();
        if of.is_some() {
            // For each question, the server numbers the voice connections from 1 again, so the readings before can't be compared.
            self.facts.watch(of.clone());
            outputs.push(CallOutput::Send(ClientSignal::WatchFacts { of }));
        }
    }

    fn disconnect(&mut self, outputs: &mut Vec<CallOutput>) {
        outputs.push(CallOutput::HangUp);
        self.connection.end(outputs);
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
        // You know that you are cut off, and want to be heard after it. But if it takes long from now on, you may stop waiting.
        if let Some(gap) = self.gap.begin_again(self.now_ms) {
            self.time_gap(gap, SHORT_GAP_MAX_MS as u32, outputs);
        }
    }

    fn hear_yourself(&mut self, outputs: &mut Vec<CallOutput>) {
        let is_muted_in_room = self.room.own_info().is_some_and(|me| me.muted);
        let is_known_as_muted = is_muted_in_room && self.socket == SocketState::Open;
        self.microphone.hear_yourself(is_known_as_muted, outputs);
    }

    fn mute(&mut self, outputs: &mut Vec<CallOutput>) {
        self.refused = None;
        self.device.news = None;
        self.microphone.mute(outputs);
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
            CallTimer::Disconnected { attempt } if self.connection.is_current(attempt) => {
                if self.connection.search.is_disconnected() {
                    self.renew(false, self.renew_every_ms(), outputs);
                }
            }
            CallTimer::StillFailed { attempt, failure } if self.connection.is_current(attempt) => {
                if self.connection.search.has_failed_since(failure) {
                    self.lose_connection(outputs);
                }
            }
            CallTimer::PlayAgain { attempt } if self.connection.is_current(attempt) => self.play_again(outputs),
            CallTimer::Slow { .. }
            | CallTimer::Unanswered { .. }
            | CallTimer::Reconnect { .. }
            | CallTimer::Disconnected { .. }
            | CallTimer::StillFailed { .. }
            | CallTimer::PlayAgain { .. } => {}
            // The clock says the same, but in a room where nothing happens nobody would look at it.
            CallTimer::CutOffForLong { gap } => self.lengthen_gap(gap, outputs),
            CallTimer::EchoOver => self.microphone.end_echo(outputs),
            CallTimer::RefusalRead { refusal } => self.forget_refusal(refusal),
        }
    }
}

#[cfg(test)]
mod tests;
