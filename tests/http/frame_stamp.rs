//! What the frames of a raw peer carry instead of sound: the time at which they were sent, and a number.

use std::time::{Duration, SystemTime};

/// Writes the current time and the number of the frame into a frame, after the TOC byte (RFC 6716, section 3.1).
pub fn stamp(frame: &mut [u8], number: u32) {
    if let Some(place) = frame.get_mut(1..9) {
        place.copy_from_slice(&now_us().to_be_bytes());
    }
    if let Some(place) = frame.get_mut(9..13) {
        place.copy_from_slice(&number.to_be_bytes());
    }
}

/// The number that [`stamp`] wrote into the frame. `None` if the frame is too short.
pub fn number(frame: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(frame.get(9..13)?.try_into().ok()?))
}

/// The time since [`stamp`] wrote into the frame. `None` if the frame has no stamp, or an implausible one.
pub fn stamped(frame: &[u8]) -> Option<Duration> {
    let sent = u64::from_be_bytes(frame.get(1..9)?.try_into().ok()?);
    let passed = now_us().checked_sub(sent)?;
    (passed < 10_000_000).then(|| Duration::from_micros(passed))
}

fn now_us() -> u64 {
    SystemTime::UNIX_EPOCH
        .elapsed()
        .map_or(0, |time| time.as_micros() as u64)
}
