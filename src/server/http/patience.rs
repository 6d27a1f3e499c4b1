//! What is heard on a room's socket, and how much of it: more than a person sends is refused, and a flood ends the line.

use crate::{model::signal::ClientSignal, server::voice::budget::Budget};
use axum::extract::ws::{Message, close_code};
use std::time::Instant;

/// Signals a second.
const SIGNALS_PER_SECOND: u64 = 20;
/// Offers among them: each costs some milliseconds of the thread that all voices go through.
const JOINS_PER_SECOND: u64 = 6;
/// So many signals over that, and the line is cut.
const OVER_MAX: u32 = 200;
/// Somebody who sends too much is told so once in so many signals.
const WARN_EVERY: u32 = 20;

pub struct Patience {
    began: Instant,
    signals: Budget,
    joins: Budget,
    over: u32,
}

/// What a message means.
#[derive(Debug, PartialEq)]
pub enum Heard {
    Signal(ClientSignal),
    /// A close frame that a closing page sends (RFC 6455 section 7.4.1: 1000 normal, 1001 going away).
    Goodbye,
    Lost,
    /// A pong, or words that mean nothing to us.
    Nothing,
    TooMany,
    Flood,
}

impl Patience {
    pub fn new() -> Self {
        Self {
            began: Instant::now(),
            signals: Budget::new(SIGNALS_PER_SECOND, 0),
            joins: Budget::new(JOINS_PER_SECOND, 0),
            over: 0,
        }
    }

    /// Takes what the socket gave; `None` is its end.
    pub fn hear(&mut self, message: Option<Result<Message, axum::Error>>) -> Heard {
        match message {
            Some(Ok(Message::Text(text))) => self.weigh(&text),
            Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_))) => self.weigh(""),
            Some(Ok(Message::Close(Some(frame)))) if matches!(frame.code, close_code::NORMAL | close_code::AWAY) => {
                Heard::Goodbye
            }
            // What is too large does not arrive here: it is an error of the socket, as is everything that is no WebSocket.
            Some(Err(error)) if is_too_large(&error) => Heard::Flood,
            Some(Ok(Message::Close(_)) | Err(_)) | None => Heard::Lost,
        }
    }

    fn weigh(&mut self, text: &str) -> Heard {
        let now_ms = self.began.elapsed().as_millis() as u64;
        if self.signals.spend(1, now_ms) {
            return match serde_json::from_str(text) {
                Ok(ClientSignal::Join { .. }) if !self.joins.spend(1, now_ms) => Heard::TooMany,
                Ok(signal) => Heard::Signal(signal),
                Err(_) => Heard::Nothing,
            };
        }
        self.over += 1;
        match self.over {
            over if over >= OVER_MAX => Heard::Flood,
            over if over % WARN_EVERY == 1 => Heard::TooMany,
            _ => Heard::Nothing,
        }
    }
}

/// What tungstenite says of a message over the limit; its type is not ours to name.
fn is_too_large(error: &axum::Error) -> bool {
    error.to_string().contains("too long")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(words: &str) -> Option<Result<Message, axum::Error>> {
        Some(Ok(Message::text(words)))
    }

    #[test]
    fn a_flood_is_refused_first_and_then_cut() {
        let mut patience = Patience::new();
        let heard: Vec<Heard> = (0..300)
            .map(|_| patience.hear(text(r#"{"type":"mute","on":true}"#)))
            .collect();
        assert_eq!(heard[0], Heard::Signal(ClientSignal::Mute { on: true }));
        assert!(heard.contains(&Heard::TooMany));
        assert_eq!(heard.last(), Some(&Heard::Flood));
    }

    #[test]
    fn nonsense_is_nothing_and_an_end_is_lost() {
        let mut patience = Patience::new();
        assert_eq!(patience.hear(text("")), Heard::Nothing);
        assert_eq!(patience.hear(text(r#"{"type":"join"}"#)), Heard::Nothing);
        assert_eq!(patience.hear(None), Heard::Lost);
    }
}
