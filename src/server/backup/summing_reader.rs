//! Counts and hashes the bytes that are read, and stops when the work is cancelled.

use aws_lc_rs::digest::{Context, SHA256};
use std::io::{self, Read};
use tokio_util::sync::CancellationToken;

/// Reads from another reader, and remembers the number and the SHA-256 of the bytes.
pub struct SummingReader<'a, R> {
    reader: R,
    context: Context,
    bytes: u64,
    stop: &'a CancellationToken,
}

impl<'a, R: Read> SummingReader<'a, R> {
    /// Reading fails as soon as `stop` is cancelled.
    pub fn new(reader: R, stop: &'a CancellationToken) -> Self {
        Self {
            reader,
            context: Context::new(&SHA256),
            bytes: 0,
            stop,
        }
    }

    /// How many bytes were read.
    pub fn bytes_read(&self) -> u64 {
        self.bytes
    }

    /// The SHA-256 of the bytes that were read, as 64 hexadecimal digits.
    pub fn sum(self) -> String {
        hex::encode(self.context.finish())
    }
}

impl<R: Read> Read for SummingReader<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.is_cancelled() {
            return Err(io::Error::other("the work was given up"));
        }
        let count = self.reader.read(buffer)?;
        self.context.update(&buffer[..count]);
        self.bytes += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_counted_and_hashed_while_they_are_read() {
        let stop = CancellationToken::new();
        let mut reader = SummingReader::new(&b"abc"[..], &stop);
        io::copy(&mut reader, &mut io::sink()).expect("read");
        assert_eq!(reader.bytes_read(), 3);
        // The first example of FIPS 180-4.
        let wanted = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(reader.sum(), wanted);
    }

    #[test]
    fn reading_ends_when_the_work_was_given_up() {
        let stop = CancellationToken::new();
        let mut reader = SummingReader::new(io::repeat(7), &stop);
        reader.read_exact(&mut [0; 10]).expect("read");
        stop.cancel();
        assert!(reader.read(&mut [0; 10]).is_err());
    }
}
