//! How long a hand has been up, in words, by the server's clock.

use crate::ui::{call::Presence, ticks::ticks};
use leptos::prelude::*;

/// How often the time on the page goes on, in milliseconds. The page shows whole minutes.
const TICK_MS: u32 = 5_000;

/// The server's time, in unix seconds, which goes on every few seconds; `None` if the page does not know it.
pub fn server_now(presence: Presence) -> Signal<Option<i64>> {
    let ticks = ticks(TICK_MS);
    Signal::derive(move || {
        ticks.track();
        presence.server_now_s()
    })
}

/// The time from `since_s` to `now_s`, both in unix seconds, such as "2 min". `None` for less than a minute.
pub fn waited(since_s: i64, now_s: i64) -> Option<String> {
    match now_s.saturating_sub(since_s) / 60 {
        ..1 => None,
        minutes @ 1..60 => Some(format!("{minutes} min")),
        minutes => Some(format!("{} h", minutes / 60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_in_whole_minutes_or_hours_and_never_below_zero() {
        for (seconds, words) in [
            (-90, None),
            (0, None),
            (59, None),
            (60, Some("1 min")),
            (150, Some("2 min")),
            (3_599, Some("59 min")),
            (7_300, Some("2 h")),
        ] {
            assert_eq!(waited(1_000, 1_000 + seconds).as_deref(), words, "{seconds}");
        }
    }
}
