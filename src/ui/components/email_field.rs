//! The field for an e-mail address.

use leptos::prelude::*;

/// A labelled input that the form sends as `email`.
#[component]
pub fn EmailField(id: &'static str, label: &'static str) -> impl IntoView {
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <input
                id=id name="email" type="email" autocomplete="email" required maxlength="254" spellcheck="false"
                autocapitalize="none" placeholder="you@example.org"
            />
        </div>
    }
}
