//! Logs that the limit on voice connections of one address has refused somebody. The log names the setting, so that the person who
//! runs this Snug can raise the limit.

use crate::model::signal::Refusal;
use std::time::{Duration, Instant};

/// The log names the setting at most once in this time.
const PAUSE: Duration = Duration::from_secs(60);

/// When the log last named the setting.
#[derive(Default)]
pub struct AddressCapLog(Option<Instant>);

impl AddressCapLog {
    /// Logs a refusal that is due to the limit of an address. The address itself is left out, because the log must not contain the
    /// addresses of people.
    pub fn log(&mut self, refusal: &Refusal, now: Instant) {
        if let Some(most) = self.due(refusal, now) {
            tracing::warn!(
                "snug.voice.peers_per_address = {most} (SNUG_VOICE_PEERS_PER_ADDRESS) refused somebody, because their address has reached \
                 the limit; raise it if many people share that address"
            );
        }
    }

    fn due(&mut self, refusal: &Refusal, now: Instant) -> Option<u32> {
        let Refusal::ManyFromAddress { most } = refusal else {
            return None;
        };
        if self.0.is_some_and(|last| now.duration_since(last) < PAUSE) {
            return None;
        }
        self.0 = Some(now);
        Some(*most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_setting_is_named_at_most_once_a_minute() {
        let (mut log, start) = (AddressCapLog::default(), Instant::now());
        let mut at = |refusal: Refusal, seconds| log.due(&refusal, start + Duration::from_secs(seconds));
        assert_eq!(at(Refusal::ManyOfYours { most: 4 }, 0), None);
        assert_eq!(at(Refusal::ManyFromAddress { most: 512 }, 1), Some(512));
        assert_eq!(at(Refusal::ManyFromAddress { most: 512 }, 60), None);
        assert_eq!(at(Refusal::ManyFromAddress { most: 512 }, 61), Some(512));
    }
}
