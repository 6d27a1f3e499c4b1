//! The answers on their way over one HTTP/2 connection.
//!
//! The client decides how much of each answer it takes (RFC 9113 section 5.2). A client that asks for many pages and takes none of them
//! would keep the memory for the pages, although it reads from the connection. So an answer keeps the place of its request until it is
//! sent, and it must make progress.

use super::connection_limit::ConnectionPermit;
use axum::{
    body::{Body, HttpBody},
    response::Response,
};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{sync::Notify, time::sleep};

/// An answer is sent in parts of this size. The HTTP library takes a whole part out of our hands as soon as the client takes one byte of
/// it, so a part must be small.
pub const PART_BYTES: usize = 4 << 10;

/// The answers of one connection that are not sent yet.
#[derive(Default)]
pub struct UnreadAnswers {
    count: AtomicUsize,
    stuck: Notify,
}

/// How far one answer is.
#[derive(Default)]
struct AnswerProgress {
    has_moved: AtomicBool,
    ended: Notify,
}

/// The body of an answer, in parts.
struct BodyInParts {
    inner: Body,
    /// What is left of the last piece of `inner`.
    rest: Bytes,
    progress: Arc<AnswerProgress>,
    answers: Arc<UnreadAnswers>,
}

impl UnreadAnswers {
    pub fn is_empty(&self) -> bool {
        self.count.load(Ordering::Relaxed) == 0
    }

    /// Completes when an answer has made no progress for the whole limit, or when its place is needed. Then the connection must end:
    /// nothing less frees the memory.
    pub async fn stuck(&self) {
        self.stuck.notified().await;
    }

    /// Adds an answer, which keeps `place` until it is sent or given up. It must make progress within `limit`.
    pub fn add(self: &Arc<Self>, response: Response, place: Arc<ConnectionPermit>, limit: Duration) -> Response {
        if response.body().is_end_stream() {
            return response;
        }
        let progress = Arc::new(AnswerProgress::default());
        self.count.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(watch(self.clone(), progress.clone(), place, limit));
        let answers = self.clone();
        response.map(|inner| {
            Body::new(BodyInParts {
                inner,
                rest: Bytes::new(),
                progress,
                answers,
            })
        })
    }
}

async fn watch(
    answers: Arc<UnreadAnswers>,
    progress: Arc<AnswerProgress>,
    place: Arc<ConnectionPermit>,
    limit: Duration,
) {
    loop {
        tokio::select! {
            // An answer that is sent needs its place no more, even if this task hears of both at once.
            biased;
            () = progress.ended.notified() => return,
            () = place.evicted() => break,
            () = sleep(limit) => {
                if !progress.has_moved.swap(false, Ordering::Relaxed) {
                    break;
                }
            }
        }
    }
    answers.stuck.notify_one();
}

impl HttpBody for BodyInParts {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        this.progress.has_moved.store(true, Ordering::Relaxed);
        if this.rest.is_empty() {
            let next = match ready!(Pin::new(&mut this.inner).poll_frame(context)) {
                Some(Ok(frame)) => frame.into_data(),
                end => return Poll::Ready(end),
            };
            match next {
                Ok(data) => this.rest = data,
                Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
            }
        }
        let part = this.rest.split_to(this.rest.len().min(PART_BYTES));
        Poll::Ready(Some(Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (rest, of_inner) = (self.rest.len() as u64, self.inner.size_hint());
        let mut hint = SizeHint::new();
        hint.set_lower(of_inner.lower() + rest);
        if let Some(upper) = of_inner.upper() {
            hint.set_upper(upper + rest);
        }
        hint
    }
}

impl Drop for BodyInParts {
    fn drop(&mut self) {
        self.answers.count.fetch_sub(1, Ordering::Relaxed);
        self.progress.ended.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::http::connection_limit::{ConnectionCaps, ConnectionLimiter};
    use http_body_util::BodyExt;
    use std::time::Instant;
    use tokio::time::timeout;

    const LIMIT: Duration = Duration::from_millis(100);
    const HOST: [u8; 4] = [192, 0, 2, 1];

    /// A limiter with one place, and the place.
    fn one_place() -> (ConnectionLimiter, Arc<ConnectionPermit>) {
        let caps = ConnectionCaps {
            each_address: 1,
            in_all: 1,
        };
        let limiter = ConnectionLimiter::new(caps);
        let place = limiter.admit(HOST.into(), Instant::now()).expect("the only one");
        (limiter, Arc::new(place))
    }

    fn page() -> Response {
        Response::new(Body::from(vec![b'x'; 3 * PART_BYTES / 2]))
    }

    #[tokio::test]
    async fn an_answer_is_sent_in_small_parts_with_its_length_and_counts_until_then() {
        let (_limiter, place) = one_place();
        let answers = Arc::new(UnreadAnswers::default());
        let mut body = answers.add(page(), place, LIMIT).into_body();
        assert_eq!(body.size_hint().exact(), Some(3 * PART_BYTES as u64 / 2));
        assert!(!answers.is_empty());
        for wanted in [PART_BYTES, PART_BYTES / 2] {
            let part = body.frame().await.expect("a part").expect("no error");
            assert_eq!(part.into_data().expect("data").len(), wanted);
        }
        assert!(body.is_end_stream() && body.frame().await.is_none());
        drop(body);
        assert!(answers.is_empty());
    }

    #[tokio::test]
    async fn an_answer_without_progress_is_stuck() {
        let (_limiter, place) = one_place();
        let answers = Arc::new(UnreadAnswers::default());
        let _body = answers.add(page(), place, LIMIT).into_body();
        timeout(100 * LIMIT, answers.stuck()).await.expect("nobody takes it");
    }

    #[tokio::test]
    async fn an_answer_whose_place_is_needed_is_stuck_at_once() {
        let (limiter, place) = one_place();
        let answers = Arc::new(UnreadAnswers::default());
        let _body = answers.add(page(), place, Duration::from_secs(3_600)).into_body();
        let _other = limiter.admit(HOST.into(), Instant::now()).expect("in its place");
        timeout(100 * LIMIT, answers.stuck())
            .await
            .expect("its place is needed");
    }
}
