//! The stage, as the server and the browser exchange it: the roles, the actions of each role on other people, and the requests
//! that people can send to a room.

use super::{id::UserId, isolated::isolated};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A person's role in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// In the audience: can listen and raise a hand.
    Listener,
    Speaker,
    CoHost,
    /// Each room has exactly one host.
    Host,
}

impl Role {
    pub const ALL: [Role; 4] = [Role::Listener, Role::Speaker, Role::CoHost, Role::Host];

    /// Whether this role can moderate others.
    pub fn hosts(self) -> bool {
        self >= Role::CoHost
    }

    /// Whether this role can talk, unless a [`MicLock`] prevents it.
    pub fn talks(self) -> bool {
        self >= Role::Speaker
    }

    /// The word on the screen.
    pub fn label(self) -> &'static str {
        match self {
            Role::Listener => "listener",
            Role::Speaker => "speaker",
            Role::CoHost => "co-host",
            Role::Host => "host",
        }
    }
}

/// Who can talk in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Everyone is a speaker.
    #[default]
    Everyone,
    /// People listen first and raise a hand to speak.
    Stage,
}

impl Mode {
    pub const ALL: [Mode; 2] = [Mode::Everyone, Mode::Stage];

    /// The mode whose name is `text`: "everyone" or "stage". An empty text means "everyone".
    ///
    /// # Errors
    /// The sentence for the screen.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let named = |mode: &Mode| mode.as_str() == text || (text.is_empty() && *mode == Mode::default());
        Self::ALL
            .into_iter()
            .find(named)
            .ok_or("Either everyone can talk, or there is a stage. Choose one of the two.")
    }

    /// The word on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Everyone => "everyone",
            Mode::Stage => "stage",
        }
    }

    /// The words on the screen.
    pub fn label(self) -> &'static str {
        match self {
            Mode::Everyone => "Everyone can talk",
            Mode::Stage => "Stage",
        }
    }
}

/// Why a person can't talk although their role allows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MicLock {
    /// A host muted the person for everyone. Only a host can let them unmute.
    ByHost,
    /// The person's account is too new to talk in this room.
    #[serde(rename = "new")]
    NewAccount,
}

/// The sentence for somebody whom a host has muted for everyone. `by` is the name of that host, if it is known.
pub fn muted_by(by: Option<&str>) -> String {
    let by = by.map_or(Cow::Borrowed("A host"), isolated);
    format!("{by} muted you. You can speak again once a host lets you.")
}

/// The ages, in minutes, up to which a host can have new accounts muted. If a host chooses 0, new accounts are not muted.
pub const NEW_ACCOUNT_MINUTES: [u32; 4] = [0, 5, 30, 1_440];
/// If at least this many people are in a room where everyone can talk, the page suggests a stage to the hosts.
pub const SUGGEST_STAGE_AT: usize = 12;
/// People who were removed can come back after this many minutes.
pub const REMOVED_MINUTES: u32 = 10;
/// If the host is away for this many seconds, another person becomes the host.
pub const HOST_AWAY_SECONDS: u32 = 60;

/// What hosts can do to a person in their room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModerationAction {
    /// Invites a listener to the stage. The listener accepts or declines.
    Invite,
    ToAudience,
    /// Mutes the person for everyone, until a host lets them unmute.
    Mute,
    LetUnmute,
    /// Removes the person from the room and keeps them out for [`REMOVED_MINUTES`].
    Remove,
    /// Removes the person from the room and keeps them out until a host lifts the ban.
    Ban,
    MakeCoHost,
    TakeCoHost,
    HandOver,
}

impl ModerationAction {
    pub const ALL: [ModerationAction; 9] = [
        ModerationAction::Invite,
        ModerationAction::ToAudience,
        ModerationAction::Mute,
        ModerationAction::LetUnmute,
        ModerationAction::MakeCoHost,
        ModerationAction::TakeCoHost,
        ModerationAction::HandOver,
        ModerationAction::Remove,
        ModerationAction::Ban,
    ];

    /// Whether a person with the role `by` is allowed to take this action on a person with the role `about`. The host can act on
    /// everybody else, and co-hosts can act on speakers and listeners. Only the host can hand the room over, make somebody a
    /// co-host, or take that role away. A host who is not the owner of the room may do less; see
    /// [`HostKind::may_act`](super::host_kind::HostKind::may_act).
    pub fn is_for(self, by: Role, about: Role) -> bool {
        let above = by.hosts() && about < by;
        match self {
            ModerationAction::Invite => above && about == Role::Listener,
            ModerationAction::ToAudience => above && about == Role::Speaker,
            ModerationAction::Mute | ModerationAction::LetUnmute | ModerationAction::Remove | ModerationAction::Ban => {
                above
            }
            ModerationAction::MakeCoHost => by == Role::Host && about < Role::CoHost,
            ModerationAction::TakeCoHost => by == Role::Host && about == Role::CoHost,
            ModerationAction::HandOver => by == Role::Host && about < Role::Host,
        }
    }

    /// The text in the menu.
    pub fn label(self) -> &'static str {
        match self {
            ModerationAction::Invite => "Invite to the stage",
            ModerationAction::ToAudience => "Move to the audience",
            ModerationAction::Mute => "Mute for everyone",
            ModerationAction::LetUnmute => "Allow to speak",
            ModerationAction::Remove => "Remove",
            ModerationAction::Ban => "Ban",
            ModerationAction::MakeCoHost => "Make co-host",
            ModerationAction::TakeCoHost => "Remove as co-host",
            ModerationAction::HandOver => "Make host",
        }
    }
}

/// A request of a participant to the room, about anything except their own microphone. A request does not name its sender,
/// because the server knows from the socket who sends it. Only [`StageRequest::Moderate`], [`StageRequest::Lift`] and
/// [`StageRequest::LowerHand`] name another person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum StageRequest {
    /// Raises or lowers your hand. Everybody inside can do that, in both modes: a raised hand says that you want to speak.
    Hand { up: bool },
    /// Accepts an invitation to the stage, or declines it.
    Answer { accept: bool },
    /// Leaves the stage for the audience.
    StepDown,
    /// Takes the action `action` on the person `about`.
    #[serde(rename = "act")]
    Moderate {
        about: UserId,
        #[serde(rename = "act")]
        action: ModerationAction,
    },
    /// Lifts a ban or a removal.
    Lift { about: UserId },
    /// Undoes the log entry with this number.
    Undo { number: u32 },
    /// Sets who can talk.
    Mode { mode: Mode },
    /// Mutes accounts younger than this number of minutes, one of [`NEW_ACCOUNT_MINUTES`].
    #[serde(rename = "hold_new")]
    MuteNewAccounts { minutes: u32 },
    /// Sets whether the room stays when everybody has left.
    #[serde(rename = "stand")]
    SetPermanent { on: bool },
    /// Ends the room for everybody.
    End,
    /// Lowers the hand of somebody with a lower role than the sender.
    LowerHand { about: UserId },
}

impl StageRequest {
    /// Whether a person with the role `by` is allowed to request this. For a [`ModerationAction`], [`ModerationAction::is_for`]
    /// must also be true. A host who is not the owner of the room may request less; see
    /// [`AbsentOwner::lets_host_request`](super::host_kind::AbsentOwner::lets_host_request).
    pub fn is_for(&self, by: Role) -> bool {
        match self {
            StageRequest::Hand { .. } | StageRequest::Answer { .. } | StageRequest::StepDown => true,
            StageRequest::Moderate { .. }
            | StageRequest::Lift { .. }
            | StageRequest::Undo { .. }
            | StageRequest::Mode { .. }
            | StageRequest::LowerHand { .. } => by.hosts(),
            StageRequest::MuteNewAccounts { .. } | StageRequest::SetPermanent { .. } | StageRequest::End => {
                by == Role::Host
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// These are the rules of the table "Who may ask what" in `docs/permissions.md`.
    #[test]
    fn only_hosts_moderate_and_nobody_moderates_the_host() {
        for action in ModerationAction::ALL {
            for about in Role::ALL {
                assert!(!action.is_for(Role::Listener, about) && !action.is_for(Role::Speaker, about));
                assert!(!action.is_for(Role::CoHost, Role::CoHost));
            }
            assert!(Role::ALL.iter().all(|by| !action.is_for(*by, Role::Host)));
        }
        let by = |by: Role, about: Role| -> Vec<ModerationAction> {
            ModerationAction::ALL
                .into_iter()
                .filter(|action| action.is_for(by, about))
                .collect()
        };
        use ModerationAction::{Ban, HandOver, Invite, LetUnmute, MakeCoHost, Mute, Remove, TakeCoHost, ToAudience};
        assert_eq!(by(Role::CoHost, Role::Listener), [Invite, Mute, LetUnmute, Remove, Ban]);
        assert_eq!(
            by(Role::CoHost, Role::Speaker),
            [ToAudience, Mute, LetUnmute, Remove, Ban]
        );
        let host = [Invite, Mute, LetUnmute, MakeCoHost, HandOver, Remove, Ban];
        assert_eq!(by(Role::Host, Role::Listener), host);
        assert_eq!(
            by(Role::Host, Role::CoHost),
            [Mute, LetUnmute, TakeCoHost, HandOver, Remove, Ban]
        );
    }

    #[test]
    fn a_stage_request_in_json_does_not_say_who_asks() {
        let json = |request: &StageRequest| serde_json::to_string(request).expect("JSON");
        assert_eq!(json(&StageRequest::Hand { up: true }), r#"{"type":"hand","up":true}"#);
        let about = UserId::parse("abcdefghij").expect("an id");
        let action = StageRequest::Moderate {
            about,
            action: ModerationAction::HandOver,
        };
        assert_eq!(
            json(&action),
            r#"{"type":"act","about":"abcdefghij","act":"hand_over"}"#
        );
    }
}
