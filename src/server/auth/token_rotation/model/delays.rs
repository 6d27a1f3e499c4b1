//! The delays of the model, in ticks.

/// A request or an answer is under way for at most this long.
pub const LONGEST: u8 = 1;

/// The browser writes its cookies to the disk within this time.
pub const FLUSH: u8 = 1;

/// C, the age at which a token is rotated: more than four messages and a flush, by counting. A late answer puts the old
/// cookies back (one message); the new token is asked for again and comes back (two and three); the browser crashes before
/// it is saved; and a request that goes on without it (four) rotates. The model's own clock is too coarse for the last of them: it refutes three.
pub const C: u8 = 4 * LONGEST + FLUSH + 1;
