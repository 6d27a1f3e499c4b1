//! Names that guests can't use: the names of the people whom others in a room trust, and names that look like them. A guest can't choose
//! the drawn faces of these people either.
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
        generated_face,
        id::{RoomId, UserId},
        isolated::isolated,
        room::Person,
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

/// A person whose name and face no guest can use.
#[derive(Debug, Clone, PartialEq, Eq)]
struct NameHolder {
    person: Person,
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

/// Checks the name of a new guest who comes into `room`, and the seed of the drawn face, if the guest has chosen one.
///
/// # Errors
/// `Invalid` if the name looks like the name of a host, a co-host or the owner of the room, or of an owner of this Snug. The error
/// names two others. `Invalid` also if the face is the face of one of these people. Also if the database can't be read.
pub async fn check(state: &AppState, room: &RoomId, name: &DisplayName, seed: Option<&str>) -> Result<()> {
    let mut around = NamesAround::default();
    around.add_room(state, room).await?;
    around.add_owners(state).await?;
    if let Some(clash) = around.find_clash(None, name) {
        return Err(clash.refusal("this room").into());
    }
    match seed.and_then(|seed| around.find_face(None, &generated_face::address(seed))) {
        Some(holder) => Err(holder.refusal_of_face("this room").into()),
        None => Ok(()),
    }
}

/// Checks the name and the face of a guest who comes into another room by a second link.
///
/// # Errors
/// `Conflict` as in [`check`].
pub async fn check_newcomer(state: &AppState, room: &RoomId, guest: &Person) -> Result<()> {
    let Ok(name) = DisplayName::parse(&guest.name) else {
        return Ok(());
    };
    let mut around = NamesAround::default();
    around.add_room(state, room).await?;
    around.add_owners(state).await?;
    if let Some(clash) = around.find_clash(None, &name) {
        return Err(clash.refusal_of_newcomer().into());
    }
    match around.find_face(Some(&guest.id), &guest.picture) {
        Some(holder) => Err(holder.refusal_of_newcomers_face().into()),
        None => Ok(()),
    }
}

/// Checks the name that `user` chooses in the settings, and the seed of the drawn face, if they choose one. Everybody but a guest can
/// have any name and face, and a name that stays the same is not checked.
///
/// # Errors
/// `Invalid` as in [`check`], for every live room that the guest has come into.
pub async fn check_new_profile(state: &AppState, user: &UserId, name: &DisplayName, seed: Option<&str>) -> Result<()> {
    let profile = find_profile(&state.database, user).await?;
    let person = profile.and_then(|profile| profile.person.into_person());
    let Some(guest) = person.filter(|person| person.guest) else {
        return Ok(());
    };
    let mut around = NamesAround::default();
    for room in list_rooms_of(&state.database, user).await? {
        around.add_room(state, &room).await?;
    }
    around.add_owners(state).await?;
    let place = "a room that you have come into";
    if guest.name != name.as_str()
        && let Some(clash) = around.find_clash(Some(user), name)
    {
        return Err(clash.refusal(place).into());
    }
    match seed.and_then(|seed| around.find_face(Some(user), &generated_face::address(seed))) {
        Some(holder) => Err(holder.refusal_of_face(place).into()),
        None => Ok(()),
    }
}

impl NamesAround {
    /// Adds the people of a room. The live room knows who hosts now, and the database knows the hosts who are not inside.
    async fn add_room(&mut self, state: &AppState, room: &RoomId) -> Result<()> {
        if let Some(page) = state.voice.find_room(room.clone()).await {
            for one in &page.roster {
                match one.role {
                    Role::Host => self.reserve(&one.person, TrustedPosition::Host),
                    Role::CoHost => self.reserve(&one.person, TrustedPosition::CoHost),
                    Role::Speaker | Role::Listener => {}
                }
                self.inside.push(one.person.name.clone());
            }
            self.reserve(&page.info.host, TrustedPosition::Host);
        }
        for row in store::list_holders(&state.database, room).await? {
            let position = match row.word.as_str() {
                "owner" => TrustedPosition::RoomOwner,
                "opener" => TrustedPosition::RoomOpener,
                _ => TrustedPosition::CoHost,
            };
            if let Some(person) = row.person.into_person() {
                self.reserve(&person, position);
            }
        }
        Ok(())
    }

    /// Adds the owners of this Snug.
    async fn add_owners(&mut self, state: &AppState) -> Result<()> {
        for columns in store::list_owners(&state.database).await? {
            if let Some(person) = columns.into_person() {
                self.reserve(&person, TrustedPosition::SnugOwner);
            }
        }
        Ok(())
    }

    fn reserve(&mut self, person: &Person, position: TrustedPosition) {
        self.reserved.push(NameHolder {
            person: person.clone(),
            position,
        });
    }

    /// The person other than `user` who has the drawn face at this address. Photos are not compared.
    fn find_face(&self, user: Option<&UserId>, address: &str) -> Option<&NameHolder> {
        generated_face::seed_of(address)?;
        self.reserved
            .iter()
            .find(|holder| holder.person.picture == address && user != Some(&holder.person.id))
    }

    /// The person whose name looks like `name`, and names to use instead; `None` if the guest `user` can use the name.
    fn find_clash(&self, user: Option<&UserId>, name: &DisplayName) -> Option<NameClash> {
        let keys = SimilarityKeys::of(name.as_str());
        let is_other = |holder: &&NameHolder| user != Some(&holder.person.id);
        let others = || self.reserved.iter().filter(is_other);
        let holder = others().find(|holder| SimilarityKeys::of(&holder.person.name).look_like(&keys))?;
        let taken: Vec<SimilarityKeys> = others()
            .map(|holder| &holder.person.name)
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
        let detail = format!(
            "{}, so a guest can't use that name. {advice}{stop}",
            self.holder.reason(place)
        );
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
            self.holder.reason("this room")
        );
        AppError {
            kind: Kind::Conflict,
            ..AppError::name_refused(detail, self.free)
        }
    }
}

impl NameHolder {
    /// The error for a guest who chooses the drawn face of this person. `place` is the room in words.
    fn refusal_of_face(&self, place: &str) -> AppError {
        let reason = self.reason(place);
        AppError::invalid(format!(
            "{reason}, so a guest can't have the same face. Choose another picture."
        ))
    }

    /// The error for a guest who already has the drawn face of this person.
    fn refusal_of_newcomers_face(&self) -> AppError {
        let detail = format!(
            "{}, so a guest can't have the same face. Choose another picture in the settings, and open the link again.",
            self.reason("this room")
        );
        AppError::new(Kind::Conflict, detail)
    }

    fn reason(&self, place: &str) -> String {
        let name = isolated(&self.person.name);
        match self.position {
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
