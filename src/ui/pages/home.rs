//! The home page: what Snug is, one button, and how many rooms are active.

use crate::{
    api,
    ui::{
        components::{
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
    let active = Resource::new(|| (), |()| api::rooms::count());
    view! {
        <Title text=""/>
        <Suspense>
            <PageHeader corner=Signal::derive(move || AccountCorner::of(session.user()))/>
        </Suspense>
        <main class="page" id="main">
            <Suspense>
                {move || Suspend::new(async move {
                    let active = active.await.unwrap_or_default();
                    let inside = session.me.await.is_ok_and(|user| user.is_some());
                    view! {
                        <section class="hero">
                            <h1>"A small room for a good talk."</h1>
                            <p>
                                "Drop in and talk. No app, no password: just a name, a face and your voice."
                            </p>
                            <div class="go">
                                <a class="btn" href=if inside { "/rooms" } else { "/sign-in" } rel="external">"Come in"</a>
                                <p class="chip">
                                    {(active > 0).then(|| view! { <span class="live-dot" aria-hidden="true"></span> })}
                                    {live_words(active)}
                                </p>
                            </div>
                        </section>
                        <Street active/>
                    }
                })}
            </Suspense>
        </main>
        <Footer/>
    }
}

fn live_words(active: usize) -> String {
    match active {
        0 => "It is quiet now".to_owned(),
        1 => "1 room is live now".to_owned(),
        more => format!("{more} rooms are live now"),
    }
}
