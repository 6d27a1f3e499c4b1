//! Fuzzes the path of a packet of sound from a peer to the forwarder: our parser of redundant sound (RED, RFC 2198), and the choice of
//! the copies that fill gaps. Whatever a sender sends, each number is passed on at most once, and no payload is too long.
//!
//! The input is a list of steps. A step has three octets (the kind, the sequence number, the length) and then a payload of this
//! length.
#![no_main]

#[path = "../../src/server/voice/arrived_packets.rs"]
mod arrived_packets;
#[path = "../../src/server/voice/command.rs"]
#[allow(dead_code, reason = "the parser needs only the packets")]
mod command;
#[path = "../../src/server/voice/incoming_sound.rs"]
mod incoming_sound;
#[path = "../../src/model/mod.rs"]
#[allow(dead_code, unused_imports, reason = "`command` needs only some of these types")]
mod model;
#[path = "../../src/server/voice/outgoing_packet.rs"]
#[allow(dead_code, reason = "the parser needs only the limit")]
mod outgoing_packet;
#[path = "../../src/server/voice/red.rs"]
#[allow(dead_code, reason = "only the parser is fuzzed")]
mod red;
#[path = "../../src/server/voice/roles.rs"]
#[allow(dead_code, reason = "`command` needs only the records")]
mod roles;
#[path = "../../src/server/voice/sound_numbers.rs"]
mod sound_numbers;
#[path = "../../src/server/voice/wall_clock.rs"]
#[allow(dead_code, reason = "`roles` needs only the type")]
mod wall_clock;

use command::SoundPacket;
use incoming_sound::IncomingSound;
use libfuzzer_sys::fuzz_target;
use outgoing_packet::PAYLOAD_MAX_BYTES;
use red::{COPIES_MAX, PayloadTypes};
use std::collections::HashSet;

const OPUS: u8 = 111;
const RED: u8 = 63;

fuzz_target!(|octets: &[u8]| {
    let mut incoming = IncomingSound::new(PayloadTypes {
        opus: OPUS,
        red: Some(RED),
    });
    let mut passed = HashSet::new();
    let (mut newest, mut rest) = (1_000_u64, octets);
    while let [kind, step, length, tail @ ..] = rest {
        let (payload, after) = tail.split_at(tail.len().min(usize::from(*length)));
        rest = after;
        // Some packets come late, and others leap ahead.
        let seq = (newest + u64::from(*step)).saturating_sub(32);
        newest = newest.max(seq);
        let packet = SoundPacket {
            ssrc: 1,
            seq,
            time: (seq as u32).wrapping_mul(960),
            marker: false,
            level: None,
            bytes: payload.len(),
            is_recovered: false,
        };
        let payload_type = if kind & 1 == 0 { RED } else { OPUS };
        let (mut count, mut before) = (0, None);
        incoming.receive(packet, payload_type, &payload.into(), |sound, payload| {
            assert!(payload.len() <= PAYLOAD_MAX_BYTES && payload.len() == sound.bytes);
            assert!(passed.insert(sound.seq), "the number {} twice", sound.seq);
            // The copies come first, in order. Packets that have only padding take no number, so a number can be lower than `seq`.
            assert!(before.is_none_or(|(earlier, is_recovered)| is_recovered && earlier < sound.seq));
            assert!(sound.seq <= seq);
            before = Some((sound.seq, sound.is_recovered));
            count += 1;
        });
        assert!(count <= COPIES_MAX + 1, "{count} packets from one");
    }
});
