//! The datagrams that wait for one TCP connection. The queue is short: late sound is useless, so the oldest sound is dropped.

use super::tcp_framing::{datagram_in, frame};
use std::{collections::VecDeque, io};

/// How many datagrams may wait. Three voices send 150 packets a second, so this is a third of a second.
const WAITING_MAX: usize = 50;

/// The frames that the operating system has not accepted yet.
#[derive(Debug, Default)]
pub struct SendQueue {
    frames: VecDeque<Vec<u8>>,
    /// How many bytes of the first frame are written. A frame that was begun must be finished, because the other side could not
    /// find the next frame otherwise.
    written: usize,
}

impl SendQueue {
    /// Adds a datagram. If too many wait, drops the oldest packet of sound or, if there is none, the oldest datagram.
    pub fn push(&mut self, datagram: &[u8]) {
        if self.frames.len() >= WAITING_MAX {
            let first = usize::from(self.written > 0);
            let waiting = self.frames.iter().enumerate().skip(first);
            let mut sound = waiting.filter(|(_, frame)| is_sound(datagram_in(frame)));
            let oldest = sound.next().map_or(first, |(place, _)| place);
            self.frames.remove(oldest);
        }
        self.frames.push_back(frame(datagram));
    }

    /// Passes bytes to `write` until none are left, or `write` would block.
    ///
    /// # Errors
    /// Any other error of `write`; `WriteZero` if it accepts nothing. The connection can't be used after that.
    pub fn flush(&mut self, mut write: impl FnMut(&[u8]) -> io::Result<usize>) -> io::Result<()> {
        while let Some(first) = self.frames.front() {
            match write(&first[self.written..]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => self.written += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            if self.written >= first.len() {
                self.frames.pop_front();
                self.written = 0;
            }
        }
        Ok(())
    }
}

/// Whether a datagram is SRTP or SRTCP (RFC 7983 section 7: the first octet is 128 to 191), and not a part of a handshake or of ICE.
fn is_sound(datagram: &[u8]) -> bool {
    matches!(datagram, [128..=191, ..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::voice::tcp_framing::FrameReader;
    use proptest::{collection::vec, prelude::*};

    fn sound(number: u8) -> [u8; 2] {
        [0x80, number]
    }

    /// Writes all that waits, and returns the datagrams in it.
    fn drain(queue: &mut SendQueue, begun: &[u8]) -> Vec<Vec<u8>> {
        let mut bytes = begun.to_vec();
        queue
            .flush(|part| {
                bytes.extend_from_slice(part);
                Ok(part.len())
            })
            .expect("all is accepted");
        let mut datagrams = vec![];
        assert!(FrameReader::default().push(&bytes, |datagram| {
            datagrams.push(datagram.to_vec());
            true
        }));
        datagrams
    }

    #[test]
    fn a_full_queue_drops_the_oldest_sound_but_no_handshake_and_no_frame_that_was_begun() {
        let mut queue = SendQueue::default();
        queue.push(&sound(0));
        queue.push(b"\x16 a handshake");
        for number in 1..WAITING_MAX as u8 + 3 {
            queue.push(&sound(number));
            if number == 1 {
                let mut accepted = Some(3);
                queue
                    .flush(|_| accepted.take().ok_or(io::ErrorKind::WouldBlock.into()))
                    .expect("it would only block");
            }
        }
        let waiting = drain(&mut queue, b"\0\x02\x80");
        let mut expected = vec![sound(0).to_vec(), b"\x16 a handshake".to_vec()];
        expected.extend((5..WAITING_MAX as u8 + 3).map(|number| sound(number).to_vec()));
        assert_eq!(waiting, expected);
        assert_eq!(waiting.len(), WAITING_MAX);
    }

    #[test]
    fn without_sound_the_oldest_datagram_is_dropped() {
        let mut queue = SendQueue::default();
        for number in 0..=WAITING_MAX as u8 {
            queue.push(&[0x16, number]);
        }
        let waiting = drain(&mut queue, b"");
        assert_eq!((waiting.len(), waiting[0].clone()), (WAITING_MAX, vec![0x16, 1]));
    }

    #[test]
    fn a_broken_connection_is_an_error() {
        let mut queue = SendQueue::default();
        queue.push(b"x");
        assert!(queue.flush(|_| Ok(0)).is_err());
        assert!(queue.flush(|_| Err(io::ErrorKind::BrokenPipe.into())).is_err());
    }

    proptest! {
        #[test]
        fn the_other_side_can_always_find_the_frames(
            steps in vec((any::<bool>(), vec(any::<u8>(), 0..40), 1_usize..60), 1..300),
        ) {
            let (mut queue, mut sent, mut pushed) = (SendQueue::default(), vec![], vec![]);
            for (is_push, datagram, accepted) in steps {
                if is_push {
                    queue.push(&datagram);
                    pushed.push(datagram);
                    prop_assert!(queue.frames.len() <= WAITING_MAX);
                    continue;
                }
                let mut room = accepted;
                let flushed = queue.flush(|part| {
                    let count = part.len().min(room);
                    room -= count;
                    sent.extend_from_slice(&part[..count]);
                    if count == 0 { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(count) }
                });
                prop_assert!(flushed.is_ok());
            }
            let received = drain(&mut queue, &sent);
            // All arrives in order; only whole datagrams may be missing.
            let mut of_pushed = pushed.iter();
            prop_assert!(received.iter().all(|datagram| of_pushed.any(|one| one == datagram)));
        }
    }
}
