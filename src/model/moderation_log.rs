//! The log of what was done in a room, and the list of people who were removed or banned. Only the room's hosts see them.

use super::{
    id::UserId,
    room::{DELETED_NAME, Person},
    stage::{Mode, Role},
    time_words::duration_in_words,
};
use serde::{Deserialize, Serialize};

/// How many entries a room keeps. Older entries are deleted.
pub const LOG_MAX: usize = 200;

/// Something that was done in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// The number of the entry in its room, from 1.
    pub number: u32,
    /// Unix seconds.
    pub at_s: i64,
    /// The person who acted; `None` if the room acted by itself.
    pub by: Option<Person>,
    /// The person who was affected, such as the person who was muted; `None` if the action was not about a person.
    pub about: Option<Person>,
    pub deed: Deed,
    #[serde(default)]
    pub undone: bool,
    /// Whether a host can undo the action. This is true only while the room's host and the permissions of the people concerned
    /// are still as the action left them. Otherwise an undo could not restore exactly what was before.
    #[serde(default)]
    pub can_undo: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "did", rename_all = "snake_case")]
pub enum Deed {
    /// A role has changed: a host changed it, the person accepted an invitation or stepped down, or the host stayed away.
    Role {
        from: Role,
        to: Role,
    },
    Muted,
    LetUnmute,
    Removed,
    Banned,
    /// A ban or a removal was lifted.
    Lifted,
    Mode {
        mode: Mode,
    },
    /// Accounts younger than this number of minutes are muted from now on. If it is 0, no account is muted for its age.
    #[serde(rename = "hold_new")]
    NewAccountsMuted {
        minutes: u32,
    },
    #[serde(rename = "standing")]
    Permanent {
        on: bool,
    },
    /// The entry with this number was undone.
    Undid {
        number: u32,
    },
}

impl LogEntry {
    /// Replaces the name and the face of `user`, because their account was deleted. Returns whether the entry named them.
    pub fn forget(&mut self, user: &UserId) -> bool {
        let people = [&mut self.by, &mut self.about].into_iter().flatten();
        let mut has_named = false;
        for person in people.filter(|person| person.id == *user) {
            *person = Person::deleted(user.clone());
            has_named = true;
        }
        has_named
    }

    /// What happened, in a sentence.
    pub fn sentence(&self) -> String {
        // A name can be anywhere in the sentence, and "somebody" is not a name.
        match self.sentence_in_small_letters() {
            text if text.starts_with("somebody") => text.replacen("somebody", "Somebody", 1),
            text => text,
        }
    }

    fn sentence_in_small_letters(&self) -> String {
        let called = |one: &Person| match one.is_deleted() {
            true => DELETED_NAME.to_lowercase(),
            false => one.called().into_owned(),
        };
        let by = self.by.as_ref().map_or("Snug".into(), called);
        let about = self.about.as_ref().map_or("somebody".into(), called);
        let themselves =
            self.by.is_some() && self.by.as_ref().map(|one| &one.id) == self.about.as_ref().map(|one| &one.id);
        match self.deed {
            Deed::Role { to: Role::Host, .. } if self.by.is_none() => {
                format!("{about} became host, because the host stayed away.")
            }
            Deed::Role { to: Role::Host, .. } if themselves => format!("{about} is back, and is host again."),
            Deed::Role { to: Role::Host, .. } => format!("{by} made {about} host."),
            Deed::Role { to: Role::CoHost, .. } if self.by.is_none() => format!("{about} stays on as co-host."),
            Deed::Role { from: Role::Host, to } if self.by.is_none() => format!("{about} is a {} again.", to.label()),
            Deed::Role { to: Role::CoHost, .. } => format!("{by} made {about} co-host."),
            Deed::Role { from: Role::CoHost, to } => {
                format!("{by} removed {about} as co-host. {about} is now a {}.", to.label())
            }
            Deed::Role { to: Role::Speaker, .. } if themselves => format!("{about} came to the stage."),
            Deed::Role { to: Role::Speaker, .. } => format!("{by} brought {about} to the stage."),
            Deed::Role { to: Role::Listener, .. } if themselves => format!("{about} went into the audience."),
            Deed::Role { to: Role::Listener, .. } => format!("{by} moved {about} to the audience."),
            Deed::Muted => format!("{by} muted {about} for everyone."),
            Deed::LetUnmute => format!("{by} allowed {about} to speak."),
            Deed::Removed => format!("{by} removed {about}."),
            Deed::Banned => format!("{by} banned {about}."),
            Deed::Lifted => format!("{by} let {about} back in."),
            Deed::Mode { mode: Mode::Stage } => format!("{by} switched to Stage."),
            Deed::Mode { mode: Mode::Everyone } => format!("{by} switched to Everyone can talk."),
            Deed::NewAccountsMuted { minutes: 0 } => format!("{by} let newcomers talk right away."),
            Deed::NewAccountsMuted { minutes } => {
                format!(
                    "{by} let newcomers talk after {}.",
                    duration_in_words(minutes.saturating_mul(60))
                )
            }
            Deed::Permanent { on: true } => format!("{by} made this a permanent room."),
            Deed::Permanent { on: false } => format!("{by} made this an ordinary room again."),
            Deed::Undid { .. } => format!("{by} undid an earlier action."),
        }
    }
}

/// A person who can't come in, because a host removed or banned them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Barred {
    pub person: Person,
    /// The Unix time, in seconds, at which the person can come back; `None` if they are banned until a host lifts the ban.
    pub until_s: Option<i64>,
    /// Whether the person came as a guest. Until a host revokes the link by which they came, they can use it again to come
    /// back as a new guest.
    #[serde(default)]
    pub guest: bool,
}

/// What a ban can and can't do, for the hosts who ban somebody.
pub const REACH_OF_A_BAN: &str = "A ban holds for this account. Somebody who is banned can come back as a new guest while a guest \
                                  link is open.";

/// What hosts see in addition to the stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct ModerationPanel {
    /// Newest first.
    pub log: Vec<LogEntry>,
    pub barred: Vec<Barred>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(deed: Deed) -> LogEntry {
        let person = |id: &str, name: &str| Person::named(UserId::parse(id).expect("an id"), name);
        LogEntry {
            number: 1,
            at_s: 0,
            by: Some(person("user-ben-1", "Ben")),
            about: Some(person("user-cem-1", "Cem")),
            deed,
            undone: false,
            can_undo: false,
        }
    }

    #[test]
    fn an_entry_about_a_deleted_account_names_somebody_who_left() {
        let mut muted = entry(Deed::Muted);
        assert!(!muted.forget(&UserId::parse("user-dan-1").expect("an id")));
        assert!(muted.forget(&UserId::parse("user-cem-1").expect("an id")));
        assert_eq!(muted.sentence(), "Ben muted somebody who left for everyone.");
        assert!(muted.forget(&UserId::parse("user-ben-1").expect("an id")));
        assert_eq!(
            muted.sentence(),
            "Somebody who left muted somebody who left for everyone."
        );
        let stored = serde_json::to_string(&muted).expect("JSON");
        assert!(!stored.contains("Ben") && !stored.contains("Cem"), "{stored}");
    }

    #[test]
    fn the_sentence_about_a_new_host_does_not_say_that_they_own_the_room() {
        let deed = Deed::Role {
            from: Role::Speaker,
            to: Role::Host,
        };
        assert_eq!(entry(deed).sentence(), "Ben made Cem host.");
    }

    #[test]
    fn the_age_of_newcomers_has_the_words_of_the_setting() {
        for (minutes, when) in [
            (0, "right away"),
            (1, "after a minute"),
            (5, "after 5 minutes"),
            (1_440, "after a day"),
        ] {
            let entry = entry(Deed::NewAccountsMuted { minutes });
            assert_eq!(entry.sentence(), format!("Ben let newcomers talk {when}."));
        }
    }

    #[test]
    fn a_change_of_the_mode_is_named_like_the_switch() {
        for mode in Mode::ALL {
            let entry = LogEntry {
                number: 1,
                at_s: 0,
                by: Some(Person::named(UserId::parse("user-ben-1").expect("an id"), "Ben")),
                about: None,
                deed: Deed::Mode { mode },
                undone: false,
                can_undo: false,
            };
            assert_eq!(entry.sentence(), format!("Ben switched to {}.", mode.label()));
        }
    }
}
