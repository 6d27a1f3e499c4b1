//! The page of the owner link, which the server prints when it starts: one button makes you the owner. Opening the page changes
//! nothing.

use super::one_time_link::OneTimeLink;
use crate::{
    api::owner_link::{UseOwnerLink, find_owner_link},
    ui::components::{
        error_notice::Notice,
        page_header::{AccountCorner, PageHeader},
    },
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

#[component]
pub fn OwnerLinkPage() -> impl IntoView {
    let token = StoredValue::new(use_params_map().with_untracked(|params| params.get("token").unwrap_or_default()));
    // There is no e-mail address to show, because anyone who has the link can use it.
    let found = Resource::new(
        move || token.get_value(),
        |token| async { find_owner_link(token).await.map(|good| good.then(String::new)) },
    );
    view! {
        <Title text="Make this Snug yours"/>
        <OneTimeLink
            found
            message="This owner link was used before, or it never existed. The command snug owner-link prints a new one."
            sign_in="/sign-in"
            confirm=move |_| view! { <Confirm token=token.get_value()/> }
        />
    }
}

#[component]
fn Confirm(token: String) -> impl IntoView {
    let claim = ServerAction::<UseOwnerLink>::new();
    view! {
        <PageHeader corner=AccountCorner::Bare/>
        <main class="narrow" id="main">
            <ActionForm action=claim attr:class="card stack">
                <div class="intro">
                    <h1>"Make this Snug yours?"</h1>
                    <p>
                        "Whoever signs in next in this browser becomes its owner. If you are signed in already, that is you, at once. Guests can't be owners. Owners can see everybody, deactivate accounts and close rooms."
                    </p>
                </div>
                <input type="hidden" name="token" value=token/>
                <Notice error=Signal::derive(move || claim.value().get().and_then(Result::err))/>
                <button class="btn" data-wide="" type="submit">"Make this Snug yours"</button>
                <p class="hint">"This link works once. If you do not run this Snug, close this page and nothing happens."</p>
            </ActionForm>
        </main>
    }
}
