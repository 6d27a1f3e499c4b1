//! Lengths of time in words, for sentences: "a minute", "10 minutes", "3 hours", "a day".

/// A length of time in words, rounded up: up to an hour in minutes, up to a day in hours, and then in days. It is never "0 minutes".
pub fn duration_in_words(seconds: u32) -> String {
    let minutes = seconds.div_ceil(60).max(1);
    let hours = minutes.div_ceil(60);
    let days = hours.div_ceil(24);
    match (days, hours, minutes) {
        (_, _, 1) => "a minute".to_owned(),
        (_, _, ..60) => format!("{minutes} minutes"),
        (_, 1, _) => "an hour".to_owned(),
        (_, ..24, _) => format!("{hours} hours"),
        (1, _, _) => "a day".to_owned(),
        _ => format!("{days} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_rounded_up_and_has_the_right_unit() {
        for (seconds, words) in [
            (0, "a minute"),
            (60, "a minute"),
            (61, "2 minutes"),
            (600, "10 minutes"),
            (3_540, "59 minutes"),
            (3_541, "an hour"),
            (3_601, "2 hours"),
            (82_800, "23 hours"),
            (82_801, "a day"),
            (86_400, "a day"),
            (86_401, "2 days"),
        ] {
            assert_eq!(duration_in_words(seconds), words, "{seconds}");
        }
    }
}
