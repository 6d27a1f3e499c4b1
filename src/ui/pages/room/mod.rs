//! A room: its topic, everybody who is here, live, and the way out.

mod presence;

use super::not_found::WrongTurn;
use crate::{
    api,
    browser::page,
    error::{AppError, Kind},
    model::room::{self, Participant},
    ui::{
        components::{icon::Icon, notice::Notice, participant::Seat},
        line::LineState,
        session::{lead_away, use_session},
    },
};
use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::hooks::{use_navigate, use_params_map};
use presence::Presence;

#[component]
pub fn RoomPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let found = Resource::new(move || id.get(), api::rooms::find);
    lead_away(move || found.get().and_then(Result::err));
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match found.await {
                    Ok(room) => view! { <Inside room/> }.into_any(),
                    Err(error) if error.kind == Kind::NotFound => view! { <NoSuchRoom error/> }.into_any(),
                    Err(error) => {
                        crate::set_page_status(error.status());
                        view! {
                            <main class="lost" id="main">
                                <Notice error=Some(error)/>
                            </main>
                        }
                        .into_any()
                    }
                }
            })}
        </Transition>
    }
}

#[component]
fn NoSuchRoom(error: AppError) -> impl IntoView {
    crate::set_page_status(error.status());
    view! {
        <WrongTurn heading="There is no such room." told=error.detail>
            <a class="btn" href="/rooms">"To the rooms"</a>
        </WrongTurn>
    }
}

#[component]
fn Inside(room: room::RoomPage) -> impl IntoView {
    let presence = Presence::begin(&room);
    let sign = room.sign;
    let (topic, kind) = (sign.topic.clone(), sign.kind.label());
    let count = move || match presence.roster.get().len() {
        0 => "nobody here".to_owned(),
        many => format!("{many} here"),
    };
    view! {
        <Title text=topic.clone()/>
        <LineBanner presence/>
        <main class="room" id="main">
            <header class="room-head">
                <div>
                    <h1>{topic}</h1>
                    <p class="sub">
                        <span class="chip">{kind}</span>
                        <span>{format!("hosted by {}", sign.host.name)}</span>
                        <span role="status">{count}</span>
                    </p>
                </div>
                <LeaveButton presence/>
            </header>
            <div class="floor" data-line=move || (!matches!(presence.line.get(), LineState::Open)).then_some("lost")>
                <section class="stage" aria-label="Stage">
                    <Stage presence/>
                </section>
                <Alone presence/>
            </div>
        </main>
    }
}

#[component]
fn Stage(presence: Presence) -> impl IntoView {
    let ids = Memo::new(move |_| {
        presence
            .roster
            .get()
            .into_iter()
            .map(|one| one.person.id)
            .collect::<Vec<_>>()
    });
    let find = move |id: &crate::model::id::UserId| presence.roster.get().into_iter().find(|one| one.person.id == *id);
    view! {
        <ul role="list">
            <For each=move || ids.get() key=|id| id.clone() let:id>
                {
                    let first = presence.roster.get_untracked().into_iter().find(|one| one.person.id == id);
                    let mine = id.clone();
                    let is_me = Signal::derive(move || presence.me.get().as_ref() == Some(&mine));
                    first.map(|first| {
                        let participant: Memo<Participant> =
                            Memo::new(move |before: Option<&Participant>| {
                                find(&id).or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
                            });
                        view! { <Seat participant is_me/> }
                    })
                }
            </For>
        </ul>
    }
}

/// Without scripts it is a plain way to the list.
#[component]
fn LeaveButton(presence: Presence) -> impl IntoView {
    let navigate = use_navigate();
    let leave = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        presence.leave();
        navigate("/rooms", Default::default());
    };
    view! {
        <form method="get" action="/rooms" on:submit=leave>
            <button class="btn" data-kind="leave" type="submit">
                <Icon name="leave"/>
                <span>"Leave" <span class="label-wide">" quietly"</span></span>
            </button>
        </form>
    }
}

/// What one does alone in a room: ask somebody in.
#[component]
fn Alone(presence: Presence) -> impl IntoView {
    let session = use_session();
    let address = RwSignal::new(String::new());
    let copied = RwSignal::new(None::<bool>);
    Effect::new(move |_| address.set(page::address().unwrap_or_default()));
    let is_alone = Memo::new(move |_| presence.me.get().is_some() && presence.roster.get().len() == 1);
    let copy = move |_| spawn_local(async move { copied.set(Some(page::copy(&address.get_untracked()).await)) });
    let told = move || match copied.get() {
        Some(true) => "Link copied",
        Some(false) => "The browser keeps the clipboard closed. Mark the link and copy it.",
        None => "",
    };
    move || {
        is_alone.get().then(|| {
            view! {
                <section class="card stack" data-alone="" aria-labelledby="alone-title">
                    <div class="intro">
                        <h2 id="alone-title">"You are the first one here."</h2>
                        <p>"Ask somebody in."</p>
                    </div>
                    <div class="copy">
                        <input readonly aria-label="Link to this room" prop:value=address/>
                        <button
                            class="btn" data-kind="quiet" data-scripts="" type="button"
                            disabled=move || !session.ready.get() on:click=copy
                        >
                            <Icon name="link"/>
                            <span>"Copy link"</span>
                        </button>
                    </div>
                    <p class="hint" role="status">{told}</p>
                </section>
            }
        })
    }
}

/// What the line has to say, when it has something to say.
#[component]
fn LineBanner(presence: Presence) -> impl IntoView {
    let words = move || match presence.line.get() {
        LineState::Lost { attempt: 1 } => Some("The line is gone. Trying again…".to_owned()),
        LineState::Lost { attempt } => Some(format!("The line is gone. Trying again, {attempt} times now…")),
        LineState::Over => presence.ended.get(),
        LineState::Opening | LineState::Open => None,
    };
    move || words().map(|words| view! { <p class="banner" role="status">{words}</p> })
}
