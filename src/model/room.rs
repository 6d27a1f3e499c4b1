//! Rooms as both sides speak of them: topic, kind, the card on the list, the page.

use super::{
    id::{RoomId, UserId},
    stage::{MicLock, Mode, Role},
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The longest topic, in characters.
pub const TOPIC_MAX_CHARS: usize = 80;

/// What a room is about: 1 to 80 characters on one line.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Topic(String);

impl Topic {
    /// The topic in `text`, trimmed and with runs of white space made one space.
    ///
    /// # Errors
    /// The sentence for the screen.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let topic = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if topic.is_empty() {
            return Err("Give the room a topic, so that people know what it is about.");
        }
        if topic.chars().count() > TOPIC_MAX_CHARS {
            return Err("That topic is too long for a door sign. Keep it to 80 characters.");
        }
        if topic.chars().any(char::is_control) {
            return Err("A topic is plain text. Remove the control characters.");
        }
        Ok(Self(topic))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whom a room is listed for.
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

    /// The kind named `text` ("open", "social", "private").
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

/// A user as others in a room see them. It never has an e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Person {
    pub id: UserId,
    pub name: String,
    /// Address of the JPEG or of the drawn face.
    pub picture: String,
}

impl Person {
    /// A person with this name; every other field is empty.
    pub fn named(id: UserId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: name.into(),
            picture: String::new(),
        }
    }
}

/// A person present in a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParticipantInfo {
    #[serde(flatten)]
    pub person: Person,
    pub role: Role,
    /// A raised hand: its place in the order of raising.
    #[serde(default)]
    pub hand: Option<u32>,
    /// Asked to the stage, and has not answered yet.
    #[serde(default)]
    pub invited: bool,
    /// May not talk just now, and why.
    #[serde(default, rename = "hold")]
    pub mic_lock: Option<MicLock>,
    /// The line is lost, and the seat still kept.
    #[serde(default)]
    pub away: bool,
    /// The microphone is closed: nobody hears this person.
    pub muted: bool,
    /// The CSRC that marks this person's voice on a slot (RFC 3550 section 5.1); unique in the room, never 0.
    pub voice: u32,
}

impl ParticipantInfo {
    /// Whether the room lets them be heard, should they unmute.
    pub fn may_talk(&self) -> bool {
        self.role.talks() && self.mic_lock.is_none()
    }
}

/// What stands on a room's door.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RoomInfo {
    pub id: RoomId,
    pub topic: String,
    pub kind: RoomKind,
    /// Who opened it, or was made host since.
    pub host: Person,
    /// Whose circle a social room is for, whoever hosts it now.
    pub opened_by: UserId,
    /// Who opened it or was handed it: theirs to end, to keep standing and to hand on, and theirs again when it goes dark.
    #[serde(rename = "kept_by")]
    pub owned_by: UserId,
    #[serde(flatten)]
    pub rules: Rules,
}

/// What a host may switch at any time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
pub struct Rules {
    pub mode: Mode,
    /// It stays when everybody has left.
    #[serde(default, rename = "standing")]
    pub permanent: bool,
    /// Accounts younger than this may not talk yet, in minutes.
    #[serde(default, rename = "hold_minutes")]
    pub new_account_minutes: u32,
}

/// How many faces a card shows.
pub const FACES_MAX: usize = 5;

/// A room on the list: its info, the first faces, and who else is inside.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RoomCard {
    #[serde(flatten)]
    pub info: RoomInfo,
    /// Whose faces it shows, [`FACES_MAX`] at most: who may talk first, then in the order they came.
    pub faces: Vec<Person>,
    /// The names of all others inside, in the same order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
    /// Whose face speaks just now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub speaking: Vec<UserId>,
    /// Whom it is not shown to, because a host put them out. It stays on the server.
    #[serde(skip)]
    pub barred: Vec<UserId>,
}

impl RoomCard {
    /// How many are inside.
    pub fn count(&self) -> usize {
        self.faces.len() + self.others.len()
    }

    /// The names of all inside, in the card's order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let faces = self.faces.iter().map(|person| person.name.as_str());
        faces.chain(self.others.iter().map(String::as_str))
    }

    /// Whether `words` stand in the topic or in a name, whatever their case. Every word must be found.
    pub fn matches(&self, words: &str) -> bool {
        let names = self.names().map(str::to_lowercase);
        let text = names.fold(self.info.topic.to_lowercase(), |text, name| text + "\n" + &name);
        words.to_lowercase().split_whitespace().all(|word| text.contains(word))
    }
}

/// A room's page: its info and everybody who is inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomPage {
    #[serde(flatten)]
    pub info: RoomInfo,
    pub roster: Vec<ParticipantInfo>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_has_1_to_80_characters() {
        assert_eq!(
            Topic::parse("  Tea  and\tnothing ").map(|t| t.0),
            Ok("Tea and nothing".into())
        );
        assert!(Topic::parse(&"ß".repeat(80)).is_ok());
        assert!(Topic::parse(&"x".repeat(81)).is_err());
        assert!(Topic::parse(" \n ").is_err());
        assert!(Topic::parse("a\u{7}b").is_err());
    }

    #[test]
    fn a_kind_is_one_of_three() {
        assert_eq!(RoomKind::parse("social"), Ok(RoomKind::Social));
        assert!(RoomKind::parse("Open").is_err());
        assert!(RoomKind::parse("secret").is_err());
    }

    #[test]
    fn search_finds_topics_and_people() {
        let person = |name: &str| Person::named(UserId::parse("abcdefghij").expect("an id"), name);
        let info = RoomInfo {
            id: RoomId::parse("abcdefghij").expect("an id"),
            topic: "Borrow checker clinic".into(),
            kind: RoomKind::Open,
            host: person("Mina"),
            opened_by: person("Mina").id,
            owned_by: person("Mina").id,
            rules: Rules::default(),
        };
        let card = RoomCard {
            info,
            faces: vec![person("Mina"), person("Tom")],
            others: vec!["Zoë Six".into()],
            speaking: vec![],
            barred: vec![],
        };
        assert!(card.matches("") && card.matches("CLINIC") && card.matches("tom borrow") && card.matches("zoë"));
        assert!(!card.matches("tea") && !card.matches("tom tea"));
    }
}
