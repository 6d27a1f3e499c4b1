//! Your e-mail address, and the forms to change it. A new address must be confirmed with a code that is mailed to it. If this Snug sends no
//! e-mails, the card says so.

use super::address_holder::{AddressHolder, AddressWords};
use crate::{
    api::{
        self,
        auth::SentCode,
        email::{ConfirmEmailChange, OwnAddress, RequestEmailChange},
    },
    browser::page,
    error::AppError,
    ui::{
        components::{
            code_field::{CodeField, CodePlace, CodeSentence},
            email_field::EmailField,
            error_notice::{Notice, failure},
            whole_words::whole_words,
        },
        form_action::{FormAction, PostForm},
        session::use_session,
        sign_in_options::use_sign_in_options,
    },
};
use leptos::prelude::*;

/// A selector that finds the sentence after a change.
const CHANGED: &str = "#seat [data-changed]";

/// The address, and the actions of the card's forms.
#[derive(Clone, Copy)]
pub struct AddressForms {
    /// Loaded again after each form.
    pub address: Resource<Result<OwnAddress, AppError>>,
    request: FormAction<()>,
    confirm: FormAction<()>,
    /// Whom the card was made for when it was loaded.
    holder: StoredValue<AddressHolder>,
    /// The codes that the page has sent by itself.
    tried: StoredValue<Vec<String>>,
    /// How many times a code had been asked for when the card was shown last.
    asked: StoredValue<usize>,
}

/// `above_is_ready` says when the part of the page above the card has got its height.
#[component]
pub fn EmailCard(forms: AddressForms, above_is_ready: Signal<bool>) -> impl IntoView {
    let address = forms.address;
    let session = use_session();
    // A guest who has added an address is no longer a guest, so tell all pages.
    Effect::new(move |_| {
        let is_done = forms.confirm.value().get().is_some_and(|answer| answer.is_ok());
        if is_done && forms.holder.get_value() == AddressHolder::Guest {
            session.me.refetch();
        }
    });
    // The router scrolls to "#seat" too early: what is above the card has no height before its data has come.
    Effect::new(move |was_ready: Option<bool>| {
        let is_ready = above_is_ready.get() && address.get().is_some();
        if is_ready && was_ready != Some(true) {
            request_animation_frame(|| request_animation_frame(page::scroll_to_fragment));
        }
        is_ready || was_ready == Some(true)
    });
    view! {
        <section class="card stack" id="seat" aria-labelledby="address">
            <Transition>
                {move || Suspend::new(async move {
                    match address.await {
                        Ok(address) => view! { <Known address forms/> }.into_any(),
                        Err(error) => view! { <Trouble error/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}

/// The card when its data could not be loaded. It does not show the error if the person has to sign in, because the page then leads
/// to the sign-in page anyway.
#[component]
fn Trouble(error: AppError) -> impl IntoView {
    view! {
        <h2 id="address">{whole_words("Your e-mail address")}</h2>
        {(!error.needs_sign_in()).then(|| view! { <Notice error=Some(error)/> })}
    }
}

#[component]
fn Known(address: OwnAddress, forms: AddressForms) -> impl IntoView {
    let holder = AddressHolder::of(&address);
    // After a guest has added an address, the card still says that their seat is kept.
    if holder != AddressHolder::Member {
        forms.holder.set_value(holder);
    }
    let mail = use_sign_in_options().mail;
    let message = match &address.email {
        Some(email) => view! {
            <h2 id="address">{whole_words("Your e-mail address")}</h2>
            <p>"You sign in with " <b>{email.clone()}</b> ". Nobody else sees it."</p>
        }
        .into_any(),
        None => view! {
            <h2 id="address">{whole_words(holder.heading_without_address(mail))}</h2>
            <p>{holder.words_without_address(mail)}</p>
        }
        .into_any(),
    };
    if !mail {
        return view! {
            {message}
            <p class="hint">{holder.words_without_mail()}</p>
        }
        .into_any();
    }
    let words = forms.words();
    // While another code is on its way, the last change is no longer the news.
    let has_no_code = address.pending.is_none();
    let changed = move || has_no_code && forms.confirm.value().get().is_some_and(|answer| answer.is_ok());
    Effect::new(move |_| {
        if changed() {
            // The form that had the focus is gone, and the sentence can be out of sight.
            request_animation_frame(|| page::rescue_focus(CHANGED));
        }
    });
    view! {
        {message}
        {move || changed().then(|| view! {
            <p class="notice" data-tone="plain" data-changed="" role="status" tabindex="-1">{words.changed}</p>
        })}
        {match (address.may_change, address.pending) {
            (false, _) => view! {
                <p class="hint">
                    "For safety, you can change your e-mail address only within ten minutes of signing in. "
                    <a href="/sign-in?again=1&next=%2Fsettings" rel="external">"Sign in again"</a>
                    " first."
                </p>
            }
            .into_any(),
            (true, Some(sent)) => view! { <Confirm sent forms/> }.into_any(),
            (true, None) => view! {
                // A code that no longer works leads back to this form, so the error of the code is shown here.
                <Notice error=Signal::derive(move || failure(&forms.confirm.value().get()))/>
                <Request forms/>
            }
            .into_any(),
        }}
    }
    .into_any()
}

impl AddressForms {
    pub fn new() -> Self {
        let request = FormAction::of::<RequestEmailChange>();
        let confirm = FormAction::of::<ConfirmEmailChange>();
        Self {
            address: Resource::new(
                move || (request.version().get(), confirm.version().get()),
                |_| api::email::find_address(),
            ),
            request,
            confirm,
            holder: StoredValue::new(AddressHolder::Member),
            tried: StoredValue::new(vec![]),
            asked: StoredValue::new(0),
        }
    }

    /// Whether a code was sent since this function was called last.
    fn has_new_code(self) -> bool {
        let asked = self.request.version().get_untracked();
        let was_sent = self
            .request
            .value()
            .get_untracked()
            .is_some_and(|answer| answer.is_ok());
        let is_new = was_sent && asked > self.asked.get_value();
        self.asked.set_value(asked);
        is_new
    }

    fn words(self) -> AddressWords {
        self.holder.get_value().words()
    }
}

#[component]
fn Request(forms: AddressForms) -> impl IntoView {
    let request = forms.request;
    view! {
        <PostForm action=request class="stack">
            <EmailField id="new-email" label=forms.words().field/>
            <Notice error=Signal::derive(move || failure(&request.value().get()))/>
            <button class="btn" data-kind="quiet" type="submit" aria-busy=move || request.pending().get().then_some("true")>
                "Send a code there"
            </button>
        </PostForm>
    }
}

#[component]
fn Confirm(sent: SentCode, forms: AddressForms) -> impl IntoView {
    let confirm = forms.confirm;
    // After the code was right, this form stays until the new address has arrived. Nothing must be sent again meanwhile.
    let sent_before = confirm.version().get_untracked();
    let pending = Memo::new(move |_| {
        let is_new = confirm.version().get() != sent_before;
        confirm.pending().get() || (is_new && confirm.value().get().is_some_and(|answer| answer.is_ok()))
    });
    let failed = Memo::new(move |_| failure(&confirm.value().get()));
    let complete = move |code: String| {
        confirm.call(ConfirmEmailChange { code });
    };
    // A person who has just asked for the code types it next. Somebody who opens the settings while a code is on its way may want something
    // else, so the page does not scroll then.
    if forms.has_new_code() {
        Effect::new(|_| request_animation_frame(|| page::focus("#change-code")));
    }
    // Without scripts, the page is loaded again after a wrong code, and the browser shows the field with `autofocus`.
    let was_refused = failed.get_untracked().is_some();
    view! {
        <PostForm action=confirm class="stack" blocked=pending>
            <CodeSentence stays_here=sent.stays_here email=sent.email.clone()/>
            <CodePlace stays_here=sent.stays_here code=sent.code/>
            <CodeField
                id="change-code" pending complete=Callback::new(complete) tried=forms.tried
                refused=Signal::derive(move || failed.get().is_some()) error_id="change-code-error" autofocus=was_refused
            />
            <Notice error=failed id="change-code-error"/>
            <button class="btn" type="submit" aria-busy=move || pending.get().then_some("true")>
                {forms.words().submit}
            </button>
        </PostForm>
        <details>
            <summary>"No code yet? Send a new one, or use another address."</summary>
            <Request forms/>
        </details>
    }
}
