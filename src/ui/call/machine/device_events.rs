//! What the call does when something happens to the microphone or the loudspeaker that the person did not ask for: a headset is
//! unplugged, the system takes the microphone for a phone call, a key of a headset pauses the voices.

use super::CallMachine;
use crate::{
    browser::microphone::Closed,
    model::signal::ClientSignal,
    ui::call::{
        events::{CallOutput, CallTimer, MicrophonePurpose},
        own_device::DeviceNews,
        states::Mic,
    },
};

/// After a pause from outside, the voices play again after this many milliseconds. Without a wait, the page and the system could pause
/// and play in turn without an end.
const PLAY_AGAIN_AFTER_MS: u32 = 200;
/// If the page has played again this often within [`PAUSES_WITHIN_MS`] milliseconds, and the voices are paused once more, it stops that
/// and waits for a tap.
const PAUSES_MAX: usize = 5;
const PAUSES_WITHIN_MS: f64 = 10_000.0;

impl CallMachine {
    /// The state of your microphone, as pages show it: while the system has muted it, nobody hears you.
    pub fn shown_mic(&self) -> Mic {
        match self.is_held_by_system() {
            true => Mic::Muted,
            false => self.microphone.mic,
        }
    }

    /// Whether you are live except that the system has muted the microphone. When the system gives it back, you are heard again.
    pub fn is_held_by_system(&self) -> bool {
        self.surroundings.system_muted && self.microphone.mic == Mic::Live
    }

    /// Handles the end of the microphone's track. If you used the microphone, the browser opens another one, and you stay live: others
    /// would wait for the rest of the sentence.
    pub(super) fn on_microphone_ended(&mut self, outputs: &mut Vec<CallOutput>) {
        self.refused = None;
        let is_in_use = self.microphone.on_ended(outputs);
        self.device.on_gone(is_in_use);
    }

    pub(super) fn on_system_muted(&mut self, is_muted: bool, outputs: &mut Vec<CallOutput>) {
        let was_muted = std::mem::replace(&mut self.surroundings.system_muted, is_muted);
        if was_muted == is_muted || self.microphone.mic != Mic::Live {
            return;
        }
        // The others see it too.
        match is_muted {
            true => {
                self.microphone.note_held();
                outputs.push(CallOutput::Send(ClientSignal::Mute { on: true }));
            }
            false => self.microphone.go_on(outputs),
        }
    }

    /// Tells the room that nobody hears you, if the system has muted a microphone that was opened to talk.
    pub(super) fn note_held_microphone(&mut self, purpose: MicrophonePurpose, outputs: &mut Vec<CallOutput>) {
        if purpose != MicrophonePurpose::Echo && self.is_held_by_system() {
            // The request to unmute that was just made is not sent: the room would show for a moment that you are heard.
            outputs.retain(|output| *output != CallOutput::Send(ClientSignal::Mute { on: false }));
            self.microphone.note_never_open();
            outputs.push(CallOutput::Send(ClientSignal::Mute { on: true }));
        }
    }

    /// Handles a change of the list of devices. The track's own events say that a device in use is gone.
    pub(super) fn on_devices_changed(&mut self) {
        if self.microphone.closed == Some(Closed::Missing) {
            self.microphone.closed = None;
            self.device.news = Some(DeviceNews::Found);
        }
    }

    /// Handles the event that the person has forbidden the microphone. The notice about it has a button to try again.
    pub(super) fn on_forbidden(&mut self, outputs: &mut Vec<CallOutput>) {
        self.device.news = None;
        self.microphone.on_denied(outputs);
    }

    /// Handles a pause that this page did not ask for. If the browser has refused to play, only a tap helps.
    pub(super) fn on_paused(&mut self, outputs: &mut Vec<CallOutput>) {
        let now_ms = self.now_ms;
        self.pauses.retain(|at_ms| now_ms < at_ms + PAUSES_WITHIN_MS);
        if self.pauses.len() >= PAUSES_MAX {
            self.pauses.clear();
            self.connection.needs_tap = true;
        }
        if !self.connection.is_paused && !self.connection.needs_tap {
            let attempt = self.connection.attempt();
            let (timer, after_ms) = (CallTimer::PlayAgain { attempt }, PLAY_AGAIN_AFTER_MS);
            outputs.push(CallOutput::Start { timer, after_ms });
        }
    }

    /// Plays the voices that something outside the page has paused.
    pub(super) fn play_again(&mut self, outputs: &mut Vec<CallOutput>) {
        if self.connection.is_paused && !self.connection.needs_tap {
            self.pauses.push(self.now_ms);
            self.connection.play(outputs);
        }
    }
}
