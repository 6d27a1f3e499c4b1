//! The answers on their way over one HTTP/2 connection.
//!
//! The client decides how much of each answer it takes (RFC 9113 section 5.2). A client that asks for many pages and takes none of them
//! would keep the memory for the pages, although it reads from the connection. So an answer keeps the place of its request until its last
//! byte is sent, and it must make progress.

use super::{connection_limit::ConnectionPermit, static_files::PartOfProgram};
use axum::{
    body::{Body, HttpBody},
    response::Response,
};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use std::{
    future::pending,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{sync::Notify, time::sleep};

/// An answer is sent in parts of this size. The last part is counted until it is sent, so a slow client must take this much within the time
/// limit.
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

/// An answer that counts until it is dropped. Its body and all of its parts share it.
struct UnsentAnswer {
    progress: Arc<AnswerProgress>,
    answers: Arc<UnreadAnswers>,
}

impl Drop for UnsentAnswer {
    fn drop(&mut self) {
        self.answers.count.fetch_sub(1, Ordering::Relaxed);
        self.progress.ended.notify_one();
    }
}

/// A part of an answer. The HTTP library drops it when it is sent. It shares the memory of the whole page, so a client that takes all parts
/// but the last one makes us keep the page.
struct UnsentPart {
    bytes: Bytes,
    _answer: Arc<UnsentAnswer>,
}

impl AsRef<[u8]> for UnsentPart {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// The body of an answer, in parts.
struct BodyInParts {
    inner: Body,
    /// What is left of the last piece of `inner`.
    rest: Bytes,
    answer: Arc<UnsentAnswer>,
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

    /// Adds an answer, which keeps `place` until it is sent or given up. It must make progress within `limit`. A file that is a part of the
    /// program takes no memory while it waits, so it keeps no place: many people behind one address may load the site at the same time.
    pub fn add(self: &Arc<Self>, response: Response, place: Arc<ConnectionPermit>, limit: Duration) -> Response {
        if response.body().is_end_stream() {
            return response;
        }
        let is_shared = response.extensions().get::<PartOfProgram>().is_some();
        let place = (!is_shared).then_some(place);
        let progress = Arc::new(AnswerProgress::default());
        self.count.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(watch(self.clone(), progress.clone(), place, limit));
        let answer = Arc::new(UnsentAnswer {
            progress,
            answers: self.clone(),
        });
        response.map(|inner| {
            Body::new(BodyInParts {
                inner,
                rest: Bytes::new(),
                answer,
            })
        })
    }
}

async fn watch(
    answers: Arc<UnreadAnswers>,
    progress: Arc<AnswerProgress>,
    place: Option<Arc<ConnectionPermit>>,
    limit: Duration,
) {
    let evicted = async {
        match &place {
            Some(place) => place.evicted().await,
            None => pending().await,
        }
    };
    let mut evicted = pin!(evicted);
    loop {
        tokio::select! {
            // An answer that is sent needs its place no more, even if this task hears of both at once.
            biased;
            () = progress.ended.notified() => return,
            () = evicted.as_mut() => break,
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
        this.answer.progress.has_moved.store(true, Ordering::Relaxed);
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
        let part = UnsentPart {
            bytes: this.rest.split_to(this.rest.len().min(PART_BYTES)),
            _answer: this.answer.clone(),
        };
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_owner(part)))))
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
    async fn an_answer_counts_and_keeps_its_place_until_its_last_part_is_sent() {
        let (limiter, place) = one_place();
        let answers = Arc::new(UnreadAnswers::default());
        let mut body = answers.add(page(), place, Duration::from_secs(3_600)).into_body();
        let mut parts = vec![];
        while let Some(part) = body.frame().await {
            parts.push(part.expect("no error"));
        }
        drop(body);
        assert!(
            !answers.is_empty(),
            "the HTTP library has the parts, and the client does not"
        );
        let _other = limiter.admit(HOST.into(), Instant::now()).expect("in its place");
        let stuck = timeout(100 * LIMIT, answers.stuck()).await;
        stuck.expect("the answer had its place until then");
        drop(parts);
        assert!(answers.is_empty());
    }

    #[tokio::test]
    async fn a_file_of_the_program_keeps_no_place() {
        let (limiter, place) = one_place();
        let answers = Arc::new(UnreadAnswers::default());
        let mut file = page();
        file.extensions_mut().insert(PartOfProgram);
        let _body = answers.add(file, place, Duration::from_secs(3_600)).into_body();
        let _other = limiter.admit(HOST.into(), Instant::now()).expect("the place is free");
        let stuck = timeout(LIMIT, answers.stuck()).await;
        assert!(stuck.is_err() && !answers.is_empty(), "the file is still on its way");
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
