//! What the passing of time does to the rooms, and what a jump of the wall clock changes.

use super::{RoomRegistry, ended, unsaved};
use crate::server::voice::{command::Effect, wall_clock::WallClock};

impl RoomRegistry {
    /// Uses this reading of the wall clock from now on, if that clock has jumped since the last one.
    pub fn set_wall_clock(&mut self, wall_clock: WallClock) {
        if self.wall_clock.has_jumped_to(wall_clock) {
            self.wall_clock = wall_clock;
            for room in self.rooms.values_mut() {
                room.set_wall_clock(wall_clock);
            }
        }
    }

    /// Does what is due by now: marks people away, removes lost people, ends pauses and expires empty rooms.
    pub fn tick(&mut self, now_ms: u64) -> Vec<Effect> {
        let mut effects = vec![];
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
            effects.push(ended(id));
        }
        effects
    }
}
