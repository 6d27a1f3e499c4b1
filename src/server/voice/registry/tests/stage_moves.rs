//! What five people may do in a room, in any order.

use super::*;
use proptest::prelude::*;

pub(super) const NAMES: [&str; 5] = ["Ada", "Ben", "Cem", "Dee", "Eve"];

#[derive(Debug, Clone)]
pub(super) enum Move {
    Enter(usize),
    Leave(usize),
    Lose(usize),
    Mute(usize, bool),
    Wish(usize, Wish),
    Packet(usize),
    Wait(u64),
}

fn wish() -> impl Strategy<Value = Wish> {
    let about = || (0..NAMES.len()).prop_map(|who| person(NAMES[who]).id);
    prop_oneof![
        4 => any::<bool>().prop_map(|up| Wish::Hand { up }),
        4 => any::<bool>().prop_map(|accept| Wish::Answer { accept }),
        1 => Just(Wish::StepDown),
        16 => (about(), prop::sample::select(Act::ALL.to_vec())).prop_map(|(about, act)| Wish::Act { about, act }),
        2 => about().prop_map(|about| Wish::Lift { about }),
        5 => (1..20u32).prop_map(|number| Wish::Undo { number }),
        2 => prop::sample::select(Mode::ALL.to_vec()).prop_map(|mode| Wish::Mode { mode }),
        1 => prop::sample::select(vec![0, 5, 30u32]).prop_map(|minutes| Wish::HoldNew { minutes }),
        // Switched off it might fade, and there would be nothing to look at.
        1 => Just(Wish::Stand { on: true }),
    ]
}

pub(super) fn step() -> impl Strategy<Value = Move> {
    let who = || 0..NAMES.len();
    prop_oneof![
        6 => who().prop_map(Move::Enter),
        1 => who().prop_map(Move::Leave),
        1 => who().prop_map(Move::Lose),
        4 => (who(), any::<bool>()).prop_map(|(who, on)| Move::Mute(who, on)),
        // The host asks most.
        10 => (prop_oneof![2 => Just(0usize), 1 => who()], wish()).prop_map(|(who, wish)| Move::Wish(who, wish)),
        8 => who().prop_map(Move::Packet),
        2 => (1..30_000u64).prop_map(Move::Wait),
    ]
}
