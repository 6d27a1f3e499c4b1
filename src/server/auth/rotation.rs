//! The decision of a refresh, pure: what a presented token gets, given the session's row and the time.
//!
//! A predecessor dies because its successor was confirmed in use, not because a timer fired. So a lost answer signs
//! nobody out, and a replay of a superseded token ends the session (RFC 9700 section 4.14.2).

/// What the decision needs of a session's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub cur_hash: String,
    /// '' where there was no token before.
    pub prev_hash: String,
    /// Unix seconds.
    pub served_at: i64,
    pub confirmed: bool,
    pub revoked: bool,
    /// The sooner of the idle and the absolute end, unix seconds.
    pub expires_at: i64,
}

/// What to do about a presented token whose tag is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The current token, old enough: make its successor (one compare-and-swap).
    Rotate,
    /// Case a: no row, revoked or expired. Change nothing.
    Ended,
    /// Case b: the current token, served a moment ago: a new access token, the same refresh token.
    Keep,
    /// Case c: the predecessor, and its successor was never seen in use: hand out the same successor again.
    Again,
    /// Case d: one of our own old tokens. Somebody has a copy: revoke.
    Reuse,
}

/// Decides about the token whose secret's hash is `hash`, at `now_s`; `confirm_s` is C of sessions.md.
pub fn decide(row: Option<&Row>, hash: &str, now_s: i64, confirm_s: i64) -> Decision {
    let Some(row) = row else { return Decision::Ended };
    if row.revoked || now_s >= row.expires_at {
        return Decision::Ended;
    }
    if hash == row.cur_hash {
        return if now_s >= row.served_at + confirm_s {
            Decision::Rotate
        } else {
            Decision::Keep
        };
    }
    if hash == row.prev_hash && !row.confirmed {
        return Decision::Again;
    }
    Decision::Reuse
}

#[cfg(test)]
mod tests {
    use super::*;

    const C: i64 = 120;

    fn row() -> Row {
        Row {
            cur_hash: "now".into(),
            prev_hash: "before".into(),
            served_at: 1_000,
            confirmed: false,
            revoked: false,
            expires_at: 9_000,
        }
    }

    #[test]
    fn a_session_that_is_over_is_over_for_every_token() {
        assert_eq!(decide(None, "now", 1_000, C), Decision::Ended);
        for over in [
            Row { revoked: true, ..row() },
            Row {
                expires_at: 1_000,
                ..row()
            },
        ] {
            for hash in ["now", "before", "other"] {
                assert_eq!(decide(Some(&over), hash, 1_000, C), Decision::Ended);
            }
        }
    }

    #[test]
    fn the_current_token_rotates_only_once_it_is_old_enough() {
        assert_eq!(decide(Some(&row()), "now", 1_119, C), Decision::Keep);
        assert_eq!(decide(Some(&row()), "now", 1_120, C), Decision::Rotate);
    }

    #[test]
    fn the_predecessor_lives_until_its_successor_is_confirmed() {
        assert_eq!(decide(Some(&row()), "before", 8_999, C), Decision::Again);
        assert_eq!(
            decide(
                Some(&Row {
                    confirmed: true,
                    ..row()
                }),
                "before",
                1_001,
                C
            ),
            Decision::Reuse
        );
    }

    #[test]
    fn any_other_token_of_ours_is_reuse() {
        assert_eq!(decide(Some(&row()), "older", 1_001, C), Decision::Reuse);
    }
}
