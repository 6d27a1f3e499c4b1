//! Fuzzes the path of an RTP packet through one slot of a listener: str0m's parser of headers, and our rewriter. Whatever a sender
//! sends, the listener must receive each sequence number once, and no number more than [`LEAP`] above the highest one so far.
//!
//! The input is a list of steps. A step has three octets (the epoch, the milliseconds that pass, the length) and then a packet of
//! this length.
#![no_main]

#[path = "../../src/server/voice/command.rs"]
#[allow(dead_code, reason = "the rewriter needs only the packets")]
mod command;
#[path = "../../src/model/mod.rs"]
#[allow(dead_code, unused_imports, reason = "`command` needs only some of these types")]
mod model;
#[path = "../../src/server/voice/roles.rs"]
#[allow(dead_code, reason = "`command` needs only the records")]
mod roles;
#[path = "../../src/server/voice/rtp_rewriter.rs"]
mod rtp_rewriter;
#[path = "../../src/server/voice/wall_clock.rs"]
#[allow(dead_code, reason = "`roles` needs only the type")]
mod wall_clock;

use command::SoundPacket;
use libfuzzer_sys::fuzz_target;
use rtp_rewriter::{Epoch, RtpRewriter};
use std::collections::HashMap;
use str0m::rtp::{ExtensionMap, RtpHeader};

/// The largest step between two sequence numbers that a listener receives: `LEAP` in the rewriter.
const LEAP: u64 = 1_000;

fuzz_target!(|octets: &[u8]| {
    let extensions = ExtensionMap::standard();
    let mut rewriter = RtpRewriter::default();
    // For each number that the listener has received: how many epochs had begun, and the sender's number.
    let mut received: HashMap<u64, (u64, u64)> = HashMap::new();
    // A sender's numbers go on from the newest one, and each epoch has one sender.
    let mut newest: HashMap<u8, u64> = HashMap::new();
    let (mut highest, mut run, mut now_ms) = (0, 0, 0);
    let mut rest = octets;
    while let [epoch, passed_ms, length, tail @ ..] = rest {
        let (packet, after) = tail.split_at(tail.len().min(usize::from(*length)));
        rest = after;
        now_ms += u64::from(*passed_ms);
        let Some(header) = RtpHeader::_parse(packet, &extensions) else {
            continue;
        };
        assert!(header.header_len <= packet.len() && header.csrc_count <= header.csrc.len());
        let seq = *header.sequence_number(newest.get(epoch).map(|seq| (*seq).into()));
        newest
            .entry(*epoch)
            .and_modify(|newest| *newest = seq.max(*newest))
            .or_insert(seq);
        let sound = SoundPacket {
            ssrc: *header.ssrc,
            seq,
            time: header.timestamp,
            marker: header.marker,
            level: header.ext_vals.audio_level,
            bytes: packet.len() - header.header_len,
            is_recovered: false,
        };
        let Some(rewritten) = rewriter.rewrite(Epoch(u64::from(*epoch)), &sound, now_ms) else {
            continue;
        };
        if rewritten.begins {
            run += 1;
            assert_eq!(rewritten.seq, highest + 1, "a voice begins right after the one before");
        }
        assert!(
            rewritten.seq > 0 && rewritten.seq <= highest + LEAP,
            "{rewritten:?} after {highest}"
        );
        highest = highest.max(rewritten.seq);
        let first = received.entry(rewritten.seq).or_insert((run, seq));
        assert_eq!(*first, (run, seq), "two packets with the number {}", rewritten.seq);
    }
});
