//! What the passing of time does to the rooms, and what a jump of the wall clock changes.

use super::{RoomRegistry, ended, unsaved};
use crate::server::voice::{command::Effect, wall_clock::WallClock};

impl RoomRegistry {
    /// If the wall clock has jumped since its last reading, uses `wall_clock`, the new reading, from now on. Returns whether it has
    /// jumped: the cards of the rooms then have other unix times.
    pub fn set_wall_clock(&mut self, wall_clock: WallClock) -> bool {
        let has_jumped = self.wall_clock.has_jumped_to(wall_clock);
        if has_jumped {
            self.wall_clock = wall_clock;
            for room in self.rooms.values_mut() {
                room.set_wall_clock(wall_clock);
            }
        }
        has_jumped
    }

    /// Does what is due by now: for example, marks people away, removes lost people, notes who has stopped speaking, and
    /// expires empty rooms.
    pub fn tick(&mut self, now_ms: u64) -> Vec<Effect> {
        let mut effects = self.remove_lost(now_ms);
        effects.extend(self.checks.tick(now_ms));
        for room in self.rooms.values_mut() {
            effects.extend(room.tick(now_ms));
        }
        effects.extend(
            self.rooms
                .iter_mut()
                .filter(|(_, room)| room.has_unsaved())
                .flat_map(unsaved),
        );
        for (id, _) in self.rooms.extract_if(|_, room| room.has_expired(now_ms)) {
            effects.push(ended(id, None));
        }
        effects
    }
}
