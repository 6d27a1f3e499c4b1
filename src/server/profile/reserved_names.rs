//! Names that guests can't use: the names of the people whom others in a room trust, and names that look like them.
//!
//! A guest only needs a link, so anybody could come in with the name of the host and speak for the host. Registered people are not
//! checked, because two members may well have the same name. A guest who is in the room already keeps the name if somebody with
//! that name becomes host or co-host later: the roster says who is a guest.

mod store;
#[cfg(test)]
mod tests;

use super::{
    similar_names::SimilarityKeys,
    store::{find_profile, list_rooms_of},
};
use crate::{
    error::{AppError, Kind},
    model::{
        id::{RoomId, UserId},
        isolated::isolated,
        stage::Role,
        user::DisplayName,
    },
    server::{error::Result, state::AppState},
};
use unicode_segmentation::UnicodeSegmentation;

/// Why a name is reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TrustedPosition {
    Host,
    CoHost,
    RoomOwner,
    RoomOpener,
    SnugOwner,
}

/// A person whose name no guest can use. `id` is the text of the user's id.
#[derive(Debug, Clone, PartialEq, Eq)]
struct NameHolder {
    id: String,
    name: String,
    position: TrustedPosition,
}

/// The names around a guest.
#[derive(Debug, Default)]
struct NamesAround {
    reserved: Vec<NameHolder>,
    /// The names of the people inside, who are not proposed to the guest.
    inside: Vec<String>,
}

/// A reserved name, and two names that the guest can use instead.
#[derive(Debug, PartialEq, Eq)]
struct NameClash {
    holder: NameHolder,
    free: Vec<String>,
}

/// Checks the name of a new guest who comes into `room`.
///
/// # Errors
/// `Invalid` if the name looks like the name of a host, a co-host or the owner of the room, or of an owner of this Snug. The error
/// names two others. Also if the database can't be read.
pub async fn check(state: &AppState, room: &RoomId, name: &DisplayName) -> Result<()> {
    let mut around = NamesAround::default();
    around.add_room(state, room).await?;
    around.add_owners(state).await?;
    match around.find_clash(None, name) {
        Some(clash) => Err(clash.refusal("this room").into()),
        None => Ok(()),
    }
}

/// Checks the name of a guest with the name `name` who comes into another room by a second link.
///
/// # Errors
/// `Conflict` as in [`check`].
pub async fn check_newcomer(state: &AppState, room: &RoomId, name: &str) -> Result<()> {
    let Ok(name) = DisplayName::parse(name) else {
        return Ok(());
    };
    let mut around = NamesAround::default();
    around.add_room(state, room).await?;
    around.add_owners(state).await?;
    match around.find_clash(None, &name) {
        Some(clash) => Err(clash.refusal_of_newcomer().into()),
        None => Ok(()),
    }
}

/// Checks the name that `user` chooses in the settings. Everybody but a guest can have any name, and a name that stays the same is
/// not checked.
///
/// # Errors
/// `Invalid` as in [`check`], for every live room that the guest has come into.
pub async fn check_new_name(state: &AppState, user: &UserId, name: &DisplayName) -> Result<()> {
    let profile = find_profile(&state.database, user).await?;
    let person = profile.and_then(|profile| profile.person.into_person());
    if person.is_none_or(|person| !person.guest || person.name == name.as_str()) {
        return Ok(());
    }
    let mut around = NamesAround::default();
    for room in list_rooms_of(&state.database, user).await? {
        around.add_room(state, &room).await?;
    }
    around.add_owners(state).await?;
    match around.find_clash(Some(user), name) {
        Some(clash) => Err(clash.refusal("a room that you have come into").into()),
        None => Ok(()),
    }
}

impl NamesAround {
    /// Adds the people of a room. The live room knows who hosts now, and the database knows the hosts who are not inside.
    async fn add_room(&mut self, state: &AppState, room: &RoomId) -> Result<()> {
        if let Some(page) = state.voice.find_room(room.clone()).await {
            for one in &page.roster {
                match one.role {
                    Role::Host => self.reserve(one.person.id.as_str(), &one.person.name, TrustedPosition::Host),
                    Role::CoHost => self.reserve(one.person.id.as_str(), &one.person.name, TrustedPosition::CoHost),
                    Role::Speaker | Role::Listener => {}
                }
                self.inside.push(one.person.name.clone());
            }
            let host = &page.info.host;
            self.reserve(host.id.as_str(), &host.name, TrustedPosition::Host);
        }
        for (id, name, word) in store::list_holders(&state.database, room).await? {
            let position = match word.as_str() {
                "owner" => TrustedPosition::RoomOwner,
                "opener" => TrustedPosition::RoomOpener,
                _ => TrustedPosition::CoHost,
            };
            self.reserve(&id, &name, position);
        }
        Ok(())
    }

    /// Adds the owners of this Snug.
    async fn add_owners(&mut self, state: &AppState) -> Result<()> {
        for (id, name) in store::list_owners(&state.database).await? {
            self.reserve(&id, &name, TrustedPosition::SnugOwner);
        }
        Ok(())
    }

    fn reserve(&mut self, id: &str, name: &str, position: TrustedPosition) {
        self.reserved.push(NameHolder {
            id: id.to_owned(),
            name: name.to_owned(),
            position,
        });
    }

    /// The person whose name looks like `name`, and names to use instead; `None` if the guest `user` can use the name.
    fn find_clash(&self, user: Option<&UserId>, name: &DisplayName) -> Option<NameClash> {
        let keys = SimilarityKeys::of(name.as_str());
        let is_other = |holder: &&NameHolder| user.is_none_or(|user| user.as_str() != holder.id);
        let others = || self.reserved.iter().filter(is_other);
        let holder = others().find(|holder| SimilarityKeys::of(&holder.name).look_like(&keys))?;
        let taken: Vec<SimilarityKeys> = others()
            .map(|holder| &holder.name)
            .chain(&self.inside)
            .map(|name| SimilarityKeys::of(name))
            .collect();
        Some(NameClash {
            holder: holder.clone(),
            free: free_names(name, &taken),
        })
    }
}

impl NameClash {
    /// The error at the field for the name. `place` is the room in words.
    fn refusal(self, place: &str) -> AppError {
        let advice = match self.free.as_slice() {
            [one, other] => format!("Try {} or {}", isolated(one), isolated(other)),
            _ => "Choose another name".to_owned(),
        };
        // A proposal such as "Ada B." has a full stop of its own.
        let stop = if advice.ends_with('.') { "" } else { "." };
        let detail = format!("{}, so a guest can't use that name. {advice}{stop}", self.reason(place));
        AppError::name_refused(detail, self.free)
    }

    /// The error for a guest who has a name already.
    fn refusal_of_newcomer(self) -> AppError {
        let example = match self.free.as_slice() {
            [one, other] => format!(", for example to {} or {}", isolated(one), isolated(other)),
            _ => String::new(),
        };
        let detail = format!(
            "{}, so a guest can't use that name. Change your name in the settings{example}, and open the link again.",
            self.reason("this room")
        );
        AppError {
            kind: Kind::Conflict,
            ..AppError::name_refused(detail, self.free)
        }
    }

    fn reason(&self, place: &str) -> String {
        let name = isolated(&self.holder.name);
        match self.holder.position {
            TrustedPosition::Host => format!("{name} is hosting {place}"),
            TrustedPosition::CoHost => format!("{name} is a co-host of {place}"),
            TrustedPosition::RoomOwner => format!("{name} owns {place}"),
            TrustedPosition::RoomOpener => format!("{name} opened {place}"),
            TrustedPosition::SnugOwner => format!("{name} runs this Snug"),
        }
    }
}

/// Two names made from `name` that look like none of the `taken` names: one with an initial, one with a number.
fn free_names(name: &DisplayName, taken: &[SimilarityKeys]) -> Vec<String> {
    let is_free = |candidate: &String| {
        let keys = SimilarityKeys::of(candidate);
        !taken.iter().any(|taken| taken.look_like(&keys))
    };
    let with_initial = ('B'..='Z').map(|letter| format!("{letter}."));
    let with_number = (2..100).map(|number| number.to_string());
    let mut initials = with_initial.map(|ending| with_ending(name, &ending)).filter(is_free);
    let mut numbers = with_number.map(|ending| with_ending(name, &ending)).filter(is_free);
    initials.next().into_iter().chain(numbers.next()).collect()
}

/// The name with this ending, shortened until a person can have it.
fn with_ending(name: &DisplayName, ending: &str) -> String {
    let mut base = name.as_str();
    loop {
        let text = format!("{base} {ending}");
        match (DisplayName::parse(&text), base.grapheme_indices(true).next_back()) {
            (Ok(name), _) => return name.as_str().to_owned(),
            (Err(_), Some((end, _))) => base = &base[..end],
            (Err(_), None) => return ending.to_owned(),
        }
    }
}
