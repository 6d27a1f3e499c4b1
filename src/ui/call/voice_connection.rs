//! The voice connection of a call, pure: made, made again if it fails, and given up after enough attempts.

use super::{
    events::{CallOutput, CallTimer},
    states::SoundState,
};
use crate::browser::peer::{IceState, PeerEventKind, Traffic};

/// A person who waits for this long should be told what for.
const SLOW_AFTER_MS: u32 = 1_500;
/// An offer that is not answered within this never arrived.
const ANSWER_WITHIN_MS: u32 = 6_000;
/// After this many attempts that failed, a connection waits for a click.
const ATTEMPTS_MAX: u32 = 4;

/// What an event about the connection means for the rest of the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionNews {
    Nothing,
    /// The connection is gone.
    Lost,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CountsWithout {
    pub sent: u32,
    pub received: u32,
}

/// The state of the connection. Each attempt has a number, which tells events of an older attempt from those of the current one.
#[derive(Debug, Clone, PartialEq)]
pub struct VoiceConnection {
    pub sound: SoundState,
    /// The browser plays nothing before a tap.
    pub needs_tap: bool,
    /// How the search for a path is, once it has begun.
    pub ice: Option<IceState>,
    /// Something outside the page paused a voice.
    pub is_paused: bool,
    pub traffic: Traffic,
    /// How often in a row the packets were counted and there was none more.
    pub counts_without: CountsWithout,
    attempt: u32,
    is_open: bool,
    failures: u32,
    /// Offers that were not answered yet. Only the answer to the last offer fits the current connection.
    unanswered: u32,
}

impl VoiceConnection {
    pub fn new() -> Self {
        Self {
            sound: SoundState::Off,
            needs_tap: false,
            ice: None,
            is_paused: false,
            traffic: Traffic::default(),
            counts_without: CountsWithout::default(),
            attempt: 0,
            is_open: false,
            failures: 0,
            unanswered: 0,
        }
    }

    pub fn is_current(&self, attempt: u32) -> bool {
        self.attempt == attempt
    }

    /// Makes a connection, the first or another.
    pub fn open(&mut self, outputs: &mut Vec<CallOutput>) {
        self.attempt += 1;
        self.is_open = true;
        self.sound = SoundState::Connecting;
        let attempt = self.attempt;
        outputs.push(CallOutput::OpenConnection { attempt });
    }

    /// The same after a click: failures of before do not count.
    pub fn try_again(&mut self, outputs: &mut Vec<CallOutput>) {
        self.failures = 0;
        self.open(outputs);
    }

    /// The offer was sent. Whether it takes long, and whether it is answered, is looked at later.
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

    /// This browser makes no such connection, or does not take the answer.
    pub fn block(&mut self) {
        self.sound = SoundState::Blocked;
    }

    /// Another connection was refused: what is left is a click.
    pub fn give_up(&mut self, outputs: &mut Vec<CallOutput>) {
        if matches!(self.sound, SoundState::Connecting | SoundState::Slow) {
            self.close(outputs);
            self.sound = SoundState::Blocked;
        }
    }

    /// One offer was answered, by an answer or a refusal.
    pub fn count_answer(&mut self) {
        self.unanswered = self.unanswered.saturating_sub(1);
    }

    /// The socket is a new one: nothing that was offered on the one before will be answered.
    pub fn forget_offers(&mut self) {
        self.unanswered = 0;
    }

    /// Takes an answer; `false` if it belongs to an older offer, or there is no connection.
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
        self.ice = None;
        self.is_paused = false;
        self.traffic = Traffic::default();
        self.counts_without = CountsWithout::default();
        outputs.push(CallOutput::CloseConnection);
    }

    /// The connection is gone: there will be another after a pause that grows, or none before a click.
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

    pub fn on_peer(&mut self, event: PeerEventKind) -> ConnectionNews {
        match event {
            PeerEventKind::Connected => {
                self.failures = 0;
                self.sound = SoundState::Through;
            }
            PeerEventKind::PlayRefused => self.needs_tap = true,
            PeerEventKind::Ice(state) => self.ice = Some(state),
            PeerEventKind::Paused => self.is_paused = true,
            PeerEventKind::Traffic(traffic) => self.count(traffic),
            PeerEventKind::Failed => return ConnectionNews::Lost,
        }
        ConnectionNews::Nothing
    }

    fn count(&mut self, traffic: Traffic) {
        let without = |before: u64, now: u64, counts: u32| if now > before { 0 } else { counts + 1 };
        self.counts_without = CountsWithout {
            sent: without(self.traffic.sent, traffic.sent, self.counts_without.sent),
            received: without(self.traffic.received, traffic.received, self.counts_without.received),
        };
        self.traffic = traffic;
    }
}
