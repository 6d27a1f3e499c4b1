//! Reads the messages and objects in which a field says what they are, such as `type` in a signal.
//!
//! With `serde(tag)`, serde would first read every field into a general value, and then read that again once the tag is known, so each type
//! in a message would be compiled twice. Pages are lighter if all fields of all variants are read as one object. Types derive only how
//! they are written, and the tests compare the two.

use super::{
    ending::{Ending, removal_s},
    ice_server::IceServer,
    id::UserId,
    moderation_log::{Deed, ModerationPanel},
    room::{ParticipantInfo, RoomInfo, RoomPage},
    signal::{Refusal, ServerSignal},
    stage::{Mode, Role},
    voice_facts::VoiceFacts,
};
use serde::{
    Deserialize, Deserializer,
    de::{
        Error, MapAccess, Visitor,
        value::{MapAccessDeserializer, StrDeserializer},
    },
};
use std::fmt;

/// The value of a field that the variant must have. `D` is the deserializer.
macro_rules! needed {
    ($fields:ident.$name:ident) => {
        $fields
            .$name
            .ok_or_else(|| D::Error::missing_field(stringify!($name)))?
    };
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum SignalName {
    Welcome,
    Joined,
    Restarted,
    VoiceArrives,
    Pong,
    VoiceFacts,
    Roster,
    Speaking,
    RoomInfo,
    ModerationPanel,
    MutedElsewhere,
    Unplugged,
    Refused,
    Ended,
    MutedByHost,
    InvitedByHost,
    InvitationDeclined,
    IceServers,
}

#[derive(Deserialize)]
struct SignalFields {
    r#type: SignalName,
    you: Option<UserId>,
    room: Option<Box<RoomPage>>,
    speaking: Option<Vec<UserId>>,
    #[serde(default)]
    now_s: i64,
    ice_servers: Option<Vec<IceServer>>,
    sdp: Option<String>,
    arrives: Option<bool>,
    n: Option<u32>,
    of: Option<UserId>,
    facts: Option<VoiceFacts>,
    joined: Option<Vec<ParticipantInfo>>,
    left: Option<Vec<UserId>>,
    changed: Option<Vec<ParticipantInfo>>,
    who: Option<Vec<UserId>>,
    info: Option<Box<RoomInfo>>,
    panel: Option<ModerationPanel>,
    why: Option<WhyField>,
    by: Option<String>,
    for_s: Option<u32>,
}

impl<'de> Deserialize<'de> for ServerSignal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = SignalFields::deserialize(deserializer)?;
        Ok(match fields.r#type {
            SignalName::Welcome => Self::Welcome {
                you: needed!(fields.you),
                room: needed!(fields.room),
                speaking: needed!(fields.speaking),
                now_s: fields.now_s,
                ice_servers: fields.ice_servers.unwrap_or_default(),
            },
            SignalName::Joined => Self::Joined {
                sdp: needed!(fields.sdp),
            },
            SignalName::Restarted => Self::Restarted {
                sdp: needed!(fields.sdp),
            },
            SignalName::VoiceArrives => Self::VoiceArrives {
                arrives: needed!(fields.arrives),
            },
            SignalName::Pong => Self::Pong { n: needed!(fields.n) },
            SignalName::VoiceFacts => Self::VoiceFacts {
                of: needed!(fields.of),
                facts: fields.facts,
            },
            SignalName::Roster => Self::Roster {
                joined: needed!(fields.joined),
                left: needed!(fields.left),
                changed: needed!(fields.changed),
            },
            SignalName::Speaking => Self::Speaking {
                who: needed!(fields.who),
            },
            SignalName::RoomInfo => Self::RoomInfo {
                info: needed!(fields.info),
            },
            SignalName::ModerationPanel => Self::ModerationPanel {
                panel: needed!(fields.panel),
            },
            SignalName::MutedElsewhere => Self::MutedElsewhere,
            SignalName::Unplugged => Self::Unplugged,
            SignalName::Refused => match needed!(fields.why) {
                WhyField::Refusal(why) => Self::Refused { why },
                WhyField::Ending(_) => return Err(D::Error::custom("`why` of a refusal is an object")),
            },
            SignalName::Ended => match needed!(fields.why) {
                WhyField::Ending(name) => Self::Ended {
                    why: ending(name, fields.by, fields.for_s),
                },
                WhyField::Refusal(_) => return Err(D::Error::custom("`why` of an end is a word")),
            },
            SignalName::MutedByHost => Self::MutedByHost { by: needed!(fields.by) },
            SignalName::InvitedByHost => Self::InvitedByHost { by: needed!(fields.by) },
            SignalName::InvitationDeclined => Self::InvitationDeclined { by: needed!(fields.by) },
            SignalName::IceServers => Self::IceServers {
                ice_servers: needed!(fields.ice_servers),
            },
        })
    }
}

/// The field `why` of a signal: an object in `refused`, and a word in `ended`.
enum WhyField {
    Refusal(Refusal),
    Ending(EndingName),
}

impl<'de> Deserialize<'de> for WhyField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WhyVisitor)
    }
}

struct WhyVisitor;

impl<'de> Visitor<'de> for WhyVisitor {
    type Value = WhyField;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a reason")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<WhyField, E> {
        EndingName::deserialize(StrDeserializer::new(word)).map(WhyField::Ending)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<WhyField, A::Error> {
        Refusal::deserialize(MapAccessDeserializer::new(object)).map(WhyField::Refusal)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum RefusalName {
    RoomFull,
    ManyOfYours,
    ManyFromAddress,
    BadOffer,
    TooManySignals,
    Busy,
    TooMuchSound,
    NotJoined,
    Listening,
    MutedByHost,
    NewAccount,
    NotYours,
    StandIn,
    NotPossible,
    TooFast,
    TooManyPermanent,
}

#[derive(Deserialize)]
struct RefusalFields {
    reason: RefusalName,
    most: Option<u32>,
    for_s: Option<u32>,
    wait_s: Option<u32>,
}

impl<'de> Deserialize<'de> for Refusal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = RefusalFields::deserialize(deserializer)?;
        Ok(match fields.reason {
            RefusalName::RoomFull => Self::RoomFull {
                most: needed!(fields.most),
            },
            RefusalName::ManyOfYours => Self::ManyOfYours {
                most: needed!(fields.most),
            },
            RefusalName::ManyFromAddress => Self::ManyFromAddress {
                most: needed!(fields.most),
            },
            RefusalName::BadOffer => Self::BadOffer,
            RefusalName::TooManySignals => Self::TooManySignals,
            RefusalName::Busy => Self::Busy,
            RefusalName::TooMuchSound => Self::TooMuchSound,
            RefusalName::NotJoined => Self::NotJoined,
            RefusalName::Listening => Self::Listening,
            RefusalName::MutedByHost => Self::MutedByHost,
            RefusalName::NewAccount => Self::NewAccount {
                for_s: needed!(fields.for_s),
            },
            RefusalName::NotYours => Self::NotYours,
            RefusalName::StandIn => Self::StandIn,
            RefusalName::NotPossible => Self::NotPossible,
            RefusalName::TooFast => Self::TooFast {
                wait_s: needed!(fields.wait_s),
            },
            RefusalName::TooManyPermanent => Self::TooManyPermanent {
                most: needed!(fields.most),
            },
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum EndingName {
    SignedOut,
    Flooding,
    NoEntry,
    LinkRevoked,
    Removed,
    Banned,
    RoomEnded,
    Disabled,
    TooManyPages,
}

#[derive(Deserialize)]
struct EndingFields {
    why: EndingName,
    by: Option<String>,
    for_s: Option<u32>,
}

impl<'de> Deserialize<'de> for Ending {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let EndingFields { why, by, for_s } = EndingFields::deserialize(deserializer)?;
        Ok(ending(why, by, for_s))
    }
}

fn ending(name: EndingName, by: Option<String>, for_s: Option<u32>) -> Ending {
    match name {
        EndingName::SignedOut => Ending::SignedOut,
        EndingName::Flooding => Ending::Flooding,
        EndingName::NoEntry => Ending::NoEntry,
        EndingName::LinkRevoked => Ending::LinkRevoked,
        EndingName::Removed => Ending::Removed {
            by,
            for_s: for_s.unwrap_or_else(removal_s),
        },
        EndingName::Banned => Ending::Banned,
        EndingName::RoomEnded => Ending::RoomEnded { by },
        EndingName::Disabled => Ending::Disabled,
        EndingName::TooManyPages => Ending::TooManyPages,
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum DeedName {
    Role,
    Muted,
    LetUnmute,
    Removed,
    Banned,
    Lifted,
    Mode,
    #[serde(rename = "hold_new")]
    NewAccountsMuted,
    #[serde(rename = "standing")]
    Permanent,
    Undid,
}

#[derive(Deserialize)]
struct DeedFields {
    did: DeedName,
    from: Option<Role>,
    to: Option<Role>,
    mode: Option<Mode>,
    minutes: Option<u32>,
    on: Option<bool>,
    number: Option<u32>,
}

impl<'de> Deserialize<'de> for Deed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = DeedFields::deserialize(deserializer)?;
        Ok(match fields.did {
            DeedName::Role => Self::Role {
                from: needed!(fields.from),
                to: needed!(fields.to),
            },
            DeedName::Muted => Self::Muted,
            DeedName::LetUnmute => Self::LetUnmute,
            DeedName::Removed => Self::Removed,
            DeedName::Banned => Self::Banned,
            DeedName::Lifted => Self::Lifted,
            DeedName::Mode => Self::Mode {
                mode: needed!(fields.mode),
            },
            DeedName::NewAccountsMuted => Self::NewAccountsMuted {
                minutes: needed!(fields.minutes),
            },
            DeedName::Permanent => Self::Permanent { on: needed!(fields.on) },
            DeedName::Undid => Self::Undid {
                number: needed!(fields.number),
            },
        })
    }
}

#[cfg(test)]
mod tests;
