//! The invite links into a room, as a host's page knows them: it loads them, makes the one that is ready, and turns links off.

use super::stand_in::is_stand_in;
use crate::{
    api::{
        self,
        invites::{Make, Revoke},
    },
    error::AppError,
    model::{
        id::InviteId,
        invite::{Invite, InviteList, READY_DAYS, READY_USES},
    },
    ui::call::Presence,
};
use leptos::prelude::*;

/// The links, and what the host does with them.
#[derive(Clone, Copy)]
pub struct InviteLinks {
    /// Newest first.
    pub known: RwSignal<Vec<Invite>>,
    /// Whether this Snug allows links that let guests in; `None` until the page has loaded the links.
    pub guests: RwSignal<Option<bool>>,
    /// The link that the sheet offers; `None` if no link works.
    pub offered: Memo<Option<Invite>>,
    /// The link that the host has made or chosen on this page.
    chosen: RwSignal<Option<InviteId>>,
    ask: Action<(), Result<InviteList, AppError>>,
    pub make: ServerAction<Make>,
    pub revoke: ServerAction<Revoke>,
    pub error: RwSignal<Option<AppError>>,
}

impl InviteLinks {
    /// The links into the room. They are loaded when a host opens the sheet (`is_wanted`), and, while the sheet is open, whenever they
    /// may have changed. If no link is ready when the sheet opens, the page makes one.
    pub fn watch(presence: Presence, is_wanted: Memo<bool>) -> Self {
        let links = Self::new(presence);
        let needs_link = StoredValue::new(false);
        Effect::new(move |before: Option<bool>| {
            let is_wanted = is_wanted.get();
            if is_wanted && before != Some(true) {
                needs_link.set_value(true);
                links.error.set(None);
            }
            is_wanted
        });
        // People who have come may have used a link. A stand-in sees only their own links, and the owner sees all again.
        let changes = Memo::new(move |_| (presence.roster.with(Vec::len), is_stand_in(presence)));
        Effect::new(move |_| {
            changes.track();
            links.make.version().track();
            links.revoke.version().track();
            if is_wanted.get() {
                links.ask.dispatch(());
            }
        });
        Effect::new(move |_| match links.ask.value().get() {
            Some(Ok(list)) => {
                links.known.set(list.invites);
                links.guests.set(Some(list.guests));
                let needed = needs_link.try_update_value(std::mem::take) == Some(true);
                if needed && links.offered.with_untracked(Option::is_none) {
                    links.make_ready_link(presence, list.guests);
                }
            }
            Some(Err(error)) => links.error.set(Some(error)),
            None => {}
        });
        Effect::new(move |_| match links.make.value().get() {
            Some(Ok(invite)) => links.add(invite),
            Some(Err(error)) => links.error.set(Some(error)),
            None => {}
        });
        Effect::new(move |_| links.error.set(links.revoke.value().get().and_then(Result::err)));
        links
    }

    fn new(presence: Presence) -> Self {
        let (known, guests) = (RwSignal::new(Vec::<Invite>::new()), RwSignal::new(None::<bool>));
        let chosen = RwSignal::new(None::<InviteId>);
        let offered = Memo::new(move |_| {
            let (chosen, guests) = (chosen.get(), guests.get() == Some(true));
            known.with(|known| {
                let is_chosen = |one: &&Invite| one.is_good() && Some(&one.id) == chosen.as_ref();
                let ready = || known.iter().find(|one| one.is_ready(guests));
                known.iter().find(is_chosen).or_else(ready).cloned()
            })
        });
        Self {
            known,
            guests,
            offered,
            chosen,
            ask: Action::new(move |(): &()| api::invites::list(presence.id().to_string())),
            make: ServerAction::new(),
            revoke: ServerAction::new(),
            error: RwSignal::new(None),
        }
    }

    /// Offers this link in the sheet.
    pub fn offer(self, id: &InviteId) {
        self.chosen.set(Some(id.clone()));
    }

    /// Whether the page has asked for the links, and none of them works.
    pub fn is_without_link(self) -> bool {
        let has_answer = self.guests.with(Option::is_some) || self.error.with(Option::is_some);
        has_answer && !self.waits() && self.offered.with(Option::is_none)
    }

    /// Whether an answer about the links is on its way.
    fn waits(self) -> bool {
        self.ask.pending().get() || self.make.pending().get()
    }

    fn make_ready_link(self, presence: Presence, guests: bool) {
        self.make.dispatch(Make {
            room: presence.id().to_string(),
            days: READY_DAYS,
            most_uses: READY_USES,
            guests,
        });
    }

    /// Adds a link that was just made, and offers it.
    fn add(self, invite: Invite) {
        self.error.set(None);
        self.chosen.set(Some(invite.id.clone()));
        self.known.update(|known| {
            if known.iter().all(|one| one.id != invite.id) {
                known.insert(0, invite);
            }
        });
    }
}
