//! Takes the packets of sound that a peer sends apart: a packet in the format RED (see [`red`](super::red)) has its own frame, and
//! copies of frames whose packets may have been lost.

use super::{
    arrived_packets::ArrivedPackets,
    command::SoundPacket,
    outgoing_packet::PAYLOAD_MAX_BYTES,
    red::{PayloadTypes, RedPayload},
    sound_numbers::SoundNumbers,
};
use std::sync::Arc;

/// What one peer sends.
#[derive(Debug)]
pub struct IncomingSound {
    types: PayloadTypes,
    numbers: SoundNumbers,
    arrived: ArrivedPackets,
}

impl IncomingSound {
    pub fn new(types: PayloadTypes) -> Self {
        Self {
            types,
            numbers: SoundNumbers::default(),
            arrived: ArrivedPackets::default(),
        }
    }

    /// Passes on, in order, each lost packet of which this packet has a copy, and then the packet itself. `packet` describes the
    /// packet as it arrived. Nothing is passed on twice, and a malformed payload is dropped. A packet that has only padding is passed over,
    /// and takes no number.
    pub fn receive(
        &mut self,
        packet: SoundPacket,
        payload_type: u8,
        payload: &Arc<[u8]>,
        mut pass: impl FnMut(SoundPacket, Arc<[u8]>),
    ) {
        if payload.is_empty() {
            return self.numbers.skip(packet.ssrc, packet.seq);
        }
        let red = match self.types.red == Some(payload_type) {
            true => match RedPayload::unpack(payload, self.types.opus) {
                Some(red) => Some(red),
                None => return,
            },
            false => None,
        };
        let Some(seq) = self.numbers.number(packet.ssrc, packet.seq) else {
            return;
        };
        let packet = SoundPacket { seq, ..packet };
        if !self.arrived.arrive(packet.ssrc, packet.seq, packet.time) {
            return;
        }
        let copies = red.as_ref().map_or(&[][..], |red| red.copies.as_slice());
        // RFC 2198 has no field for the sequence number of a copy. Browsers copy the packets right before the one that carries the
        // copies, oldest first. The timestamps show if a sender does otherwise.
        for (place, copy) in copies.iter().enumerate() {
            let back = (copies.len() - place) as u64;
            let time = packet.time.wrapping_sub(copy.offset);
            if let Some(seq) = packet.seq.checked_sub(back)
                && copy.fits()
                && self.arrived.fill(packet.ssrc, seq, time)
            {
                let recovered = SoundPacket {
                    seq,
                    time,
                    marker: false,
                    bytes: copy.frame.len(),
                    is_recovered: true,
                    ..packet
                };
                pass(recovered, copy.frame.into());
            }
        }
        let payload = red.map_or_else(|| payload.clone(), |red| red.frame.into());
        // Drop a payload that is too long: one that barely fits into the incoming datagram would not fit into the datagrams that we
        // send. A packet of voice at our bitrate has only about 80 bytes.
        if payload.len() <= PAYLOAD_MAX_BYTES {
            let bytes = payload.len();
            pass(SoundPacket { bytes, ..packet }, payload);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::voice::red::RedCopy;
    use proptest::prelude::*;

    const OPUS: u8 = 111;
    const RED: u8 = 63;
    const TYPES: PayloadTypes = PayloadTypes {
        opus: OPUS,
        red: Some(RED),
    };
    const NOTHING: [(u64, bool); 0] = [];

    fn time(seq: u64) -> u32 {
        (seq as u32).wrapping_mul(960)
    }

    /// The frame of a packet, so that a test sees which frame was passed on.
    fn frame(seq: u64) -> Vec<u8> {
        vec![seq as u8; 5]
    }

    /// Receives a packet, and returns the numbers that were passed on, each with whether it was recovered.
    fn receive(sound: &mut IncomingSound, seq: u64, payload_type: u8, payload: &[u8]) -> Vec<(u64, bool)> {
        let packet = SoundPacket {
            ssrc: 1,
            seq,
            time: time(seq),
            marker: true,
            level: Some(-20),
            bytes: payload.len(),
            is_recovered: false,
        };
        let mut passed = vec![];
        sound.receive(packet, payload_type, &payload.into(), |one, payload| {
            assert_eq!(
                (one.bytes, one.time, one.marker),
                (payload.len(), time(one.seq), !one.is_recovered)
            );
            assert_eq!(one.level, Some(-20));
            assert!(payload.len() != 5 || *payload == frame(one.seq));
            passed.push((one.seq, one.is_recovered));
        });
        passed
    }

    /// Receives a packet with copies of this many packets before it.
    fn receive_red(sound: &mut IncomingSound, seq: u64, copies: u64) -> Vec<(u64, bool)> {
        let frames: Vec<Vec<u8>> = (seq - copies..=seq).map(frame).collect();
        let (own, earlier) = frames.split_last().expect("the packet's own frame");
        let copy = |(place, frame): (usize, &Vec<u8>)| (960 * (copies as u32 - place as u32), frame.clone());
        let copied: Vec<(u32, Vec<u8>)> = earlier.iter().enumerate().map(copy).collect();
        let red = RedPayload {
            copies: copied
                .iter()
                .map(|(offset, frame)| RedCopy { offset: *offset, frame })
                .collect(),
            frame: own,
        };
        receive(sound, seq, RED, &red.pack(OPUS))
    }

    #[test]
    fn lost_packets_come_from_copies_in_order_and_only_once() {
        let mut sound = IncomingSound::new(TYPES);
        assert_eq!(
            receive_red(&mut sound, 10, 1),
            [(10, false)],
            "nothing from before the first packet"
        );
        assert_eq!(receive_red(&mut sound, 11, 1), [(11, false)]);
        assert_eq!(receive_red(&mut sound, 13, 1), [(12, true), (13, false)]);
        assert_eq!(
            receive(&mut sound, 12, OPUS, &frame(12)),
            NOTHING,
            "the packet came late"
        );
        assert_eq!(receive_red(&mut sound, 16, 2), [(14, true), (15, true), (16, false)]);
        assert_eq!(receive_red(&mut sound, 20, 1), [(19, true), (20, false)]);
        assert_eq!(
            receive_red(&mut sound, 18, 1),
            [(17, true), (18, false)],
            "packets in another order"
        );
        assert_eq!(
            receive(&mut sound, 21, OPUS, &frame(21)),
            [(21, false)],
            "without copies"
        );
    }

    #[test]
    fn padding_leaves_no_gap_and_a_copy_beyond_it_fills_a_loss() {
        let mut sound = IncomingSound::new(TYPES);
        let mut passed = vec![];
        let mut arrive = |seq: u64, frames_so_far: u64, payload_type: u8, payload: &[u8]| {
            let packet = SoundPacket {
                ssrc: 1,
                seq,
                time: time(frames_so_far),
                marker: false,
                level: None,
                bytes: payload.len(),
                is_recovered: false,
            };
            sound.receive(packet, payload_type, &payload.into(), |one, payload| {
                assert_eq!((one.time, &*payload), (time(one.seq), &*frame(one.seq)));
                passed.push((one.seq, one.is_recovered));
            });
        };
        arrive(10, 10, OPUS, &frame(10));
        arrive(11, 10, RED, &[]);
        arrive(12, 10, OPUS, &[]);
        arrive(13, 11, OPUS, &frame(11));
        // The packet 14 is lost.
        arrive(15, 12, RED, &[]);
        let with_copy = RedPayload {
            copies: vec![RedCopy {
                offset: 960,
                frame: &frame(12),
            }],
            frame: &frame(13),
        }
        .pack(OPUS);
        arrive(16, 13, RED, &with_copy);
        assert_eq!(passed, [(10, false), (11, false), (12, true), (13, false)]);
    }

    #[test]
    fn junk_and_frames_that_are_too_long_are_dropped_and_the_stream_goes_on() {
        let mut sound = IncomingSound::new(TYPES);
        let with = |copies: usize, frame: usize| {
            [
                [0x80 | OPUS, 15, 0, 1].repeat(copies),
                vec![OPUS],
                vec![7; copies + frame],
            ]
            .concat()
        };
        assert_eq!(receive(&mut sound, 1, RED, &with(0, 20)), [(1, false)]);
        for junk in [with(64, 20), vec![RED, 1, 2], vec![0x80 | OPUS, 15, 3, 255, OPUS, 1]] {
            assert_eq!(receive(&mut sound, 2, RED, &junk), NOTHING, "{junk:?}");
        }
        assert_eq!(receive(&mut sound, 3, RED, &with(0, PAYLOAD_MAX_BYTES)), [(3, false)]);
        assert_eq!(
            receive(&mut sound, 5, RED, &with(1, PAYLOAD_MAX_BYTES + 1)),
            [(4, true)]
        );
        assert_eq!(receive(&mut sound, 6, OPUS, &[7; PAYLOAD_MAX_BYTES + 1]), NOTHING);
        assert_eq!(receive(&mut sound, 7, OPUS, &[7; 20]), [(7, false)]);
    }

    #[test]
    fn a_browser_without_red_can_not_send_it() {
        let mut sound = IncomingSound::new(PayloadTypes { red: None, ..TYPES });
        assert_eq!(receive(&mut sound, 1, OPUS, &frame(1)), [(1, false)]);
        // The payload is passed on as it is, like any other payload that claims to be Opus.
        assert_eq!(receive(&mut sound, 2, RED, &[OPUS, 9, 9]), [(2, false)]);
    }

    proptest! {
        /// A share of the packets is lost, and the others come in order. Each packet is passed on once, in order, if it or the next
        /// one arrives.
        #[test]
        fn only_two_losses_in_a_row_lose_sound(arrives in prop::collection::vec(any::<bool>(), 3..300)) {
            let mut sound = IncomingSound::new(TYPES);
            let mut passed = receive_red(&mut sound, 100, 1);
            for (seq, _) in (101..).zip(&arrives).filter(|(_, arrives)| **arrives) {
                passed.extend(receive_red(&mut sound, seq, 1));
            }
            let is_there = |place: usize| arrives.get(place).copied().unwrap_or_default();
            let expected = (0..arrives.len()).filter(|place| is_there(*place) || is_there(place + 1));
            let numbers: Vec<u64> = passed.into_iter().skip(1).map(|(seq, _)| seq).collect();
            prop_assert_eq!(numbers, expected.map(|place| place as u64 + 101).collect::<Vec<_>>());
        }
    }
}
