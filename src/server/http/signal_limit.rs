//! What arrives on a room's socket, and how much of it: more than a person sends is refused, and a flood ends the connection.

use crate::{model::signal::ClientSignal, server::voice::token_bucket::TokenBucket};
use axum::extract::ws::{Message, close_code};
use std::time::Instant;

/// Signals a second.
const SIGNALS_PER_SECOND: u64 = 20;
/// Offers among them: each costs some milliseconds of the thread that all voices go through.
const JOINS_PER_SECOND: u64 = 6;
/// So many signals over that, and the connection is closed.
const OVER_MAX: u32 = 200;
/// Somebody who sends too much is told so once in so many signals.
const WARN_EVERY: u32 = 20;

pub struct SignalLimiter {
    began: Instant,
    signals: TokenBucket,
    joins: TokenBucket,
    over: u32,
}

/// What a message means.
#[derive(Debug, PartialEq)]
pub enum Incoming {
    Signal(ClientSignal),
    /// A close frame that a closing page sends (RFC 6455 section 7.4.1: 1000 normal, 1001 going away).
    Goodbye,
    Lost,
    /// A pong, or words that mean nothing to us.
    Nothing,
    TooMany,
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

    /// Takes what the socket gave; `None` is its end.
    pub fn receive(&mut self, message: Option<Result<Message, axum::Error>>) -> Incoming {
        match message {
            Some(Ok(Message::Text(text))) => self.check(&text),
            Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_))) => self.check(""),
            Some(Ok(Message::Close(Some(frame)))) if matches!(frame.code, close_code::NORMAL | close_code::AWAY) => {
                Incoming::Goodbye
            }
            // What is too large does not arrive here: it is an error of the socket, as is everything that is no WebSocket.
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

/// Whether a message is over the limit that [`super::socket`] sets.
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
    fn a_flood_is_refused_first_and_then_cut() {
        let mut limiter = SignalLimiter::new();
        let received: Vec<Incoming> = (0..300)
            .map(|_| limiter.receive(text(r#"{"type":"mute","on":true}"#)))
            .collect();
        assert_eq!(received[0], Incoming::Signal(ClientSignal::Mute { on: true }));
        assert!(received.contains(&Incoming::TooMany));
        assert_eq!(received.last(), Some(&Incoming::Flood));
    }

    #[test]
    fn a_message_over_the_limit_is_told_from_a_lost_connection_by_its_type() {
        let capacity = tungstenite::error::CapacityError::MessageTooLong {
            size: 70_000,
            max_size: 65_536,
        };
        assert!(is_too_large(&axum::Error::new(tungstenite::Error::Capacity(capacity))));
        assert!(!is_too_large(&axum::Error::new(tungstenite::Error::ConnectionClosed)));
        assert!(!is_too_large(&axum::Error::new(std::io::Error::other("too long"))));
    }

    #[test]
    fn nonsense_is_nothing_and_an_end_is_lost() {
        let mut limiter = SignalLimiter::new();
        assert_eq!(limiter.receive(text("")), Incoming::Nothing);
        assert_eq!(limiter.receive(text(r#"{"type":"join"}"#)), Incoming::Nothing);
        assert_eq!(limiter.receive(None), Incoming::Lost);
    }
}
