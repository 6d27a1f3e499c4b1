//! Rooms, as the server and the browser exchange them: topic, kind, the card on the list, the page.

use super::{
    host_kind::{AbsentOwner, HostKind},
    id::{RoomId, UserId},
    invisible,
    isolated::isolated,
    one_line::{self, Unfit},
    stage::{MicLock, Mode, Role, StageRequest},
};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt};

/// The longest topic, in characters on screen (grapheme clusters).
const TOPIC_MAX_CHARACTERS: usize = 80;

/// What a room is about: 1 to 80 characters on screen, in the form of [`one_line::parse`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Topic(String);

impl Topic {
    /// The topic in `text`, trimmed, with each run of white space replaced by one space.
    ///
    /// # Errors
    /// The sentence for the screen.
    pub fn parse(text: &str) -> Result<Self, String> {
        one_line::parse(text, TOPIC_MAX_CHARACTERS)
            .map(Self)
            .map_err(|unfit| match unfit {
                Unfit::Empty => "Give the room a topic, so that people know what it is about.".into(),
                Unfit::Control => "That topic contains a character that cannot be shown. Please write it again.".into(),
                Unfit::LoneMark => "That topic begins with an accent. Write a letter before it.".into(),
                Unfit::TooManyMarks => {
                    "A letter of that topic has too many accents to be shown. Please use fewer.".into()
                }
                Unfit::TooLong { characters } => {
                    format!("That topic has {characters} characters. Keep it to {TOPIC_MAX_CHARACTERS}.")
                }
                Unfit::TooManyBytes => "That topic is too long. Please use fewer emoji and accents.".into(),
            })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Who sees a room on the list of rooms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum RoomKind {
    #[default]
    Open,
    Social,
    Private,
}

impl RoomKind {
    pub const ALL: [RoomKind; 3] = [RoomKind::Open, RoomKind::Social, RoomKind::Private];

    /// The kind whose name is `text`: "open", "social" or "private".
    ///
    /// # Errors
    /// The sentence for the screen.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or("A room is open, social or private. Choose one of the three.")
    }

    /// The word on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            RoomKind::Open => "open",
            RoomKind::Social => "social",
            RoomKind::Private => "private",
        }
    }

    /// The word on the screen.
    pub fn label(self) -> &'static str {
        match self {
            RoomKind::Open => "Open",
            RoomKind::Social => "Social",
            RoomKind::Private => "Private",
        }
    }
}

impl fmt::Display for RoomKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// A user as other people in a room see them. This type never contains an e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Person {
    pub id: UserId,
    pub name: String,
    /// The address of the photo (JPEG) or of the drawn face (SVG).
    pub picture: String,
    /// Whether the person came by an invite link and has no e-mail address. Guests choose any name, so every place that shows
    /// people to a host says who is a guest. This field is only sent if it is true.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub guest: bool,
}

/// The name that stands for somebody whose account was deleted.
pub const DELETED_NAME: &str = "Somebody who left";

impl Person {
    /// What remains of somebody whose account was deleted.
    pub fn deleted(id: UserId) -> Self {
        Self::named(id, DELETED_NAME)
    }

    /// Whether this is what [`Person::deleted`] has left of somebody.
    pub fn is_deleted(&self) -> bool {
        self.name == DELETED_NAME && self.picture.is_empty()
    }

    /// A person with this name who is not a guest; every other field is empty.
    pub fn named(id: UserId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            picture: String::new(),
            guest: false,
        }
    }

    /// The name in a plain sentence: isolated from the words around it, and followed by "(guest)" for a guest.
    pub fn called(&self) -> Cow<'_, str> {
        match self.guest {
            true => Cow::Owned(format!("{} (guest)", isolated(&self.name))),
            false => isolated(&self.name),
        }
    }
}

/// A person present in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParticipantInfo {
    #[serde(flatten)]
    pub person: Person,
    pub role: Role,
    /// The number of the person's raised hand: the lowest number in the room is first in the queue. `None` if the hand is down.
    #[serde(default)]
    pub hand: Option<u32>,
    /// When the hand was raised, in unix seconds of the server's clock; `None` if the hand is down. Compare it only with the time in
    /// the welcome: the two are by the same clock, which does not jump.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hand_since_s: Option<i64>,
    /// Whether this person was invited to the stage and has not answered yet.
    #[serde(default)]
    pub invited: bool,
    /// Why this person can't talk although their role allows it; `None` if the person's microphone is not locked.
    #[serde(default, rename = "hold")]
    pub mic_lock: Option<MicLock>,
    /// Whether the person's connection is lost. The room keeps their place for a while.
    #[serde(default)]
    pub away: bool,
    /// Whether the microphone is off, so that nobody hears this person.
    pub muted: bool,
    /// The number that names this person in the RTP packets with their voice (the CSRC, RFC 3550 section 5.1). It is unique in
    /// the room and never 0.
    pub voice: u32,
}

impl ParticipantInfo {
    /// A person who has just come in: muted, with no hand up, not invited and not locked.
    pub fn new(person: Person, role: Role, voice: u32) -> Self {
        Self {
            person,
            role,
            hand: None,
            hand_since_s: None,
            invited: false,
            mic_lock: None,
            away: false,
            muted: true,
            voice,
        }
    }

    /// Whether the room lets this person talk. They are heard only while they are not muted.
    pub fn may_talk(&self) -> bool {
        self.role.talks() && self.mic_lock.is_none()
    }
}

/// A room's public data.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RoomInfo {
    pub id: RoomId,
    pub topic: String,
    pub kind: RoomKind,
    /// The host: the person who opened the room, until somebody else becomes host.
    pub host: Person,
    /// The person who opened the room. The people in this person's circle see a social room on their list, even if somebody else
    /// hosts the room now.
    pub opened_by: UserId,
    /// The owner: the person who opened the room, until they hand it over. If the owner is away, another person hosts the room with
    /// fewer rights. The owner becomes host again when the owner comes back or when the room becomes empty.
    #[serde(rename = "kept_by")]
    pub owned_by: UserId,
    /// The owner, while somebody else hosts the room because the owner is away; `None` while the owner is the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absent_owner: Option<AbsentOwner>,
    #[serde(flatten)]
    pub rules: Rules,
}

impl RoomInfo {
    /// A room that `host` opens, and so owns.
    pub fn new(id: RoomId, topic: impl Into<String>, kind: RoomKind, host: Person, rules: Rules) -> Self {
        Self {
            id,
            topic: topic.into(),
            kind,
            opened_by: host.id.clone(),
            owned_by: host.id.clone(),
            absent_owner: None,
            host,
            rules,
        }
    }

    /// How the host came to host.
    pub fn host_kind(&self) -> HostKind {
        let owner = self.absent_owner.as_ref();
        owner.map_or(HostKind::Owner, AbsentOwner::host_kind)
    }

    /// Whether the host may make this request; see [`AbsentOwner::lets_host_request`].
    pub fn lets_host_request(&self, request: &StageRequest) -> bool {
        let owner = self.absent_owner.as_ref();
        owner.is_none_or(|owner| owner.lets_host_request(request, self.rules.permanent))
    }
}

/// The settings of a room that a host can change at any time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
pub struct Rules {
    pub mode: Mode,
    /// Whether the room stays when everybody has left.
    #[serde(default, rename = "standing")]
    pub permanent: bool,
    /// Accounts younger than this number of minutes can't talk yet. If it is 0, accounts of any age can talk.
    #[serde(default, rename = "hold_minutes")]
    pub new_account_minutes: u32,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// The largest number of faces that a card shows.
pub const FACES_MAX: usize = 5;

/// The longest name on a card, in bytes. 40 letters of any script without marks fit. A name may have more than ten times as many bytes,
/// and the page of the list has up to 24 cards.
pub const CARD_NAME_MAX_BYTES: usize = 160;

/// A room on the list: its data, the first faces, and how many more people are inside.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RoomCard {
    #[serde(flatten)]
    pub info: RoomInfo,
    /// The people whose faces the card shows, at most [`FACES_MAX`]. The people who can talk come first, then the others; each
    /// group is in the order of arrival. A name that is longer than [`CARD_NAME_MAX_BYTES`] is cut. So is that of the host.
    pub faces: Vec<Person>,
    /// How many people are inside whose face the card does not show.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more: usize,
    /// How many of the people inside only listen. In a room where everyone can talk, this is 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub listeners: usize,
    /// The unix time, in seconds, since when somebody has been inside. A break that is too short to end the room does not count.
    /// `None` if nobody is inside.
    #[serde(default, rename = "since", skip_serializing_if = "Option::is_none")]
    pub active_since_s: Option<i64>,
    /// The people in `faces` who are speaking.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub speaking: Vec<UserId>,
    /// The people who must not see this card, because a host removed or banned them. This field is never sent to a browser.
    #[serde(skip)]
    pub barred: Vec<UserId>,
    /// The whole names of everybody inside, in the card's order, for the search. This field is never sent to a browser.
    #[serde(skip)]
    pub searched_names: Vec<String>,
}

impl RoomCard {
    /// How many people are inside.
    pub fn count(&self) -> usize {
        self.faces.len() + self.more
    }

    /// The names of the people whose faces the card shows.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.faces.iter().map(|person| person.name.as_str())
    }

    /// Whether each of `words` is part of the topic or of the name of somebody inside. Case does not matter, and neither do
    /// characters that draw nothing. Only the server knows all the names.
    pub fn matches(&self, words: &str) -> bool {
        let names = self.searched_names.iter().map(|name| invisible::folded(name));
        let text = names.fold(invisible::folded(&self.info.topic), |text, name| text + "\n" + &name);
        invisible::search_words(words).iter().all(|word| text.contains(word))
    }
}

/// The topic of a live room of the kind Open, for the street on the home page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomTopic {
    pub id: RoomId,
    pub topic: String,
}

impl RoomTopic {
    /// The address of the room's page, without the origin.
    pub fn path(&self) -> String {
        format!("/rooms/{}", self.id)
    }
}

/// A room's page: its data and everybody who is inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomPage {
    #[serde(flatten)]
    pub info: RoomInfo,
    pub roster: Vec<ParticipantInfo>,
    /// The name of the host who has let the reader of the page back in not long ago, after a removal or a ban. Only the answer about the page
    /// has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub let_in_by: Option<String>,
}

#[cfg(test)]
mod tests;
