//! The delays of the model, in ticks.

/// A request or a response is under way for at most this long.
pub const LONGEST: u8 = 1;

/// The browser writes its cookies to the disk within this time.
pub const FLUSH: u8 = 1;

/// C, the age at which a token is rotated. It must be longer than four messages and a flush, because this can happen:
///
/// 1. A late response overwrites the new cookies with old ones.
/// 2. The browser sends the old token, and so asks for the new one again.
/// 3. The response brings the new token.
/// 4. The browser crashes before it has saved that token, and a request that it had already sent arrives and rotates the token.
///
/// The clock of the model is too coarse to show that the fourth message matters. A test shows that three messages are not enough.
/// In production C is 120 s. With a flush of 30 s, that allows 22 s for each message.
pub const C: u8 = 4 * LONGEST + FLUSH + 1;
