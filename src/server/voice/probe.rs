//! Whether datagrams reach the voice port: the question of `snug doctor`, and the answer.
//!
//! Both have the form of STUN (RFC 8489), because the port gets STUN from everybody and a packet filter that lets voices through lets
//! STUN through. Only a Snug with the same keyring answers, so another STUN server at the same port is not taken for it. The answer
//! is shorter than the question and there are few of them, so nobody can use it to amplify an attack.

use super::{demux::is_binding_request, token_bucket::TokenBucket};
use aws_lc_rs::{constant_time, hmac};
use std::fmt;

/// The number that makes one question different from all others (RFC 8489 section 5).
pub type ProbeTransaction = [u8; 12];

const COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const HEAD_BYTES: usize = 20;
const USERNAME: [u8; 2] = [0, 6];
const SOFTWARE: [u8; 2] = [0x80, 0x22];
/// The user name of a question begins with this. ICE user names have letters, digits, `+` and `/` only, so no peer has it.
const NAME: &[u8] = b"snug-probe-:";
const REQUEST_MAC_BYTES: usize = 32;
const ANSWER_MAC_BYTES: usize = 16;
const REQUEST_BYTES: usize = HEAD_BYTES + 4 + NAME.len() + 2 * REQUEST_MAC_BYTES;
/// How many questions are looked at in a second. Each costs two hashes.
const PER_SECOND: u64 = 20;
const AT_ONCE: u64 = 40;

/// The key that the doctor and the voice thread share.
#[derive(Clone)]
pub struct ProbeKey(hmac::Key);

impl ProbeKey {
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// The question, as a datagram.
    pub fn request(&self, transaction: ProbeTransaction) -> Vec<u8> {
        let name = [NAME, &self.hex(b"request", transaction, REQUEST_MAC_BYTES)].concat();
        message([0, 1], transaction, USERNAME, &name)
    }

    /// Whether a datagram is the answer to the question with this number.
    pub fn is_answer(&self, transaction: ProbeTransaction, datagram: &[u8]) -> bool {
        constant_time::verify_slices_are_equal(datagram, &self.answer(transaction)).is_ok()
    }

    fn answer(&self, transaction: ProbeTransaction) -> Vec<u8> {
        let mac = self.hex(b"answer", transaction, ANSWER_MAC_BYTES);
        message([1, 1], transaction, SOFTWARE, &mac)
    }

    /// The first `bytes` of a keyed hash, as hexadecimal digits.
    fn hex(&self, what: &[u8], transaction: ProbeTransaction, bytes: usize) -> Vec<u8> {
        let mac = hmac::sign(&self.0, &[what, &transaction].concat());
        hex::encode(&mac.as_ref()[..bytes]).into_bytes()
    }
}

impl fmt::Debug for ProbeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProbeKey(..)")
    }
}

/// Answers questions, a few in a second.
#[derive(Debug)]
pub struct ProbeResponder {
    key: ProbeKey,
    pace: TokenBucket,
}

impl ProbeResponder {
    pub fn new(key: ProbeKey) -> Self {
        Self {
            key,
            pace: TokenBucket::with_room(PER_SECOND, AT_ONCE, 0),
        }
    }

    /// The answer to a datagram that no peer has accepted; `None` if it is not a question that has our key.
    pub fn answer(&mut self, datagram: &[u8], now_ms: u64) -> Option<Vec<u8>> {
        let looks_right = datagram.len() == REQUEST_BYTES
            && is_binding_request(datagram)
            && datagram[HEAD_BYTES + 4..].starts_with(NAME);
        if !looks_right || !self.pace.spend(1, now_ms) {
            return None;
        }
        let transaction: ProbeTransaction = datagram[8..HEAD_BYTES].try_into().ok()?;
        let is_ours = constant_time::verify_slices_are_equal(datagram, &self.key.request(transaction)).is_ok();
        is_ours.then(|| self.key.answer(transaction))
    }
}

/// A STUN message with one attribute, whose length is a multiple of four.
fn message(kind: [u8; 2], transaction: ProbeTransaction, attribute: [u8; 2], value: &[u8]) -> Vec<u8> {
    let length = |bytes: usize| u16::try_from(bytes).unwrap_or(u16::MAX).to_be_bytes();
    [
        &kind[..],
        &length(4 + value.len()),
        &COOKIE,
        &transaction,
        &attribute,
        &length(value.len()),
        value,
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBER: ProbeTransaction = [7; 12];

    fn key(byte: u8) -> ProbeKey {
        ProbeKey::new(&[byte; 32])
    }

    #[test]
    fn a_question_with_the_same_key_is_answered_and_no_other() {
        let mut responder = ProbeResponder::new(key(1));
        let request = key(1).request(NUMBER);
        let answer = responder.answer(&request, 0).expect("an answer");
        assert!(key(1).is_answer(NUMBER, &answer));
        assert!(!key(2).is_answer(NUMBER, &answer), "another Snug");
        assert!(!key(1).is_answer([8; 12], &answer), "an answer to another question");
        assert_eq!(responder.answer(&key(2).request(NUMBER), 0), None);
        let mut changed = request.clone();
        changed[8] ^= 1;
        assert_eq!(responder.answer(&changed, 0), None);
        for length in 0..request.len() {
            assert_eq!(responder.answer(&request[..length], 0), None);
        }
    }

    #[test]
    fn messages_are_stun_and_the_answer_is_shorter_than_the_question() {
        let request = key(1).request(NUMBER);
        let answer = key(1).answer(NUMBER);
        let answer_bytes = HEAD_BYTES + 4 + 2 * ANSWER_MAC_BYTES;
        for (message, bytes) in [(&request, REQUEST_BYTES), (&answer, answer_bytes)] {
            assert_eq!(message.len(), bytes);
            assert!(message.len().is_multiple_of(4));
            let length = u16::from_be_bytes([message[2], message[3]]);
            assert_eq!(usize::from(length), bytes - HEAD_BYTES);
            assert_eq!(message[4..8], COOKIE);
        }
        assert!(is_binding_request(&request) && !is_binding_request(&answer));
        assert!(answer.len() < request.len());
    }

    #[test]
    fn only_a_few_questions_are_answered_in_a_second() {
        let mut responder = ProbeResponder::new(key(1));
        let request = key(1).request(NUMBER);
        let answered = (0..1_000).filter(|_| responder.answer(&request, 0).is_some()).count();
        assert_eq!(answered as u64, AT_ONCE);
        let later = (0..1_000)
            .filter(|_| responder.answer(&request, 1_000).is_some())
            .count();
        assert_eq!(later as u64, PER_SECOND);
    }

    #[test]
    fn the_key_is_not_shown() {
        assert_eq!(format!("{:?}", key(1)), "ProbeKey(..)");
    }
}
