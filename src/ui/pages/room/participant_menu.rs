//! The sheet "More about NAME". It lists what you can do about another person in the room. All faces use the same sheet.

use super::{
    following::{Circle, FollowItem},
    question_sheet::QuestionSheet,
    voice_facts::VoiceFactsView,
};
use crate::{
    browser::{
        page,
        roving_focus::{self, FocusEnds, FocusStep},
    },
    model::{
        host_kind::HostKind,
        id::UserId,
        isolated::isolated,
        moderation_log::REACH_OF_A_BAN,
        room::{ParticipantInfo, RoomInfo},
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
/// The sheet while it is open.
const OPEN_SHEET: &str = "#more-about:popover-open";
/// The items of the menu, while the sheet is open.
const ITEMS: &str = "#more-about:popover-open [role=menuitem]";
const BAN_QUESTION: &str = "ban-question";
const HOST_QUESTION: &str = "make-host-question";

/// Whether the sheet about this person would have at least one action for you. Guests can't follow people.
pub fn has_actions(presence: Presence, about: &ParticipantInfo) -> bool {
    let is_somebody_else = presence.me.get().is_some_and(|me| me != about.person.id);
    is_somebody_else && (!is_guest() || !actions_on(presence, about).is_empty())
}

/// Whether you are a guest.
fn is_guest() -> bool {
    use_session().user().is_some_and(|user| user.person.guest)
}

fn actions_on(presence: Presence, about: &ParticipantInfo) -> Vec<ModerationAction> {
    let mine = presence.role();
    mine.map(|mine| presence.info.with(|info| list_actions(mine, info, about)))
        .unwrap_or_default()
}

#[component]
pub fn ParticipantMenu(presence: Presence, chosen: RwSignal<Option<UserId>>) -> impl IntoView {
    let circle = Circle::watch();
    let is_guest = Memo::new(move |_| is_guest());
    let hosts = Memo::new(move |_| presence.role().is_some_and(Role::hosts));
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
    let actions = Memo::new(move |_| {
        let about = about.get();
        about.map(|one| actions_on(presence, &one)).unwrap_or_default()
    });
    let is_open = RwSignal::new(false);
    // Only hosts may read the facts about other people.
    let watched = Memo::new(move |_| {
        let is_shown = is_open.get() && hosts.get() && !gone();
        chosen.get().filter(|_| is_shown)
    });
    let on_toggle = move |_| {
        // Move the focus only now, because the menu's items do not exist before the sheet is open.
        page::focus(ITEMS);
        is_open.set(page::has(OPEN_SHEET));
    };
    view! {
        <dialog class="sheet" id=SHEET popover="auto" aria-label=name on:toggle=on_toggle>
            <SheetHeader sheet=SHEET heading=name/>
            {move || is_about_guest.get().then(|| view! {
                <p class="sub"><span class="chip">"guest"</span><span>"came by a link and chose this name"</span></p>
            })}
            // This is not a live region: the announcer says what changes here.
            <p class="hint" data-names="">
                {move || chosen.get().and_then(|user| match (gone(), circle.has(&user)) {
                    (true, _) => Some(format!("{} has left.", isolated(&name.get()))),
                    _ if is_guest.get() => None,
                    (_, Some(true)) => Some(format!("You follow {}. They can see your social rooms.", isolated(&name.get()))),
                    _ => Some("People you follow can see your social rooms.".to_owned()),
                })}
            </p>
            <ul
                class="menu" role="menu" aria-label=move || format!("What to do about {}", isolated(&name.get()))
                hidden=move || is_guest.get() && actions.with(Vec::is_empty) on:keydown=step
            >
                {move || chosen.get().filter(|_| !is_guest.get()).map(|user| view! { <FollowItem circle user name/> })}
                <For each=move || actions.get() key=|action| *action let:action>
                    <ActionItem presence chosen action/>
                </For>
            </ul>
            {move || watched.get().map(|of| view! { <VoiceFactsView presence of is_folded=true/> })}
            <Notice error=Signal::derive(move || chosen.get().and_then(|user| circle.error(&user)))/>
        </dialog>
        {move || hosts.get().then(|| view! { <Questions presence chosen name/> })}
    }
}

/// The sheets that ask before the two actions that are hard to take back.
#[component]
fn Questions(presence: Presence, chosen: RwSignal<Option<UserId>>, name: Memo<String>) -> impl IntoView {
    let take = move |action| Callback::new(move |()| take_action(presence, chosen, action));
    let called = move || isolated(&name.get()).into_owned();
    // The focus goes back to the face if the sheet about the person was closed together with the question.
    let face = Signal::derive(move || {
        let face_of = |id: &UserId| format!("li[data-person=\"{id}\"] button.who");
        chosen
            .with(|chosen| chosen.as_ref().map(face_of))
            .unwrap_or_else(|| "section.stage".to_owned())
    });
    let after_hand_over = move || match presence.info.with(RoomInfo::host_kind) {
        HostKind::Owner => "You stay, as a co-host.",
        HostKind::Appointed | HostKind::StandIn => "You stay. The owner is host again when they come back.",
    };
    view! {
        <QuestionSheet
            id=BAN_QUESTION heading=Signal::derive(move || format!("Ban {}?", called()))
            message=Signal::derive(move || {
                format!("{} leaves now, and can come back only if a host allows it. {REACH_OF_A_BAN}", called())
            })
            yes="Ban" no="Cancel" opened_from=SHEET heir=face press=take(ModerationAction::Ban)
        />
        <QuestionSheet
            id=HOST_QUESTION heading=Signal::derive(move || format!("Make {} host?", called()))
            message=Signal::derive(move || format!("Hand the room to {}? {}", called(), after_hand_over()))
            yes="Make host" no="Cancel" harmless=true opened_from=SHEET heir=face press=take(ModerationAction::HandOver)
        />
    }
}

fn take_action(presence: Presence, chosen: RwSignal<Option<UserId>>, action: ModerationAction) {
    let Some(about) = chosen.get_untracked() else { return };
    let role = presence.role_of(&about);
    presence.request(StageRequest::Moderate { about, action });
    if moves(action, role) {
        // The button that opened the sheet moves or disappears together with the person's face and would lose the focus.
        page::focus("section.stage");
    }
}

#[component]
fn ActionItem(presence: Presence, chosen: RwSignal<Option<UserId>>, action: ModerationAction) -> impl IntoView {
    let question = match action {
        ModerationAction::Ban => Some(BAN_QUESTION),
        ModerationAction::HandOver => Some(HOST_QUESTION),
        _ => None,
    };
    let press = move |_| {
        if question.is_none() {
            take_action(presence, chosen, action);
        }
    };
    let tone = matches!(action, ModerationAction::Remove | ModerationAction::Ban).then_some("bad");
    view! {
        <li role="none" data-tone=tone>
            <button
                type="button" role="menuitem" data-tone=tone aria-haspopup=question.map(|_| "dialog")
                popovertarget=question.unwrap_or(SHEET) popovertargetaction=question.map_or("hide", |_| "show")
                on:click=press
            >
                <Icon name=icon(action)/>
                {action.label()}
            </button>
        </li>
    }
}

/// Each action has an icon of its own.
fn icon(action: ModerationAction) -> &'static str {
    match action {
        ModerationAction::Invite => "to-stage",
        ModerationAction::ToAudience => "ear",
        ModerationAction::Mute => "mic-off",
        ModerationAction::LetUnmute => "mic",
        ModerationAction::MakeCoHost => "co-host",
        ModerationAction::TakeCoHost => "not-co-host",
        ModerationAction::HandOver => "crown",
        ModerationAction::Remove => "door",
        ModerationAction::Ban => "ban",
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
        "ArrowDown" => FocusStep::Next,
        "ArrowUp" => FocusStep::Before,
        "Home" => FocusStep::First,
        "End" => FocusStep::Last,
        _ => return,
    };
    event.prevent_default();
    roving_focus::step(&event, ITEMS, step, FocusEnds::Wrap);
}
