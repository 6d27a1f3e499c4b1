//! What the call does when something happens to its socket or its voice connection, or when the device has got another network.

use super::CallMachine;
use crate::{
    browser::peer::PeerEventKind,
    model::signal::{ClientSignal, Refusal},
    ui::{
        call::{
            events::{CallOutput, CallTimer, ConnectionEvent},
            states::{JoinState, SoundState},
            voice_connection::ConnectionNews,
        },
        reconnect_pauses::QUICK_ATTEMPTS,
        reconnecting_socket::SocketState,
    },
};

/// If the browser has not found the path to the server again after this many milliseconds, the page looks for another one.
const DISCONNECTED_MAX_MS: u32 = 1_000;
/// While the connection is cut off, the page asks for another socket this often, in milliseconds. Each one may be on a network that does
/// not work yet.
const RENEW_EVERY_MS: f64 = 3_000.0;
/// The same, while the browser still looks for ways to the server. Each restart of ICE makes it begin again, and over a slow network a relay
/// takes several round trips. So more restarts could prevent the one way that works.
const RENEW_WHILE_GATHERING_EVERY_MS: f64 = 6_000.0;
/// The browser can report one change of the network several times. In this many milliseconds, only the first report counts.
const NETWORK_CHANGES_EVERY_MS: f64 = 500.0;

impl CallMachine {
    pub(super) fn on_socket(&mut self, state: SocketState, outputs: &mut Vec<CallOutput>) {
        self.socket = state;
        let SocketState::Lost { attempt, restarting } = state else {
            return;
        };
        self.is_welcomed = false;
        self.microphone.end_echo_while_muted(outputs);
        match self.join_state {
            // The voice connection does not need the socket, so it stays. But a server that restarts forgets all of them.
            JoinState::Inside if restarting => self.connection.wait_for_server(outputs),
            JoinState::Inside => {}
            JoinState::Lobby | JoinState::Joining => {
                self.connection.close(outputs);
                outputs.push(CallOutput::ShowSpeaking(vec![]));
            }
        }
        // Browsers do not say why the server refused a socket, so ask the room's endpoint. While the server restarts, nobody answers.
        let attempts_without_question = if restarting { QUICK_ATTEMPTS } else { 1 };
        if attempt > attempts_without_question {
            outputs.push(CallOutput::AskWhy);
        }
    }

    pub(super) fn on_network_changed(&mut self, outputs: &mut Vec<CallOutput>) {
        self.renew(true, NETWORK_CHANGES_EVERY_MS, outputs);
    }

    /// Asks for another socket, at most once in `every_ms`. When it is welcomed, the voice connection looks for another path. The
    /// present socket may have the same fault as the voice connection, and then it would take seconds until the page knows.
    pub(super) fn renew(&mut self, is_other_network: bool, every_ms: f64, outputs: &mut Vec<CallOutput>) {
        let is_too_soon = self.renewed_at_ms.is_some_and(|at_ms| self.now_ms < at_ms + every_ms);
        if self.join_state == JoinState::Inside && self.connection.can_restart() && !is_too_soon {
            self.renewed_at_ms = Some(self.now_ms);
            outputs.push(CallOutput::RenewSocket { is_other_network });
        }
    }

    /// How long the page waits until it looks for another path again, if nobody tells that the network has changed.
    pub(super) fn renew_every_ms(&self) -> f64 {
        match self.connection.search.is_gathering() {
            true => RENEW_WHILE_GATHERING_EVERY_MS,
            false => RENEW_EVERY_MS,
        }
    }

    pub(super) fn on_connection(&mut self, event: ConnectionEvent, outputs: &mut Vec<CallOutput>) {
        match event {
            ConnectionEvent::NotMade => self.on_not_made(outputs),
            // If the socket is not open, this signal is lost. When the socket is open again and the welcome arrives, another
            // connection is made.
            ConnectionEvent::Offered { sdp } => {
                outputs.push(CallOutput::Send(ClientSignal::Join { sdp }));
                self.connection.offer(outputs);
            }
            // If the socket is not open, this signal is lost. The next welcome leads to another restart.
            ConnectionEvent::RestartOffered { sdp } => {
                outputs.push(CallOutput::Send(ClientSignal::RestartIce { sdp }));
                self.connection.search.offer_restart();
            }
            ConnectionEvent::RestartFailed => self.lose_connection(outputs),
            ConnectionEvent::AnswerNotTaken => self.connection.block(),
            ConnectionEvent::Peer(event) => self.on_peer(event, outputs),
        }
    }

    fn on_peer(&mut self, event: PeerEventKind, outputs: &mut Vec<CallOutput>) {
        match event {
            PeerEventKind::Paused => self.on_paused(outputs),
            PeerEventKind::MicrophoneNotSent => self.microphone.on_not_sent(outputs),
            _ => {}
        }
        match self.connection.on_peer(event, self.now_ms) {
            ConnectionNews::Nothing => {}
            ConnectionNews::Lost => self.lose_connection(outputs),
            ConnectionNews::Disconnected => {
                let attempt = self.connection.attempt();
                let (timer, after_ms) = (CallTimer::Disconnected { attempt }, DISCONNECTED_MAX_MS);
                outputs.push(CallOutput::Start { timer, after_ms });
            }
            ConnectionNews::CutOff => self.renew(false, self.renew_every_ms(), outputs),
            // The server says only once that nothing arrives, so the page itself has to try again if the last restart did not help.
            ConnectionNews::Unheard => {
                let is_too_soon = self
                    .connection
                    .search
                    .has_looked_within(self.renew_every_ms(), self.now_ms);
                if self.is_welcomed && !is_too_soon {
                    self.connection.restart(self.now_ms, outputs);
                }
            }
            ConnectionNews::Failing(failed) => {
                let attempt = self.connection.attempt();
                let timer = CallTimer::StillFailed {
                    attempt,
                    failure: failed.failure,
                };
                let after_ms = failed.give_up_in_ms;
                outputs.push(CallOutput::Start { timer, after_ms });
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

    pub(super) fn lose_connection(&mut self, outputs: &mut Vec<CallOutput>) {
        self.connection.lose(outputs);
        if self.connection.sound == SoundState::Blocked {
            self.microphone.mute_after_loss(outputs);
        }
    }
}
