//! The home page: whose Snug this is, one way in, and the street with a lit window for each live room.

use crate::{
    api,
    model::snug_info::{SnugHost, SnugInfo, SnugName},
    ui::{
        components::{
            face::Face,
            page_header::{AccountCorner, Footer, PageHeader},
            street_illustration::Street,
        },
        session::use_session,
    },
};
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn HomePage() -> impl IntoView {
    let session = use_session();
    // A stranger gets no link to the sign-in page here, because the button of the page leads there.
    let corner = move || match session.user() {
        Some(user) if user.activated => AccountCorner::Me(user),
        _ => AccountCorner::Bare,
    };
    view! {
        <Title text=""/>
        <Suspense>
            <PageHeader corner=Signal::derive(corner)/>
        </Suspense>
        <main class="page" id="main">
            <Suspense>
                // No program ever reads what this page was made of, so it needs no resources.
                {Suspend::new(async move {
                    let snug = api::snug_info::find().await.unwrap_or_default();
                    let active = api::rooms::count().await.unwrap_or_default();
                    // Only people who are signed in see topics; for everybody else, this is an error.
                    let open = api::rooms::list_open().await.unwrap_or_default();
                    let inside = session.me.await.is_ok_and(|user| user.is_some());
                    view! {
                        <Hero snug active inside/>
                        <Street active open/>
                    }
                })}
            </Suspense>
        </main>
        <Footer/>
    }
}

/// What this Snug is, and the way in. `inside` is true for a person who is signed in.
#[component]
fn Hero(snug: SnugInfo, active: usize, inside: bool) -> impl IntoView {
    let SnugInfo { text, host } = snug;
    // The header already shows the name. A Snug without a name of its own gets a heading that says more.
    let heading = match text.name == SnugName::default() {
        true => "A small room for a good talk.".to_owned(),
        false => text.name.as_str().to_owned(),
    };
    let (way, words) = match inside {
        true => ("/rooms", "To the rooms"),
        false => ("/sign-in", "Come in"),
    };
    view! {
        <section class="hero">
            <h1 dir="auto">{heading}</h1>
            {(!text.line.is_empty()).then(|| view! { <p class="line" dir="auto">{text.line}</p> })}
            <p>"Drop in and talk. No app, no password: just a name, a face and your voice."</p>
            {host.map(|host| view! { <HostedBy host/> })}
            <div class="go">
                <a class="btn" href=way rel="external">{words}</a>
                <p class="chip">
                    {(active > 0).then(|| view! { <span class="live-dot" aria-hidden="true"></span> })}
                    {live_words(active)}
                </p>
            </div>
        </section>
    }
}

#[component]
fn HostedBy(host: SnugHost) -> impl IntoView {
    view! {
        <p class="hosted-by" data-names="">
            <span>"Hosted by "</span>
            <Face picture=host.picture size="s"/>
            <bdi translate="no">{host.name}</bdi>
        </p>
    }
}

fn live_words(active: usize) -> String {
    match active {
        0 => "It is quiet now".to_owned(),
        1 => "1 room is live now".to_owned(),
        more => format!("{more} rooms are live now"),
    }
}
