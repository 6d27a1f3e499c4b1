//! What the call does when a gap begins or becomes long: a time in which nobody hears you, because the connection is cut off.

use super::CallMachine;
use crate::ui::call::{
    events::{CallOutput, CallTimer},
    gap::GapNews,
    states::{JoinState, Mic},
};

impl CallMachine {
    /// Notes whether you are cut off. After a short gap, your microphone is as it was before. If the gap is long, you are muted.
    pub(super) fn note_gap(&mut self, outputs: &mut Vec<CallOutput>) {
        // The server says nothing about a microphone that is off.
        if self.shown_mic() != Mic::Live {
            self.connection.note_arrival(true);
        }
        let is_cut_off = self.join_state == JoinState::Inside && self.connection.is_cut_off();
        match self.gap.note(is_cut_off, self.connection.heard_at_ms(), self.now_ms) {
            GapNews::Nothing => {}
            GapNews::Begun { gap, long_in_ms } => {
                // Nobody is heard, so nobody is shown as speaking.
                outputs.push(CallOutput::ShowSpeaking(vec![]));
                match long_in_ms {
                    0 => self.lengthen_gap(gap, outputs),
                    _ => self.time_gap(gap, long_in_ms, outputs),
                }
            }
            GapNews::Long => self.microphone.mute_after_long_gap(outputs),
        }
    }

    pub(super) fn time_gap(&self, gap: u32, long_in_ms: u32, outputs: &mut Vec<CallOutput>) {
        let (timer, after_ms) = (CallTimer::CutOffForLong { gap }, long_in_ms);
        outputs.push(CallOutput::Start { timer, after_ms });
    }

    pub(super) fn lengthen_gap(&mut self, gap: u32, outputs: &mut Vec<CallOutput>) {
        if self.gap.lengthen(gap) {
            self.microphone.mute_after_long_gap(outputs);
        }
    }
}
