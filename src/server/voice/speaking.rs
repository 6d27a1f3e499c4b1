//! Finds out who is speaking: a voice is on from its first voiced packet until a pause that is longer than a breath.

use crate::model::signal::{FAINT_ABOVE_DBOV, VOICED_ABOVE_DBOV};
use std::collections::BTreeMap;

/// After this much silence a person has stopped speaking.
const PAUSE_MS: u64 = 800;

/// The voices that are on, by CSRC, each with the time of its last voiced packet.
#[derive(Debug, Clone, Default)]
pub struct Speaking(BTreeMap<u32, u64>);

/// Whether a packet of this level contains a voice. A sender who reports no levels counts as speaking.
pub fn is_voiced(level: Option<i8>) -> bool {
    level.is_none_or(|level| level > VOICED_ABOVE_DBOV)
}

/// Whether a packet of this level may contain the voice of a person whose microphone is too quiet. True for each voiced packet too.
pub fn is_faint(level: Option<i8>) -> bool {
    level.is_none_or(|level| level > FAINT_ABOVE_DBOV)
}

impl Speaking {
    /// Notes a packet; true if this turned the voice on.
    pub fn on_packet(&mut self, voice: u32, level: Option<i8>, now_ms: u64) -> bool {
        is_voiced(level) && self.0.insert(voice, now_ms).is_none()
    }

    /// Turns a voice off at once; true if it was on.
    pub fn hush(&mut self, voice: u32) -> bool {
        self.0.remove(&voice).is_some()
    }

    /// Turns off every voice that has paused for too long; true if there was such a voice.
    pub fn tick(&mut self, now_ms: u64) -> bool {
        let before = self.0.len();
        self.0.retain(|_, voiced_ms| now_ms < *voiced_ms + PAUSE_MS);
        before != self.0.len()
    }

    pub fn is_on(&self, voice: u32) -> bool {
        self.0.contains_key(&voice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_faint_sound_is_between_silence_and_a_voice() {
        let kinds = [-127, -70, -69, -50, -49, 0].map(|level| (is_faint(Some(level)), is_voiced(Some(level))));
        let (silent, faint, voiced) = ((false, false), (true, false), (true, true));
        assert_eq!(kinds, [silent, silent, faint, faint, voiced, voiced]);
        assert_eq!((is_faint(None), is_voiced(None)), voiced);
    }

    #[test]
    fn a_breath_does_not_end_a_voice() {
        let mut speaking = Speaking::default();
        assert!(!speaking.on_packet(1, Some(-90), 0) && !speaking.is_on(1));
        assert!(speaking.on_packet(1, Some(-20), 20) && !speaking.on_packet(1, Some(-20), 40));
        assert!(!speaking.tick(40 + PAUSE_MS - 1) && speaking.is_on(1));
        assert!(speaking.tick(40 + PAUSE_MS) && !speaking.is_on(1));
        assert!(speaking.on_packet(1, None, 2_000) && speaking.hush(1) && !speaking.hush(1));
    }
}
