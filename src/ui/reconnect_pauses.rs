//! The pauses before a page tries to connect again. The code is pure.

/// How many attempts have short pauses while the server restarts.
pub const QUICK_ATTEMPTS: u32 = 10;

/// The pause before an attempt while the server restarts, in milliseconds. A restart takes about a second, and everybody wants to go on
/// talking. So the first [`QUICK_ATTEMPTS`] pauses are short.
pub fn restart_pause_ms(attempt: u32, chance: u32) -> u32 {
    match attempt {
        0..=1 => 100 + 300 * chance / 1_000,
        2..=QUICK_ATTEMPTS => 200 + 200 * chance / 1_000,
        _ => pause_ms(attempt - QUICK_ATTEMPTS, chance),
    }
}

/// The pause before an attempt, in milliseconds. The full pause doubles from 0.5 s to 10 s. It is shortened by up to half, depending
/// on `chance` (0 to 999), so that the clients do not all come back at the same moment.
pub fn pause_ms(attempt: u32, chance: u32) -> u32 {
    let full = (250u32 << attempt.min(6)).min(10_000);
    full / 2 + full / 2 * chance / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_ten_seconds() {
        assert_eq!(pause_ms(1, 0), 250);
        assert_eq!(pause_ms(2, 0), 500);
        assert!((1..100).all(|attempt| pause_ms(attempt, 999) <= 10_000));
        assert!(pause_ms(100, 0) >= 5_000);
    }

    #[test]
    fn while_the_server_restarts_the_first_pauses_are_short() {
        assert_eq!((restart_pause_ms(1, 0), restart_pause_ms(1, 999)), (100, 399));
        assert!((2..=QUICK_ATTEMPTS).all(|attempt| (200..400).contains(&restart_pause_ms(attempt, 999))));
        assert_eq!(restart_pause_ms(QUICK_ATTEMPTS + 1, 0), pause_ms(1, 0));
        assert!(restart_pause_ms(100, 0) >= 5_000);
    }
}
