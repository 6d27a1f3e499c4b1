//! The sheet "More about NAME". It lists what you can do about another person in the room. All faces use the same sheet.

use crate::{
    api::{
        self,
        circle::{Follow, Unfollow},
    },
    browser::page,
    error::AppError,
    model::{
        id::UserId,
        isolated::isolated,
        moderation_log::REACH_OF_A_BAN,
        room::{ParticipantInfo, Person, RoomInfo},
        stage::{MicLock, Mode, ModerationAction, Role, StageRequest},
    },
    ui::{
        call::Presence,
        components::{error_notice::Notice, icon::Icon, sheet_header::SheetHeader},
        session::use_session,
    },
};
use leptos::{ev::KeyboardEvent, prelude::*};

const SHEET: &str = "more-about";
const BAN_HINT: &str = "reach-of-a-ban";

/// The people you follow (your circle), as far as this page knows.
#[derive(Clone, Copy)]
struct Circle {
    /// The ids of the people you follow; `None` until the page knows them.
    followed: RwSignal<Option<Vec<UserId>>>,
    /// The person whom you followed or unfollowed with the last click.
    last: RwSignal<Option<UserId>>,
    ask: Action<(), Result<Vec<Person>, AppError>>,
    follow: ServerAction<Follow>,
    unfollow: ServerAction<Unfollow>,
}

impl Circle {
    /// Loads the circle when the page starts to run in the browser, and again whenever the person has changed the circle on this
    /// page.
    fn watch() -> Self {
        let circle = Self {
            followed: RwSignal::new(None),
            last: RwSignal::new(None),
            ask: Action::new(|(): &()| api::circle::list()),
            follow: ServerAction::new(),
            unfollow: ServerAction::new(),
        };
        Effect::new(move |_| {
            circle.follow.version().track();
            circle.unfollow.version().track();
            circle.ask.dispatch(());
        });
        Effect::new(move |_| {
            if let Some(Ok(people)) = circle.ask.value().get() {
                let ids = people.into_iter().map(|person| person.id).collect();
                circle.followed.set(Some(ids));
            }
        });
        circle
    }

    /// Whether you follow `user`; `None` until the page knows it.
    fn has(self, user: &UserId) -> Option<bool> {
        self.followed
            .with(|followed| followed.as_ref().map(|followed| followed.contains(user)))
    }

    fn waits(self) -> bool {
        self.ask.pending().get() || self.follow.pending().get() || self.unfollow.pending().get()
    }

    fn toggle(self, user: &UserId) {
        if untrack(|| self.waits()) {
            return;
        }
        self.last.set(Some(user.clone()));
        self.follow.clear();
        self.unfollow.clear();
        let name = user.to_string();
        match untrack(|| self.has(user)) {
            Some(true) => self.unfollow.dispatch(Unfollow { user: name }),
            Some(false) => self.follow.dispatch(Follow { user: name }),
            // The circle could not be loaded, so try to load it again.
            None => self.ask.dispatch(()),
        };
    }

    /// Why you could not follow or unfollow this person, or why the circle could not be loaded.
    fn error(self, user: &UserId) -> Option<AppError> {
        if self.has(user).is_none() {
            return self.ask.value().get().and_then(Result::err);
        }
        if self.last.get().as_ref() != Some(user) {
            return None;
        }
        let follow = self.follow.value().get().and_then(Result::err);
        follow.or_else(|| self.unfollow.value().get().and_then(Result::err))
    }
}

#[component]
pub fn ParticipantMenu(presence: Presence, chosen: RwSignal<Option<UserId>>) -> impl IntoView {
    let (session, circle) = (use_session(), Circle::watch());
    let is_guest = move || session.user().is_some_and(|user| user.person.guest);
    let about = Memo::new(move |_| {
        let id = chosen.get()?;
        presence
            .roster
            .with(|roster| roster.iter().find(|one| one.person.id == id).cloned())
    });
    // If the person leaves the room while the sheet is open, the sheet shows their name until it is closed.
    let name = Memo::new(move |before: Option<&String>| {
        let name = about.with(|one| one.as_ref().map(|one| one.person.name.clone()));
        name.or_else(|| before.cloned()).unwrap_or_default()
    });
    let is_about_guest = Memo::new(move |_| about.with(|one| one.as_ref().is_some_and(|one| one.person.guest)));
    let gone = move || chosen.get().is_some() && about.with(Option::is_none);
    let actions = Memo::new(move |_| match (presence.role(), about.get()) {
        (Some(mine), Some(one)) => presence.info.with(|info| list_actions(mine, info, &one)),
        _ => vec![],
    });
    view! {
        <dialog
            class="sheet" id=SHEET popover="auto" aria-label=name
            // Move the focus only now, because the menu's items do not exist before the sheet is open.
            on:toggle=move |_| page::focus("#more-about:popover-open [role=menuitem]")
        >
            <SheetHeader sheet=SHEET heading=name/>
            {move || is_about_guest.get().then(|| view! {
                <p class="sub"><span class="chip">"guest"</span><span>"came by a link and chose this name"</span></p>
            })}
            <ul
                class="menu" role="menu" aria-label=move || format!("What to do about {}", isolated(&name.get()))
                hidden=move || is_guest() && actions.with(Vec::is_empty) on:keydown=step
            >
                {move || chosen.get().filter(|_| !is_guest()).map(|user| view! { <FollowItem circle user/> })}
                <For each=move || actions.get() key=|action| *action let:action>
                    <ActionItem presence chosen action/>
                </For>
            </ul>
            {move || actions.with(|actions| actions.contains(&ModerationAction::Ban)).then(|| view! {
                <p class="hint" id=BAN_HINT>{REACH_OF_A_BAN}</p>
            })}
            <p class="hint" role="status" data-names="">
                {move || chosen.get().map(|user| match (gone(), circle.has(&user)) {
                    (true, _) => format!("{} has left.", isolated(&name.get())),
                    _ if is_guest() => "Guests can't follow people. Add your e-mail address in settings first.".to_owned(),
                    (_, Some(true)) => format!("You follow {}: they can see your social rooms.", isolated(&name.get())),
                    _ => "People you follow can see your social rooms.".to_owned(),
                })}
            </p>
            <Notice error=Signal::derive(move || chosen.get().and_then(|user| circle.error(&user)))/>
        </dialog>
    }
}

#[component]
fn FollowItem(circle: Circle, user: UserId) -> impl IntoView {
    let user = StoredValue::new(user);
    let label = move || match user.with_value(|user| circle.has(user)) {
        Some(true) => "Unfollow",
        None if circle.ask.value().get().is_some() => "Try again",
        _ => "Follow",
    };
    view! {
        <li role="none">
            <button
                type="button" role="menuitem" aria-disabled=move || circle.waits().then_some("true")
                on:click=move |_| user.with_value(|user| circle.toggle(user))
            >
                <Icon name="heart"/>
                {label}
            </button>
        </li>
    }
}

#[component]
fn ActionItem(presence: Presence, chosen: RwSignal<Option<UserId>>, action: ModerationAction) -> impl IntoView {
    let press = move |_| {
        let Some(about) = chosen.get_untracked() else { return };
        let role = presence.role_of(&about);
        presence.request(StageRequest::Moderate { about, action });
        if moves(action, role) {
            // The button that opened the sheet moves or disappears together with the person's face and would lose the focus.
            page::focus("section.stage");
        }
    };
    let icon = match action {
        ModerationAction::Invite => "hand",
        ModerationAction::ToAudience => "ear",
        ModerationAction::Mute => "mic-off",
        ModerationAction::LetUnmute => "mic",
        ModerationAction::MakeCoHost | ModerationAction::TakeCoHost | ModerationAction::HandOver => "people",
        ModerationAction::Remove | ModerationAction::Ban => "leave",
    };
    let tone = matches!(action, ModerationAction::Remove | ModerationAction::Ban).then_some("bad");
    view! {
        <li role="none">
            <button
                type="button" role="menuitem" data-tone=tone
                aria-describedby=(action == ModerationAction::Ban).then_some(BAN_HINT)
                popovertarget=SHEET popovertargetaction="hide" on:click=press
            >
                <Icon name=icon/>
                {action.label()}
            </button>
        </li>
    }
}

/// Whether the action moves a person with this role to another place on the page, or removes them from it.
fn moves(action: ModerationAction, role: Option<Role>) -> bool {
    match action {
        ModerationAction::ToAudience | ModerationAction::Remove | ModerationAction::Ban => true,
        ModerationAction::MakeCoHost | ModerationAction::HandOver => role == Some(Role::Listener),
        ModerationAction::Invite
        | ModerationAction::Mute
        | ModerationAction::LetUnmute
        | ModerationAction::TakeCoHost => false,
    }
}

/// The actions on a person that your role allows and that would change something.
fn list_actions(mine: Role, room: &RoomInfo, about: &ParticipantInfo) -> Vec<ModerationAction> {
    let makes_sense = |action: &ModerationAction| match action {
        ModerationAction::Invite => !about.invited,
        ModerationAction::ToAudience => room.rules.mode == Mode::Stage,
        ModerationAction::Mute => about.mic_lock != Some(MicLock::ByHost),
        ModerationAction::LetUnmute => about.mic_lock.is_some(),
        ModerationAction::MakeCoHost
        | ModerationAction::TakeCoHost
        | ModerationAction::HandOver
        | ModerationAction::Remove
        | ModerationAction::Ban => true,
    };
    let may = |action: &ModerationAction| match mine {
        Role::Host => may_as_host(room, *action, about),
        _ => action.is_for(mine, about.role),
    };
    ModerationAction::ALL
        .into_iter()
        .filter(may)
        .filter(makes_sense)
        .collect()
}

/// Whether the host of the room, who perhaps hosts only while the owner is away, may take this action on `about`.
fn may_as_host(room: &RoomInfo, action: ModerationAction, about: &ParticipantInfo) -> bool {
    let request = StageRequest::Moderate {
        about: about.person.id.clone(),
        action,
    };
    room.lets_host_request(&request) && room.host_kind().may_act(action, about.role)
}

/// Moves the focus through the menu with the arrow keys (ARIA Authoring Practices Guide, "Menu").
fn step(event: KeyboardEvent) {
    let step = match event.key().as_str() {
        "ArrowDown" => page::FocusStep::Next,
        "ArrowUp" => page::FocusStep::Before,
        "Home" => page::FocusStep::First,
        "End" => page::FocusStep::Last,
        _ => return,
    };
    event.prevent_default();
    page::step_focus(&event, step);
}
