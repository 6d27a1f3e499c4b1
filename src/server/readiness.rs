//! Whether this Snug is ready for requests: the database answers.

use super::database::Database;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// A database that takes longer to answer counts as unreachable.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// How long an answer is used again, so that asking often does not burden the database.
const KEPT_FOR: Duration = Duration::from_secs(1);

/// The latest answer. The lock is held while the database is asked, so there is at most one such query at a time.
#[derive(Debug, Default)]
pub struct Readiness(Mutex<Option<(Instant, bool)>>);

impl Readiness {
    /// Whether the database has answered now or within the last second. Takes at most two seconds for the first of several callers;
    /// the others wait and get the same answer.
    pub async fn check(&self, database: &Database) -> bool {
        self.ask_with(async { database.ping().await.is_ok() }).await
    }

    async fn ask_with(&self, answer: impl Future<Output = bool>) -> bool {
        let mut latest = self.0.lock().await;
        if let Some((at, is_ready)) = *latest
            && at.elapsed() < KEPT_FOR
        {
            return is_ready;
        }
        let is_ready = tokio::time::timeout(ANSWER_WITHIN, answer).await.unwrap_or(false);
        *latest = Some((Instant::now(), is_ready));
        is_ready
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    async fn count(queries: &AtomicUsize) -> bool {
        queries.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        true
    }

    #[tokio::test]
    async fn a_hundred_questions_at_once_are_one_query() {
        let (readiness, queries) = (Readiness::default(), AtomicUsize::new(0));
        let questions = (0..100).map(|_| readiness.ask_with(count(&queries)));
        let answers = futures::future::join_all(questions).await;
        assert!(answers.into_iter().all(|is_ready| is_ready));
        assert_eq!(queries.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_database_that_does_not_answer_within_two_seconds_is_away() {
        let readiness = Readiness::default();
        let began = Instant::now();
        assert!(!readiness.ask_with(std::future::pending()).await);
        assert!(began.elapsed() < Duration::from_secs(4));
    }
}
