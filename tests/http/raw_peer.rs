//! A raw peer: a WebRTC client on str0m with its own thread. It can do things that our pages never do, such as talk while muted.

use crate::{
    ice_client::{IceClient, Observed, PeerOptions, PeerOrder, ReceivedPacket, ToneSource},
    ice_link::IceLink,
};
use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, MutexGuard,
        mpsc::{Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

/// A level in dBov at which the server treats a packet as speech.
pub const LOUD: Option<i8> = Some(-20);

pub struct RawPeer {
    orders: Sender<PeerOrder>,
    seen: Arc<Mutex<Observed>>,
}

impl RawPeer {
    /// A new peer and its SDP offer.
    pub fn offer() -> (Self, String) {
        Self::offer_with(PeerOptions::default())
    }

    /// A new peer with a UDP socket of its own, and its SDP offer.
    pub fn offer_with(options: PeerOptions) -> (Self, String) {
        Self::offer_over(IceLink::udp(), options)
    }

    /// A new peer that has only this socket, and its SDP offer.
    pub fn offer_over(link: IceLink, options: PeerOptions) -> (Self, String) {
        let (client, offer) = IceClient::offer(link, options);
        let (orders, inbox) = channel();
        let seen = client.observed();
        thread::spawn(move || client.run(&inbox));
        (Self { orders, seen }, offer)
    }

    pub fn accept(&self, answer: String) {
        self.orders.send(PeerOrder::Accept(answer)).expect("it runs");
    }

    /// Goes over to another address, as when the network changes, and returns an SDP offer with new ICE credentials.
    pub fn restart(&self) -> String {
        let (reply, offer) = channel();
        self.orders.send(PeerOrder::Restart(reply)).expect("it runs");
        offer.recv().expect("an offer")
    }

    /// Waits until ICE and DTLS are done.
    pub fn wait_until_connected(&self) {
        self.wait_until(Duration::from_secs(5), |seen| seen.connected);
    }

    /// Waits until the server has closed the TCP connection of this peer.
    pub fn wait_until_closed(&self) {
        self.wait_until(Duration::from_secs(5), |seen| seen.closed);
    }

    /// Starts speaking, even if the server does not allow it.
    pub fn speak(&self, voice: ToneSource) {
        self.orders.send(PeerOrder::Speak(Some(voice))).expect("it runs");
    }

    /// Gives each of the next `count` packets of the voice a new SSRC. Later packets keep the last one. For the server, each SSRC is
    /// another stream of the microphone.
    pub fn show_streams(&self, count: u32) {
        self.orders.send(PeerOrder::ShowStreams(count)).expect("it runs");
    }

    /// From now on, loses this many of a hundred packets of sound on the way to the server.
    pub fn lose_outward(&self, percent: u64) {
        self.orders.send(PeerOrder::LoseOutward(percent)).expect("it runs");
    }

    /// Sends this many packets that have only padding, before the next packet of the voice.
    pub fn pad(&self, count: u32) {
        self.orders.send(PeerOrder::Pad(count)).expect("it runs");
    }

    pub fn fall_silent(&self) {
        self.orders.send(PeerOrder::Speak(None)).expect("it runs");
    }

    /// All packets received so far.
    pub fn heard(&self) -> Vec<ReceivedPacket> {
        self.lock().heard.clone()
    }

    pub fn heard_since(&self, since: Instant) -> Vec<ReceivedPacket> {
        self.lock()
            .heard
            .iter()
            .filter(|heard| heard.at >= since)
            .cloned()
            .collect()
    }

    pub fn forget_heard(&self) {
        self.lock().heard.clear();
    }

    /// The numbers of the frames received so far, in packets of their own or as copies in other packets.
    pub fn frames(&self) -> BTreeSet<u32> {
        self.lock().frames.clone()
    }

    /// The bytes of all packets of sound received so far.
    pub fn bytes(&self) -> u64 {
        self.lock().bytes
    }

    /// How many frames were sent so far. This is also the number of the newest one.
    pub fn sent(&self) -> u64 {
        self.lock().sent
    }

    /// Waits until at least `packets` packets were received.
    pub fn wait_until_heard(&self, packets: usize) {
        self.wait_until(Duration::from_secs(5), |seen| seen.heard.len() >= packets);
    }

    fn wait_until(&self, at_most: Duration, is_true: impl Fn(&Observed) -> bool) {
        let deadline = Instant::now() + at_most;
        while !is_true(&self.lock()) {
            assert!(Instant::now() < deadline, "not within {at_most:?}");
            thread::sleep(Duration::from_millis(2));
        }
    }

    fn lock(&self) -> MutexGuard<'_, Observed> {
        self.seen.lock().expect("not poisoned")
    }
}
