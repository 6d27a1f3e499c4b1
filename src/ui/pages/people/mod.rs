//! The page with the people and the active rooms of this Snug, for its owners. Only the server renders it, and it works without
//! scripts.

mod account_actions;
mod account_menu;
mod accounts;
mod active_rooms;
mod lan_notice;
mod setup_section;
mod snug_form;

use super::owner_page_error::OwnerPageError;
use crate::{
    api,
    model::{
        people::{People, PeopleFilter},
        percent_encoding,
        setup_check::SetupCheck,
        snug_info::SnugText,
    },
    ui::{
        components::{
            error_notice::Notice,
            icon::Icon,
            page_header::{AccountCorner, PageHeader},
            pager::Pager,
        },
        session::use_session,
    },
};
use account_actions::AccountActions;
use accounts::Accounts;
use active_rooms::ActiveRooms;
use lan_notice::LanNotice;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use setup_section::SetupSection;
use snug_form::SnugForm;

#[component]
pub fn PeoplePage() -> impl IntoView {
    let actions = AccountActions::new();
    let (words, filter, page) = use_query_map().with_untracked(|query| {
        let page = query.get("page").and_then(|page| page.parse().ok());
        let filter = PeopleFilter::parse(&query.get("show").unwrap_or_default());
        (query.get("q").unwrap_or_default(), filter, page.unwrap_or(1))
    });
    let asked = words.clone();
    let found = Resource::new(
        move || (asked.clone(), page),
        move |(words, page)| api::people::list(words, page, filter.as_str().to_owned()),
    );
    let session = use_session();
    view! {
        <Suspense>
            {move || {
                let words = words.clone();
                Suspend::new(async move {
                    // The header shows who is signed in. Wait for that answer, because the server renders this page only once.
                    let _ = session.me.await;
                    match found.await {
                        Ok(people) => {
                            // Asked for only now, because the answer must not be in the page of people who are not owners.
                            let text = api::snug_info::find().await.unwrap_or_default().text;
                            let setup = api::setup_check::find().await.ok();
                            view! { <Known people words filter text setup actions/> }.into_any()
                        }
                        Err(error) => {
                            view! {
                                <OwnerPageError error>
                                    <a class="btn" href="/rooms" rel="external">"To the rooms"</a>
                                </OwnerPageError>
                            }
                            .into_any()
                        }
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Known(
    people: People,
    words: String,
    filter: PeopleFilter,
    text: SnugText,
    setup: Option<SetupCheck>,
    actions: AccountActions,
) -> impl IntoView {
    let session = use_session();
    let is_sent = use_query_map().with_untracked(|query| query.get("letter").is_some());
    let People {
        accounts,
        found,
        page,
        pages,
        rooms,
    } = people;
    let everybody = words.trim().is_empty() && filter == PeopleFilter::Everybody;
    let (count, active) = (count(found, everybody), active(rooms.len()));
    let own_address = address(&words, filter);
    let address = Callback::new(move |page: usize| format!("{own_address}&page={page}"));
    view! {
        <Title text="People"/>
        <PageHeader corner=Signal::derive(move || AccountCorner::of(session.user()))/>
        <main class="page people" id="main">
            <div class="people-head">
                <div class="intro">
                    <h1>"People"</h1>
                    <p>
                        {count} ", " <a href="#active-rooms">{active}</a>
                        ". Only owners see this page."
                    </p>
                </div>
                <SearchBox words=words.clone() filter/>
                <Filters words filter/>
            </div>
            <div class="people-count">
                <Notice error=Signal::derive(move || actions.error())/>
            </div>
            <section aria-label="Everybody here">
                <Accounts accounts actions/>
                <Pager page pages address/>
            </section>
            <div class="people-aside">
                <LanNotice/>
                {setup.map(|check| view! { <SetupSection check is_sent/> })}
                <section class="stack" aria-labelledby="active-rooms">
                    <h2 id="active-rooms">"Live rooms"</h2>
                    <ActiveRooms rooms actions/>
                </section>
                <SnugForm text/>
            </div>
        </main>
    }
}

/// The address of the list with these words and this filter.
fn address(words: &str, filter: PeopleFilter) -> String {
    let words = percent_encoding::encode(words);
    match filter {
        PeopleFilter::Everybody => format!("/people?q={words}"),
        filter => format!("/people?q={words}&show={}", filter.as_str()),
    }
}

fn count(found: usize, everybody: bool) -> String {
    match (found, everybody) {
        (1, true) => "1 person".to_owned(),
        (many, true) => format!("{many} people"),
        (many, false) => format!("{many} found"),
    }
}

fn active(rooms: usize) -> String {
    match rooms {
        0 => "no room is live".to_owned(),
        1 => "1 room is live".to_owned(),
        many => format!("{many} rooms are live"),
    }
}

#[component]
fn SearchBox(words: String, filter: PeopleFilter) -> impl IntoView {
    view! {
        <form class="search" role="search" method="get" action="/people">
            <label class="visually-hidden" for="q">"Search people"</label>
            <Icon name="search"/>
            <input id="q" name="q" type="search" placeholder="Search people" autocomplete="off" dir="auto" value=words/>
            {(filter != PeopleFilter::Everybody)
                .then(|| view! { <input type="hidden" name="show" value=filter.as_str()/> })}
        </form>
    }
}

/// The links that show only some of the people.
#[component]
fn Filters(words: String, filter: PeopleFilter) -> impl IntoView {
    let link = |one: PeopleFilter| {
        let (here, current) = (address(&words, one), (one == filter).then_some("true"));
        view! { <a class="btn" data-kind="quiet" data-small="" href=here aria-current=current>{one.label()}</a> }
    };
    view! {
        <nav class="row people-filters" aria-label="Who is shown">
            {PeopleFilter::ALL.map(link).collect_view()}
        </nav>
    }
}
