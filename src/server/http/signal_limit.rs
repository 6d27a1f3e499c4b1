//! Parses the messages that arrive on a room's socket, and limits their rate. A flood of messages closes the connection.

use crate::{model::signal::ClientSignal, server::voice::token_bucket::TokenBucket};
use axum::extract::ws::{Message, close_code};
use std::time::Instant;

/// Allowed signals per second.
const SIGNALS_PER_SECOND: u64 = 20;
/// Allowed `join` signals per second. Each has an SDP offer, which takes some milliseconds on the one thread that forwards
/// all voices.
const JOINS_PER_SECOND: u64 = 6;
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

    /// Decides what to do about the next message of the socket. `None` means that the socket has ended.
    pub fn receive(&mut self, message: Option<Result<Message, axum::Error>>) -> Incoming {
        match message {
            Some(Ok(Message::Text(text))) => self.check(&text),
            Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_))) => self.check(""),
            Some(Ok(Message::Close(Some(frame)))) if matches!(frame.code, close_code::NORMAL | close_code::AWAY) => {
                Incoming::Goodbye
            }
            // The socket reports an error for a message that is too large, and also for data that is not valid
            // WebSocket data. Only the former is a flood.
            Some(Err(error)) if is_too_large(&error) => Incoming::Flood,
            Some(Ok(Message::Close(_)) | Err(_)) | None => Incoming::Lost,
        }
    }

    fn check(&mut self, text: &str) -> Incoming {
        let now_ms = self.began.elapsed().as_millis() as u64;
        if self.signals.spend(1, now_ms) {
            return match serde_json::from_str(text) {
                Ok(ClientSignal::Join { .. }) if !self.joins.spend(1, now_ms) => Incoming::TooMany,
                Ok(signal) => Incoming::Signal(signal),
                Err(_) => Incoming::Nothing,
            };
        }
        self.over += 1;
        match self.over {
            over if over >= OVER_MAX => Incoming::Flood,
            over if over % WARN_EVERY == 1 => Incoming::TooMany,
            _ => Incoming::Nothing,
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
            .map(|_| limiter.receive(text(r#"{"type":"mute","on":true}"#)))
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
        assert_eq!(limiter.receive(text("")), Incoming::Nothing);
        assert_eq!(limiter.receive(text(r#"{"type":"join"}"#)), Incoming::Nothing);
        assert_eq!(limiter.receive(None), Incoming::Lost);
    }
}
