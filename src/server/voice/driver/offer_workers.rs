//! The threads that answer SDP offers, so that untrusted offers are not parsed on the thread that forwards the voices.

use crate::server::voice::{
    candidate_addresses::CandidateAddresses,
    command::ConnectionId,
    peer::{BadOffer, Peer, parse_restart},
    peer_setup::Setup,
    peers::contain,
};
use std::{
    io,
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::Instant,
};
use str0m::change::SdpOffer;

/// The most threads. Parsing an offer takes less than a millisecond, so two threads answer more offers than one voice thread can
/// connect.
const WORKERS_MAX: usize = 2;
/// How many offers may wait for one thread. After a restart of the server, everybody sends an offer within half a second. An answer
/// takes less than a millisecond, so even the last offer in a full queue waits for about half a second at most.
const OFFERS_MAX: usize = 512;
/// How many answers may wait for the driver. When this queue is full, the worker threads wait.
const ANSWERS_MAX: usize = 64;

/// A browser's offer, which asks for a voice connection.
pub struct PendingOffer {
    pub connection: ConnectionId,
    pub sdp: String,
    pub purpose: OfferPurpose,
}

/// What an offer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfferPurpose {
    Join,
    /// An ICE restart of the voice connection that is there already.
    Restart,
}

/// What became of an offer.
pub struct AnsweredOffer {
    pub connection: ConnectionId,
    pub answer: OfferAnswer,
}

/// The result of an offer, for each purpose.
pub enum OfferAnswer {
    /// The new peer and the SDP answer, or a refusal.
    Join(Box<Result<(Peer, String), BadOffer>>),
    /// The parsed offer, and the addresses for its answer. Only the voice thread has the peer that can answer it.
    Restart(Result<SdpOffer, BadOffer>, Arc<CandidateAddresses>),
}

/// The queues of the worker threads. The threads end when this value is dropped.
pub struct OfferWorkers {
    queues: Vec<SyncSender<PendingOffer>>,
}

impl OfferWorkers {
    /// Starts the threads. Their answers arrive in the receiver; `waker` wakes the driver for each answer. The threads call
    /// `before_answer` before each answer, so that it contains the newest addresses.
    ///
    /// # Errors
    /// If a thread can't be made.
    pub fn start(
        setup: &Arc<Setup>,
        before_answer: impl Fn() + Clone + Send + 'static,
        waker: &Arc<mio::Waker>,
    ) -> io::Result<(Self, Receiver<AnsweredOffer>)> {
        let (answers, inbox) = sync_channel(ANSWERS_MAX);
        // On a machine with two cores, one core stays free for the voices.
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let count = cores.saturating_sub(1).clamp(1, WORKERS_MAX);
        let mut queues = vec![];
        for number in 0..count {
            let (queue, offers) = sync_channel(OFFERS_MAX);
            let (setup, answers, waker) = (setup.clone(), answers.clone(), waker.clone());
            let before_answer = before_answer.clone();
            thread::Builder::new()
                .name(format!("offers-{number}"))
                .spawn(move || answer_all(&offers, &setup, &before_answer, &answers, &waker))?;
            queues.push(queue);
        }
        Ok((Self { queues }, inbox))
    }

    /// Hands an offer to a thread; false if too many wait already. The offers of one connection go to the same thread, so their
    /// answers keep their order.
    pub fn take(&self, offer: PendingOffer) -> bool {
        let number = offer.connection.0 as usize % self.queues.len();
        self.queues[number].try_send(offer).is_ok()
    }
}

fn answer_all(
    offers: &Receiver<PendingOffer>,
    setup: &Setup,
    before_answer: &impl Fn(),
    answers: &SyncSender<AnsweredOffer>,
    waker: &mio::Waker,
) {
    for offer in offers {
        let (connection, sdp) = (offer.connection, offer.sdp);
        before_answer();
        // An offer is untrusted input, and str0m's parser is large. A panic in the parser must not end the thread.
        let answer = match offer.purpose {
            OfferPurpose::Join => {
                let answer = contain(|| Peer::answer(&sdp, setup, Instant::now())).unwrap_or(Err(BadOffer));
                OfferAnswer::Join(Box::new(answer))
            }
            OfferPurpose::Restart => {
                let offer = contain(|| parse_restart(&sdp)).unwrap_or(Err(BadOffer));
                OfferAnswer::Restart(offer, setup.candidates())
            }
        };
        if answers.send(AnsweredOffer { connection, answer }).is_err() {
            return;
        }
        let _ = waker.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offers_are_answered_on_other_threads_in_order_and_a_full_queue_refuses() {
        let poll = mio::Poll::new().expect("a poll");
        let waker = Arc::new(mio::Waker::new(poll.registry(), mio::Token(0)).expect("a waker"));
        let addresses = CandidateAddresses::new(vec![[127, 0, 0, 1].into()], 3478, None);
        let setup = Setup::new(addresses).expect("a certificate");
        let (workers, answers) = OfferWorkers::start(&Arc::new(setup), || (), &waker).expect("threads");
        let offer = |number| PendingOffer {
            connection: ConnectionId(number),
            sdp: "not SDP".to_owned(),
            purpose: if number == 0 {
                OfferPurpose::Join
            } else {
                OfferPurpose::Restart
            },
        };
        // Nobody reads the answers, so the threads stop when the queue of answers is full, and then the offers wait.
        let most = (ANSWERS_MAX + OFFERS_MAX + 1) as u64;
        let taken = (0..10 * most).take_while(|_| workers.take(offer(0))).count() as u64;
        assert!((OFFERS_MAX as u64..=most).contains(&taken), "{taken}");
        for _ in 0..taken {
            let answered = answers.recv().expect("an answer");
            assert!(matches!(answered.answer, OfferAnswer::Join(answer) if answer.is_err()));
            assert_eq!(answered.connection, ConnectionId(0));
        }
        assert!(workers.take(offer(1)));
        drop(workers);
        let last = answers.iter().last().expect("an answer");
        assert_eq!(last.connection, ConnectionId(1));
        assert!(matches!(last.answer, OfferAnswer::Restart(Err(BadOffer), _)));
    }
}
