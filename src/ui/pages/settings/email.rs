//! The address one signs in with, and changing it: a code to the new one first.

use crate::{
    api::{
        self,
        auth::SentCode,
        email::{Address, ConfirmEmailChange, RequestEmailChange},
    },
    ui::components::{
        email_field::EmailField,
        notice::{Notice, failure},
    },
};
use leptos::prelude::*;

/// What the card's forms are.
#[derive(Clone, Copy)]
struct Forms {
    request: ServerAction<RequestEmailChange>,
    confirm: ServerAction<ConfirmEmailChange>,
}

#[component]
pub fn EmailCard() -> impl IntoView {
    let forms = Forms {
        request: ServerAction::new(),
        confirm: ServerAction::new(),
    };
    let address = Resource::new(
        move || (forms.request.version().get(), forms.confirm.version().get()),
        |_| api::email::find_address(),
    );
    view! {
        <section class="card stack" aria-labelledby="address">
            <h2 id="address">"Your e-mail address"</h2>
            <Transition>
                {move || Suspend::new(async move {
                    match address.await {
                        Ok(address) => view! { <Known address forms/> }.into_any(),
                        Err(error) if error.needs_sign_in() => ().into_any(),
                        Err(error) => view! { <Notice error=Some(error)/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}

#[component]
fn Known(address: Address, forms: Forms) -> impl IntoView {
    let told = match &address.email {
        Some(email) => view! { <p>"You sign in with " <b>{email.clone()}</b> ". Nobody else sees it."</p> }.into_any(),
        None => {
            view! { <p>"You came without an address. With one you can sign in on other devices too."</p> }.into_any()
        }
    };
    let changed = move || forms.confirm.value().get().is_some_and(|answer| answer.is_ok());
    view! {
        {told}
        {move || changed().then(|| view! {
            <p class="notice" data-tone="plain" role="status">
                "Changed. We told the old address, with a link that puts it back for a week."
            </p>
        })}
        {match (address.may_change, address.pending) {
            (false, _) => view! {
                <p class="hint">
                    "To change it, "
                    <a href="/sign-in?again=1&next=%2Fsettings" rel="external">"sign in once more"</a>
                    ": you signed in here more than ten minutes ago."
                </p>
            }
            .into_any(),
            (true, Some(sent)) => view! { <Confirm sent forms/> }.into_any(),
            (true, None) => view! { <Request forms/> }.into_any(),
        }}
    }
}

#[component]
fn Request(forms: Forms) -> impl IntoView {
    let request = forms.request;
    view! {
        <ActionForm action=request attr:class="stack">
            <EmailField id="new-email" label="New e-mail address"/>
            <Notice error=Signal::derive(move || failure(&request.value().get()))/>
            <button class="btn" data-kind="quiet" type="submit" aria-busy=move || request.pending().get().then_some("true")>
                "Send a code there"
            </button>
        </ActionForm>
    }
}

#[component]
fn Confirm(sent: SentCode, forms: Forms) -> impl IntoView {
    let Forms { request, confirm } = forms;
    view! {
        <ActionForm action=confirm attr:class="stack">
            <p>"We sent six digits to " <b>{sent.email.clone()}</b> ". They work once, for ten minutes."</p>
            <div class="field">
                <label for="change-code">"Code"</label>
                <input
                    class="code-input" id="change-code" name="code" inputmode="numeric" autocomplete="one-time-code" required
                    maxlength="16"
                />
            </div>
            <Notice error=Signal::derive(move || failure(&confirm.value().get()))/>
            <button class="btn" type="submit" aria-busy=move || confirm.pending().get().then_some("true")>
                "Change the address"
            </button>
        </ActionForm>
        {sent.stays_here.then(|| view! {
            <p class="notice" data-tone="plain">
                "No mail server is set up here yet: the code stands in the terminal where Snug runs."
            </p>
        })}
        <details>
            <summary>"Nothing came, or another address?"</summary>
            <Request forms=Forms { request, confirm }/>
        </details>
    }
}
