//! Ends a connection whose other side has stopped reading.
//!
//! Otherwise a client that asks for many pages and reads none of them would keep its place, and the memory for the pages, for ever.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

/// A connection on which a write fails if nothing can be written for some time.
pub struct WithWriteDeadline<S> {
    inner: S,
    limit: Duration,
    /// Runs while a write waits for the other side.
    waiting: Option<Pin<Box<Sleep>>>,
}

impl<S> WithWriteDeadline<S> {
    /// `limit` is how long a write may wait.
    pub fn new(inner: S, limit: Duration) -> Self {
        Self {
            inner,
            limit,
            waiting: None,
        }
    }

    /// Returns the result of a write. An error instead, if writes have been waiting for the whole limit.
    fn in_time(&mut self, context: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.waiting = None;
            return written;
        }
        let limit = self.limit;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(waiting.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for WithWriteDeadline<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, words: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(context, words);
        self.in_time(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(context, slices);
        self.in_time(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for WithWriteDeadline<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, words: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    const LIMIT: Duration = Duration::from_millis(200);

    #[tokio::test]
    async fn a_write_that_nobody_reads_fails_after_the_limit() {
        let (near, _far) = tokio::io::duplex(3);
        let mut near = WithWriteDeadline::new(near, LIMIT);
        let began = std::time::Instant::now();
        let error = near.write_all(b"many words").await.expect_err("nobody reads");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(began.elapsed() >= LIMIT, "{:?}", began.elapsed());
    }

    #[tokio::test]
    async fn a_write_that_is_read_slowly_takes_longer_than_the_limit_and_succeeds() {
        let (near, mut far) = tokio::io::duplex(3);
        let mut near = WithWriteDeadline::new(near, LIMIT);
        let began = std::time::Instant::now();
        let writing = tokio::spawn(async move { near.write_all(b"many words").await });
        let mut received = vec![];
        while received.len() < 10 {
            sleep(LIMIT / 4).await;
            received.push(far.read_u8().await.expect("a byte"));
        }
        writing.await.expect("no panic").expect("written");
        assert_eq!(received, b"many words");
        assert!(began.elapsed() > LIMIT, "{:?}", began.elapsed());
    }
}
