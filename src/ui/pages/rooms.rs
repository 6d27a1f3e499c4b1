//! The list of rooms, a page at a time. A WebSocket keeps the page up to date, and a search looks through all pages.

mod goodbye;
mod list;
mod open_room;
mod search_box;
mod server_time;

use crate::{
    api,
    model::room_list::RoomListQuery,
    ui::{
        call::use_call,
        components::{
            error_notice::Notice,
            icon::Icon,
            open_room_sheet::SHEET_ID,
            page_header::{AccountCorner, PageHeader},
        },
        reconnecting_socket::SocketState,
        session::{redirect_on_error, use_session, with_retries},
        sign_in_options::use_sign_in_options,
        stripped_sockets::watch_for_proxy,
    },
};
use goodbye::GoodbyeCard;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_location, use_query_map};
use list::{FetchedPage, List, Summary, watch_list};
use open_room::OpenRoom;
use search_box::SearchBox;

/// The path of this page.
const PATH: &str = "/rooms";

#[component]
pub fn RoomsPage() -> impl IntoView {
    let (session, call) = (use_session(), use_call());
    let query = use_list_query();
    let list = Resource::new(move || query.get(), fetch_page);
    let (pushed, state) = watch_list(query);
    // Browsers do not say why the server refused a socket, so call the endpoint of the list, whose error says why.
    Effect::new(move |_| {
        if matches!(state.get(), SocketState::Lost { attempt, .. } if attempt > 1) {
            list.refetch();
        }
    });
    let stripped = watch_for_proxy(state.read_only(), || "/ws/rooms".to_owned());
    let lost = move || matches!(state.get(), SocketState::Lost { .. });
    redirect_on_error(move || list.get().and_then(|(_, found)| found.err()));
    session.reload();
    // Whether the person has followed a link to another page of the list. If so, the new page gets the focus, because the link that
    // had it is gone.
    let link_followed = StoredValue::new(false);
    view! {
        <Title text="Rooms"/>
        <Transition>
            <PageHeader corner=Signal::derive(move || AccountCorner::of(session.user())) in_call=Signal::derive(move || call.current.get().is_some())/>
        </Transition>
        <div class="banner-place" role="status">
            {move || lost().then(|| {
                let words = stripped.get().unwrap_or_else(|| "Connection lost. Trying again…".to_owned());
                view! { <p class="banner">{words}</p> }
            })}
            {move || {
                (state.get() == SocketState::MadeRoom)
                    .then(|| {
                        view! {
                            <p class="banner">
                                "You opened Snug on too many pages, so this list no longer updates. Close some of the others, then load this page again."
                            </p>
                        }
                    })
            }}
        </div>
        <main class="page" id="main">
            <div class="rooms-head">
                <h1>"Rooms"</h1>
                <SearchBox path=PATH query/>
                <Transition>
                    {move || match session.user().is_some_and(|user| user.person.guest) {
                        true => view! { <AddEmailPrompt/> }.into_any(),
                        false => view! { <OpenARoom/> }.into_any(),
                    }}
                </Transition>
            </div>
            <GoodbyeCard/>
            <Summary list pushed/>
            <OpenRoom/>
            <Transition fallback=|| view! { <Skeleton/> }>
                {move || Suspend::new(async move {
                    let (query, first) = list.await;
                    if let Err(error) = &first {
                        crate::set_page_status(error.status());
                    }
                    match first {
                        Ok(first) => view! { <List path=PATH query first pushed link_followed/> }.into_any(),
                        Err(error) => view! { <Notice error=Some(error)/> }.into_any(),
                    }
                })}
            </Transition>
        </main>
    }
}

/// The part of the list that the address of the page asks for. When the person leaves for a page with another path, the query stays
/// as it is, so that nothing is fetched for a list that nobody sees any more.
fn use_list_query() -> Memo<RoomListQuery> {
    let (fields, path) = (use_query_map(), use_location().pathname);
    let read = move || fields.with(|fields| RoomListQuery::of_address(fields.get_str("page"), fields.get_str("q")));
    Memo::new(move |last: Option<&RoomListQuery>| match last {
        Some(last) if path.with(|path| path != PATH) => last.clone(),
        _ => read(),
    })
}

async fn fetch_page(query: RoomListQuery) -> FetchedPage {
    let (words, page) = (query.words().to_owned(), query.page());
    let found = with_retries(move || api::rooms::search(words.clone(), page)).await;
    (query, found)
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
/// After a room, the card that says goodbye offers the same, so the link waits until the card is gone. Without mail, there is no link.
#[component]
fn AddEmailPrompt() -> impl IntoView {
    let (call, mail) = (use_call(), use_sign_in_options().mail);
    move || {
        call.goodbye.with(Option::is_none).then(|| {
            view! {
                <p class="add-email">
                    "You are here as a guest. "
                    {mail.then(|| view! { <a href="/settings#seat">"Keep your seat"</a> })}
                </p>
            }
        })
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
