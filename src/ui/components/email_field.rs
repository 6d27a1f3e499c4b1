//! The field for an e-mail address.

use leptos::prelude::*;

/// A labelled input that the form sends as `email`. It is not of the type `email`, because browsers then refuse what people paste,
/// such as `Ada <ada@example.org>` or an address with a domain in other letters. The server understands these.
#[component]
pub fn EmailField(id: &'static str, label: &'static str, #[prop(optional)] autofocus: bool) -> impl IntoView {
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <input
                id=id name="email" type="text" inputmode="email" autocomplete="email" required maxlength="1000" spellcheck="false"
                autocapitalize="none" placeholder="you@example.org" autofocus=autofocus
            />
        </div>
    }
}
