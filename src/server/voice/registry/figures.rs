//! How many rooms there are, and how many people are inside.

use super::RoomRegistry;
use crate::server::voice::figures::RoomFigures;

impl RoomRegistry {
    /// Counts the rooms and the people in them, in one pass over the rooms.
    pub fn read_figures(&self) -> RoomFigures {
        let mut figures = RoomFigures::default();
        for room in self.rooms.values() {
            figures.all += 1;
            figures.live += usize::from(room.is_active());
            figures.listed += usize::from(room.is_listed());
            figures.permanent += usize::from(room.is_permanent());
            figures.people += room.count_people();
        }
        figures
    }
}
