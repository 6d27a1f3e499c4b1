//! Decides how to answer a refresh token, given the row of its session and the time. The functions are pure: they use no clock and
//! no database.
//!
//! The previous token stays valid until its successor is seen in use, not until a timer fires. So a lost response signs nobody out,
//! and a replay of a superseded token ends the session (RFC 9700 section 4.14.2). `docs/sessions.md` explains the rules.

/// The columns of a session's row that the decision needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The hash of the current token.
    pub cur_hash: String,
    /// The hash of the previous token; '' if there was none.
    pub prev_hash: String,
    /// When the current token was last sent to the browser, in unix seconds.
    pub served_at: i64,
    /// Whether the current token was seen in use.
    pub confirmed: bool,
    pub revoked: bool,
    /// The earlier of the idle and the absolute expiry, in unix seconds.
    pub expires_at: i64,
}

/// What a browser presents as its refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented<'a> {
    /// Malformed, made with another key, or forged.
    Foreign,
    /// A token that we made, now or long ago. The text is the hash of its secret.
    Ours(&'a str),
}

/// What to do about a presented token. `confirm_s` is the setting `auth.confirm_seconds`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The token is the current one, and was last sent at least `confirm_s` seconds ago. Replace the token by its successor, in one
    /// compare-and-swap.
    Rotate,
    /// The session does not exist, was revoked, or has expired. Change nothing.
    Ended,
    /// The token is the current one, and was last sent less than `confirm_s` seconds ago. Send a new access token and the same refresh
    /// token.
    Keep,
    /// The token is the previous one, and its successor was never seen in use, so the response with the successor may have been
    /// lost. Send the same successor again.
    Again,
    /// The token is any other token that we made for this session. Somebody has a copy of the token, so revoke the session.
    Reuse,
    /// We did not make the token, so it says nothing about any session. Change nothing.
    Unknown,
}

/// Decides what to do about a token that is presented at `now_s`. `row` is the session that the token names. `confirm_s` is the
/// setting `auth.confirm_seconds`. If the wall clock has jumped within that time, `confirm_s` is an age that no token reaches.
pub fn decide(row: Option<&Row>, presented: Presented<'_>, now_s: i64, confirm_s: i64) -> Decision {
    let Presented::Ours(hash) = presented else {
        return Decision::Unknown;
    };
    let Some(row) = row else { return Decision::Ended };
    if row.revoked || now_s >= row.expires_at {
        return Decision::Ended;
    }
    if hash == row.cur_hash {
        return if is_old_enough(row.served_at, now_s, confirm_s) {
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

/// Whether the use of an access token at `now_s` proves that the browser has stored the refresh token from the same response. The
/// result is true if the access token is at least `confirm_s` seconds old, because by then no request with the previous refresh token
/// can still be under way.
///
/// We compare the age of this access token, not the time since the rotation. The same successor can be sent again long after the
/// rotation. If the time since the rotation counted, people would be signed out while that later response is still under way.
pub fn proves_arrival(issued_at_s: i64, now_s: i64, confirm_s: i64) -> bool {
    is_old_enough(issued_at_s, now_s, confirm_s)
}

/// Whether something from `at_s` is at least `confirm_s` seconds old. A time that is at least as far in the future is
/// from before a jump back of the wall clock. The callers pass a reachable `confirm_s` only if the clock has not jumped for that long, so
/// something from such a time is old enough, too.
fn is_old_enough(at_s: i64, now_s: i64, confirm_s: i64) -> bool {
    i64::try_from(now_s.abs_diff(at_s)).is_ok_and(|apart_s| apart_s >= confirm_s)
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
