//! What is missing before other people can use this Snug, the link to its health, and the form that sends a test letter.

use crate::{
    api::setup_check::SendTestLetter,
    model::setup_check::{MailState, MissingPiece, SetupCheck},
    ui::{
        components::error_notice::{Notice, failure},
        form_error::typed_field,
    },
};
use leptos::{prelude::*, server_fn::ServerFn};

/// `is_sent` is true if a test letter was just sent.
#[component]
pub fn SetupSection(check: SetupCheck, is_sent: bool) -> impl IntoView {
    let SetupCheck { missing, mail } = check;
    let list = match missing.is_empty() {
        true => view! { <p class="hint">"Nothing is missing."</p> }.into_any(),
        false => view! {
            <ul class="setup" role="list">
                {missing.into_iter().map(|piece| view! { <Missing piece/> }).collect_view()}
            </ul>
        }
        .into_any(),
    };
    view! {
        <section class="stack" id="setup" aria-labelledby="setup-title">
            <h2 id="setup-title">"Setting up"</h2>
            {list}
            <p>
                <a href="/admin/health">"Check the health of this Snug"</a>
            </p>
            {(mail != MailState::Off).then(|| view! { <TestLetterForm mail is_sent/> })}
        </section>
    }
}

#[component]
fn Missing(piece: MissingPiece) -> impl IntoView {
    view! {
        <li>
            <b>{piece.heading}</b>
            <p class="sub">{piece.advice}</p>
        </li>
    }
}

#[component]
fn TestLetterForm(mail: MailState, is_sent: bool) -> impl IntoView {
    let send = ServerAction::<SendTestLetter>::new();
    let error = Signal::derive(move || failure(&send.value().get()));
    let email = typed_field(SendTestLetter::PATH, "email").unwrap_or_default();
    let sent = match mail {
        MailState::Smtp => "The mail server has taken the letter. Look for it, also in the spam folder.",
        MailState::Outbox | MailState::Off => "The letter is in the outbox.",
    };
    let has_failed = move || error.with(Option::is_some);
    view! {
        <ActionForm action=send attr:class="stack">
            <div class="field">
                <label for="test-letter">"Send a test letter to"</label>
                <input
                    id="test-letter" name="email" type="text" inputmode="email" autocomplete="email" required maxlength="1000"
                    spellcheck="false" autocapitalize="none" placeholder="you@example.org" value=email
                />
            </div>
            <Notice error/>
            {move || (is_sent && !has_failed()).then(|| view! {
                <p class="notice" data-tone="plain" role="status">{sent}</p>
            })}
            <button class="btn" data-kind="quiet" type="submit">"Send"</button>
        </ActionForm>
    }
}
