//! Reads a body, keeps no more of it than the caller asks for, and gives up if it arrives too slowly.

use axum::body::Body;
use bytes::{Buf, Bytes, BytesMut};
use http_body_util::BodyExt;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// A body must arrive at least at this rate, in bytes per second.
const RATE_MIN: f64 = 8_000.0;
/// A body must arrive within this time, which is enough for a photo over a slow network.
const READ_TIME: Duration = Duration::from_secs(110);
/// We stop reading a body that is larger than this.
const DRAIN_MAX_BYTES: usize = 64 * 1024 * 1024;
/// If a form is refused, we keep this many bytes from its beginning and from its end. They contain the typed fields, which
/// the page shows again; the photo is between them.
pub const END_BYTES: usize = 32 * 1024;

/// A body that must arrive in time.
pub struct PacedBody {
    body: Body,
    pace: Pace,
    /// Bytes that have arrived and that no caller has asked for yet.
    left: Bytes,
    seen: usize,
}

/// Why a body did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    Slow,
    /// The connection ended, or the body is malformed.
    Broken,
}

impl PacedBody {
    /// `grace` is how long the body may pause at its beginning before its rate counts.
    pub fn new(body: Body, grace: Duration) -> Self {
        Self {
            body,
            pace: Pace::new(grace, Instant::now()),
            left: Bytes::new(),
            seen: 0,
        }
    }

    /// Call this after the sender had to wait for us, so that this wait does not count as slowness of the sender.
    pub fn resume(&mut self) {
        self.pace.resume(Instant::now());
    }

    /// Appends the body to `kept` until `kept` has one byte more than `most`. Returns whether the body ended before that.
    pub async fn read(&mut self, kept: &mut BytesMut, most: usize) -> Result<bool, Stopped> {
        while kept.len() <= most {
            let Some(mut data) = self.next().await? else {
                return Ok(true);
            };
            self.left = data.split_off(data.len().min(most + 1 - kept.len()));
            kept.extend_from_slice(&data);
        }
        Ok(false)
    }

    /// Reads the rest of the body, whose beginning is `kept`. Returns the first and the last `END_BYTES` of the whole body,
    /// joined. If the body stops early, they are the ends of the part that arrived.
    pub async fn read_ends(mut self, kept: BytesMut) -> Bytes {
        let mut ends = Ends::default();
        ends.push(&kept);
        drop(kept);
        while self.seen <= DRAIN_MAX_BYTES
            && let Ok(Some(data)) = self.next().await
        {
            ends.push(&data);
        }
        ends.joined()
    }

    /// Reads the rest of the body and keeps nothing of it.
    pub async fn drain(mut self) {
        while self.seen <= DRAIN_MAX_BYTES && matches!(self.next().await, Ok(Some(_))) {}
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Stopped> {
        if !self.left.is_empty() {
            return Ok(Some(std::mem::take(&mut self.left)));
        }
        let frame = timeout_at(self.pace.due, self.body.frame())
            .await
            .map_err(|_| Stopped::Slow)?;
        let Some(frame) = frame else { return Ok(None) };
        let data = frame.map_err(|_| Stopped::Broken)?.into_data().unwrap_or_default();
        self.seen += data.len();
        self.pace.arrived(data.len(), Instant::now());
        Ok(Some(data))
    }
}

/// When the next bytes must arrive.
struct Pace {
    due: Instant,
    /// The whole body must be here by then.
    end: Instant,
    grace: Duration,
}

impl Pace {
    fn new(grace: Duration, now: Instant) -> Self {
        Self {
            due: now + grace,
            end: now + READ_TIME,
            grace,
        }
    }

    fn resume(&mut self, now: Instant) {
        self.due = self.due.max(now + self.grace).min(self.end);
    }

    /// Each byte extends the deadline by the time that it may take at the lowest rate. But even a body that arrived
    /// fast must not stop for longer than twice the grace: otherwise a sender could hold back the last byte of a large
    /// body for minutes.
    fn arrived(&mut self, bytes: usize, now: Instant) {
        let earned = Duration::from_secs_f64(bytes as f64 / RATE_MIN);
        self.due = (self.due + earned).min(now + 2 * self.grace).min(self.end);
    }
}

/// The first and the last `END_BYTES` of all the data that is pushed.
#[derive(Default)]
struct Ends {
    first: BytesMut,
    last: BytesMut,
}

impl Ends {
    fn push(&mut self, data: &[u8]) {
        let (first, rest) = data.split_at(data.len().min(END_BYTES - self.first.len()));
        self.first.extend_from_slice(first);
        self.last
            .extend_from_slice(&rest[rest.len().saturating_sub(END_BYTES)..]);
        self.last.advance(self.last.len().saturating_sub(END_BYTES));
    }

    fn joined(mut self) -> Bytes {
        self.first.extend_from_slice(&self.last);
        self.first.freeze()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{StreamExt, stream};
    use std::io::Error;

    const GRACE: Duration = Duration::from_secs(10);

    fn octets() -> Vec<u8> {
        (0..6 * END_BYTES).map(|at| (at / 251) as u8).collect()
    }

    fn in_chunks(octets: &[u8]) -> PacedBody {
        let chunks: Vec<_> = octets
            .chunks(10_007)
            .map(|chunk| Ok::<_, Error>(chunk.to_vec()))
            .collect();
        PacedBody::new(Body::from_stream(stream::iter(chunks)), GRACE)
    }

    /// `bytes` arrive every second for this many `seconds`, and then nothing. The result is the number of seconds until we
    /// give up on the body.
    fn ends_after_s(bytes: usize, seconds: u64) -> u64 {
        let began = Instant::now();
        let mut pace = Pace::new(GRACE, began);
        for second in 1..=seconds {
            let now = began + Duration::from_secs(second);
            if now > pace.due {
                break;
            }
            pace.arrived(bytes, now);
        }
        (pace.due - began).as_secs()
    }

    #[tokio::test]
    async fn a_read_stops_one_byte_after_its_limit_and_the_next_read_goes_on_from_there() {
        let (octets, mut kept) = (octets(), BytesMut::new());
        let mut body = in_chunks(&octets);
        assert_eq!(body.read(&mut kept, 1_000).await, Ok(false));
        assert_eq!(kept, octets[..1_001]);
        assert_eq!(body.read(&mut kept, octets.len()).await, Ok(true));
        assert_eq!(kept, octets);
    }

    #[tokio::test]
    async fn both_ends_of_a_body_are_kept_and_each_byte_once() {
        let octets = octets();
        let wanted = [&octets[..END_BYTES], &octets[octets.len() - END_BYTES..]].concat();
        for most in [0, 1_000, END_BYTES, 3 * END_BYTES] {
            let (mut body, mut kept) = (in_chunks(&octets), BytesMut::new());
            assert_eq!(body.read(&mut kept, most).await, Ok(false));
            assert_eq!(body.read_ends(kept).await, wanted, "{most}");
        }
        let short = &octets[..END_BYTES + 9];
        assert_eq!(in_chunks(short).read_ends(BytesMut::new()).await, short);
    }

    #[tokio::test]
    async fn a_body_that_stops_is_slow() {
        let beginning = stream::iter([Ok::<_, Error>(vec![0; 9])]);
        let body = Body::from_stream(beginning.chain(stream::pending()));
        let mut body = PacedBody::new(body, Duration::from_millis(20));
        assert_eq!(body.read(&mut BytesMut::new(), 100).await, Err(Stopped::Slow));
    }

    #[test]
    fn a_body_slower_than_8_kb_a_second_ends_when_it_has_used_up_10_s_of_grace() {
        assert_eq!(ends_after_s(0, 1_000), 10);
        // 7,000 bytes extend the deadline by only seven eighths of a second, so each second uses up an eighth of a second
        // of grace.
        let seconds = ends_after_s(7_000, 1_000);
        assert!((70..=90).contains(&seconds), "{seconds}");
    }

    #[test]
    fn a_sender_who_had_to_wait_for_us_has_the_grace_again() {
        let began = Instant::now();
        let mut pace = Pace::new(GRACE, began);
        pace.resume(began + Duration::from_secs(15));
        assert_eq!((pace.due - began).as_secs(), 25);
        pace.resume(began + READ_TIME);
        assert_eq!((pace.due - began).as_secs(), 110);
    }

    #[test]
    fn a_last_byte_may_be_held_for_20_s_and_the_longest_body_takes_110_s() {
        assert_eq!(ends_after_s(12_000_000, 1), 21);
        assert_eq!(ends_after_s(8_001, 1_000), 110);
    }
}
