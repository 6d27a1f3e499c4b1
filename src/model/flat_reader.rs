//! Reads the objects that have the fields of another object among their own, such as a participant, who has the fields of a person.
//!
//! With `serde(flatten)`, serde would first read every field into a general value and then read that again, so each type in these objects
//! would be compiled twice. Pages are lighter if each object names all its fields here. Types derive only how they are written, and the
//! tests compare the two.

use super::{
    host_kind::AbsentOwner,
    id::{RoomId, UserId},
    room::{ParticipantInfo, Person, RoomCard, RoomInfo, RoomKind, RoomPage, Rules},
    snug_info::{SnugHost, SnugInfo, SnugName, SnugText},
    stage::{MicLock, Mode, Role},
    user::User,
};
use serde::{Deserialize, Deserializer, de::Error};

#[derive(Deserialize)]
struct UserFields {
    id: UserId,
    name: String,
    picture: String,
    #[serde(default)]
    guest: bool,
    activated: bool,
    #[serde(default)]
    owner: bool,
}

impl<'de> Deserialize<'de> for User {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = UserFields::deserialize(deserializer)?;
        Ok(Self {
            person: Person {
                id: fields.id,
                name: fields.name,
                picture: fields.picture,
                guest: fields.guest,
            },
            activated: fields.activated,
            owner: fields.owner,
        })
    }
}

#[derive(Deserialize)]
struct ParticipantFields {
    id: UserId,
    name: String,
    picture: String,
    #[serde(default)]
    guest: bool,
    role: Role,
    hand: Option<u32>,
    hand_since_s: Option<i64>,
    #[serde(default)]
    invited: bool,
    #[serde(rename = "hold")]
    mic_lock: Option<MicLock>,
    #[serde(default)]
    away: bool,
    muted: bool,
    voice: u32,
}

impl<'de> Deserialize<'de> for ParticipantInfo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = ParticipantFields::deserialize(deserializer)?;
        Ok(Self {
            person: Person {
                id: fields.id,
                name: fields.name,
                picture: fields.picture,
                guest: fields.guest,
            },
            role: fields.role,
            hand: fields.hand,
            hand_since_s: fields.hand_since_s,
            invited: fields.invited,
            mic_lock: fields.mic_lock,
            away: fields.away,
            muted: fields.muted,
            voice: fields.voice,
        })
    }
}

/// The fields of a room's data, of its card and of its page. They are read together, so that one reader serves all three.
#[derive(Deserialize)]
struct RoomFields {
    id: RoomId,
    topic: String,
    kind: RoomKind,
    host: Person,
    opened_by: UserId,
    #[serde(rename = "kept_by")]
    owned_by: UserId,
    absent_owner: Option<AbsentOwner>,
    mode: Mode,
    #[serde(default, rename = "standing")]
    permanent: bool,
    #[serde(default, rename = "hold_minutes")]
    new_account_minutes: u32,
    // Only a card has these.
    faces: Option<Vec<Person>>,
    #[serde(default)]
    more: usize,
    #[serde(default)]
    listeners: usize,
    #[serde(rename = "since")]
    active_since_s: Option<i64>,
    #[serde(default)]
    speaking: Vec<UserId>,
    // Only a page has these.
    roster: Option<Vec<ParticipantInfo>>,
    let_in_by: Option<String>,
}

impl From<RoomFields> for RoomInfo {
    fn from(fields: RoomFields) -> Self {
        Self {
            id: fields.id,
            topic: fields.topic,
            kind: fields.kind,
            host: fields.host,
            opened_by: fields.opened_by,
            owned_by: fields.owned_by,
            absent_owner: fields.absent_owner,
            rules: Rules {
                mode: fields.mode,
                permanent: fields.permanent,
                new_account_minutes: fields.new_account_minutes,
            },
        }
    }
}

impl<'de> Deserialize<'de> for RoomInfo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        RoomFields::deserialize(deserializer).map(Self::from)
    }
}

impl<'de> Deserialize<'de> for RoomCard {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = RoomFields::deserialize(deserializer)?;
        Ok(Self {
            faces: fields.faces.take().ok_or_else(|| D::Error::missing_field("faces"))?,
            more: fields.more,
            listeners: fields.listeners,
            active_since_s: fields.active_since_s,
            speaking: std::mem::take(&mut fields.speaking),
            barred: vec![],
            searched_names: vec![],
            info: fields.into(),
        })
    }
}

impl<'de> Deserialize<'de> for RoomPage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut fields = RoomFields::deserialize(deserializer)?;
        Ok(Self {
            roster: fields.roster.take().ok_or_else(|| D::Error::missing_field("roster"))?,
            let_in_by: fields.let_in_by.take(),
            info: fields.into(),
        })
    }
}

#[derive(Deserialize)]
struct SnugInfoFields {
    name: SnugName,
    line: String,
    host: Option<SnugHost>,
}

impl<'de> Deserialize<'de> for SnugInfo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let SnugInfoFields { name, line, host } = SnugInfoFields::deserialize(deserializer)?;
        Ok(Self {
            text: SnugText { name, line },
            host,
        })
    }
}

#[cfg(test)]
mod tests;
