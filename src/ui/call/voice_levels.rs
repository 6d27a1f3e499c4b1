//! The people who are speaking, each with the loudness of their voice. Loudness is one of a few levels, which a face can show. A
//! pause between words or sentences does not count as silence. The code is pure.

use crate::model::{id::UserId, room::ParticipantInfo, signal::VOICED_ABOVE_DBOV};
use std::collections::HashMap;

/// The loudest level. 0 is the quietest voice.
pub const LEVEL_MAX: u8 = 4;
/// After its last sound, a voice counts as speaking for this many milliseconds. Pauses between words and sentences take up to 700 ms,
/// and a lamp that goes off and on in each of them is hard to watch.
const HOLD_MS: f64 = 900.0;
/// The decibels from one level to the next.
const STEP_DB: f32 = 8.0;

/// The level of a sound with this loudness, which is from 0 to 1. `None` if the sound is too quiet to be a voice.
pub fn level_of(loudness: f32) -> Option<u8> {
    let dbov = 20.0 * loudness.max(1e-7).log10();
    let above = dbov - f32::from(VOICED_ABOVE_DBOV);
    (above > 0.0).then(|| ((above / STEP_DB) as u8).min(LEVEL_MAX))
}

/// The people who are speaking now, each with the level of their voice.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Voices(HashMap<UserId, ActiveVoice>);

#[derive(Debug, Clone, Copy, PartialEq)]
struct ActiveVoice {
    level: u8,
    until_ms: f64,
}

impl Voices {
    /// The level of a person, `None` while they are silent.
    pub fn level(&self, user: &UserId) -> Option<u8> {
        self.0.get(user).map(|voice| voice.level)
    }

    /// The people who speak, as the server reports them. The server reports no levels, so all of them get a middle level.
    pub fn from_server(who: Vec<UserId>) -> Self {
        let voice = ActiveVoice {
            level: 2,
            until_ms: f64::INFINITY,
        };
        Self(who.into_iter().map(|user| (user, voice)).collect())
    }

    /// Updates the voices with the voices that are heard now. Removes a voice after [`HOLD_MS`] of silence.
    pub fn update(&mut self, heard: impl IntoIterator<Item = (UserId, f32)>, now_ms: f64) {
        for (user, loudness) in heard {
            if let Some(level) = level_of(loudness) {
                self.0.insert(
                    user,
                    ActiveVoice {
                        level,
                        until_ms: now_ms + HOLD_MS,
                    },
                );
            }
        }
        self.0.retain(|_, voice| now_ms < voice.until_ms);
    }

    /// Removes one voice at once, because its microphone was closed.
    pub fn hush(&mut self, user: &UserId) {
        self.0.remove(user);
    }

    /// Removes the voices of muted people, because their last packets can still arrive.
    pub fn hush_muted(&mut self, roster: &[ParticipantInfo]) {
        let talks = |user: &UserId| roster.iter().any(|one| one.person.id == *user && !one.muted);
        self.0.retain(|user, _| talks(user));
    }

    /// Whether nobody speaks.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a page shows the same people as speaking, at the same levels, for these voices and for `other`.
    pub fn looks_like(&self, other: &Self) -> bool {
        self.0.len() == other.0.len()
            && self
                .0
                .iter()
                .all(|(user, voice)| other.level(user) == Some(voice.level))
    }

    /// The people on the roster who speak, in the order of the roster.
    pub fn speaking<'a>(&self, roster: &'a [ParticipantInfo]) -> impl Iterator<Item = &'a ParticipantInfo> {
        roster.iter().filter(|one| self.0.contains_key(&one.person.id))
    }

    /// The names of the people on the roster who speak, in the order of the roster.
    pub fn names(&self, roster: &[ParticipantInfo]) -> Vec<String> {
        self.speaking(roster).map(|one| one.person.name.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_grows_with_loudness_and_a_whisper_has_level_0() {
        assert_eq!((level_of(0.0), level_of(0.003)), (None, None));
        assert_eq!((level_of(0.0035), level_of(1.0)), (Some(0), Some(LEVEL_MAX)));
        assert!(level_of(0.02) < level_of(0.1));
    }

    fn ada() -> UserId {
        UserId::parse("abcdefghij").expect("an id")
    }

    #[test]
    fn a_voice_stays_on_for_900_ms_after_its_last_sound() {
        let mut voices = Voices::default();
        voices.update([(ada(), 0.1)], 0.0);
        for now_ms in [300.0, 899.0] {
            voices.update([(ada(), 0.0)], now_ms);
            assert!(voices.level(&ada()).is_some(), "{now_ms}");
        }
        voices.update([], 900.0);
        assert!(voices.is_empty());
    }

    #[test]
    fn a_sound_in_a_pause_starts_the_time_again() {
        let mut voices = Voices::default();
        voices.update([(ada(), 0.1)], 0.0);
        voices.update([(ada(), 0.1)], 800.0);
        voices.update([], 1_699.0);
        assert!(voices.level(&ada()).is_some());
        voices.update([], 1_700.0);
        assert!(voices.is_empty());
    }

    #[test]
    fn a_voice_whose_microphone_is_closed_goes_off_at_once() {
        let mut voices = Voices::default();
        voices.update([(ada(), 0.1)], 0.0);
        voices.hush(&ada());
        assert!(voices.is_empty());
    }

    #[test]
    fn only_people_and_levels_are_seen_and_not_the_time_of_a_sound() {
        let heard = |loudness: f32, now_ms: f64| {
            let mut voices = Voices::default();
            voices.update([(ada(), loudness)], now_ms);
            voices
        };
        assert!(heard(0.1, 0.0).looks_like(&heard(0.1, 500.0)));
        assert!(!heard(0.1, 0.0).looks_like(&heard(0.9, 0.0)));
        assert!(!heard(0.1, 0.0).looks_like(&Voices::default()));
        assert!(!Voices::default().looks_like(&heard(0.1, 0.0)));
    }
}
