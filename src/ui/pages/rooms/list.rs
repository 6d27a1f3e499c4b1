//! The cards of one page of the list, kept up to date by the socket of the list.

use super::server_time::server_time;
use crate::{
    browser::page,
    error::AppError,
    model::{
        id::RoomId,
        room::RoomCard,
        room_list::{RoomListCounts, RoomListPage, RoomListQuery},
        signal::ListSignal,
    },
    ui::{
        call::use_call,
        components::{
            pager::{Pager, page_words},
            room_card::{Card, WaysIn},
            street_illustration::DarkHouse,
        },
        reconnecting_socket::{ReconnectingSocket, SocketState},
        session::use_session,
    },
};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use send_wrapper::SendWrapper;
use std::sync::Arc;

/// The id of the element with the cards.
const LIST_ID: &str = "room-list";

/// The selector of the search box.
const SEARCH_BOX: &str = "#q";

/// A page of the list as the endpoint has sent it, with its query. The page on screen can be older than the current query.
pub type FetchedPage = (RoomListQuery, Result<RoomListPage, AppError>);

/// A page of the list as the socket has sent it. An update replaces only the cards that have changed.
#[derive(Debug, Clone)]
pub struct PushedPage {
    query: RoomListQuery,
    page: RoomListPage,
}

/// Opens the socket of the list, and another one whenever the query changes. Returns the page as the server sends it on the socket
/// (`None` before the first message), and the state of the socket.
pub fn watch_list(query: Memo<RoomListQuery>) -> (RwSignal<Option<PushedPage>>, RwSignal<SocketState>) {
    let pushed = RwSignal::new(None::<PushedPage>);
    let state = RwSignal::new(SocketState::Opening);
    // Not `StoredValue::new_local`: on the server, a render can begin on one thread and end on another. On the server, the socket
    // is always `None`.
    let socket = StoredValue::new(None::<SendWrapper<ReconnectingSocket>>);
    Effect::new(move |_| {
        let query = query.get();
        let path = query.address("/ws/rooms");
        let on_message = move |text: String| {
            if let Ok(signal) = serde_json::from_str::<ListSignal>(&text) {
                pushed.update(|pushed| update(pushed, &query, signal));
            }
        };
        socket.set_value(None);
        socket.set_value(Some(SendWrapper::new(ReconnectingSocket::open(
            path, state, on_message,
        ))));
    });
    on_cleanup(move || socket.set_value(None));
    (pushed, state)
}

/// Applies a signal of the socket for `query`. A page that an earlier socket sent for another query is forgotten.
fn update(pushed: &mut Option<PushedPage>, query: &RoomListQuery, signal: ListSignal) {
    let known = pushed.take().filter(|known| known.query == *query);
    let mut known = known.unwrap_or_else(|| PushedPage {
        query: query.clone(),
        page: RoomListPage::default(),
    });
    signal.apply(&mut known.page);
    *pushed = Some(known);
}

/// The page for `query`: `first` as the endpoint has sent it, and then as the socket sends it.
fn follow(query: RoomListQuery, first: RoomListPage, pushed: RwSignal<Option<PushedPage>>) -> Memo<RoomListPage> {
    // After the person has asked for another page, the socket sends that page. This page then stays as it is, until the endpoint has
    // sent the other page too.
    Memo::new(move |last: Option<&RoomListPage>| {
        pushed.with(|pushed| match pushed {
            Some(pushed) if pushed.query == query => pushed.page.clone(),
            _ => last.unwrap_or(&first).clone(),
        })
    })
}

/// A sentence about the list for screen readers. This element is not a part of [`List`], so it stays when another page is shown.
/// Screen readers announce a change of an element, but not always an element that is new.
#[component]
pub fn Summary(list: Resource<FetchedPage>, pushed: RwSignal<Option<PushedPage>>) -> impl IntoView {
    view! {
        <p class="visually-hidden" role="status">
            <Transition>
                {move || Suspend::new(async move {
                    let (query, first) = list.await;
                    let is_search = !query.words().is_empty();
                    first.ok().map(|first| {
                        let shown = follow(query, first, pushed);
                        move || shown.with(|page| summarize(page.counts, is_search))
                    })
                })}
            </Transition>
        </p>
    }
}

/// The cards of one page of the list, and the links to the pages before and after it. If `link_followed` is true, the person came
/// here by such a link, so the cards get the focus.
#[component]
pub fn List(
    path: &'static str,
    query: RoomListQuery,
    first: RoomListPage,
    pushed: RwSignal<Option<PushedPage>>,
    link_followed: StoredValue<bool>,
) -> impl IntoView {
    let shown = follow(query.clone(), first, pushed);
    let (counts, now_s) = (Memo::new(move |_| shown.with(|page| page.counts)), server_time(shown));
    let is_quiet = Memo::new(move |_| counts.get().listed == 0);
    let ways_in = use_ways_in();
    // The list has a name only if there are several lists, one on each page.
    let page_label = move || (counts.get().pages > 1).then(|| page_words(counts.get().page, counts.get().pages));
    Effect::new(move |_| {
        if link_followed.try_update_value(std::mem::take) == Some(true) {
            // The cards are on the page only after this effect.
            request_animation_frame(|| page::focus(&format!("#{LIST_ID}")));
        }
    });
    view! {
        {move || is_quiet.get().then(|| view! { <Quiet/> })}
        {move || (!is_quiet.get() && counts.get().found == 0).then(|| view! {
            <div class="empty">
                <p>"No room or person by that name."</p>
                // The link is gone after the click, so the search box gets the focus.
                <a class="btn" data-kind="quiet" href=path on:click=move |_| page::focus(SEARCH_BOX)>"Clear search"</a>
            </div>
        })}
        <ul class="rooms" id=LIST_ID role="list" tabindex="-1" aria-label=page_label>
            <For each=move || shown.with(|page| page.rooms.clone()) key=|card| card.info.id.clone() let:card>
                <Card card=now(shown, card) now_s ways_in/>
            </For>
        </ul>
        <Pager
            page=Signal::derive(move || counts.get().page)
            pages=Signal::derive(move || counts.get().pages)
            address=Callback::new(move |page: usize| query.with_page(page).address(path))
            on_follow=Callback::new(move |()| link_followed.set_value(true))
        />
    }
}

/// What the two ways into a room do.
fn use_ways_in() -> WaysIn {
    let (call, navigate) = (use_call(), use_navigate());
    let look_in = move |room: RoomId| {
        call.look_in_on_arrival(&room);
        navigate(&format!("/rooms/{room}"), Default::default());
    };
    WaysIn {
        join: Callback::new(move |room: RoomId| call.join_room_on_arrival(room)),
        look_in: Callback::new(look_in),
        ready: use_session().ready.into(),
    }
}

/// The current state of a card. If its room is no longer on this page, this is the last known state.
fn now(shown: Memo<RoomListPage>, card: Arc<RoomCard>) -> Memo<Arc<RoomCard>> {
    Memo::new(move |last: Option<&Arc<RoomCard>>| {
        let listed = shown.with(|page| page.rooms.iter().find(|one| one.info.id == card.info.id).cloned());
        listed.unwrap_or_else(|| last.unwrap_or(&card).clone())
    })
}

/// What screen readers announce about the list whenever it changes.
fn summarize(counts: RoomListCounts, is_search: bool) -> String {
    let rooms = match (counts.listed, is_search, counts.active) {
        (0, ..) => return String::new(),
        (_, true, _) => format!("{} found", counts.found),
        (_, false, 1) => "1 room is live.".to_owned(),
        (_, false, many) => format!("{many} rooms are live."),
    };
    match counts.pages {
        1 => rooms,
        _ => format!("{rooms} {}", page_words(counts.page, counts.pages)),
    }
}

#[component]
fn Quiet() -> impl IntoView {
    let session = use_session();
    let words = move || match session.user().is_some_and(|user| user.person.guest) {
        true => "Nobody is in the room you were invited to. Its link takes you back there.",
        false => "Open the first room and send the link to someone.",
    };
    view! {
        <div class="empty" data-quiet="" role="status">
            <DarkHouse/>
            <p class="lead">"It is quiet."</p>
            <p>{words}</p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(page: usize, pages: usize) -> RoomListCounts {
        RoomListCounts {
            page,
            pages,
            found: 3,
            listed: 500,
            active: 400,
        }
    }

    #[test]
    fn the_summary_counts_the_rooms_of_all_pages() {
        assert_eq!(summarize(counts(2, 21), false), "400 rooms are live. Page 2 of 21");
        assert_eq!(summarize(counts(1, 1), true), "3 found");
        assert_eq!(summarize(RoomListPage::default().counts, false), "");
    }
}
