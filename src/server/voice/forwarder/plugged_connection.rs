//! One voice connection, as the forwarder knows it: what it may send, and the streams that it receives.

use super::arrival::VoiceArrival;
use crate::{
    model::signal::SLOTS,
    server::voice::{
        command::{ConnectionId, Delivery, SoundPacket},
        rtp_rewriter::{Epoch, RtpRewriter},
        sound_budget::SoundBudget,
        talk_permission::TalkPermission,
    },
};

/// A sender who exceeds a limit is warned at most once in this time.
const WARN_EVERY_MS: u64 = 5_000;

/// One voice connection.
#[derive(Debug)]
pub struct PluggedConnection {
    /// The person's CSRC, the number that names them in RTP packets (RFC 3550 section 5.1). All connections of a person have the
    /// same CSRC, and don't receive each other's sound.
    pub voice: u32,
    /// Whether the room allows this connection to be heard.
    pub permission: TalkPermission,
    /// When the permission was last given.
    pub talks_since_ms: u64,
    rewriters: [RtpRewriter; SLOTS],
    pub budget: SoundBudget,
    pub recovered: SoundBudget,
    warned_ms: Option<u64>,
    pub arrival: VoiceArrival,
    pub echo: Option<Echo>,
}

/// "Hear yourself" on one connection: the slot on which its own voice comes back, and until when.
#[derive(Debug, Clone, Copy)]
pub struct Echo {
    pub slot: usize,
    pub epoch: Epoch,
    pub ssrc: Option<u32>,
    pub until_ms: u64,
}

impl PluggedConnection {
    /// A connection that may not talk yet.
    pub fn new(voice: u32, now_ms: u64) -> Self {
        Self {
            voice,
            permission: TalkPermission::default(),
            talks_since_ms: 0,
            rewriters: Default::default(),
            budget: SoundBudget::new(now_ms),
            recovered: SoundBudget::for_recovered(now_ms),
            warned_ms: None,
            arrival: VoiceArrival::default(),
            echo: None,
        }
    }

    /// Notes a packet above the limits; true if it is time to warn the sender.
    pub fn exceed(&mut self, now_ms: u64) -> bool {
        // After a gap in the network, the packets of the gap arrive at once. The sender has not sent too much.
        if self.arrival.take_late_packet(now_ms) {
            return false;
        }
        if self.warned_ms.is_some_and(|warned| now_ms < warned + WARN_EVERY_MS) {
            return false;
        }
        self.warned_ms = Some(now_ms);
        true
    }

    /// Whether the listener hears their own voice on this slot now.
    pub fn is_busy(&self, slot: usize, now_ms: u64) -> bool {
        self.echo
            .is_some_and(|echo| echo.slot == slot && now_ms < echo.until_ms)
    }

    /// The packet for this listener, on one of its slots; `None` if the listener can't get it any more.
    pub fn deliver(
        &mut self,
        to: ConnectionId,
        (slot, epoch): (usize, Epoch),
        (voice, people): (u32, usize),
        sound: &SoundPacket,
        now_ms: u64,
    ) -> Option<Delivery> {
        let rewritten = self.rewriters[slot].rewrite(epoch, sound, now_ms)?;
        Some(Delivery {
            to,
            slot,
            seq: rewritten.seq,
            time: rewritten.time,
            marker: sound.marker || rewritten.begins,
            voice,
            copies_from: rewritten.first_seq,
            people,
        })
    }
}
