//! Why nobody hears somebody, in one sentence that says what to do. The code is pure.

use super::watched_facts::VoiceRates;
use crate::{
    browser::microphone::Closed,
    model::{
        isolated::isolated,
        signal::VOICED_ABOVE_DBOV,
        stage::{MicLock, Role},
    },
};

/// If no packet of an open microphone has arrived for this long, in milliseconds, none arrives. A silent voice sends one every 400 ms.
const ABSENT_AFTER_MS: u64 = 2_000;

/// What is known about a person, from the room, from the server and from this page.
#[derive(Debug, Clone, PartialEq)]
pub struct HearingFacts {
    pub who: Who,
    pub role: Role,
    pub mic_lock: Option<MicLock>,
    pub away: bool,
    pub muted: bool,
    /// Whether the server has said that the person has no voice connection.
    pub is_unplugged: bool,
    /// The last readings of the server; `None` before the first one.
    pub rates: Option<VoiceRates>,
}

/// The person, with what only this page knows.
#[derive(Debug, Clone, PartialEq)]
pub enum Who {
    You {
        /// Why the browser could not open the microphone.
        closed: Option<Closed>,
        /// Whether the system has muted the microphone while you were live.
        system_muted: bool,
        is_cut_off: bool,
    },
    Other {
        name: String,
        /// Whether your own browser plays no sound.
        is_your_sound_paused: bool,
    },
}

/// Why nobody hears this person; `None` if nothing is wrong.
pub fn why_unheard(facts: &HearingFacts) -> Option<String> {
    match &facts.who {
        Who::You {
            closed,
            system_muted,
            is_cut_off,
        } => why_you(facts, *closed, *system_muted, *is_cut_off).map(str::to_owned),
        Who::Other {
            name,
            is_your_sound_paused,
        } => {
            let name = isolated(name);
            why_other(facts, *is_your_sound_paused).map(|reason| reason.replace("NAME", &name))
        }
    }
}

fn why_you(facts: &HearingFacts, closed: Option<Closed>, system_muted: bool, is_cut_off: bool) -> Option<&'static str> {
    if is_cut_off || facts.is_unplugged {
        return Some("Your voice is not connected right now. Wait a moment; if it stays so, check your connection.");
    }
    match facts.mic_lock {
        Some(MicLock::ByHost) => return Some("A host muted you. You can speak again once a host lets you."),
        _ if !facts.role.talks() => return Some("You are in the audience. Raise your hand to speak."),
        Some(MicLock::NewAccount) => {
            return Some("Your account is new, so you only listen at first. Ask a host to let you speak.");
        }
        None => {}
    }
    if let Some(closed) = closed {
        return Some(closed.without_microphone());
    }
    if system_muted {
        return Some(
            "The system has closed your microphone, for example for a phone call. End that, then speak again.",
        );
    }
    if facts.muted {
        return Some("You are muted. Unmute to speak.");
    }
    match sound_of(facts.rates?) {
        HeardSound::Absent => Some("Nothing of your voice arrives here. Check your connection."),
        HeardSound::Silent => Some(
            "Your microphone is silent. If you are talking, choose another microphone in the browser, or switch on its button.",
        ),
        HeardSound::Voice => None,
    }
}

/// The sentence about somebody else. It has NAME in the place of the name.
fn why_other(facts: &HearingFacts, is_your_sound_paused: bool) -> Option<&'static str> {
    if facts.away || facts.is_unplugged {
        return Some("NAME is not connected right now. Wait a moment.");
    }
    match facts.mic_lock {
        Some(MicLock::ByHost) => return Some("A host muted NAME. Allow NAME to speak."),
        _ if !facts.role.talks() => return Some("NAME is in the audience. Invite NAME to the stage."),
        Some(MicLock::NewAccount) => return Some("The account of NAME is new. Allow NAME to speak."),
        None => {}
    }
    if facts.muted {
        return Some("NAME is muted. Ask NAME to unmute.");
    }
    if is_your_sound_paused {
        return Some("Your own browser plays no sound, so only you don't hear NAME. Press “Tap to hear”.");
    }
    match sound_of(facts.rates?) {
        HeardSound::Absent => Some("Nothing of the voice of NAME arrives here. Ask NAME to check their connection."),
        HeardSound::Silent => {
            Some("The microphone of NAME is silent. If NAME is talking, ask them to choose another one.")
        }
        HeardSound::Voice => None,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HeardSound {
    Absent,
    Silent,
    Voice,
}

fn sound_of(rates: VoiceRates) -> HeardSound {
    match (rates.last_in_ms, rates.loudest_dbov) {
        (None, _) => HeardSound::Absent,
        (Some(ago_ms), _) if ago_ms >= ABSENT_AFTER_MS => HeardSound::Absent,
        (_, Some(level)) if level <= VOICED_ABOVE_DBOV => HeardSound::Silent,
        _ => HeardSound::Voice,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::voice_facts::VoicePath;

    const HEARD: VoiceRates = VoiceRates {
        path: Some(VoicePath::Udp),
        in_per_s: Some(50),
        lost_in_percent: Some(0),
        out_per_s: Some(50),
        lost_out_percent: Some(0),
        last_in_ms: Some(15),
        loudest_dbov: Some(-30),
    };

    fn you() -> HearingFacts {
        HearingFacts {
            who: Who::You {
                closed: None,
                system_muted: false,
                is_cut_off: false,
            },
            role: Role::Speaker,
            mic_lock: None,
            away: false,
            muted: false,
            is_unplugged: false,
            rates: Some(HEARD),
        }
    }

    fn ben() -> HearingFacts {
        HearingFacts {
            who: Who::Other {
                name: "Ben".into(),
                is_your_sound_paused: false,
            },
            ..you()
        }
    }

    fn says(facts: HearingFacts, words: &str) {
        let sentence = why_unheard(&facts);
        assert!(
            sentence.as_deref().is_some_and(|sentence| sentence.contains(words)),
            "{words}: {sentence:?}"
        );
    }

    #[test]
    fn nothing_is_said_about_people_who_are_heard() {
        assert_eq!(why_unheard(&you()), None);
        assert_eq!(why_unheard(&ben()), None);
        assert_eq!(
            why_unheard(&HearingFacts { rates: None, ..you() }),
            None,
            "before the first reading"
        );
        let no_levels = Some(VoiceRates {
            loudest_dbov: None,
            ..HEARD
        });
        assert_eq!(
            why_unheard(&HearingFacts {
                rates: no_levels,
                ..you()
            }),
            None
        );
    }

    #[test]
    fn each_reason_has_its_own_sentence() {
        let absent = Some(VoiceRates {
            last_in_ms: Some(2_500),
            ..HEARD
        });
        let silent = Some(VoiceRates {
            loudest_dbov: Some(-127),
            ..HEARD
        });
        for facts in [you(), ben()] {
            says(
                HearingFacts {
                    muted: true,
                    ..facts.clone()
                },
                "muted",
            );
            let mic_lock = Some(MicLock::ByHost);
            says(
                HearingFacts {
                    mic_lock,
                    muted: true,
                    ..facts.clone()
                },
                "A host muted",
            );
            let role = Role::Listener;
            says(
                HearingFacts {
                    role,
                    muted: true,
                    ..facts.clone()
                },
                "audience",
            );
            let mic_lock = Some(MicLock::NewAccount);
            says(
                HearingFacts {
                    mic_lock,
                    muted: true,
                    ..facts.clone()
                },
                "new",
            );
            says(
                HearingFacts {
                    rates: silent,
                    ..facts.clone()
                },
                "silent",
            );
            says(
                HearingFacts {
                    rates: absent,
                    ..facts.clone()
                },
                "Nothing of",
            );
            says(
                HearingFacts {
                    is_unplugged: true,
                    ..facts
                },
                "not connected",
            );
        }
        let closed_by_system = Who::You {
            closed: None,
            system_muted: true,
            is_cut_off: false,
        };
        says(
            HearingFacts {
                who: closed_by_system,
                ..you()
            },
            "system",
        );
        let denied = Who::You {
            closed: Some(Closed::Denied),
            system_muted: false,
            is_cut_off: false,
        };
        says(
            HearingFacts {
                who: denied,
                muted: true,
                ..you()
            },
            "blocks the microphone",
        );
        let paused = Who::Other {
            name: "Ben".into(),
            is_your_sound_paused: true,
        };
        says(HearingFacts { who: paused, ..ben() }, "Your own browser plays no sound");
        says(HearingFacts { away: true, ..ben() }, "Ben");
    }
}
