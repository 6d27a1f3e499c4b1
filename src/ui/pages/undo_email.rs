//! The page of the link in the letter to an old e-mail address: one button puts the address back and signs out every device.

use super::one_time_link::{OneTimeLink, token_in_address};
use crate::{
    api::{self, email::UndoEmailChange},
    ui::components::{
        error_notice::Notice,
        page_header::{AccountCorner, PageHeader},
    },
};
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn UndoEmailPage() -> impl IntoView {
    let token = StoredValue::new(token_in_address());
    let found = Resource::new(move || token.get_value(), api::email::find_email_undo);
    view! {
        <Title text="Put an address back"/>
        <OneTimeLink
            found
            message="The link was already used, or it is older than a week. If you can't sign in, ask the person who runs this Snug."
            sign_in="/sign-in"
            confirm=move |email: String| view! { <Confirm email token=token.get_value()/> }
        />
    }
}

#[component]
fn Confirm(email: String, token: String) -> impl IntoView {
    let undo = ServerAction::<UndoEmailChange>::new();
    view! {
        <PageHeader corner=AccountCorner::Bare/>
        <main class="narrow" id="main">
            <ActionForm action=undo attr:class="card stack">
                <div class="intro">
                    <h1>
                        "Sign in with " <span class="whole">{email}</span> " again?"
                    </h1>
                    <p>"This puts the address back and signs out every device, including those of the person who changed the address. Then sign in here with a code."</p>
                </div>
                <input type="hidden" name="token" value=token/>
                <Notice error=Signal::derive(move || undo.value().get().and_then(Result::err))/>
                <button class="btn" data-wide="" type="submit">"Put the address back"</button>
                <p class="hint">"If you changed the address yourself, close this page and nothing happens."</p>
            </ActionForm>
        </main>
    }
}
