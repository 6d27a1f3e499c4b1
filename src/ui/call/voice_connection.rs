//! The state of a call's voice connection. If the connection fails, it is made again; after several failures, the page gives up.
//! The code is pure.

use super::{
    events::{CallOutput, CallTimer},
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

/// When all ways that the browser has found have failed, it may look for others for this many milliseconds. A relay is found last: its name
/// must be resolved, and a proxy or a slow network can be in between.
const MORE_WAYS_WITHIN_MS: u32 = 15_000;
/// The last way that the browser has found is perhaps only just being tried.
const LAST_WAY_WITHIN_MS: u32 = 1_000;

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
    /// All ways that the browser has found have failed. If it has found no better one after this time, the connection is lost.
    Failing {
        /// The number of this failure.
        failure: u32,
        give_up_in_ms: u32,
    },
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
    pub counted: TrafficWatch,
    /// Whether the server has said that your voice does not arrive.
    is_unheard: bool,
    /// Whether sound has gone through since you joined.
    was_through: bool,
    /// Whether the browser still looks for ways to the server.
    is_gathering: bool,
    /// Whether all ways that it has found have failed.
    has_failed: bool,
    /// How many times the page has begun to wait for another way after such a failure.
    failures_of_ways: u32,
    /// Whether the browser is making the offer of an ICE restart.
    makes_restart: bool,
    /// When an ICE restart last began, or sound could last go through; `None` before the first time.
    looked_at_ms: Option<f64>,
    /// How many ICE restarts the server has not answered yet. Only the answer to the last one belongs to the browser's present offer.
    unanswered_restarts: u32,
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
            counted: TrafficWatch::default(),
            is_unheard: false,
            was_through: false,
            is_gathering: false,
            has_failed: false,
            failures_of_ways: 0,
            makes_restart: false,
            looked_at_ms: None,
            unanswered_restarts: 0,
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

    /// Whether the browser has lost the path to the server.
    pub fn is_disconnected(&self) -> bool {
        self.ice == Some(IceState::Disconnected)
    }

    pub fn is_current(&self, attempt: u32) -> bool {
        self.attempt == attempt
    }

    /// Makes a connection: the first one, or a new one after a loss.
    pub fn open(&mut self, outputs: &mut Vec<CallOutput>) {
        self.attempt += 1;
        self.is_open = true;
        self.sound = SoundState::Connecting;
        self.forget_search();
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

    /// Whether the browser still looks for ways to the server. A restart would make it begin again.
    pub fn is_gathering(&self) -> bool {
        self.is_gathering
    }

    /// Whether all ways that the browser has found so far have failed, and the failure with this number was the last one.
    pub fn has_failed_since(&self, failure: u32) -> bool {
        self.has_failed && self.failures_of_ways == failure
    }

    /// Notes that all ways so far have failed. Only the wait for the last such failure counts.
    fn wait_for_another_way(&mut self, give_up_in_ms: u32) -> ConnectionNews {
        self.failures_of_ways += 1;
        let failure = self.failures_of_ways;
        ConnectionNews::Failing { failure, give_up_in_ms }
    }

    /// Whether an ICE restart has begun in the last `ms` milliseconds, or sound could go through only then. Its first packets may still be on
    /// their way.
    pub fn has_looked_within(&self, ms: f64, now_ms: f64) -> bool {
        self.looked_at_ms.is_some_and(|at_ms| now_ms < at_ms + ms)
    }

    /// Looks for another path to the server (an ICE restart). The connection stays the same, and sound goes on over the old path if that
    /// still works.
    pub fn restart(&mut self, now_ms: f64, outputs: &mut Vec<CallOutput>) {
        // The offer that is being made was not sent yet, so it looks for a new path, too. If a browser makes two offers at once, it may
        // refuse to apply the first one (WebRTC section 4.4.1.5), and the connection would be lost.
        if self.makes_restart {
            return;
        }
        self.makes_restart = true;
        self.looked_at_ms = Some(now_ms);
        let attempt = self.attempt;
        outputs.push(CallOutput::RestartConnection { attempt });
    }

    /// Notes that the offer of a restart was sent.
    pub fn offer_restart(&mut self) {
        self.makes_restart = false;
        self.unanswered_restarts += 1;
    }

    /// Whether the server has not answered the last restart yet.
    pub fn is_restarting(&self) -> bool {
        self.unanswered_restarts > 0
    }

    /// Accepts the answer to a restart, if it belongs to the last one and to the present connection.
    pub fn accept_restart(&mut self, sdp: String, outputs: &mut Vec<CallOutput>) -> bool {
        self.unanswered_restarts = self.unanswered_restarts.saturating_sub(1);
        // While the browser makes another offer, it no longer accepts the answer to this one.
        if self.unanswered_restarts > 0 || self.makes_restart || !self.can_restart() {
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
        self.unanswered_restarts = 0;
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
        self.counted.forget();
        self.is_unheard = false;
        self.forget_search();
        self.unanswered_restarts = 0;
        outputs.push(CallOutput::CloseConnection);
    }

    /// Forgets how far the browser was with finding a path, because there is another connection now, or none.
    fn forget_search(&mut self) {
        self.is_gathering = false;
        self.has_failed = false;
        self.makes_restart = false;
        self.looked_at_ms = None;
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
                self.has_failed = false;
                self.looked_at_ms = Some(now_ms);
                self.sound = SoundState::Through;
                self.was_through = true;
                self.counted.note_life(now_ms);
            }
            PeerEventKind::PlayRefused => self.needs_tap = true,
            PeerEventKind::Ice(state) => {
                self.ice = Some(state);
                self.has_failed &= !matches!(state, IceState::Checking | IceState::Connected | IceState::Completed);
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
                self.is_gathering = is_gathering;
                if self.has_failed && !is_gathering {
                    return self.wait_for_another_way(LAST_WAY_WITHIN_MS);
                }
            }
            PeerEventKind::Failed if self.is_gathering => {
                self.has_failed = true;
                return self.wait_for_another_way(MORE_WAYS_WITHIN_MS);
            }
            PeerEventKind::Failed => return ConnectionNews::Lost,
        }
        ConnectionNews::Nothing
    }
}
