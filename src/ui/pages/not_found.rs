//! The page for addresses that do not exist, and the panel that is shown in place of any page that can't be shown.

use crate::ui::{
    components::{
        page_header::{AccountCorner, Footer, PageHeader},
        street_illustration::DarkHouse,
    },
    session::use_session,
};
use http::StatusCode;
use leptos::prelude::*;
use leptos_meta::Title;

/// The page for an address that does not exist.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    crate::set_page_status(StatusCode::NOT_FOUND);
    view! {
        <NotFoundPanel heading="There is nothing here." message="The address may be wrong, or the page is gone.">
            <a class="btn" href="/rooms" rel="external">"To the rooms"</a>
        </NotFoundPanel>
    }
}

/// The panel for a page that can't be shown. It says what happened. `children` are the links or buttons with which people go on.
#[component]
pub fn NotFoundPanel(
    #[prop(into)] heading: String,
    #[prop(into)] message: String,
    children: Children,
) -> impl IntoView {
    view! {
        <DarkHousePanel title=heading.clone()>
            <h1>{heading}</h1>
            <p>{message}</p>
            <div class="row">{children()}</div>
        </DarkHousePanel>
    }
}

/// The page around such a panel: a dark house, and below it the `children`, which begin with the heading.
#[component]
pub fn DarkHousePanel(#[prop(into)] title: String, children: Children) -> impl IntoView {
    let session = use_session();
    view! {
        <Title text=title/>
        <Suspense>
            <PageHeader corner=Signal::derive(move || AccountCorner::of(session.user()))/>
        </Suspense>
        <main class="lost" id="main">
            <DarkHouse/>
            {children()}
        </main>
        <Footer/>
    }
}
