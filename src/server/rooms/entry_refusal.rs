//! The errors for people who may know a room and can't be in it: the room is over, or its hosts have removed or banned them.

use super::store::{self, RoomEnd};
use crate::{
    error::{AppError, Kind},
    model::{id::RoomId, room_exit::ExitWords, stage::REMOVED_MINUTES},
    server::{error::Result, state::AppState, voice::roles::ActiveBar},
};
use std::time::Duration;
use tokio::time::timeout;

/// How long the answer waits for the end of a room to be stored.
const STORED_WITHIN: Duration = Duration::from_secs(1);

/// The error for a room that has ended. It says who ended the room, so only people who could enter the room, or who have a link into it,
/// may read it.
///
/// # Errors
/// If the database can't be read.
pub async fn over(state: &AppState, room: &RoomId) -> Result<AppError> {
    // A room ends in memory, and a few milliseconds later in the database. If the database is busy, the answer does not say how the room
    // ended.
    let _ = timeout(STORED_WITHIN, state.voice.unsaved().end_written(room)).await;
    let words = match store::find_end(&state.database, room).await? {
        Some(RoomEnd::By(name)) => ExitWords::ended(name.as_deref()),
        Some(RoomEnd::Expired) => ExitWords::expired(),
        None => ExitWords::over(),
    };
    Ok(AppError::with_heading(Kind::NotFound, words.heading, &words.advice))
}

/// The error for somebody whom the hosts of the room have removed or banned, at Unix second `now_s`.
pub fn barred(bar: &ActiveBar, topic: &str, now_s: i64) -> AppError {
    let Some(until_s) = bar.barred.until_s else {
        let words = ExitWords::banned();
        return AppError::with_heading(Kind::Forbidden, words.heading, &words.advice);
    };
    // The end is rounded down to a second. With one second more, nobody who waits comes too early.
    let seconds = (until_s - now_s + 1).clamp(1, i64::from(REMOVED_MINUTES) * 60) as u32;
    let by = bar.by.as_ref().map(|by| by.name.as_str());
    let words = ExitWords::removed(by, topic, seconds);
    AppError {
        retry_after_s: Some(seconds),
        ..AppError::with_heading(Kind::Forbidden, words.heading, &words.advice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{id::UserId, moderation_log::Barred, room::Person};

    fn bar(until_s: Option<i64>, by: Option<&str>) -> ActiveBar {
        let person = |name: &str| Person::named(UserId::parse(&format!("user-{name:a<10}")).expect("an id"), name);
        ActiveBar {
            barred: Barred {
                person: person("Ben"),
                until_s,
                guest: false,
            },
            by: by.map(person),
        }
    }

    #[test]
    fn a_removed_person_reads_by_whom_and_for_how_long() {
        let error = barred(&bar(Some(1_580), Some("Ada")), "Kitchen table", 1_000);
        assert_eq!(error.heading.as_deref(), Some("Ada removed you from “Kitchen table”."));
        assert_eq!(error.come_back_in_s(), Some(581));
        let late = barred(&bar(Some(999), None), "Tea", 1_000);
        assert_eq!(late.come_back_in_s(), Some(1), "the removal ends at this moment");
        let early = barred(&bar(Some(9_999), None), "Tea", 1_000);
        assert_eq!(early.come_back_in_s(), Some(600), "the clocks differ");
    }

    #[test]
    fn a_banned_person_has_nothing_to_wait_for() {
        let error = barred(&bar(None, Some("Ada")), "Tea", 1_000);
        assert_eq!(error.come_back_in_s(), None);
        assert_eq!(
            error.detail,
            "A host has banned you from this room. Only a host can lift the ban."
        );
    }
}
