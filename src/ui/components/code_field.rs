//! The field for a code of six digits, and the sentence that says where to find the code.

use crate::model::typed_code::{digits, typed_after};
use leptos::{html::Input, prelude::*};

/// The field, which the form sends as `code`. As soon as six digits are in it, typed or pasted, it calls `complete` with its text, so
/// that nobody has to press the button. It calls `complete` only once for the same digits: after an error the code stays in the
/// field, and a person who corrects it must not use up a try with the code that was just refused. The refused code is selected, so that
/// the next digit replaces it, and a digit typed behind it begins a new code. It never calls `complete` while the form is `pending`.
#[component]
pub fn CodeField(
    id: &'static str,
    #[prop(into)] pending: Signal<bool>,
    complete: Callback<String>,
    /// The codes for which `complete` was called. The page keeps them, because an answer can make it build a new field.
    tried: StoredValue<Vec<String>>,
    #[prop(optional)] autofocus: bool,
    /// Whether the last code was refused.
    #[prop(into)]
    refused: Signal<bool>,
    /// The id of the element that says why.
    error_id: &'static str,
) -> impl IntoView {
    let field = NodeRef::<Input>::new();
    Effect::new(move |_| {
        if refused.get()
            && !pending.get()
            && let Some(field) = field.get_untracked()
        {
            let _ = field.focus();
            field.select();
        }
    });
    let typed = move || {
        let Some(field) = field.get_untracked() else { return };
        let mut text = field.value();
        let last = tried.with_value(|tried| tried.last().cloned());
        let last = last.filter(|_| refused.get_untracked());
        if let Some(rest) = last.and_then(|last| typed_after(&last, &text).map(str::to_owned)) {
            text = rest;
            field.set_value(&text);
        }
        let Some(whole) = digits(&text) else {
            return;
        };
        if pending.get_untracked() || tried.with_value(|tried| tried.contains(&whole)) {
            return;
        }
        tried.update_value(|tried| tried.push(whole));
        complete.run(text);
    };
    view! {
        <div class="field">
            <label for=id>"Code"</label>
            <input
                class="code-input" id=id name="code" inputmode="numeric" autocomplete="one-time-code" required maxlength="100"
                // Password managers would offer saved passwords here.
                data-lpignore="true" data-bwignore="true"
                autofocus=autofocus aria-invalid=move || refused.get().then_some("true")
                aria-describedby=move || refused.get().then_some(error_id)
                node_ref=field on:input=move |_| typed()
            />
        </div>
    }
}

/// Ignores the button and the Enter key while the form is `pending`: the sixth digit has then sent the code already, and a second
/// request would be told that the code was used. This must handle the event before the form does, in the capture phase.
pub fn send_once(event: &leptos::ev::SubmitEvent, pending: Memo<bool>) {
    if pending.get_untracked() {
        event.prevent_default();
    }
}

/// The sentence about the code for `email`. A letter that `stays_here` was not sent.
#[component]
pub fn CodeSentence(stays_here: bool, email: String) -> impl IntoView {
    let before = match stays_here {
        true => "There is a six-digit code for ",
        false => "We sent a six-digit code to ",
    };
    view! { <p>{before} <b translate="no">{email}</b> ". It works once, within ten minutes."</p> }
}

/// Where the code is, if no mail server is set up and the letter `stays_here`. `code` is known only to people who may read the
/// outbox.
#[component]
pub fn CodePlace(stays_here: bool, code: Option<String>) -> impl IntoView {
    match code {
        Some(code) => {
            let (first, last) = code.split_at_checked(3).unwrap_or((code.as_str(), ""));
            let spaced = format!("{first} {last}");
            view! { <p class="notice" data-tone="plain">"Your code is " <b class="whole" translate="no">{spaced}</b></p> }.into_any()
        }
        None if stays_here => view! {
            <p class="notice" data-tone="plain">
                "No mail leaves this machine yet. Find your code in the terminal, or in the outbox. If somebody else runs this Snug, ask them for it."
            </p>
        }
        .into_any(),
        None => ().into_any(),
    }
}
