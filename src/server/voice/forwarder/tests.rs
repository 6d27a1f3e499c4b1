//! Tests of the forwarder: how long a voice keeps its slot, sequence numbers, limits, lost packets, and never more than three voices.

use super::*;
use crate::server::voice::sound_budget::{BITS_PER_SECOND, PACKETS_PER_SECOND};
use proptest::{prelude::*, test_runner::Config};
use std::collections::{BTreeMap, BTreeSet};

const LISTENER: ConnectionId = ConnectionId(100);

/// A forwarder with the talkers 1 to `talkers` and one listener.
fn forwarder(talkers: u64) -> Forwarder {
    let mut forwarder = Forwarder::default();
    for talker in 1..=talkers {
        forwarder.plug(ConnectionId(talker), talker as u32, 0);
        forwarder.let_talk(ConnectionId(talker), 0);
    }
    forwarder.plug(LISTENER, 1_000, 0);
    forwarder
}

fn sound(seq: u64, level: i8) -> SoundPacket {
    SoundPacket {
        ssrc: 1,
        seq,
        time: seq as u32 * 960,
        marker: false,
        level: Some(level),
        bytes: 60,
        is_recovered: false,
    }
}

/// What the listener receives of one packet.
fn hear(forwarder: &mut Forwarder, from: u64, seq: u64, level: i8, now_ms: u64) -> Option<Delivery> {
    let mut out = vec![];
    forwarder.pass(ConnectionId(from), &sound(seq, level), now_ms, &mut out);
    out.into_iter().find(|delivery| delivery.to == LISTENER)
}

#[test]
fn a_fourth_voice_waits_until_another_has_been_silent_for_two_seconds() {
    let mut forwarder = forwarder(4);
    let slots: Vec<usize> = (1..=3)
        .filter_map(|from| Some(hear(&mut forwarder, from, 1, -20, 0)?.slot))
        .collect();
    assert_eq!(slots, [0, 1, 2]);
    assert_eq!(
        hear(&mut forwarder, 4, 1, -5, 100),
        None,
        "it waits although it is louder"
    );
    // The second voice goes silent; the others go on.
    for step in 1..=(HOLD_MS / 20) {
        for from in [1, 3] {
            assert!(hear(&mut forwarder, from, 1 + step, -20, step * 20).is_some());
        }
        assert!(
            hear(&mut forwarder, 2, 1 + step, -90, step * 20).is_some(),
            "silence is forwarded too"
        );
        let fourth = hear(&mut forwarder, 4, 1 + step, -5, step * 20);
        assert_eq!(fourth.is_some(), step * 20 >= HOLD_MS, "{step}");
    }
    assert_eq!(
        hear(&mut forwarder, 4, 500, -5, HOLD_MS + 20).map(|delivery| delivery.slot),
        Some(1)
    );
    assert_eq!(
        hear(&mut forwarder, 2, 500, -20, HOLD_MS + 20),
        None,
        "now the second voice waits"
    );
}

#[test]
fn a_silent_packet_takes_no_slot() {
    let mut forwarder = forwarder(1);
    assert_eq!(hear(&mut forwarder, 1, 1, -90, 0), None);
    assert!(hear(&mut forwarder, 1, 2, -20, 20).is_some());
}

#[test]
fn a_faint_voice_is_heard_on_a_free_slot_until_a_louder_one_needs_it() {
    let mut forwarder = forwarder(5);
    let slot = |forwarder: &mut Forwarder, from: u64, level: i8, now_ms: u64| {
        hear(forwarder, from, 1 + now_ms / 20, level, now_ms).map(|delivery| delivery.slot)
    };
    assert_eq!(slot(&mut forwarder, 1, -60, 0), Some(0));
    assert!(!forwarder.speaking.is_on(1), "a faint voice does not light a face");
    assert_eq!(
        [2, 3].map(|from| slot(&mut forwarder, from, -20, 0)),
        [Some(1), Some(2)]
    );
    assert_eq!(
        slot(&mut forwarder, 5, -60, 20),
        None,
        "another faint voice takes nobody's slot"
    );
    assert_eq!(
        slot(&mut forwarder, 4, -20, 20),
        Some(0),
        "a voice does not wait for a faint one"
    );
    assert_eq!(slot(&mut forwarder, 1, -60, 40), None);
    // The others fall silent. Their slots are free for a faint voice after the same time as for any other.
    assert_eq!(slot(&mut forwarder, 1, -60, HOLD_MS - 20), None);
    assert_eq!(slot(&mut forwarder, 1, -60, HOLD_MS), Some(1));
}

#[test]
fn a_faint_voice_that_gets_louder_keeps_its_slot() {
    let mut forwarder = forwarder(4);
    for from in 1..=3 {
        assert!(hear(&mut forwarder, from, 1, -60, 0).is_some());
    }
    for from in 1..=3 {
        assert!(hear(&mut forwarder, from, 2, -20, 20).is_some());
    }
    assert_eq!(hear(&mut forwarder, 4, 1, -20, 40), None);
    assert!(hear(&mut forwarder, 1, 3, -20, 40).is_some());
}

#[test]
fn a_slot_names_its_speaker_and_marks_the_change() {
    let mut forwarder = forwarder(2);
    let first = hear(&mut forwarder, 1, 70_001, -20, 0).expect("heard");
    let second = hear(&mut forwarder, 1, 70_002, -20, 20).expect("heard");
    assert_eq!((first.seq, first.voice, first.marker), (1, 1, true));
    assert_eq!(
        (second.seq, second.marker, second.time.wrapping_sub(first.time)),
        (2, false, 960)
    );
    forwarder.silence(ConnectionId(1));
    let third = hear(&mut forwarder, 2, 5, -20, 40).expect("heard");
    assert_eq!((third.slot, third.seq, third.voice, third.marker), (0, 3, 2, true));
}

#[test]
fn a_listener_who_joins_late_gets_numbers_from_1() {
    let mut forwarder = forwarder(1);
    (1..50).for_each(|seq| assert!(hear(&mut forwarder, 1, seq, -20, seq * 20).is_some()));
    forwarder.plug(ConnectionId(101), 1_001, 1_000);
    let mut out = vec![];
    forwarder.pass(ConnectionId(1), &sound(50, -20), 1_000, &mut out);
    let numbers: Vec<(ConnectionId, u64)> = out.iter().map(|one| (one.to, one.seq)).collect();
    assert_eq!(numbers, [(LISTENER, 50), (ConnectionId(101), 1)]);
}

#[test]
fn hear_yourself_lasts_five_seconds_and_reaches_nobody_else() {
    let mut forwarder = Forwarder::default();
    forwarder.plug(ConnectionId(1), 1, 0);
    forwarder.plug(LISTENER, 1_000, 0);
    let pass = |forwarder: &mut Forwarder, seq: u64, now_ms: u64| {
        let mut out = vec![];
        forwarder.pass(ConnectionId(1), &sound(seq, -20), now_ms, &mut out);
        out.iter().map(|one| one.to).collect::<Vec<_>>()
    };
    assert!(pass(&mut forwarder, 1, 0).is_empty());
    forwarder.hear_yourself(ConnectionId(1), 20);
    assert_eq!(pass(&mut forwarder, 2, 40), [ConnectionId(1)]);
    assert_eq!(pass(&mut forwarder, 3, HEAR_YOURSELF_MS + 19), [ConnectionId(1)]);
    assert!(pass(&mut forwarder, 4, HEAR_YOURSELF_MS + 20).is_empty());
}

#[test]
fn packets_over_the_limit_are_dropped_and_the_sender_is_told_once() {
    let mut forwarder = forwarder(1);
    let flood = |forwarder: &mut Forwarder, bytes: usize, per_second: u64| {
        let mut results = vec![];
        for seq in 0..per_second {
            let packet = SoundPacket {
                bytes,
                ..sound(seq, -20)
            };
            results.push(forwarder.pass(ConnectionId(1), &packet, 10_000 + seq * 1_000 / per_second, &mut vec![]));
        }
        let passed = results
            .iter()
            .filter(|one| matches!(one, Passed::Heard | Passed::Began))
            .count() as u64;
        (passed, results.iter().filter(|one| **one == Passed::OverBudget).count())
    };
    let (passed, message) = flood(&mut forwarder, 10, 1_000);
    assert!(
        passed <= PACKETS_PER_SECOND * 3 / 2 && message == 1,
        "{passed} passed, told {message} times"
    );
    let (passed, _) = flood(&mut self::forwarder(1), 1_000, 99);
    assert!(
        passed * 8_000 <= BITS_PER_SECOND * 3 / 2,
        "{passed} packets of 8,000 bits"
    );
}

/// What the listener receives of a packet that was lost and came as a copy.
fn hear_recovered(forwarder: &mut Forwarder, from: u64, seq: u64, now_ms: u64) -> Option<Delivery> {
    let mut out = vec![];
    let packet = SoundPacket {
        is_recovered: true,
        ..sound(seq, -20)
    };
    forwarder.pass(ConnectionId(from), &packet, now_ms, &mut out);
    out.into_iter().find(|delivery| delivery.to == LISTENER)
}

#[test]
fn a_lost_packet_is_heard_in_its_own_place_but_takes_no_slot() {
    let mut forwarder = forwarder(2);
    assert_eq!(hear_recovered(&mut forwarder, 1, 9, 0), None);
    assert!(hear(&mut forwarder, 1, 10, -20, 0).is_some());
    assert!(hear(&mut forwarder, 1, 13, -20, 60).is_some());
    let lost = hear_recovered(&mut forwarder, 1, 12, 60).expect("heard");
    assert_eq!((lost.seq, lost.slot, lost.marker, lost.copies_from), (3, 0, false, 10));
    assert_eq!(
        hear_recovered(&mut forwarder, 2, 12, 60),
        None,
        "the second voice has no slot"
    );
    // A lost packet does not keep the slot either.
    let end = 60 + HOLD_MS;
    assert!(hear_recovered(&mut forwarder, 1, 11, end - 1).is_some());
    for voice in 2..=4 {
        forwarder.plug(ConnectionId(voice), voice as u32, end);
        forwarder.let_talk(ConnectionId(voice), 0);
    }
    let slots: BTreeSet<usize> = (2..=4)
        .filter_map(|voice| Some(hear(&mut forwarder, voice, 1, -20, end)?.slot))
        .collect();
    assert_eq!(slots, BTreeSet::from([0, 1, 2]));
}

#[test]
fn a_lost_packet_of_a_faint_voice_is_heard_too_and_takes_nobodys_slot() {
    let mut forwarder = forwarder(4);
    assert!(hear(&mut forwarder, 1, 10, -60, 0).is_some());
    assert!(hear(&mut forwarder, 1, 13, -60, 60).is_some());
    assert!(hear_recovered(&mut forwarder, 1, 12, 60).is_some());
    for voice in 2..=4 {
        assert!(hear(&mut forwarder, voice, 1, -20, 60).is_some());
    }
    assert_eq!(hear_recovered(&mut forwarder, 1, 11, 60), None, "its slot is gone");
}

#[test]
fn what_was_said_while_muted_is_not_heard_from_a_copy_after_the_mute() {
    let mut forwarder = forwarder(1);
    assert!(hear(&mut forwarder, 1, 10, -20, 0).is_some());
    forwarder.silence(ConnectionId(1));
    // The packets 11 and 12 are sent while the person is muted, and 12 is lost.
    assert_eq!(hear(&mut forwarder, 1, 11, -20, 20), None);
    forwarder.let_talk(ConnectionId(1), 0);
    assert_eq!(hear_recovered(&mut forwarder, 1, 12, 60), None);
    let after = hear(&mut forwarder, 1, 13, -20, 60).expect("heard");
    assert_eq!(after.copies_from, 13, "no older packet is copied for listeners");
    assert_eq!(
        hear_recovered(&mut forwarder, 1, 12, 80),
        None,
        "also if the packets come in another order"
    );
}

#[test]
fn people_are_counted_once_however_many_connections_they_have() {
    let mut forwarder = forwarder(2);
    forwarder.plug(ConnectionId(101), 1_000, 0);
    assert_eq!(
        hear(&mut forwarder, 1, 1, -20, 0).map(|delivery| delivery.people),
        Some(3)
    );
    forwarder.unplug(ConnectionId(2));
    assert_eq!(
        hear(&mut forwarder, 1, 2, -20, 20).map(|delivery| delivery.people),
        Some(2)
    );
}

#[test]
fn recovered_packets_have_a_budget_of_their_own_and_warn_nobody() {
    let mut forwarder = forwarder(1);
    assert!(hear(&mut forwarder, 1, 1, -20, 0).is_some());
    let recovered = (2..=1_000)
        .filter(|seq| hear_recovered(&mut forwarder, 1, *seq, 0).is_some())
        .count() as u64;
    assert_eq!(
        recovered,
        PACKETS_PER_SECOND / 4 / 2,
        "the bucket has the packets of half a second"
    );
    let own = forwarder.pass(ConnectionId(1), &sound(1_001, -20), 0, &mut vec![]);
    assert_eq!(own, Passed::Heard);
}

proptest! {
    #![proptest_config(Config { cases: 300, ..Config::default() })]

    /// Six talkers send packets of any level at any time, and some packets are lost.
    #[test]
    fn there_are_never_more_than_three_voices_and_a_voice_keeps_its_slot_in_a_pause(
        packets in prop::collection::vec((1..=6u64, -127i8..=0, 0..40u64, 0..3u64), 1..600),
    ) {
        let mut forwarder = forwarder(6);
        let (mut now_ms, mut seqs) = (0, [100u64; 7]);
        // For each slot: the voice, when it was last voiced, and when it was last voiced or faint.
        let mut holders: BTreeMap<usize, (u32, Option<u64>, u64)> = BTreeMap::new();
        let mut given: BTreeSet<(usize, u64)> = BTreeSet::new();
        for (from, level, pause_ms, lost) in packets {
            now_ms += pause_ms;
            seqs[from as usize] += 1 + lost;
            let Some(delivery) = hear(&mut forwarder, from, seqs[from as usize], level, now_ms) else { continue };
            prop_assert!(delivery.slot < SLOTS && delivery.voice == from as u32);
            prop_assert!(given.insert((delivery.slot, delivery.seq)), "the slot got the same number twice");
            let on_other = holders.iter().any(|(slot, holder)| *slot != delivery.slot && holder.0 == delivery.voice);
            prop_assert!(!on_other, "one voice is on two slots");
            let (voiced, faint) = (is_voiced(Some(level)), is_faint(Some(level)));
            let before = holders.get(&delivery.slot).copied();
            let own = before.filter(|(voice, ..)| *voice == delivery.voice);
            if let (Some((voice, voiced_ms, faint_ms)), None) = (before, own) {
                prop_assert!(faint, "silence takes no slot");
                prop_assert!(voiced_ms.is_none_or(|at| now_ms >= at + HOLD_MS), "{voice} lost its slot in a pause");
                prop_assert!(voiced || now_ms >= faint_ms + HOLD_MS, "{voice} lost its slot to a faint voice");
            }
            let voiced_ms = if voiced { Some(now_ms) } else { own.and_then(|(_, voiced_ms, _)| voiced_ms) };
            let faint_ms = if faint { now_ms } else { own.map_or(now_ms, |(.., faint_ms)| faint_ms) };
            holders.insert(delivery.slot, (delivery.voice, voiced_ms, faint_ms));
        }
    }
}
