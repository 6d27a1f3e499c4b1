//! Your e-mail address, and the forms to change it. A new address must be confirmed with a code that is mailed to it. If this Snug sends no
//! e-mails, the card says so.

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
            code_field::{CodeField, CodePlace, CodeSentence, send_once},
            email_field::EmailField,
            error_notice::{Notice, failure},
        },
        session::use_session,
        sign_in_options::use_sign_in_options,
    },
};
use leptos::prelude::*;

/// The actions of the card's forms.
#[derive(Clone, Copy)]
struct Forms {
    request: ServerAction<RequestEmailChange>,
    confirm: ServerAction<ConfirmEmailChange>,
    /// Whom the card was made for when it was loaded.
    holder: StoredValue<AddressHolder>,
    /// The codes that the page has sent by itself.
    tried: StoredValue<Vec<String>>,
}

/// What the words of the card depend on.
#[derive(Clone, Copy, PartialEq)]
enum AddressHolder {
    /// A person with an address.
    Member,
    Guest,
    /// An owner who came by the owner link and has no address.
    Owner,
}

impl AddressHolder {
    fn of(address: &OwnAddress) -> Self {
        match (&address.email, address.guest) {
            (Some(_), _) => AddressHolder::Member,
            (None, true) => AddressHolder::Guest,
            (None, false) => AddressHolder::Owner,
        }
    }
}

/// `above_is_ready` says when the part of the page above the card has got its height.
#[component]
pub fn EmailCard(above_is_ready: Signal<bool>) -> impl IntoView {
    let forms = Forms {
        request: ServerAction::new(),
        confirm: ServerAction::new(),
        holder: StoredValue::new(AddressHolder::Member),
        tried: StoredValue::new(vec![]),
    };
    let session = use_session();
    // A guest who has added an address is no longer a guest, so tell all pages.
    Effect::new(move |_| {
        let is_done = forms.confirm.value().get().is_some_and(|answer| answer.is_ok());
        if is_done && forms.holder.get_value() == AddressHolder::Guest {
            session.me.refetch();
        }
    });
    let address = Resource::new(
        move || (forms.request.version().get(), forms.confirm.version().get()),
        |_| api::email::find_address(),
    );
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
        <h2 id="address">"Your e-mail address"</h2>
        {(!error.needs_sign_in()).then(|| view! { <Notice error=Some(error)/> })}
    }
}

#[component]
fn Known(address: OwnAddress, forms: Forms) -> impl IntoView {
    let holder = AddressHolder::of(&address);
    // After a guest has added an address, the card still says that their seat is kept.
    if holder != AddressHolder::Member {
        forms.holder.set_value(holder);
    }
    let mail = use_sign_in_options().mail;
    let message = match &address.email {
        Some(email) => view! {
            <h2 id="address">"Your e-mail address"</h2>
            <p>"You sign in with " <b>{email.clone()}</b> ". Nobody else sees it."</p>
        }
        .into_any(),
        None => view! {
            <h2 id="address">{heading_without_address(holder, mail)}</h2>
            <p>{words_without_address(holder, mail)}</p>
        }
        .into_any(),
    };
    if !mail {
        return view! {
            {message}
            <p class="hint">{words_without_mail(holder)}</p>
        }
        .into_any();
    }
    let words = forms.words();
    let changed = move || forms.confirm.value().get().is_some_and(|answer| answer.is_ok());
    view! {
        {message}
        {move || changed().then(|| view! {
            <p class="notice" data-tone="plain" role="status">{words.changed}</p>
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

fn heading_without_address(holder: AddressHolder, mail: bool) -> &'static str {
    match (holder, mail) {
        (AddressHolder::Guest, true) => "Keep your seat",
        _ => "Your e-mail address",
    }
}

/// What it means to have no address.
fn words_without_address(holder: AddressHolder, mail: bool) -> &'static str {
    match (holder, mail) {
        (AddressHolder::Guest, true) => {
            "You are here as a guest, in this browser only. With an e-mail address you can sign in anywhere, see the open rooms \
             and start your own. Nobody else sees the address."
        }
        (AddressHolder::Guest, false) => "You are here as a guest, in this browser only.",
        (_, true) => {
            "You have none yet, so you can sign in elsewhere only with a link that the command snug owner-link prints on the machine of \
             this Snug. Add an address, and you can sign in anywhere. Nobody else sees it."
        }
        (_, false) => {
            "You have none yet. To sign in elsewhere, run the command snug owner-link on the machine of this Snug, and open the link that \
             it prints."
        }
    }
}

fn words_without_mail(holder: AddressHolder) -> &'static str {
    match holder {
        AddressHolder::Member => {
            "This Snug sends no e-mails at the moment, so the address can't be changed, and nobody can sign in with a code."
        }
        AddressHolder::Guest => {
            "This Snug sends no e-mails yet, so you can't add an e-mail address to sign in with. Your seat is kept as long as this browser \
             stays signed in."
        }
        AddressHolder::Owner => "This Snug sends no e-mails yet. When mail is set up, you can add an address here.",
    }
}

/// The words that are different for people who add their first address and for a person who changes an address.
struct Words {
    field: &'static str,
    submit: &'static str,
    changed: &'static str,
}

impl Forms {
    fn words(self) -> Words {
        let saved = "Your e-mail address is saved. From now on, you can sign in with it on any device.";
        match self.holder.get_value() {
            AddressHolder::Guest => Words {
                field: "Your e-mail address",
                submit: "Keep your seat",
                changed: saved,
            },
            AddressHolder::Owner => Words {
                field: "Your e-mail address",
                submit: "Add the address",
                changed: saved,
            },
            AddressHolder::Member => Words {
                field: "New e-mail address",
                submit: "Change the address",
                changed: "Your address is changed. We wrote to the old address. For a week, the link in that letter undoes the change.",
            },
        }
    }
}

#[component]
fn Request(forms: Forms) -> impl IntoView {
    let request = forms.request;
    view! {
        <ActionForm action=request attr:class="stack">
            <EmailField id="new-email" label=forms.words().field/>
            <Notice error=Signal::derive(move || failure(&request.value().get()))/>
            <button class="btn" data-kind="quiet" type="submit" aria-busy=move || request.pending().get().then_some("true")>
                "Send a code there"
            </button>
        </ActionForm>
    }
}

#[component]
fn Confirm(sent: SentCode, forms: Forms) -> impl IntoView {
    let confirm = forms.confirm;
    // After the code was right, this form stays until the new address has arrived. Nothing must be sent again meanwhile.
    let sent_before = confirm.version().get_untracked();
    let pending = Memo::new(move |_| {
        let is_new = confirm.version().get() != sent_before;
        confirm.pending().get() || (is_new && confirm.value().get().is_some_and(|answer| answer.is_ok()))
    });
    let failed = Memo::new(move |_| failure(&confirm.value().get()));
    let complete = move |code: String| {
        confirm.dispatch(ConfirmEmailChange { code });
    };
    view! {
        <ActionForm action=confirm attr:class="stack" on:submit:capture=move |event| send_once(&event, pending)>
            <CodeSentence stays_here=sent.stays_here email=sent.email.clone()/>
            <CodePlace stays_here=sent.stays_here code=sent.code/>
            <CodeField
                id="change-code" pending complete=Callback::new(complete) tried=forms.tried
                refused=Signal::derive(move || failed.get().is_some()) error_id="change-code-error"
            />
            <Notice error=failed id="change-code-error"/>
            <button class="btn" type="submit" aria-busy=move || pending.get().then_some("true")>
                {forms.words().submit}
            </button>
        </ActionForm>
        <details>
            <summary>"No code yet? Send a new one, or use another address."</summary>
            <Request forms/>
        </details>
    }
}
