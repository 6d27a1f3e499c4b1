//! Counts what becomes of letters.

use crate::server::voice::counting::EventCounter;

/// What became of the letters since the start.
#[derive(Debug, Default)]
pub struct LetterCounts {
    /// Taken by the mail server, or stored in the outbox.
    pub sent: EventCounter,
    /// Given up after the last attempt, or refused by the mail server for good.
    pub failed: EventCounter,
    /// Not tried, because too many letters waited, or because the outbox could not be written.
    pub refused: EventCounter,
    /// Attempts after which Snug tries again, or gives up.
    pub attempts_failed: EventCounter,
}

/// The counts, and how many letters wait now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailFigures {
    pub sent: u64,
    pub failed: u64,
    pub refused: u64,
    pub attempts_failed: u64,
    pub waiting: usize,
}

impl LetterCounts {
    pub(super) fn with_waiting(&self, waiting: usize) -> MailFigures {
        MailFigures {
            sent: self.sent.get(),
            failed: self.failed.get(),
            refused: self.refused.get(),
            attempts_failed: self.attempts_failed.get(),
            waiting,
        }
    }
}
