//! Parses the messages that arrive on a room's socket, and limits their rate. A flood of messages closes the connection.
//!
//! The limits of the socket, the person and the address are checked before a message is parsed, because parsing copies it.

use crate::{
    model::signal::ClientSignal,
    server::{signal_budgets::Spending, voice::token_bucket::TokenBucket},
};
use axum::extract::ws::{Message, close_code};
use std::time::Instant;

/// Allowed signals per second.
const SIGNALS_PER_SECOND: u64 = 20;
/// Allowed `join` and `restart_ice` signals per second. Each has an SDP offer, which must be parsed. A join leads to a DTLS handshake on
/// the one thread that forwards all voices.
const JOINS_PER_SECOND: u64 = 6;
/// A message that is longer than this counts as an offer before it is parsed: no other signal is as long.
const SMALL_SIGNAL_MAX_BYTES: usize = 1_024;
/// How every ping of a page begins. Like the pings and pongs of WebSockets, pings cost the person and the address nothing, so that the
/// many pages of a school do not use up its budget by asking whether the server is there.
const PING_BEGINS: &str = r#"{"type":"ping""#;
/// A ping is at most this long.
pub const PING_MAX_BYTES: usize = 40;
/// After this many signals above the rate, the connection is closed.
const OVER_MAX: u32 = 200;
/// One in this many signals above the rate is answered with a warning.
const WARN_EVERY: u32 = 20;

/// The rate limits of one socket.
pub struct SignalLimiter {
    began: Instant,
    signals: TokenBucket,
    joins: TokenBucket,
    over: u32,
}

/// What to do about a message.
#[derive(Debug, PartialEq)]
pub enum Incoming {
    Signal(ClientSignal),
    /// The close frame of a page that is closed (RFC 6455 section 7.4.1: 1000 normal, 1001 going away).
    Goodbye,
    /// The connection ended without the close frame of a page that is closed.
    Lost,
    /// Do nothing: the message is a pong, is unknown, or is above the rate and gets no warning.
    Nothing,
    /// Warn the sender: the message is above the rate.
    TooMany,
    /// Close the connection: the page sent far too many messages, or one that is too large.
    Flood,
}

impl SignalLimiter {
    pub fn new() -> Self {
        Self {
            began: Instant::now(),
            signals: TokenBucket::new(SIGNALS_PER_SECOND, 0),
            joins: TokenBucket::new(JOINS_PER_SECOND, 0),
            over: 0,
        }
    }

    /// Decides what to do about the next message of the socket. `None` means that the socket has ended. `may_spend` spends a token of
    /// the person and of the address; it returns false if one of them has none left.
    pub fn receive(
        &mut self,
        message: Option<Result<Message, axum::Error>>,
        may_spend: impl Fn(Spending) -> bool,
    ) -> Incoming {
        match message {
            Some(Ok(Message::Text(text))) => self.check(&text, may_spend),
            // Pongs answer our own pings, so they cost the person and the address nothing.
            Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_))) => self.check("", |_| true),
            Some(Ok(Message::Close(Some(frame)))) if matches!(frame.code, close_code::NORMAL | close_code::AWAY) => {
                Incoming::Goodbye
            }
            // The socket reports an error for a message that is too large, and also for data that is not valid
            // WebSocket data. Only a message that is too large is a flood.
            Some(Err(error)) if is_too_large(&error) => Incoming::Flood,
            Some(Ok(Message::Close(_)) | Err(_)) | None => Incoming::Lost,
        }
    }

    fn check(&mut self, text: &str, may_spend: impl Fn(Spending) -> bool) -> Incoming {
        let now_ms = self.began.elapsed().as_millis() as u64;
        let is_ping = text.len() <= PING_MAX_BYTES && text.starts_with(PING_BEGINS);
        if !self.signals.spend(1, now_ms) || (!is_ping && !may_spend(Spending::Signal)) {
            return match self.count_over() {
                Incoming::TooMany if self.over % WARN_EVERY != 1 => Incoming::Nothing,
                incoming => incoming,
            };
        }
        let is_long = text.len() > SMALL_SIGNAL_MAX_BYTES;
        if is_long && !self.may_offer(now_ms, &may_spend) {
            return self.count_over();
        }
        match serde_json::from_str(text) {
            // A page waits for the answer to its offer, so every refused offer is answered.
            Ok(ClientSignal::Join { .. } | ClientSignal::RestartIce { .. })
                if !is_long && !self.may_offer(now_ms, &may_spend) =>
            {
                self.count_over()
            }
            Ok(signal) => Incoming::Signal(signal),
            Err(_) => Incoming::Nothing,
        }
    }

    fn may_offer(&mut self, now_ms: u64, may_spend: &impl Fn(Spending) -> bool) -> bool {
        self.joins.spend(1, now_ms) && may_spend(Spending::Offer)
    }

    /// Counts a message above one of the rates. The result is `TooMany`, and finally `Flood`.
    fn count_over(&mut self) -> Incoming {
        self.over += 1;
        match self.over >= OVER_MAX {
            true => Incoming::Flood,
            false => Incoming::TooMany,
        }
    }
}

/// Whether the error is about a message larger than the limit that [`super::socket`] sets.
fn is_too_large(error: &axum::Error) -> bool {
    let inner = std::error::Error::source(error);
    let inner = inner.and_then(|inner| inner.downcast_ref::<tungstenite::Error>());
    matches!(inner, Some(tungstenite::Error::Capacity(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(words: &str) -> Option<Result<Message, axum::Error>> {
        Some(Ok(Message::text(words)))
    }

    #[test]
    fn a_flood_is_warned_first_and_then_closed() {
        let mut limiter = SignalLimiter::new();
        let received: Vec<Incoming> = (0..300)
            .map(|_| limiter.receive(text(r#"{"type":"mute","on":true}"#), |_| true))
            .collect();
        assert_eq!(received[0], Incoming::Signal(ClientSignal::Mute { on: true }));
        assert!(received.contains(&Incoming::TooMany));
        assert_eq!(received.last(), Some(&Incoming::Flood));
    }

    #[test]
    fn an_error_about_a_message_that_is_too_large_is_recognized() {
        let capacity = tungstenite::error::CapacityError::MessageTooLong {
            size: 70_000,
            max_size: 65_536,
        };
        assert!(is_too_large(&axum::Error::new(tungstenite::Error::Capacity(capacity))));
        assert!(!is_too_large(&axum::Error::new(tungstenite::Error::ConnectionClosed)));
        assert!(!is_too_large(&axum::Error::new(std::io::Error::other("too long"))));
    }

    #[test]
    fn unknown_messages_are_ignored_and_an_end_is_a_lost_connection() {
        let mut limiter = SignalLimiter::new();
        assert_eq!(limiter.receive(text(""), |_| true), Incoming::Nothing);
        assert_eq!(limiter.receive(text(r#"{"type":"join"}"#), |_| true), Incoming::Nothing);
        assert_eq!(limiter.receive(None, |_| true), Incoming::Lost);
    }

    #[test]
    fn offers_and_long_messages_cost_an_offer_of_the_person_before_they_are_parsed() {
        let spent = std::cell::RefCell::new(vec![]);
        let spend = |what: Spending| {
            spent.borrow_mut().push(what);
            true
        };
        let mut limiter = SignalLimiter::new();
        let long_offer = format!(r#"{{"type":"join","sdp":"{}"}}"#, "x".repeat(SMALL_SIGNAL_MAX_BYTES));
        assert!(matches!(limiter.receive(text(&long_offer), spend), Incoming::Signal(_)));
        assert_eq!(spent.take(), [Spending::Signal, Spending::Offer]);
        let short_offer = r#"{"type":"join","sdp":""}"#;
        assert!(matches!(limiter.receive(text(short_offer), spend), Incoming::Signal(_)));
        assert_eq!(spent.take(), [Spending::Signal, Spending::Offer]);
        let long_junk = "x".repeat(SMALL_SIGNAL_MAX_BYTES + 1);
        assert_eq!(limiter.receive(text(&long_junk), spend), Incoming::Nothing);
        assert_eq!(spent.take(), [Spending::Signal, Spending::Offer]);
        assert_eq!(
            limiter.receive(Some(Ok(Message::Pong(Vec::<u8>::new().into()))), spend),
            Incoming::Nothing
        );
        let ping = serde_json::to_string(&ClientSignal::Ping { n: u32::MAX }).expect("JSON");
        assert!(matches!(limiter.receive(text(&ping), spend), Incoming::Signal(_)));
        assert!(spent.take().is_empty(), "pings and pongs cost the person nothing");
        // The offers so far have used up the budget of this socket.
        limiter = SignalLimiter::new();
        let restart = r#"{"type":"restart_ice","sdp":""}"#;
        assert!(matches!(limiter.receive(text(restart), spend), Incoming::Signal(_)));
        assert_eq!(spent.take(), [Spending::Signal, Spending::Offer]);
    }

    #[test]
    fn a_person_whose_budget_is_used_up_is_told() {
        let mut limiter = SignalLimiter::new();
        let mute = r#"{"type":"mute","on":true}"#;
        assert_eq!(limiter.receive(text(mute), |_| false), Incoming::TooMany);
        let offer = r#"{"type":"join","sdp":""}"#;
        let no_offers = |what: Spending| what != Spending::Offer;
        assert_eq!(limiter.receive(text(offer), no_offers), Incoming::TooMany);
        assert!(matches!(limiter.receive(text(mute), no_offers), Incoming::Signal(_)));
    }
}
