//! The header of a page, which shows the name of this Snug and the person who is signed in; and the footer.

use super::face::Face;
use crate::model::{snug_info::SnugName, user::User};
use leptos::prelude::*;

/// What the header shows at its right end.
#[derive(Debug, Clone, PartialEq)]
pub enum AccountCorner {
    /// The corner is empty, so that people are not distracted while they sign in or choose a name.
    Bare,
    /// A link to the sign-in page.
    SignIn,
    /// The person, with a link to their settings.
    Me(User),
}

impl AccountCorner {
    /// The corner for the person who is signed in, if any.
    pub fn of(user: Option<User>) -> Self {
        match user {
            Some(user) if user.activated => AccountCorner::Me(user),
            _ => AccountCorner::SignIn,
        }
    }
}

#[component]
pub fn PageHeader(
    #[prop(into)] corner: Signal<AccountCorner>,
    /// Whether a call is going on. During a call, links to pages outside the app open in another tab, because leaving the app
    /// would end the call.
    #[prop(optional, into)]
    in_call: Signal<bool>,
) -> impl IntoView {
    let name = use_context::<SnugName>().unwrap_or_default();
    let home = move || {
        if matches!(corner.get(), AccountCorner::Me(_)) {
            "/rooms"
        } else {
            "/"
        }
    };
    view! {
        <header class="top">
            // The home page works without the WebAssembly program, so the router leaves this link to the browser.
            <a class="mark" href=home rel=move || (home() == "/").then_some("external")>
                <Mark/>
                <span dir="auto" translate="no">{name.as_str().to_owned()}</span>
            </a>
            {move || match corner.get() {
                AccountCorner::Bare => ().into_any(),
                AccountCorner::SignIn => view! {
                    <nav class="who" aria-label="Account">
                        <a class="btn" data-kind="quiet" data-small="" href="/sign-in" rel="external">"Sign in"</a>
                    </nav>
                }
                .into_any(),
                AccountCorner::Me(user) => view! {
                    {user.owner.then(|| view! { <PeopleLink in_call/> })}
                    <a class="who" href="/settings">
                        <span class="visually-hidden">"Settings of "</span>
                        <span class="who-name" dir="auto" translate="no">{user.person.name}</span>
                        <Face picture=user.person.picture size="s"/>
                    </a>
                }
                .into_any(),
            }}
        </header>
    }
}

/// The link to the page of people, for owners only.
#[component]
fn PeopleLink(in_call: Signal<bool>) -> impl IntoView {
    view! {
        <a class="people-link" href="/people" rel="external" target=move || in_call.get().then_some("_blank")>
            "People"
            {move || in_call.get().then(|| view! { <span class="visually-hidden">" (in another tab)"</span> })}
        </a>
    }
}

#[component]
fn Mark() -> impl IntoView {
    view! {
        <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
            <rect x="4" y="3" width="24" height="26" rx="5" fill="none" stroke="currentColor" stroke-width="2.6"></rect>
            <g class="lights">
                <rect x="9" y="8" width="6" height="7" rx="1.5"></rect>
                <rect x="17" y="8" width="6" height="7" rx="1.5"></rect>
                <rect x="9" y="17" width="6" height="7" rx="1.5" opacity=".35"></rect>
                <rect x="17" y="17" width="6" height="7" rx="1.5"></rect>
            </g>
        </svg>
    }
}

/// The footer of the pages to which people come from other sites.
#[component]
pub fn Footer() -> impl IntoView {
    view! {
        <footer class="footer">
            <p>"Snug: a small room, made for talking."</p>
        </footer>
    }
}
