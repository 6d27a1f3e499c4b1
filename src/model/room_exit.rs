//! The words for people who can't be in a room any more: the room is over, or its hosts have removed or banned them. The page that was
//! inside, a reload of it, and the page of an invitation use the same words.

use super::{
    isolated::{isolated, quoted},
    time_words::duration_in_words,
};
use serde::{Deserialize, Serialize};

/// Whether somebody whom the hosts of a room have removed or banned can come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnState {
    pub may_enter: bool,
    /// The name of the host who has let them in; `None` if the removal has ended by itself.
    pub let_in_by: Option<String>,
}

/// The sentence for somebody who can come back. `by` is the name of the host who has let them in.
pub fn let_back_in(by: Option<&str>) -> String {
    by.map_or_else(
        || "You can come back in now.".to_owned(),
        |by| format!("{} let you back in.", isolated(by)),
    )
}

/// What happened, and what the person can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExitWords {
    /// What happened, in one sentence.
    pub heading: String,
    /// What the person can do. It is empty if the page says that in another way.
    pub advice: String,
}

impl ExitWords {
    fn new(heading: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            heading: heading.into(),
            advice: advice.into(),
        }
    }

    /// Somebody with the name `by` ended the room for everybody.
    pub fn ended(by: Option<&str>) -> Self {
        let by = by.map_or("A host".into(), isolated);
        Self::new(format!("{by} ended this room."), CLOSED)
    }

    /// The room expired, because everybody had left.
    pub fn expired() -> Self {
        Self::new("This room is over.", format!("Everybody had left. {CLOSED}"))
    }

    /// The room has ended, and nobody knows how.
    pub fn over() -> Self {
        Self::new("This room is over.", CLOSED)
    }

    /// A host with the name `by` removed the person from the room `topic`. They can come back in `seconds`.
    pub fn removed(by: Option<&str>, topic: &str, seconds: u32) -> Self {
        let by = by.map_or("A host".into(), isolated);
        let advice = format!("You can come back in {}.", duration_in_words(seconds));
        Self::new(format!("{by} removed you from {}.", quoted(topic)), advice)
    }

    /// A host banned the person. The sentence does not name the host, because a ban is for good.
    pub fn banned() -> Self {
        Self::new("A host has banned you from this room.", "Only a host can lift the ban.")
    }

    /// The first sentence of `text` as the heading, and the rest as advice.
    pub fn of_text(text: &str) -> Self {
        match text.split_once(". ") {
            Some((heading, advice)) => Self::new(format!("{heading}."), advice),
            None => Self::new(text, ""),
        }
    }
}

const CLOSED: &str = "Its link no longer works. Ask for a new link.";

/// The countdown for somebody who was removed: "You can come back in 9:41."
pub fn come_back_in(seconds: u32) -> String {
    format!("You can come back in {}:{:02}.", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_countdown_shows_minutes_and_two_digits_of_seconds() {
        for (seconds, shown) in [(600, "10:00"), (581, "9:41"), (60, "1:00"), (59, "0:59"), (1, "0:01")] {
            assert_eq!(come_back_in(seconds), format!("You can come back in {shown}."));
        }
    }

    #[test]
    fn somebody_who_is_let_back_in_reads_by_whom() {
        assert_eq!(let_back_in(Some("Ada")), "Ada let you back in.");
        assert_eq!(let_back_in(None), "You can come back in now.");
    }

    #[test]
    fn the_heading_says_who_did_it_if_that_is_known() {
        let removed = ExitWords::removed(Some("Ada"), "Kitchen table", 541);
        assert_eq!(removed.heading, "Ada removed you from “Kitchen table”.");
        assert_eq!(removed.advice, "You can come back in 10 minutes.");
        assert_eq!(
            ExitWords::removed(None, "Tea", 30).heading,
            "A host removed you from “Tea”."
        );
        assert_eq!(
            ExitWords::removed(None, "Tea", 30).advice,
            "You can come back in a minute."
        );
        assert_eq!(ExitWords::ended(Some("Ada")).heading, "Ada ended this room.");
        assert_eq!(ExitWords::ended(None).heading, "A host ended this room.");
    }

    #[test]
    fn a_text_is_split_after_its_first_sentence() {
        let words = ExitWords::of_text("You no longer have access. Ask for a link. Or not.");
        assert_eq!(words.heading, "You no longer have access.");
        assert_eq!(words.advice, "Ask for a link. Or not.");
        assert_eq!(ExitWords::of_text("One sentence.").advice, "");
    }
}
