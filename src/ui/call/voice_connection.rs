//! The state of a call's voice connection. If the connection fails, it is made again; after several failures, the page gives up.
//! The code is pure.

use super::{
    events::{CallOutput, CallTimer},
    path_search::{FailedPaths, PathSearch},
    states::SoundState,
    traffic_watch::TrafficWatch,
};
use crate::browser::peer::{IceState, PeerEventKind};

/// After this many milliseconds, the page says that it is still connecting.
const SLOW_AFTER_MS: u32 = 1_500;
/// If the server has not answered an offer after this many milliseconds, the offer counts as lost.
const ANSWER_WITHIN_MS: u32 = 6_000;
/// How many times in a row the page connects again by itself. If the connection then fails once more, the page waits for a click.
const ATTEMPTS_MAX: u32 = 4;

/// If the system has refused this many packets between two counts, the device has probably lost its address.
const DISCARDED_MAX: u64 = 3;

/// What the rest of the call has to know after an event of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionNews {
    Nothing,
    /// The connection is gone.
    Lost,
    /// The browser has lost the path to the server, and perhaps finds it again by itself in a moment.
    Disconnected,
    /// The path to the server does not work any more, so the page must look for another one.
    CutOff,
    /// The voice leaves the page, and does not arrive at the server.
    Unheard,
    /// All paths that the browser has found have failed.
    Failing(FailedPaths),
}

/// The state of the connection. Each attempt to connect has a number, so that events of an older attempt can be ignored.
#[derive(Debug, Clone, PartialEq)]
pub struct VoiceConnection {
    pub sound: SoundState,
    /// Whether the browser will not play sound until the person taps or clicks.
    pub needs_tap: bool,
    /// The search for a network path.
    pub search: PathSearch,
    /// Whether something outside the page, such as a phone call, has paused a voice.
    pub is_paused: bool,
    pub counted: TrafficWatch,
    /// Whether the server has said that your voice does not arrive.
    is_unheard: bool,
    /// Whether sound has gone through since you joined.
    was_through: bool,
    attempt: u32,
    is_open: bool,
    failures: u32,
    /// How many offers have no answer yet. Only the answer to the last offer belongs to the current connection.
    unanswered: u32,
}

impl VoiceConnection {
    pub fn new() -> Self {
        Self {
            sound: SoundState::Off,
            needs_tap: false,
            search: PathSearch::default(),
            is_paused: false,
            counted: TrafficWatch::default(),
            is_unheard: false,
            was_through: false,
            attempt: 0,
            is_open: false,
            failures: 0,
            unanswered: 0,
        }
    }

    /// The number of the present attempt.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    pub fn is_current(&self, attempt: u32) -> bool {
        self.attempt == attempt
    }

    /// Makes a connection: the first one, or a new one after a loss.
    pub fn open(&mut self, outputs: &mut Vec<CallOutput>) {
        self.attempt += 1;
        self.is_open = true;
        self.sound = SoundState::Connecting;
        self.search.forget();
        let attempt = self.attempt;
        outputs.push(CallOutput::OpenConnection { attempt });
    }

    /// Makes another connection because the person has clicked. The failures are counted from 0 again.
    pub fn try_again(&mut self, outputs: &mut Vec<CallOutput>) {
        self.forget_failures();
        self.open(outputs);
    }

    /// Counts the failures from 0 again, because the person has clicked.
    pub fn forget_failures(&mut self) {
        self.failures = 0;
    }

    /// Notes that the offer was sent. Starts timers that check later whether the answer is slow or does not arrive.
    pub fn offer(&mut self, outputs: &mut Vec<CallOutput>) {
        self.unanswered += 1;
        let attempt = self.attempt;
        let timers = [
            (CallTimer::Slow { attempt }, SLOW_AFTER_MS),
            (CallTimer::Unanswered { attempt }, ANSWER_WITHIN_MS),
        ];
        outputs.extend(timers.map(|(timer, after_ms)| CallOutput::Start { timer, after_ms }));
    }

    pub fn is_slow(&mut self) {
        if self.sound == SoundState::Connecting {
            self.sound = SoundState::Slow;
        }
    }

    pub fn is_unanswered(&self) -> bool {
        self.unanswered > 0
    }

    /// Whether the connection waits for the answer to its offer.
    pub fn is_offered(&self) -> bool {
        self.is_open && self.is_unanswered() && matches!(self.sound, SoundState::Connecting | SoundState::Slow)
    }

    /// Whether nothing of you arrives at the server, or nothing reaches you, after it once did.
    pub fn is_cut_off(&self) -> bool {
        self.was_through
            && match self.sound {
                SoundState::Through => self.counted.is_quiet() || self.is_unheard,
                SoundState::Connecting | SoundState::Slow | SoundState::Blocked => true,
                SoundState::Off => false,
            }
    }

    /// When the page last knew that the connection works. While a device sleeps, nobody looks.
    pub fn heard_at_ms(&self) -> f64 {
        self.counted.heard_at_ms()
    }

    /// Notes the time. Call this before anything else that happens. If the last count was longer ago than a short gap, the device has
    /// slept, and nobody knows whether the connection still works. So it counts as cut off until the page has counted again.
    pub fn note_time(&mut self, now_ms: f64) {
        if self.can_restart() && self.counted.has_slept(now_ms) {
            self.counted.doubt();
        }
    }

    /// Notes whether your voice arrives at the server.
    pub fn note_arrival(&mut self, arrives: bool) {
        self.is_unheard = !arrives;
    }

    /// Whether this connection can go on over another path.
    pub fn can_restart(&self) -> bool {
        self.is_open && self.sound == SoundState::Through
    }

    /// Whether this connection goes over a TURN server.
    pub fn is_relayed(&self) -> bool {
        self.counted.traffic.is_relayed
    }

    /// Looks for another path to the server (an ICE restart). The connection stays the same, and sound goes on over the old path if that
    /// still works.
    pub fn restart(&mut self, now_ms: f64, outputs: &mut Vec<CallOutput>) {
        if !self.search.begin_restart(now_ms) {
            return;
        }
        let attempt = self.attempt;
        outputs.push(CallOutput::RestartConnection { attempt });
    }

    /// Accepts the answer to a restart, if it belongs to the last one and to the present connection.
    pub fn accept_restart(&mut self, sdp: String, outputs: &mut Vec<CallOutput>) -> bool {
        if !self.search.count_answer() || !self.can_restart() {
            return false;
        }
        let attempt = self.attempt;
        outputs.push(CallOutput::AcceptRestart { attempt, sdp });
        true
    }

    /// Notes that the browser can't make the connection or does not accept the answer.
    pub fn block(&mut self) {
        self.sound = SoundState::Blocked;
    }

    /// Gives up because the server has refused the connection. The page tries again only after a click.
    pub fn give_up(&mut self, outputs: &mut Vec<CallOutput>) {
        if matches!(self.sound, SoundState::Connecting | SoundState::Slow) {
            self.close(outputs);
            self.sound = SoundState::Blocked;
        }
    }

    /// Notes that the server has accepted or refused one offer.
    pub fn count_answer(&mut self) {
        self.unanswered = self.unanswered.saturating_sub(1);
    }

    /// Forgets the offers that were sent on an earlier socket, because the server will not answer them.
    pub fn forget_offers(&mut self) {
        self.unanswered = 0;
        self.search.forget_offers();
    }

    /// Accepts an answer. Returns `false` if the answer belongs to an older offer, or if there is no connection.
    pub fn accept(&mut self, sdp: String, outputs: &mut Vec<CallOutput>) -> bool {
        self.count_answer();
        if self.is_unanswered() || !self.is_open {
            return false;
        }
        let attempt = self.attempt;
        outputs.push(CallOutput::AcceptAnswer { attempt, sdp });
        true
    }

    pub fn close(&mut self, outputs: &mut Vec<CallOutput>) {
        self.attempt += 1;
        self.is_open = false;
        self.sound = SoundState::Off;
        self.needs_tap = false;
        self.is_paused = false;
        self.counted.forget();
        self.is_unheard = false;
        self.search.close();
        outputs.push(CallOutput::CloseConnection);
    }

    /// Closes the connection because you are no longer in the room.
    pub fn end(&mut self, outputs: &mut Vec<CallOutput>) {
        self.close(outputs);
        self.was_through = false;
    }

    /// Closes the connection because the server, which restarts, has forgotten it. The page makes another one after the next welcome.
    pub fn wait_for_server(&mut self, outputs: &mut Vec<CallOutput>) {
        self.close(outputs);
        self.sound = SoundState::Connecting;
    }

    /// Notes that the connection is lost, or that the server refused its offer for a reason that passes. The page connects again
    /// after a pause. But after more than [`ATTEMPTS_MAX`] failures in a row, it connects again only if the person clicks.
    pub fn lose(&mut self, outputs: &mut Vec<CallOutput>) {
        self.close(outputs);
        self.failures += 1;
        if self.failures > ATTEMPTS_MAX {
            self.sound = SoundState::Blocked;
            return;
        }
        self.sound = SoundState::Connecting;
        let (timer, failures) = (CallTimer::Reconnect { attempt: self.attempt }, self.failures);
        outputs.push(CallOutput::StartAfterPause { timer, failures });
    }

    pub fn play(&mut self, outputs: &mut Vec<CallOutput>) {
        self.needs_tap = false;
        self.is_paused = false;
        let attempt = self.attempt;
        outputs.push(CallOutput::Play { attempt });
    }

    pub fn on_peer(&mut self, event: PeerEventKind, now_ms: f64) -> ConnectionNews {
        match event {
            PeerEventKind::Connected => {
                self.failures = 0;
                self.search.on_connected(now_ms);
                self.sound = SoundState::Through;
                self.was_through = true;
                self.counted.note_life(now_ms);
            }
            PeerEventKind::PlayRefused => self.needs_tap = true,
            PeerEventKind::Ice(state) => {
                self.search.on_ice(state);
                if state == IceState::Disconnected {
                    return ConnectionNews::Disconnected;
                }
            }
            PeerEventKind::Paused => self.is_paused = true,
            // The connection itself works.
            PeerEventKind::MicrophoneNotSent => {}
            PeerEventKind::Traffic(traffic) => {
                let discarded = traffic.discarded.saturating_sub(self.counted.traffic.discarded);
                self.counted.note(traffic, now_ms);
                if self.can_restart() && (self.counted.is_quiet() || discarded >= DISCARDED_MAX) {
                    return ConnectionNews::CutOff;
                }
                let sends = self.counted.counts_without.sent == 0;
                if self.can_restart() && self.is_unheard && sends {
                    return ConnectionNews::Unheard;
                }
            }
            PeerEventKind::Gathering(is_gathering) => {
                if let Some(failed) = self.search.on_gathering(is_gathering) {
                    return ConnectionNews::Failing(failed);
                }
            }
            PeerEventKind::Failed => {
                return self
                    .search
                    .on_failed()
                    .map_or(ConnectionNews::Lost, ConnectionNews::Failing);
            }
        }
        ConnectionNews::Nothing
    }
}
