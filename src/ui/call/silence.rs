//! How long nobody has talked. A pause in a conversation is no silence, so the page mentions silence late. The code is pure.

/// After this many milliseconds without a voice, the page says that nobody is talking.
const SILENT_AFTER_MS: f64 = 6_000.0;

/// The beginning of the present silence; `None` while somebody talks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silence {
    since_ms: Option<f64>,
}

impl Silence {
    /// Notes whether somebody talks now. Returns whether nobody has talked for [`SILENT_AFTER_MS`].
    pub fn note(&mut self, somebody_talks: bool, now_ms: f64) -> bool {
        if somebody_talks {
            self.since_ms = None;
            return false;
        }
        now_ms - *self.since_ms.get_or_insert(now_ms) >= SILENT_AFTER_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn silence_is_mentioned_after_six_seconds_and_forgotten_at_the_first_word() {
        let mut silence = Silence::default();
        assert!(!silence.note(false, 1_000.0) && !silence.note(false, 6_999.0));
        assert!(silence.note(false, 7_000.0) && silence.note(false, 60_000.0));
        assert!(!silence.note(true, 60_080.0));
        assert!(!silence.note(false, 60_160.0) && !silence.note(false, 66_159.0));
        assert!(silence.note(false, 66_160.0));
    }

    proptest! {
        #[test]
        fn a_conversation_with_pauses_of_less_than_six_seconds_is_never_silent(pauses in prop::collection::vec(0_u16..6_000, 1..40)) {
            let (mut silence, mut now_ms) = (Silence::default(), 0.0);
            for pause in pauses {
                prop_assert!(!silence.note(true, now_ms));
                prop_assert!(!silence.note(false, now_ms));
                now_ms += f64::from(pause);
                prop_assert!(!silence.note(false, now_ms));
            }
        }
    }
}
