//! Adds our security headers to hyper's own answers.
//!
//! If hyper cannot read the head of a request (400), or if the head is too large (431), hyper answers by itself and no
//! handler sees the request. Hyper has no hook for these answers, so we change them as they are written to the
//! connection. We do not look for malformed requests with a parser of our own, because it could disagree with that of
//! hyper.

use super::guard::every_header;
use bytes::{Buf, Bytes};
use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How hyper's own answers begin.
const OWN: [&[u8]; 2] = [b"HTTP/1.1 400 ", b"HTTP/1.1 431 "];
/// A header that every answer of our handlers has. We recognize hyper's own answers by its absence.
const OURS: &[u8] = b"x-content-type-options";

/// A connection that adds our headers to hyper's own answers.
pub struct WithSecurityHeaders<S> {
    inner: S,
    is_https: bool,
    /// The rest of a changed answer that is still to be written.
    left: Bytes,
}

impl<S> WithSecurityHeaders<S> {
    pub fn new(inner: S, is_https: bool) -> Self {
        Self {
            inner,
            is_https,
            left: Bytes::new(),
        }
    }
}

/// The answer in `words` with our headers added; `None` if it is not one of hyper's own answers.
fn with_headers(words: &[u8], is_https: bool) -> Option<Bytes> {
    let is_own = OWN.iter().any(|own| words.starts_with(own));
    if !is_own || words.windows(OURS.len()).any(|part| part == OURS) {
        return None;
    }
    let end = words.windows(2).position(|pair| pair == b"\r\n")? + 2;
    let lines = every_header(is_https).map(|(name, value)| format!("{name}: {value}\r\n"));
    let headers: String = lines.collect();
    Some([&words[..end], headers.as_bytes(), &words[end..]].concat().into())
}

impl<S: AsyncWrite + Unpin> AsyncWrite for WithSecurityHeaders<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, words: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.left.is_empty() {
            match with_headers(words, this.is_https) {
                Some(is_done) => this.left = is_done,
                None => return Pin::new(&mut this.inner).poll_write(context, words),
            }
        }
        // While a write is pending, hyper calls again with the same bytes. So we keep `left` instead of adding the
        // headers again.
        while !this.left.is_empty() {
            let written = ready!(Pin::new(&mut this.inner).poll_write(context, &this.left))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            this.left.advance(written);
        }
        Poll::Ready(Ok(words.len()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let first = slices.iter().find(|slice| !slice.is_empty());
        if let Some(first) = first.filter(|first| OWN.iter().any(|own| first.starts_with(own))) {
            return self.poll_write(context, first);
        }
        Pin::new(&mut self.inner).poll_write_vectored(context, slices)
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

impl<S: AsyncRead + Unpin> AsyncRead for WithSecurityHeaders<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, words: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    const BARE: &str = "HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\n\r\n";

    #[tokio::test]
    async fn hypers_own_answer_gets_our_headers_once_even_if_it_is_written_in_small_parts() {
        // The pipe takes three bytes at a time.
        let (near, mut far) = tokio::io::duplex(3);
        let mut is_done = WithSecurityHeaders::new(near, true);
        let writing = tokio::spawn(async move {
            is_done.write_all(BARE.as_bytes()).await.expect("written");
        });
        let mut received = String::new();
        far.read_to_string(&mut received).await.expect("read");
        writing.await.expect("written");
        assert!(
            received.starts_with("HTTP/1.1 431 Request Header Fields Too Large\r\nx-content-type-options: nosniff\r\n")
        );
        assert!(received.contains("strict-transport-security: max-age=31536000\r\n"));
        assert!(received.ends_with("content-length: 0\r\n\r\n"));
    }

    #[test]
    fn our_own_answers_are_left_as_they_are() {
        for words in [
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\nx-content-type-options: nosniff\r\n\r\n",
            "a page that mentions HTTP/1.1 400 Bad Request\r\n",
            "",
        ] {
            assert_eq!(with_headers(words.as_bytes(), false), None, "{words}");
        }
    }
}
