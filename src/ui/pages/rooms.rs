//! The list of rooms, kept up to date by a WebSocket, with a search that filters as you type.

use crate::{
    api::{self, rooms::Open},
    error::AppError,
    model::{room::RoomCard, signal::ListSignal},
    ui::{
        call::use_call,
        components::{
            error_notice::Notice,
            icon::Icon,
            open_room_sheet::{OpenRoomFields, OpenRoomSheet, SHEET_ID},
            page_header::{AccountCorner, PageHeader},
            room_card::Card,
            street_illustration::DarkHouse,
        },
        reconnecting_socket::{ReconnectingSocket, SocketState},
        session::{redirect_on_error, use_session, with_retries},
    },
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use send_wrapper::SendWrapper;
use std::sync::Arc;

/// The cards in the order of the list. An update replaces only the cards that have changed.
type ListedCards = Vec<Arc<RoomCard>>;

#[component]
pub fn RoomsPage() -> impl IntoView {
    let (session, call) = (use_session(), use_call());
    let query = use_query_map();
    let words = RwSignal::new(query.with_untracked(|query| query.get("q").unwrap_or_default()));
    let list = Resource::new(|| (), |()| with_retries(api::rooms::list));
    let (pushed, state) = watch_list();
    // Browsers do not say why the server refused a socket, so call the endpoint of the list, whose error says why.
    Effect::new(move |_| {
        if matches!(state.get(), SocketState::Lost { attempt, .. } if attempt > 1) {
            list.refetch();
        }
    });
    let lost = move || matches!(state.get(), SocketState::Lost { .. });
    redirect_on_error(move || list.get().and_then(Result::err));
    session.reload();
    view! {
        <Title text="Rooms"/>
        <Transition>
            <PageHeader corner=Signal::derive(move || AccountCorner::of(session.user())) in_call=Signal::derive(move || call.current.get().is_some())/>
        </Transition>
        <div class="banner-place" role="status">
            {move || lost().then(|| view! { <p class="banner">"Connection lost. Trying again…"</p> })}
        </div>
        <main class="page" id="main">
            <div class="rooms-head">
                <h1>"Rooms"</h1>
                <form class="search" role="search" method="get" action="/rooms" on:submit=|event| event.prevent_default()>
                    <label class="visually-hidden" for="q">"Search topics and people"</label>
                    <Icon name="search"/>
                    <input
                        id="q" name="q" type="search" placeholder="Search topics and people" autocomplete="off"
                        value=words.get_untracked() on:input:target=move |event| words.set(event.target().value())
                    />
                </form>
                <Transition>
                    {move || match session.user().is_some_and(|user| user.guest) {
                        true => view! { <AddEmailPrompt/> }.into_any(),
                        false => view! { <OpenARoom/> }.into_any(),
                    }}
                </Transition>
            </div>
            <OpenRoom/>
            <Transition fallback=|| view! { <Skeleton/> }>
                {move || Suspend::new(async move {
                    let first = list.await;
                    if let Err(error) = &first {
                        crate::set_page_status(error.status());
                    }
                    match first {
                        Ok(rooms) => view! { <List rooms pushed words/> }.into_any(),
                        Err(error) => view! { <Notice error=Some(error)/> }.into_any(),
                    }
                })}
            </Transition>
        </main>
    }
}

#[component]
fn OpenARoom() -> impl IntoView {
    view! {
        <button class="btn" type="button" popovertarget=SHEET_ID>
            <Icon name="plus"/>
            <span>"Open a room"</span>
        </button>
    }
}

/// The link with which guests can add an e-mail address. It replaces the button to open a room, because guests can't open rooms.
#[component]
fn AddEmailPrompt() -> impl IntoView {
    view! {
        <p class="add-email">
            "You are here as a guest. "
            <a href="/settings#seat">"Keep my seat"</a>
        </p>
    }
}

/// Opens the socket of the list. Returns the list as the server sends it on the socket (`None` before the first message), and the
/// state of the socket.
fn watch_list() -> (RwSignal<Option<ListedCards>>, RwSignal<SocketState>) {
    let pushed = RwSignal::new(None);
    let state = RwSignal::new(SocketState::Opening);
    // Not `StoredValue::new_local`: on the server, a render can begin on one thread and end on another. On the server, the socket
    // is always `None`.
    let socket = StoredValue::new(None::<SendWrapper<ReconnectingSocket>>);
    Effect::new(move |_| {
        let on_message = move |text: String| {
            if let Ok(signal) = serde_json::from_str::<ListSignal>(&text) {
                pushed.update(|list: &mut Option<ListedCards>| signal.apply(list.get_or_insert_default()));
            }
        };
        socket.set_value(Some(SendWrapper::new(ReconnectingSocket::open(
            "/ws/rooms".to_owned(),
            state,
            on_message,
        ))));
    });
    on_cleanup(move || socket.set_value(None));
    (pushed, state)
}

/// The list of rooms: first as the server rendered it, and then as the socket sends it.
#[component]
fn List(rooms: Vec<RoomCard>, pushed: RwSignal<Option<ListedCards>>, words: RwSignal<String>) -> impl IntoView {
    let rendered: ListedCards = rooms.into_iter().map(Arc::new).collect();
    let all = Memo::new(move |_| pushed.get().unwrap_or_else(|| rendered.clone()));
    let found = Memo::new(move |_| {
        let words = words.get();
        all.with(|all| {
            all.iter()
                .filter(|card| card.matches(&words))
                .cloned()
                .collect::<ListedCards>()
        })
    });
    let active = Memo::new(move |_| all.with(|all| all.iter().filter(|card| !card.faces.is_empty()).count()));
    let is_quiet = Memo::new(move |_| all.with(Vec::is_empty));
    view! {
        {move || is_quiet.get().then(|| view! { <Quiet/> })}
        <p class="visually-hidden" role="status">
            {move || match (is_quiet.get(), words.with(String::is_empty)) {
                (true, _) => String::new(),
                (_, true) => live_words(active.get()),
                (_, false) => format!("{} found", found.with(Vec::len)),
            }}
        </p>
        {move || (!is_quiet.get() && found.with(Vec::is_empty)).then(|| view! {
            <p class="empty">"No room or person by that name. Clear the search to see all."</p>
        })}
        <ul class="rooms" role="list">
            <For each=move || found.get() key=|card| card.info.id.clone() let:card>
                <Card card=now(all, card)/>
            </For>
        </ul>
    }
}

/// The current state of a card. If its room is no longer on the list, this is the last known state.
fn now(all: Memo<ListedCards>, card: Arc<RoomCard>) -> Memo<Arc<RoomCard>> {
    Memo::new(move |last: Option<&Arc<RoomCard>>| {
        let listed = all.with(|all| all.iter().find(|one| one.info.id == card.info.id).cloned());
        listed.unwrap_or_else(|| last.unwrap_or(&card).clone())
    })
}

fn live_words(count: usize) -> String {
    if count == 1 {
        "1 room is lit.".to_owned()
    } else {
        format!("{count} rooms are lit.")
    }
}

#[component]
fn Quiet() -> impl IntoView {
    let session = use_session();
    let words = move || match session.user().is_some_and(|user| user.guest) {
        true => "Nobody is in the room you were invited to. Its link takes you back there.",
        false => "Open the first room and send the link to someone.",
    };
    view! {
        <div class="empty" role="status">
            <DarkHouse/>
            <p class="lead">"It is quiet."</p>
            <p>{words}</p>
        </div>
    }
}

#[component]
fn Skeleton() -> impl IntoView {
    let card = || {
        view! {
            <div class="room-card">
                <span class="skeleton" data-shape="title"></span>
                <span class="skeleton" data-shape="faces"></span>
                <span class="skeleton"></span>
                <span class="skeleton" data-shape="foot"></span>
            </div>
        }
    };
    view! {
        <p class="visually-hidden" role="status">"Looking for rooms…"</p>
        <div class="rooms" aria-hidden="true">{[card(), card(), card()]}</div>
    }
}

#[component]
fn OpenRoom() -> impl IntoView {
    let open = ServerAction::<Open>::new();
    // Without scripts, the page loads again after an error and its sheet is closed. So the error of that form is on the page.
    let before = open.value().get_untracked().and_then(Result::err);
    let error = Signal::derive(move || match open.version().get() {
        0 => None,
        _ => open.value().get().and_then(Result::err),
    });
    redirect_on_error(move || error.get().filter(AppError::needs_sign_in));
    view! {
        {before.map(|error| view! { <Notice error=Some(error)/> })}
        <OpenRoomSheet>
            <ActionForm action=open attr:class="stack">
                <OpenRoomFields error pending=open.pending()/>
            </ActionForm>
        </OpenRoomSheet>
    }
}
