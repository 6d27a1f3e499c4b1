//! Whether your own microphone is too quiet, or gives no sound at all. Somebody who only listens with an open microphone is told nothing.
//! The code is pure.

use crate::model::signal::{FAINT_ABOVE_DBOV, VOICED_ABOVE_DBOV};

/// A microphone that gives nothing but zeros for this many milliseconds is perhaps the wrong one. Even a quiet room gives other values.
const NOTHING_AFTER_MS: f64 = 5_000.0;
/// A microphone counts as too quiet after this many milliseconds of faint sound.
const FAINT_AFTER_MS: f64 = 4_000.0;
/// For each millisecond without a sound, this many milliseconds of faint sound are forgotten. So the pauses of a person who speaks don't
/// matter, and a cough now and then is not speech.
const FORGET: f64 = 0.25;
/// After a loud word, a faint sound is the room and not a person, for this many milliseconds.
const LOUD_LATELY_MS: f64 = 10_000.0;
/// A hidden page is asked once a second. A longer gap is not filled, because nobody knows what was in it.
const STEP_MAX_MS: f64 = 1_000.0;

/// What is wrong with the sound of your microphone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoundTrouble {
    /// The microphone gives no sound at all.
    Nothing,
    /// The sound is between silence and what counts as a voice.
    Faint,
}

/// What your microphone has given so far.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct OwnSound {
    last_ms: Option<f64>,
    nothing_since_ms: Option<f64>,
    loud_ms: Option<f64>,
    faint_ms: f64,
    is_faint: bool,
}

impl OwnSound {
    /// Notes how loud the microphone is now, from 0 to 1 (root mean square). `None` if it is muted, or can't be measured.
    pub fn note(&mut self, loudness: Option<f32>, now_ms: f64) -> Option<SoundTrouble> {
        let Some(loudness) = loudness else {
            *self = Self::default();
            return None;
        };
        let step_ms = (now_ms - self.last_ms.unwrap_or(now_ms)).min(STEP_MAX_MS);
        self.last_ms = Some(now_ms);
        if loudness > 0.0 {
            self.nothing_since_ms = None;
        }
        let nothing_ms = match loudness > 0.0 {
            true => 0.0,
            false => now_ms - *self.nothing_since_ms.get_or_insert(now_ms),
        };
        self.count_faint(loudness, step_ms, now_ms);
        match (nothing_ms >= NOTHING_AFTER_MS, self.is_faint) {
            (true, _) => Some(SoundTrouble::Nothing),
            (false, true) => Some(SoundTrouble::Faint),
            (false, false) => None,
        }
    }

    fn count_faint(&mut self, loudness: f32, step_ms: f64, now_ms: f64) {
        let dbov = 20.0 * loudness.max(1e-7).log10();
        if dbov > f32::from(VOICED_ABOVE_DBOV) {
            self.loud_ms = Some(now_ms);
            self.faint_ms = 0.0;
        } else if dbov > f32::from(FAINT_ABOVE_DBOV) {
            self.faint_ms += step_ms;
        } else {
            self.faint_ms = (self.faint_ms - FORGET * step_ms).max(0.0);
        }
        let was_loud = self.loud_ms.is_some_and(|at| now_ms < at + LOUD_LATELY_MS);
        // The sentence stays while the person pauses to read it.
        self.is_faint = !was_loud && (self.faint_ms >= FAINT_AFTER_MS || (self.is_faint && self.faint_ms > 0.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The loudness of a level in dBov.
    fn loudness(dbov: f32) -> f32 {
        10_f32.powf(dbov / 20.0)
    }

    /// The trouble after each of `levels` has lasted for 80 ms.
    fn trouble(levels: impl IntoIterator<Item = f32>) -> Vec<Option<SoundTrouble>> {
        let mut sound = OwnSound::default();
        let noted = levels
            .into_iter()
            .enumerate()
            .map(|(at, dbov)| sound.note(Some(loudness(dbov)), at as f64 * 80.0));
        noted.collect()
    }

    #[test]
    fn quiet_speech_with_pauses_is_noticed_within_eight_seconds() {
        // 480 ms of speech and 240 ms of silence.
        let levels = (0..100).map(|at| if at % 9 < 6 { -56.0 } else { -85.0 });
        let noted = trouble(levels);
        assert_eq!(noted.last(), Some(&Some(SoundTrouble::Faint)));
        assert!(noted[..40].iter().all(Option::is_none), "three seconds are not enough");
    }

    #[test]
    fn a_loud_word_ends_it_at_once() {
        let mut levels = vec![-56.0; 100];
        levels.extend([-30.0, -56.0]);
        let noted = trouble(levels);
        assert_eq!(noted[99], Some(SoundTrouble::Faint));
        assert_eq!(noted[100..], [None, None]);
    }

    #[test]
    fn somebody_who_listens_or_coughs_is_told_nothing() {
        let quiet = (0..2_000).map(|_| -78.0);
        assert!(trouble(quiet).iter().all(Option::is_none));
        // A faint sound of half a second every five seconds.
        let coughs = (0..2_000).map(|at| if at % 62 < 6 { -60.0 } else { -78.0 });
        assert!(trouble(coughs).iter().all(Option::is_none));
    }

    #[test]
    fn a_microphone_of_zeros_is_noticed_after_five_seconds_and_while_muted_it_is_not() {
        let mut sound = OwnSound::default();
        assert_eq!(sound.note(Some(0.0), 0.0), None);
        assert_eq!(sound.note(Some(0.0), 4_999.0), None);
        assert_eq!(sound.note(Some(0.0), 5_000.0), Some(SoundTrouble::Nothing));
        assert_eq!(sound.note(Some(1e-5), 5_080.0), None);
        assert_eq!(sound.note(Some(0.0), 5_160.0), None);
        assert_eq!(sound.note(None, 11_000.0), None);
        assert_eq!(sound.note(Some(0.0), 11_080.0), None);
    }

    proptest! {
        #[test]
        fn nobody_with_a_loud_word_every_ten_seconds_is_told_anything(
            levels in prop::collection::vec(-90_f32..-30.0, 1..600),
        ) {
            let with_words = levels.iter().enumerate().map(|(at, level)| if at % 120 == 0 { -40.0 } else { *level });
            prop_assert!(trouble(with_words).iter().all(Option::is_none));
        }
    }
}
