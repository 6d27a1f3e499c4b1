//! The owner link, which Snug prints at every start until this Snug has an owner. The command `snug owner-link` prints a new one at any
//! time. The link works once, and signs the person in who uses it: as a new owner, or as an owner who can't get a code. An account that
//! is signed in with the browser becomes an owner, unless it is that of a guest.
//!
//! The link opens a page with a button, and only the button uses the link up. If opening the page were enough, a chat program that
//! opens the link for a preview would use it up.

pub mod command;
pub mod store;

use super::{
    SetCookies,
    admission::{gets_codes, owner_can_come_back},
    cookie::{self, CookieName},
    email_code::store::AHEAD_MAX_S,
    identity::Visit,
    revocation::revoke_and_disconnect,
    session::find_live_session,
    session_start::SessionStart,
    to_the_end,
};
use crate::{
    error::AppError,
    model::{id::UserId, invisible::pasted_token, owner_link::NOBODY, user::EmailAddress},
    server::{
        config::PublicUrl,
        database::Writing,
        error::Result,
        keyring::{Keyring, Purpose, random_id, same, sha256_hex},
        state::AppState,
    },
};
use store::{LinkUse, OpenLink, OwnerRole};

/// Five years in seconds. The browser in which the link was used can read the outbox for that long.
const COOKIE_LIFE_S: i64 = 5 * 365 * 86_400;
/// How long a link works in a Snug that has an owner, in seconds. A forgotten link in a terminal must not sign in for ever. Until there is
/// an owner, links do not expire, because the log of the first start may be read days later.
const LIFE_S: i64 = 86_400;

/// The link to print, or `None` if this Snug has an owner. The link is the same at every start until somebody uses it. If somebody has
/// used the link but has not chosen a name and a face yet, there is still no owner, and we make a new link.
///
/// # Errors
/// If the database can't be read or written.
pub async fn link(state: &AppState) -> Result<Option<String>> {
    if has_owner(state).await? {
        return Ok(None);
    }
    if store::list_open_owner_links(&state.database).await?.is_empty() {
        store::insert_owner_link(&state.database, &random_id(12), state.now_s()).await?;
    }
    let open = store::list_open_owner_links(&state.database).await?;
    let newest = open.first();
    Ok(newest.map(|link| address(&state.config.public_url, &state.keyring, &link.id)))
}

async fn has_owner(state: &AppState) -> Result<bool> {
    let owners = store::list_owners(&state.database).await?;
    Ok(owners
        .iter()
        .any(|owner| owner_can_come_back(state, owner.email.as_ref())))
}

/// Whether the link still works.
///
/// # Errors
/// If the database can't be read.
pub async fn is_good(state: &AppState, presented: &str) -> Result<bool> {
    Ok(find_open(state, presented).await?.is_some())
}

/// The id of the open link with this token.
async fn find_open(state: &AppState, presented: &str) -> Result<Option<String>> {
    let open = store::list_open_owner_links(&state.database).await?;
    let presented = pasted_token(presented);
    let is_presented = |link: &OpenLink| same(presented.as_bytes(), token(&state.keyring, &link.id).as_bytes());
    let Some(link) = open.into_iter().find(is_presented) else {
        return Ok(None);
    };
    // A time further in the future is from before a jump back of the clock, so we can't tell how old the link is.
    let is_fresh = (-AHEAD_MAX_S..=LIFE_S).contains(&(state.now_s() - link.created_at));
    Ok((is_fresh || !has_owner(state).await?).then_some(link.id))
}

/// What a link has done.
pub struct LinkOutcome {
    /// The owner who is signed in now.
    pub user: UserId,
    pub cookies: SetCookies,
}

/// Uses the link, and marks this browser as one that may read the outbox. If `owner` is empty, the account that is signed in here becomes
/// an owner; if nobody is signed in, a new owner is, who has to choose a name and a face. Otherwise `owner` is the id of an owner who
/// can't sign in with a code, and the link signs in as this owner. `shown` is the id of the account that the page has shown, or [`NOBODY`];
/// if it is empty, it is not checked.
///
/// # Errors
/// `NotFound` for a link that was used before, has expired or never existed, and for an owner who can sign in with a code or is gone;
/// `Forbidden` if a guest is signed in, because nobody can sign in as a guest again;
/// `signed_out` if the access token of the browser has expired, or if the account was deleted or deactivated; `somebody_else` if the page
/// acts for another user than the user who is signed in, or has shown another one; if the database can't be read or
/// written. After each of these errors, nothing has changed.
pub async fn claim(visit: &Visit, presented: &str, owner: &str, shown: &str) -> Result<LinkOutcome> {
    let id = find_open(&visit.state, presented).await?.ok_or_else(used)?;
    let signed_in = visit.identity_if_signed_in()?;
    // The browser is signed in, and only its access token has expired. The page refreshes it and asks again. Otherwise the account would be
    // replaced by a new one.
    if signed_in.is_none() && find_live_session(visit).await?.is_some() {
        return Err(AppError::signed_out().into());
    }
    // Somebody may have signed in with this browser after the page was loaded. Their account must not become an owner by surprise.
    let now = signed_in.as_ref().map_or(NOBODY, |identity| identity.user.as_str());
    if !shown.is_empty() && shown != now {
        return Err(AppError::somebody_else().into());
    }
    let account = match (owner, signed_in) {
        ("", None) => OwnerAccount::New,
        ("", Some(identity)) => OwnerAccount::SignedIn(identity.user),
        (owner, _) => OwnerAccount::Returning(UserId::parse(owner).ok_or_else(not_this_owner)?),
    };
    let claim = OwnerLinkClaim {
        id,
        account,
        start: SessionStart::of(visit),
    };
    to_the_end(async move { claim.commit().await }).await
}

/// The account that is an owner after the link was used.
enum OwnerAccount {
    /// An account that the link makes.
    New,
    /// The account that is signed in with the browser.
    SignedIn(UserId),
    /// An owner who comes back.
    Returning(UserId),
}

/// A link that is about to be used in a browser.
struct OwnerLinkClaim {
    id: String,
    account: OwnerAccount,
    start: SessionStart,
}

impl OwnerLinkClaim {
    /// Writes everything in one transaction: uses the link, makes the owner, and starts a session unless there is one.
    async fn commit(self) -> Result<LinkOutcome> {
        let state = &self.start.state;
        let now_s = state.now_s();
        let user = match &self.account {
            OwnerAccount::New => {
                UserId::parse(&random_id(20)).ok_or_else(|| anyhow::anyhow!("a new user id is malformed"))?
            }
            OwnerAccount::SignedIn(user) | OwnerAccount::Returning(user) => user.clone(),
        };
        let secret = random_id(40);
        let browser_hash = sha256_hex(secret.as_bytes());
        let mut transaction = state.database.begin().await?;
        let link = LinkUse {
            id: &self.id,
            browser_hash: &browser_hash,
            owner: &user,
            now_s,
        };
        if !store::use_owner_link(&mut transaction, &link).await? {
            return Err(used().into());
        }
        store::lock_in_order(&mut transaction, &user).await?;
        let email = self.prepare_account(&mut transaction, &user, now_s).await?;
        let unfinished = store::delete_unfinished_owners(&mut transaction, &user).await?;
        let begun = match self.account {
            OwnerAccount::SignedIn(_) => None,
            OwnerAccount::New | OwnerAccount::Returning(_) => {
                Some(self.start.write(&mut transaction, &user, now_s).await?)
            }
        };
        transaction.commit().await?;
        for session in &unfinished {
            revoke_and_disconnect(state, session);
        }
        state.snug_info.forget_host();
        tracing::info!(%user, "the owner link was used");
        let mut cookies = match &begun {
            Some(begun) => self.start.take_effect(begun, email.as_ref())?,
            None => vec![],
        };
        cookies.push(cookie::write(state, CookieName::Owner, &secret, COOKIE_LIFE_S));
        Ok(LinkOutcome { user, cookies })
    }

    /// Makes the account an owner, or checks that it is one. Returns its address, if it signs in.
    async fn prepare_account(
        &self,
        transaction: &mut Writing,
        user: &UserId,
        now_s: i64,
    ) -> Result<Option<EmailAddress>> {
        let state = &self.start.state;
        match &self.account {
            OwnerAccount::New => store::insert_owner(transaction, user, now_s).await?,
            OwnerAccount::SignedIn(_) => match store::make_owner(transaction, user, now_s).await? {
                OwnerRole::Given => {}
                OwnerRole::RefusedToGuest => return Err(guests_own_nothing().into()),
                OwnerRole::NoAccount => return Err(AppError::signed_out().into()),
            },
            OwnerAccount::Returning(_) => {
                let owner = store::lock_owner(transaction, user).await?;
                let owner = owner.filter(|owner| !gets_codes(state, owner.email.as_ref()));
                return Ok(owner.ok_or_else(not_this_owner)?.email);
            }
        }
        Ok(None)
    }
}

/// The address of the link, to print or to open.
fn address(public_url: &PublicUrl, keyring: &Keyring, id: &str) -> String {
    public_url.link(&format!("/owner/{}", token(keyring, id)))
}

fn token(keyring: &Keyring, id: &str) -> String {
    sha256_hex(&keyring.mac(Purpose::Owner, &[id.as_bytes()]))[..40].to_owned()
}

fn not_this_owner() -> AppError {
    AppError::not_found(
        "This owner signs in with a code, or is no longer here. Load the page again and choose another way.",
    )
}

fn guests_own_nothing() -> AppError {
    AppError::forbidden(
        "Guests can't become owners. Add your e-mail address in your settings, or sign out there. Then open this link again.",
    )
}

fn used() -> AppError {
    AppError::not_found(
        "This owner link was used before, has expired, or never existed. The command snug owner-link prints a new one.",
    )
}
