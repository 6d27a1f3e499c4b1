//! The page for owners of this Snug. It lists the people. On this page, owners can make other people owners, switch accounts off and
//! on, and close rooms.

pub mod store;

use super::{
    auth::{self, account_status, admission::gets_codes, identity::Visit, owner_link},
    error::Result,
    gate::{Owner, not_an_owner},
    profile, rooms,
    state::AppState,
};
use crate::{
    error::{AppError, Kind},
    model::{
        id::{RoomId, UserId},
        invisible,
        owner_link::OwnerLinkOffer,
        people::{Account, ActiveRoom, People, PeopleFilter},
        room::{Person, RoomCard, RoomKind, RoomPage},
        user::EmailAddress,
    },
};
use std::{collections::HashMap, sync::Arc};
use store::{AccountRow, Pair};

/// How many people are on one page of the list.
const PER_PAGE: usize = 50;

/// One page (counted from 1) of the activated people whom `filter` includes and whose names contain all of `words`, the people who
/// were seen last first, and the active rooms.
///
/// # Errors
/// If the database can't be read.
pub async fn list(by: &Owner, words: &str, filter: PeopleFilter, page: usize) -> Result<People> {
    let state = &by.state;
    // We read all accounts, and search and sort them here, because SQLite ignores case in ASCII only, and each database sorts in its
    // own way. This is fast enough, because a Snug has a few hundred people.
    let rows = store::list_accounts(&state.database).await?;
    let now_s = state.now_s();
    let mut topics = find_topics(state).await;
    let mut accounts: Vec<Account> = rows
        .into_iter()
        .filter_map(|row| account(row, &by.person, &mut topics, now_s))
        .collect();
    accounts.retain(|account| filter.includes(account) && matches(&account.person.name, words));
    accounts.sort_by_cached_key(|account| {
        let Person { name, id, .. } = &account.person;
        (account.seen_ago_s.unwrap_or(u32::MAX), name.to_lowercase(), id.clone())
    });
    let found = accounts.len();
    let pages = found.div_ceil(PER_PAGE).max(1);
    let page = page.clamp(1, pages);
    Ok(People {
        accounts: accounts
            .into_iter()
            .skip((page - 1) * PER_PAGE)
            .take(PER_PAGE)
            .collect(),
        found,
        page,
        pages,
        rooms: state.voice.watch_rooms().borrow().iter().map(active_room).collect(),
    })
}

/// Whether the name contains each of these words. Case does not matter, and neither do characters that draw nothing.
fn matches(name: &str, words: &str) -> bool {
    let name = invisible::folded(name);
    invisible::search_words(words).iter().all(|word| name.contains(word))
}

/// The topic of the room in which each person is. Private rooms are left out: their people have not agreed to be seen there.
async fn find_topics(state: &AppState) -> HashMap<UserId, String> {
    let rooms: Vec<RoomId> = state
        .voice
        .watch_rooms()
        .borrow()
        .iter()
        .filter(|card| card.count() > 0 && card.info.kind != RoomKind::Private)
        .map(|card| card.info.id.clone())
        .collect();
    let mut topics = HashMap::new();
    for room in rooms {
        if let Some(RoomPage { info, roster, .. }) = state.voice.find_room(room).await {
            topics.extend(roster.into_iter().map(|one| (one.person.id, info.topic.clone())));
        }
    }
    topics
}

fn account(row: AccountRow, me: &Person, topics: &mut HashMap<UserId, String>, now_s: i64) -> Option<Account> {
    let ago = |at: i64| (now_s - at).max(0) as u32;
    let person = row.person.into_person()?;
    let email = row.email.and_then(|email| EmailAddress::parse(&email).ok());
    Some(Account {
        me: person.id == me.id,
        email: email.map(|email| email.masked()),
        // A guest who has added an e-mail address is a guest no longer.
        link_by: row.link_by.filter(|_| person.guest),
        inside: topics.remove(&person.id),
        person,
        came_ago_s: ago(row.activated_at),
        seen_ago_s: row.seen_at.map(ago),
        owner: row.owner_at.is_some(),
        switched_off: row.disabled_at.is_some(),
    })
}

fn active_room(card: &Arc<RoomCard>) -> ActiveRoom {
    let info = card.info.clone();
    ActiveRoom {
        id: info.id,
        topic: info.topic,
        kind: info.kind,
        host: info.host.name,
        inside: card.count(),
    }
}

/// What an owner link offers; `None` if it no longer works.
///
/// # Errors
/// `somebody_else` if the page acts for another user than the user who is signed in; if the database can't be read.
pub async fn find_owner_link(visit: &Visit, token: &str) -> Result<Option<OwnerLinkOffer>> {
    let state = &visit.state;
    if !owner_link::is_good(state, token).await? {
        return Ok(None);
    }
    let me = match visit.identity_if_signed_in()? {
        Some(identity) => Some(profile::find_user(state, &identity.user).await?.person),
        None => None,
    };
    let without_codes = store::list_owners(&state.database)
        .await?
        .into_iter()
        .filter(|owner| !gets_codes(state, owner.address().as_ref()));
    let mut owners: Vec<Person> = without_codes.filter_map(|owner| owner.person.into_person()).collect();
    owners.retain(|owner| me.as_ref().is_none_or(|me| me.id != owner.id));
    Ok(Some(OwnerLinkOffer { me, owners }))
}

/// Makes another person an owner. Nobody can take the owner role away from them again, but another owner can switch their account
/// off.
///
/// # Errors
/// `NotFound` if there is no such person; `Conflict` for a guest or an account that is deactivated; `Forbidden` if `by` is no
/// longer an owner.
pub async fn make_owner(by: &Owner, whom: &str) -> Result<()> {
    let (state, user, whom) = begin(by, whom)?;
    auth::to_the_end(async move {
        let mut transaction = state.database.begin().await?;
        let pair = store::lock_both(&mut transaction, &user, &whom).await?;
        check(&pair)?;
        if pair.whom.is_some_and(|whom| whom.disabled_at.is_some()) {
            let message = "This account is deactivated. Reactivate it before you make this person an owner.";
            return Err(AppError::new(Kind::Conflict, message).into());
        }
        if !store::make_owner(&mut transaction, &whom, state.now_s()).await? {
            let message = match state.mail.is_off() {
                false => "A guest can't be an owner. They can add an e-mail address in their settings first.",
                true => {
                    "A guest can't be made an owner while this Snug sends no e-mails. Set up mail (SNUG_MAIL_SMTP_URL) first."
                }
            };
            return Err(AppError::new(Kind::Conflict, message).into());
        }
        transaction.commit().await?;
        state.snug_info.forget_host();
        tracing::warn!(by = %user, %whom, "somebody was made an owner");
        Ok(())
    })
    .await
}

/// Switches an account off: nobody can sign in to it any more, and all its sessions end at once. At least one owner always remains,
/// because nobody can deactivate their own account, and `by` must still be an owner when the transaction ends.
///
/// # Errors
/// `Invalid` for the person's own account; `NotFound` if there is no such person; `Forbidden` if `by` is no longer an owner.
pub async fn switch_off(by: &Owner, whom: &str) -> Result<()> {
    let (state, user, whom) = begin(by, whom)?;
    if whom == user {
        let message = "You can't deactivate your own account. Make somebody else an owner and ask them to do it.";
        return Err(AppError::invalid(message).into());
    }
    auth::to_the_end(async move {
        let mut transaction = state.database.begin().await?;
        check(&store::lock_both(&mut transaction, &user, &whom).await?)?;
        let sessions = account_status::store::switch_off(&mut transaction, &whom, state.now_s()).await?;
        transaction.commit().await?;
        state.snug_info.forget_host();
        account_status::end(&state, &whom, &sessions);
        tracing::warn!(by = %user, %whom, "an account was deactivated");
        Ok(())
    })
    .await
}

/// Switches an account on again. The person can then sign in as before.
///
/// # Errors
/// `NotFound` if there is no such person; `Forbidden` if `by` is no longer an owner.
pub async fn switch_on(by: &Owner, whom: &str) -> Result<()> {
    let (state, user, whom) = begin(by, whom)?;
    auth::to_the_end(async move {
        let mut transaction = state.database.begin().await?;
        check(&store::lock_both(&mut transaction, &user, &whom).await?)?;
        account_status::store::switch_on(&mut transaction, &whom).await?;
        transaction.commit().await?;
        state.snug_info.forget_host();
        tracing::warn!(by = %user, %whom, "an account was switched on");
        Ok(())
    })
    .await
}

/// Closes a room for everybody in it, at once and for good.
///
/// # Errors
/// `NotFound` for a room that is not live.
pub async fn close_room(by: &Owner, room: &str) -> Result<()> {
    let (state, user) = (by.state.clone(), by.person.id.clone());
    let gone = || AppError::not_found("This room has already ended. Load the page again.");
    let room = RoomId::parse(room).ok_or_else(gone)?;
    state.voice.find_room(room.clone()).await.ok_or_else(gone)?;
    auth::to_the_end(async move {
        // End the room in the database before ending it in memory. Otherwise a restart between the two would open the room again.
        rooms::store::close_room(&state.database, &room, state.now_s()).await?;
        tracing::warn!(by = %user, %room, "a room was closed");
        state.voice.end_room(room).await;
        Ok(())
    })
    .await
}

/// The first step of every action of an owner on a person: returns the server's state, the id of the owner, and the id of the person.
fn begin(by: &Owner, whom: &str) -> Result<(AppState, UserId, UserId)> {
    let whom = UserId::parse(whom).ok_or_else(nobody)?;
    Ok((by.state.clone(), by.person.id.clone(), whom))
}

/// Checks that `by` is still an owner and that the other person exists. Call this in the transaction, because both may have changed
/// since the request was checked.
fn check(pair: &Pair) -> Result<(), AppError> {
    let is_owner = |by: &store::AccountActivity| by.owner_at.is_some() && by.disabled_at.is_none();
    if !pair.by.as_ref().is_some_and(is_owner) {
        return Err(not_an_owner());
    }
    let is_here = |whom: &store::AccountActivity| whom.activated_at.is_some();
    pair.whom.as_ref().is_some_and(is_here).then_some(()).ok_or_else(nobody)
}

fn nobody() -> AppError {
    AppError::not_found("That person is no longer here. Load the page again.")
}
