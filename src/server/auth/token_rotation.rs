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

/// What a browser presents as its refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presented<'a> {
    /// Malformed, of an unknown key, or with a tag that is not ours.
    Foreign,
    /// One that we made, now or long ago: the hash of its secret.
    Ours(&'a str),
}

/// What to do about a presented token.
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
    /// Case e: no token of ours, so it says nothing about anybody's session. Change nothing.
    Unknown,
}

/// Decides about a presented token at `now_s`, given the row of the session that it names; `confirm_s` is C of
/// sessions.md.
pub fn decide(row: Option<&Row>, presented: Presented<'_>, now_s: i64, confirm_s: i64) -> Decision {
    let Presented::Ours(hash) = presented else {
        return Decision::Unknown;
    };
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

/// Whether an access token issued at `issued_at_s` proves by its use at `now_s` that its answer has arrived, for good:
/// every request still under way with the token before was sent less than C ago. It must be the token's own age; the
/// time of the rotation would sign honest people out, because a token may be served again long after it.
pub fn proves_arrival(issued_at_s: i64, now_s: i64, confirm_s: i64) -> bool {
    now_s - issued_at_s >= confirm_s
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
