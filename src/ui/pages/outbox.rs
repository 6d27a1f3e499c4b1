//! The outbox: the letters that Snug keeps while no mail server is set up. Only owners and the browser that used the owner link
//! can see this page.

use super::not_found::NotFoundPage;
use crate::{
    api::{self, outbox::OutboxLetter},
    ui::{
        components::page_header::{AccountCorner, PageHeader},
        session::use_session,
    },
};
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn OutboxPage() -> impl IntoView {
    let letters = Resource::new(|| (), |()| api::outbox::outbox());
    let session = use_session();
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                // The header shows who is signed in. Wait for that answer, because the server renders this page only once.
                let _ = session.me.await;
                match letters.await {
                    Ok(letters) => view! { <Letters letters/> }.into_any(),
                    // Other people must not learn that there is an outbox.
                    Err(_) => view! { <NotFoundPage/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Letters(letters: Vec<OutboxLetter>) -> impl IntoView {
    let session = use_session();
    let none = letters.is_empty();
    view! {
        <Title text="Outbox"/>
        <PageHeader corner=Signal::derive(move || AccountCorner::of(session.user()))/>
        <main class="page" id="main">
            <div class="rooms-head">
                <h1>"Outbox"</h1>
                <p>"No mail server is set up, so Snug keeps its letters here. Only owners, and people in the browser that used the owner link, can see this page."</p>
            </div>
            {none.then(|| view! { <p class="empty">"No letter yet."</p> })}
            <ul class="letters" role="list">
                {letters.into_iter().map(|letter| view! { <Letter letter/> }).collect_view()}
            </ul>
        </main>
    }
}

#[component]
fn Letter(letter: OutboxLetter) -> impl IntoView {
    view! {
        <li class="letter">
            <article>
                <header>
                    <h2>{letter.subject}</h2>
                    <p class="sub">
                        <span>"to " {letter.to}</span>
                        <span>{letter.date}</span>
                    </p>
                </header>
                <p class="letter-body">{letter.text}</p>
            </article>
        </li>
    }
}
