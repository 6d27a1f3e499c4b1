//! The delays of the model, in ticks.

/// A request or a response is under way for at most this long.
pub const LONGEST: u8 = 1;

/// The browser writes its cookies to the disk within this time.
pub const FLUSH: u8 = 1;

/// The age at which a token is rotated. docs/sessions.md also calls it C. C must be longer than four messages and one flush together,
/// because these steps can happen one after the other:
///
/// 1. A late response overwrites the new cookies with old ones.
/// 2. The browser sends the old token, so the server sends the new token again.
/// 3. The response with the new token arrives.
/// 4. The browser crashes before it has saved the new token. A request with the new token, sent before the crash, still arrives
///    and rotates the token.
///
/// A test shows that C must be longer than three messages and a flush. The clock of the model is too coarse to show the same for the
/// fourth message. In production C is 120 s. With a flush of 30 s, that allows 22 s for each message.
pub const C: u8 = 4 * LONGEST + FLUSH + 1;
