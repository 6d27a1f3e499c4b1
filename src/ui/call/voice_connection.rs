//! The state of a call's voice connection. If the connection fails, it is made again; after several failures, the page gives up.
//! The code is pure.

use super::{
    events::{CallOutput, CallTimer},
    states::SoundState,
};
use crate::browser::peer::{IceState, PeerEventKind, Traffic};

/// After this many milliseconds, the page says that it is still connecting.
const SLOW_AFTER_MS: u32 = 1_500;
/// If the server has not answered an offer after this many milliseconds, the offer counts as lost.
const ANSWER_WITHIN_MS: u32 = 6_000;
/// How many times in a row the page connects again by itself. If the connection then fails once more, the page waits for a click.
const ATTEMPTS_MAX: u32 = 4;

/// If the server has left this many checks in a row unanswered, it counts as silent. One answer can be lost on the way. Chromium checks every
/// 2.5 s, and every 0.9 s after a check without an answer, so it takes 3 to 5 s until the page knows.
const CHECKS_MAX: u64 = 2;

/// What the rest of the call has to know after an event of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionNews {
    Nothing,
    /// The connection is gone.
    Lost,
}

/// For each direction, how many packet counts in a row have found no new packet. The page counts the packets of a connection
/// regularly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CountsWithout {
    pub sent: u32,
    pub received: u32,
}

/// The state of the connection. Each attempt to connect has a number, so that events of an older attempt can be ignored.
#[derive(Debug, Clone, PartialEq)]
pub struct VoiceConnection {
    pub sound: SoundState,
    /// Whether the browser will not play sound until the person taps or clicks.
    pub needs_tap: bool,
    /// The state of the search for a network path, once it has begun.
    pub ice: Option<IceState>,
    /// Whether something outside the page, such as a phone call, has paused a voice.
    pub is_paused: bool,
    pub traffic: Traffic,
    pub counts_without: CountsWithout,
    /// How many checks in a row the server has not answered. Any packet from the server counts as an answer.
    checks_without_answer: u64,
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
            ice: None,
            is_paused: false,
            traffic: Traffic::default(),
            counts_without: CountsWithout::default(),
            checks_without_answer: 0,
            attempt: 0,
            is_open: false,
            failures: 0,
            unanswered: 0,
        }
    }

    /// The number of the current attempt.
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

    /// Whether the server has not answered for some seconds, so that perhaps nobody hears you. Browsers give up only much later.
    pub fn is_server_silent(&self) -> bool {
        self.sound == SoundState::Through && self.checks_without_answer >= CHECKS_MAX
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
        self.ice = None;
        self.is_paused = false;
        self.traffic = Traffic::default();
        self.counts_without = CountsWithout::default();
        self.checks_without_answer = 0;
        outputs.push(CallOutput::CloseConnection);
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
        let is_answered = traffic.received > self.traffic.received || traffic.answers > self.traffic.answers;
        self.checks_without_answer = match is_answered {
            true => 0,
            false => self.checks_without_answer + traffic.checks.saturating_sub(self.traffic.checks),
        };
        self.traffic = traffic;
    }
}
