//! Leaving the Snug for good: a person deletes their own account. What other people need goes on without the person's name.

pub mod store;

use super::{
    auth::{
        self, SetCookies,
        admission::{gets_codes, owner_can_come_back},
        cookie::{self, CookieName},
        deletion_letter, email,
        owner_link::store::list_owners,
        revocation::revoke_and_disconnect,
    },
    error::Result,
    gate::Activated,
    limit::{self, Limited},
    profile::stored_picture::is_photo,
    state::AppState,
    typed_address,
    voice::command::RoomToPassOn,
};
use crate::{
    error::{AppError, Kind},
    model::{
        account_deletion::{AccountDeletion, InheritedRoom},
        id::{SessionId, UserId},
        signal::Ending,
        user::EmailAddress,
    },
};

/// What deleting the account would do now, and what it needs. Nothing is changed.
///
/// # Errors
/// If the database can't be read.
pub async fn preview(by: &Activated) -> Result<AccountDeletion> {
    let (state, user) = (&by.state, &by.person.id);
    let email = email::store::find_email(&state.database, user).await?;
    let mut owners = list_owners(&state.database).await?;
    owners.retain(|owner| owner.id != user.as_str());
    let is_last_owner = by.is_owner() && !can_any_come_back(state, owners.iter().map(|owner| owner.email.as_ref()));
    let (mut ending_rooms, mut inherited_rooms) = (vec![], vec![]);
    let rooms = state.voice.find_rooms_to_pass_on(user.clone()).await?;
    for RoomToPassOn { topic, heir, .. } in rooms.into_iter().filter(|room| room.is_owned) {
        match heir {
            Some(heir) => inherited_rooms.push(InheritedRoom { topic, heir: heir.name }),
            None => ending_rooms.push(topic),
        }
    }
    Ok(AccountDeletion {
        may_delete: !can_sign_in_again(by, email.as_ref()) || email::is_fresh(state, &by.session).await?,
        email: email.map(|email| email.as_str().to_owned()),
        is_last_owner,
        ending_rooms,
        inherited_rooms,
    })
}

/// Deletes the account of the person who asks: their name, face, e-mail address, sessions, follows and memberships. Their live rooms get
/// another owner, or end. The answer's cookies delete the session's cookies. `user` is the id of the account that the page showed, and
/// `typed` the e-mail address that the person typed; people without an address type none.
///
/// # Errors
/// `somebody_else` if another user has signed in since the page was loaded; `Forbidden` if the device signed in too long ago; `Invalid`
/// for another address; `Conflict` for the only owner of the Snug; `TooMany` after many tries; `signed_out` if the account was
/// deleted or deactivated at this moment; if the database can't be written. After each of these errors, nothing has changed.
pub async fn delete(by: &Activated, user: &str, typed: &str) -> Result<SetCookies> {
    let state = by.state.clone();
    if user != by.person.id.as_str() {
        return Err(AppError::somebody_else().into());
    }
    let limits = Limited::DeleteAccount(&by.person.id).limits(&state.limits.get(), &state.keyring);
    limit::take(&state.database, &state.refusals, &limits, state.now_s()).await?;
    let email = email::store::find_email(&state.database, &by.person.id).await?;
    if can_sign_in_again(by, email.as_ref()) && !email::is_fresh(&state, &by.session).await? {
        return Err(signed_in_long_ago().into());
    }
    if let Some(email) = &email
        && typed_address::parse(typed).map_err(AppError::invalid)? != *email
    {
        return Err(another_address().into());
    }
    let leaving = Leaving {
        user: by.person.id.clone(),
        email,
        state,
    };
    auth::to_the_end(async move { leaving.carry_out().await }).await
}

/// An account that its person deletes, after all checks.
struct Leaving {
    state: AppState,
    user: UserId,
    email: Option<EmailAddress>,
}

/// What is left to do after the account is deleted in the database.
struct Deleted {
    rooms: Vec<RoomToPassOn>,
    sessions: Vec<SessionId>,
    picture: String,
}

impl Leaving {
    async fn carry_out(self) -> Result<SetCookies> {
        let deleted = self.delete_rows().await?;
        tracing::info!(user = %self.user, "somebody deleted their account");
        self.leave_rooms(&deleted).await;
        self.state.snug_info.forget_host();
        if is_photo(&deleted.picture)
            && let Err(error) = self.state.avatars.delete(&self.state.database, &deleted.picture).await
        {
            // Housekeeping deletes the photo later, so the person does not have to know.
            let error = AppError::from(error);
            tracing::warn!(%error, "could not delete the photo of a deleted account");
        }
        self.send_letter().await;
        let names = [
            CookieName::Access,
            CookieName::Refresh,
            CookieName::AccessExpires,
            CookieName::Code,
        ];
        Ok(names.map(|name| cookie::clear(&self.state, name)).into())
    }

    /// Deletes the account in one transaction, and stores what becomes of its rooms.
    async fn delete_rows(&self) -> Result<Deleted> {
        let (state, user, now_s) = (&self.state, &self.user, self.state.now_s());
        let mut rooms = state.voice.find_rooms_to_pass_on(user.clone()).await?;
        let mut transaction = state.database.begin().await?;
        store::forget_codes(&mut transaction, user, self.email.as_ref()).await?;
        let account = store::lock_account(&mut transaction, user)
            .await?
            .ok_or_else(AppError::signed_out)?;
        if account.owner_at.is_some() {
            let others = store::list_other_owners(&mut transaction, user).await?;
            if !can_any_come_back(state, others.iter().map(Option::as_ref)) {
                return Err(last_owner(state).into());
            }
        }
        for room in &mut rooms {
            if !store::pass_on(&mut transaction, user, room).await? && room.is_owned {
                room.heir = None;
                store::end_room(&mut transaction, user, &room.room, now_s).await?;
            }
        }
        store::forget_in_logs(&mut transaction, user).await?;
        store::give_up_rooms_and_links(&mut transaction, user, now_s).await?;
        let sessions = store::delete_account(&mut transaction, user).await?;
        transaction.commit().await?;
        Ok(Deleted {
            rooms,
            sessions,
            picture: account.picture,
        })
    }

    /// Ends every request, socket and voice connection of the account, and tells the live rooms.
    async fn leave_rooms(&self, deleted: &Deleted) {
        let (voice, user) = (&self.state.voice, &self.user);
        for room in &deleted.rooms {
            voice.pass_on(room.room.clone(), user.clone(), room.heir.clone());
        }
        voice.disconnect_user(user.clone(), Ending::SignedOut);
        for session in &deleted.sessions {
            revoke_and_disconnect(&self.state, session);
        }
        self.state.rights.changed_of(user);
        // The person may have opened a room on another page meanwhile.
        for room in voice.find_rooms_to_pass_on(user.clone()).await.unwrap_or_default() {
            voice.pass_on(room.room, user.clone(), room.heir);
        }
        voice.forget(user.clone());
    }

    async fn send_letter(&self) {
        let Some(email) = self.email.clone().filter(|_| !self.state.mail.is_off()) else {
            return;
        };
        if let Err(error) = deletion_letter::send(&self.state, email).await {
            let error = AppError::from(error);
            tracing::warn!(%error, "could not send the e-mail about a deleted account");
        }
    }
}

/// Whether one of the owners with these addresses can come back to their account.
fn can_any_come_back<'a>(state: &AppState, mut owners: impl Iterator<Item = Option<&'a EmailAddress>>) -> bool {
    owners.any(|email| owner_can_come_back(state, email))
}

/// Whether the person can sign in again: with a code, or as an owner with the link of `snug owner-link`. Others, such as guests, could never
/// delete their account if they had to sign in first.
fn can_sign_in_again(by: &Activated, email: Option<&EmailAddress>) -> bool {
    by.is_owner() || gets_codes(&by.state, email)
}

fn signed_in_long_ago() -> AppError {
    AppError::forbidden("You signed in here more than ten minutes ago. Sign in again, then delete your account.")
}

fn another_address() -> AppError {
    AppError::invalid("That is not the e-mail address of this account. Type the address with which you sign in.")
}

fn last_owner(state: &AppState) -> AppError {
    let message = match state.mail.is_off() {
        false => {
            "You are the only owner of this Snug. Make somebody else an owner on the page “People” first, then leave."
        }
        true => {
            "You are the only owner of this Snug. Somebody else has to become an owner first, with a link that the command snug \
             owner-link prints, then leave."
        }
    };
    AppError::new(Kind::Conflict, message)
}
