//! Your call in one room: the state machine, connected to the browser. Pages copy a [`Presence`], read the state from it, and
//! tell it what the person does.

mod focus;
mod microphone;
mod restarting;
mod watching;

use super::{
    answers::HostAnswer,
    devices::{Devices, SocketListeners},
    events::{CallInput, CallOutput, ConnectionEvent},
    goodbye::Goodbye,
    machine::CallMachine,
    remembered_switch::has_hand_sound,
    view::{CallView, Measured},
    voice_levels::Voices,
};
use crate::{
    api,
    browser::{
        chime,
        microphone::Microphone,
        network, page,
        peer::{PeerConnection, PeerEventKind},
        timer::{elapsed_ms, now_ms, sleep_ms},
    },
    model::{
        id::{PAGE_IN_QUERY, UserId},
        room::RoomPage,
        signal::ServerSignal,
        stage::StageRequest,
    },
    ui::{
        reconnect_pauses::pause_ms,
        reconnecting_socket::{ReconnectingSocket, SocketState},
        server_clock::ServerClock,
        toasts::{Toasts, use_toasts},
    },
};
use leptos::{prelude::*, task::spawn_local};
use std::{collections::VecDeque, ops::Deref};

/// The time from one sound for a raised hand to the next, in milliseconds. In a large room many hands can go up at once.
const RING_EVERY_MS: f64 = 2_000.0;

/// A call in one room. While you are in the room, the call goes on even if you leave the room's page.
#[derive(Clone, Copy)]
pub struct Presence {
    view: CallView,
    machine: RwSignal<CallMachine>,
    socket: RwSignal<SocketState>,
    measured: Measured,
    /// The inputs that have arrived while another input was being handled.
    waiting: StoredValue<VecDeque<CallInput>>,
    is_handling: StoredValue<bool>,
    devices: StoredValue<Devices>,
    /// The server's time; `None` before the welcome.
    server_clock: RwSignal<Option<ServerClock>>,
    /// When the page last made the sound for a raised hand, on the browser's monotonic clock; `None` if it never did.
    rang_at_ms: StoredValue<Option<f64>>,
    /// Whether the button of the microphone gets the focus when no sheet is open any more.
    focus_waits: StoredValue<bool>,
    toasts: Toasts,
}

impl Deref for Presence {
    type Target = CallView;

    fn deref(&self) -> &CallView {
        &self.view
    }
}

impl Presence {
    /// A call that has not begun. `room` is the room as the server rendered it.
    pub fn begin(room: &RoomPage) -> Self {
        let machine = RwSignal::new(CallMachine::new(room));
        let socket = RwSignal::new(SocketState::Opening);
        let measured = Measured {
            level: RwSignal::new(None),
            voices: RwSignal::new(Voices::default()),
            is_silent: RwSignal::new(false),
            sound_trouble: RwSignal::new(None),
        };
        let presence = Self {
            view: CallView::of(machine, socket, measured),
            machine,
            socket,
            measured,
            waiting: StoredValue::new(VecDeque::new()),
            is_handling: StoredValue::new(false),
            devices: StoredValue::new(Devices::default()),
            server_clock: RwSignal::new(None),
            rang_at_ms: StoredValue::new(None),
            focus_waits: StoredValue::new(false),
            toasts: use_toasts(),
        };
        Effect::new(move |_| presence.tell(CallInput::Socket(socket.get())));
        presence
    }

    /// Whether `other` is the same call.
    pub fn is(self, other: Presence) -> bool {
        self.machine == other.machine
    }

    /// Whether a socket exists, connected or not.
    pub fn has_socket(self) -> bool {
        self.devices.with_value(Devices::has_socket)
    }

    /// Opens the socket, so that you see the people in the room.
    pub fn enter_lobby(self) {
        if self.has_socket() {
            return;
        }
        let on_message = move |text: String| {
            if let Ok(signal) = serde_json::from_str::<ServerSignal>(&text) {
                if let ServerSignal::Welcome { now_s, .. } = signal {
                    self.server_clock.set(ServerClock::read(now_s, now_ms()));
                }
                if let ServerSignal::Welcome { ice_servers, .. } | ServerSignal::IceServers { ice_servers } = &signal {
                    self.devices
                        .update_value(|devices| devices.set_ice_servers(ice_servers.clone()));
                }
                self.tell(CallInput::Signal(Box::new(signal)));
            }
        };
        let path = format!("/ws/rooms/{}?{PAGE_IN_QUERY}={}", self.id(), page::load_id());
        let listeners = SocketListeners {
            _visibility: page::on_visibility(move |is_hidden| self.tell(CallInput::PageHidden(is_hidden))),
            _sheets: page::on_popover(move |_| self.on_sheet()),
            _online: network::on_online(move || self.tell(CallInput::NetworkChanged)),
            _network_type: network::on_network_type(move || self.tell(CallInput::NetworkChanged)),
        };
        let socket = ReconnectingSocket::open(path, self.socket, on_message);
        self.devices
            .update_value(|devices| devices.plug_in_socket(socket, listeners));
    }

    /// The server's time now, in unix seconds; `None` if the page does not know it. A new welcome notifies, the passing of time does
    /// not.
    pub fn server_now_s(self) -> Option<i64> {
        self.server_clock.get().map(|clock| clock.now_s(now_ms()))
    }

    /// Sends the room a request about the stage.
    pub fn request(self, request: StageRequest) {
        self.tell(CallInput::Request(request));
    }

    /// Passes `input` to the state machine and carries out its outputs. A click handler must call this directly and not in a
    /// task, because browsers only let a click handler start sound.
    pub fn tell(self, input: CallInput) {
        self.waiting.update_value(|waiting| waiting.push_back(input));
        if self.is_handling.get_value() {
            return;
        }
        self.is_handling.set_value(true);
        while let Some(input) = self.waiting.try_update_value(VecDeque::pop_front).flatten() {
            let outputs = self.machine.try_update(|machine| machine.handle(input, elapsed_ms()));
            outputs.into_iter().flatten().for_each(|output| self.carry_out(output));
        }
        self.is_handling.set_value(false);
    }

    fn carry_out(self, output: CallOutput) {
        match output {
            CallOutput::Send(signal) => self.devices.with_value(|devices| devices.send(&signal)),
            CallOutput::ReopenSocket => self.devices.with_value(Devices::reopen_socket),
            CallOutput::RenewSocket { is_other_network } => {
                self.devices
                    .with_value(|devices| devices.renew_socket(is_other_network));
            }
            CallOutput::HangUp => self.devices.update_value(Devices::hang_up),
            CallOutput::AskWhy => self.ask_why(),
            CallOutput::OpenConnection { attempt } => self.open_connection(attempt),
            CallOutput::CloseConnection => self.devices.update_value(Devices::unplug_peer),
            CallOutput::AcceptAnswer { attempt, sdp } => self.accept_answer(attempt, sdp),
            CallOutput::RestartConnection { attempt } => self.restart_connection(attempt),
            CallOutput::AcceptRestart { attempt, sdp } => self.accept_restart(attempt, sdp),
            CallOutput::FocusMicrophone => self.focus_microphone(),
            CallOutput::Play { attempt } => {
                self.with_peer(|peer| peer.play(move |event| self.tell_of(attempt, ConnectionEvent::Peer(event))));
            }
            CallOutput::Hush { voice } => drop(self.with_peer(|peer| peer.hush(voice, now_ms()))),
            CallOutput::Unhush { voice } => drop(self.with_peer(|peer| peer.unhush(voice))),
            CallOutput::ShowSpeaking(who) => self.measured.voices.set(Voices::from_server(who)),
            CallOutput::HushMuted => {
                let roster = self.roster.get_untracked();
                self.measured.voices.update(|voices| voices.hush_muted(&roster));
            }
            CallOutput::OpenMicrophone(purpose) => self.open_microphone(purpose),
            CallOutput::SendMicrophone => self.devices.with_value(Devices::send_microphone),
            CallOutput::SetLive(live) => drop(self.with_microphone(|microphone| microphone.set_live(live))),
            CallOutput::ReleaseMicrophone => {
                self.devices.update_value(Devices::release_microphone);
                self.measured.level.set(None);
            }
            CallOutput::Start { timer, after_ms } => self.tell_after(after_ms, CallInput::Timer(timer)),
            CallOutput::RingForHand => self.ring(),
            CallOutput::StartAfterPause { timer, failures } => {
                let after_ms = pause_ms(failures, page::random_below(1_000));
                self.tell_after(after_ms, CallInput::Timer(timer));
            }
            CallOutput::Answer(answer) => self.show_answer(answer),
        }
    }

    fn show_answer(self, HostAnswer { sentence, undo }: HostAnswer) {
        match undo {
            Some(undo) => {
                let press = Callback::new(move |()| match self.socket.get_untracked() {
                    SocketState::Open => self.request(undo.clone()),
                    // You have left, or the connection is lost. Nothing would arrive.
                    _ => self.toasts.say("That can't be undone right now.".to_owned()),
                });
                self.toasts.offer(sentence, "Undo", press);
            }
            None => self.toasts.say(sentence),
        }
    }

    fn ring(self) {
        let now = now_ms();
        if has_hand_sound() && self.rang_at_ms.get_value().is_none_or(|at| now >= at + RING_EVERY_MS) {
            self.rang_at_ms.set_value(Some(now));
            chime::ring();
        }
    }

    fn tell_of(self, attempt: u32, event: ConnectionEvent) {
        self.tell(CallInput::Connection { attempt, event });
    }

    fn tell_after(self, after_ms: u32, input: CallInput) {
        spawn_local(async move {
            sleep_ms(after_ms).await;
            self.tell(input);
        });
    }

    fn ask_why(self) {
        spawn_local(async move {
            if let Err(error) = api::rooms::find(self.id().to_string()).await {
                self.tell(CallInput::SocketRefused(error));
            }
        });
    }

    fn open_connection(self, attempt: u32) {
        let report = move |event: PeerEventKind| self.tell_of(attempt, ConnectionEvent::Peer(event));
        let ice_servers = self.devices.with_value(|devices| devices.ice_servers().to_vec());
        let Ok(peer) = PeerConnection::new(&ice_servers, report) else {
            self.tell_of(attempt, ConnectionEvent::NotMade);
            return;
        };
        let connection = peer.connection();
        self.devices.update_value(|devices| devices.plug_in_peer(peer));
        spawn_local(async move {
            let offered = PeerConnection::offer(connection).await;
            self.tell_of(
                attempt,
                match offered {
                    Ok(sdp) => ConnectionEvent::Offered { sdp },
                    Err(_) => ConnectionEvent::NotMade,
                },
            );
        });
    }

    fn accept_answer(self, attempt: u32, sdp: String) {
        let Some(connection) = self.with_peer(PeerConnection::connection) else {
            return;
        };
        spawn_local(async move {
            if !PeerConnection::accept(connection, sdp).await {
                self.tell_of(attempt, ConnectionEvent::AnswerNotTaken);
            }
        });
        spawn_local(self.watch_levels(attempt));
        spawn_local(self.watch_traffic(attempt));
    }

    /// What to offer to the person after this call; `None` if they have only looked in.
    pub fn goodbye(self) -> Option<Goodbye> {
        let people = self.machine.with_untracked(|machine| machine.talked_with.people());
        people.map(Goodbye::to)
    }

    /// Whether you have invited this person to the stage, and they have not answered yet.
    pub fn has_invited(self, user: &UserId) -> bool {
        self.machine.with_untracked(|machine| machine.has_invited(user))
    }

    fn with_peer<T>(self, act: impl FnOnce(&PeerConnection) -> T) -> Option<T> {
        self.devices.with_value(|devices| devices.peer().map(act))
    }

    fn with_microphone<T>(self, act: impl FnOnce(&Microphone) -> T) -> Option<T> {
        self.devices.with_value(|devices| devices.microphone().map(act))
    }
}
