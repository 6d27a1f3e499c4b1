//! Random moves for property tests: what five people may do in a room, in any order.

use super::*;
use proptest::prelude::*;

pub(super) const NAMES: [&str; 5] = ["Ada", "Ben", "Cem", "Dee", "Eve"];

#[derive(Debug, Clone)]
pub(super) enum Move {
    Enter(usize),
    Leave(usize),
    Lose(usize),
    Mute(usize, bool),
    StageRequest(usize, StageRequest),
    Packet(usize),
    Wait(u64),
}

fn request() -> impl Strategy<Value = StageRequest> {
    let about = || (0..NAMES.len()).prop_map(|who| person(NAMES[who]).id);
    prop_oneof![
        4 => any::<bool>().prop_map(|up| StageRequest::Hand { up }),
        4 => any::<bool>().prop_map(|accept| StageRequest::Answer { accept }),
        1 => Just(StageRequest::StepDown),
        16 => (about(), prop::sample::select(ModerationAction::ALL.to_vec())).prop_map(|(about, action)| StageRequest::Moderate { about, action }),
        2 => about().prop_map(|about| StageRequest::Lift { about }),
        1 => about().prop_map(|about| StageRequest::LowerHand { about }),
        5 => (1..20u32).prop_map(|number| StageRequest::Undo { number }),
        2 => prop::sample::select(Mode::ALL.to_vec()).prop_map(|mode| StageRequest::Mode { mode }),
        1 => prop::sample::select(vec![0, 5, 30u32]).prop_map(|minutes| StageRequest::MuteNewAccounts { minutes }),
        // The room never becomes temporary again: it might expire, and then there would be nothing to check.
        1 => Just(StageRequest::SetPermanent { on: true }),
    ]
}

pub(super) fn step() -> impl Strategy<Value = Move> {
    let who = || 0..NAMES.len();
    prop_oneof![
        6 => who().prop_map(Move::Enter),
        1 => who().prop_map(Move::Leave),
        1 => who().prop_map(Move::Lose),
        4 => (who(), any::<bool>()).prop_map(|(who, on)| Move::Mute(who, on)),
        // The host asks most often, because a host may do most.
        10 => (prop_oneof![2 => Just(0usize), 1 => who()], request()).prop_map(|(who, request)| Move::StageRequest(who, request)),
        8 => who().prop_map(Move::Packet),
        2 => (1..30_000u64).prop_map(Move::Wait),
    ]
}
