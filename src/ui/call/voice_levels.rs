//! The people who are speaking, each with the loudness of their voice. Loudness is one of a few levels, which a face can show. A
//! short gap between words does not count as silence. The code is pure.

use crate::model::{id::UserId, room::ParticipantInfo, signal::VOICED_ABOVE_DBOV};
use std::collections::HashMap;

/// The loudest level. 0 is the quietest voice.
pub const LEVEL_MAX: u8 = 4;
/// A voice that is silent for less than this many milliseconds still counts as speaking, because there are gaps between words.
const GAP_MS: f64 = 300.0;
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

    /// Updates the voices with the voices that are heard now. Removes a voice if it was silent for longer than a gap between words.
    pub fn update(&mut self, heard: impl IntoIterator<Item = (UserId, f32)>, now_ms: f64) {
        for (user, loudness) in heard {
            if let Some(level) = level_of(loudness) {
                self.0.insert(
                    user,
                    ActiveVoice {
                        level,
                        until_ms: now_ms + GAP_MS,
                    },
                );
            }
        }
        self.0.retain(|_, voice| now_ms < voice.until_ms);
    }

    /// Removes the voices of muted people, because their last packets can still arrive.
    pub fn hush_muted(&mut self, roster: &[ParticipantInfo]) {
        let talks = |user: &UserId| roster.iter().any(|one| one.person.id == *user && !one.muted);
        self.0.retain(|user, _| talks(user));
    }

    /// The names of the people on the roster who speak, in the order of the roster.
    pub fn names(&self, roster: &[ParticipantInfo]) -> Vec<String> {
        let on = roster.iter().filter(|one| self.0.contains_key(&one.person.id));
        on.map(|one| one.person.name.clone()).collect()
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

    #[test]
    fn a_short_gap_does_not_switch_a_voice_off() {
        let ada = UserId::parse("abcdefghij").expect("an id");
        let mut voices = Voices::default();
        voices.update([(ada.clone(), 0.1)], 0.0);
        voices.update([(ada.clone(), 0.0)], 299.0);
        assert!(voices.level(&ada).is_some());
        voices.update([], 300.0);
        assert!(voices.level(&ada).is_none());
    }
}
