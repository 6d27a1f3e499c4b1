//! The page of the link in a sign-in letter: one button signs in. Opening the page changes nothing, because mail scanners open
//! links.

use super::one_time_link::{OneTimeLink, token_in_address};
use crate::{
    api::{self, auth::VerifyLink},
    model::return_to,
    ui::components::{
        error_notice::Notice,
        page_header::{AccountCorner, PageHeader},
    },
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

#[component]
pub fn LinkPage() -> impl IntoView {
    let token = StoredValue::new(token_in_address());
    let next = use_query_map().with_untracked(|query| return_to::destination(query.get("next").as_deref()).to_owned());
    let found = Resource::new(move || token.get_value(), api::auth::find_link);
    view! {
        <Title text="Sign in"/>
        <OneTimeLink
            found
            message="A link works once, within ten minutes. Ask for a new letter on the sign-in page."
            sign_in=return_to::with_next("/sign-in", &next)
            confirm=move |email: String| view! { <Confirm email token=token.get_value() next=next.clone()/> }
        />
    }
}

#[component]
fn Confirm(email: String, token: String, next: String) -> impl IntoView {
    let verify = ServerAction::<VerifyLink>::new();
    view! {
        <PageHeader corner=AccountCorner::Bare/>
        <main class="narrow" id="main">
            <ActionForm action=verify attr:class="card stack">
                <div class="intro">
                    <h1>
                        "Sign in as " <span class="whole">{format!("{email}?")}</span>
                    </h1>
                    <p>"This signs you in with this browser. The link works only once."</p>
                </div>
                <input type="hidden" name="token" value=token/>
                <input type="hidden" name="next" value=next/>
                <Notice error=Signal::derive(move || verify.value().get().and_then(Result::err))/>
                <button class="btn" data-wide="" type="submit">"Sign in"</button>
                <p class="hint">"If you did not ask for this link, close this page and nothing happens."</p>
            </ActionForm>
        </main>
    }
}
