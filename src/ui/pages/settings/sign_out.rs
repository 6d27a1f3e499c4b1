//! Signing out on this device. People who could not sign in again are asked first: in a sheet, or without scripts on a page of its own.

use crate::{
    api::{
        self,
        auth::SignOut,
        email::{OwnAddress, find_address},
    },
    browser::{access_token_expiry, page},
    error::AppError,
    model::way_back::WayBack,
    ui::{
        components::{
            error_notice::{Notice, failure},
            page_header::{AccountCorner, PageHeader},
            sheet_header::SheetHeader,
        },
        form_action::{FormAction, PostForm},
        session::use_session,
        sign_in_options::use_sign_in_options,
    },
};
use leptos::prelude::*;
use leptos_meta::Title;

/// The address of the page that asks.
const PAGE: &str = "/settings/sign-out";
/// The id of the sheet that asks.
const SHEET: &str = "sign-out";
/// A selector that finds the field with which people add an address, or confirm it.
const ADDRESS_FIELD: &str = "#seat input";

/// The button in the settings. `address` says whether the person can sign in again.
#[component]
pub fn SignOutHere(address: Resource<Result<OwnAddress, AppError>>) -> impl IntoView {
    let (session, mail) = (use_session(), use_sign_in_options().mail);
    let sign_out = FormAction::of::<SignOut>();
    let is_done = Memo::new(move |_| sign_out.value().get().is_some_and(|answer| answer.is_ok()));
    Effect::new(move |_| session.signs_out.set(sign_out.pending().get() || is_done.get()));
    Effect::new(move |_| {
        if is_done.get() {
            access_token_expiry::tell_signed_out();
            session.me.refetch();
        }
    });
    view! {
        <Notice error=Signal::derive(move || failure(&sign_out.value().get()))/>
        <Transition>
            {move || Suspend::new(async move {
                let is_owner = session.me.await.ok().flatten().is_some_and(|user| user.owner);
                match address.await.map(|address| way_back(&address, is_owner, mail)) {
                    Ok(WayBack::Code) => view! { <SignOutForm sign_out word="Sign out"/> }.into_any(),
                    Ok(way_back) => view! { <AskFirst way_back sign_out/> }.into_any(),
                    // The page tries again to find out whether the person can come back.
                    Err(_) => view! {
                        <form method="get" action=PAGE>
                            <button class="btn" data-kind="leave" data-wide="" type="submit">"Sign out"</button>
                        </form>
                    }
                    .into_any(),
                }
            })}
        </Transition>
        <p class="hint">"You stay signed in on this device until you sign out."</p>
    }
}

fn way_back(address: &OwnAddress, is_owner: bool, mail: bool) -> WayBack {
    let has_address = address.email.is_some();
    // Whoever has no address is a guest or an owner.
    let is_owner = is_owner || !(has_address || address.guest);
    WayBack::of(has_address, is_owner, mail)
}

#[component]
fn SignOutForm(sign_out: FormAction<()>, word: &'static str) -> impl IntoView {
    view! {
        <PostForm action=sign_out>
            <button
                class="btn" data-kind="leave" data-wide="" type="submit"
                aria-busy=move || sign_out.pending().get().then_some("true")
            >
                {word}
            </button>
        </PostForm>
    }
}

/// The button that opens the sheet. Without scripts, it leads to the page that asks the same.
#[component]
fn AskFirst(way_back: WayBack, sign_out: FormAction<()>) -> impl IntoView {
    let SignOutQuestion { heading, message, keep } = SignOutQuestion::about(way_back, use_sign_in_options().mail);
    let ask = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        page::open_popover(SHEET);
    };
    // The closed sheet gives the focus back to the button that has opened it, so the field takes it in the next frame.
    let to_address = move |_: leptos::ev::MouseEvent| request_animation_frame(|| page::focus(ADDRESS_FIELD));
    view! {
        <form method="get" action=PAGE on:submit=ask>
            <button class="btn" data-kind="leave" data-wide="" type="submit" aria-haspopup="dialog">"Sign out"</button>
        </form>
        <dialog class="sheet" id=SHEET popover="auto" aria-labelledby="sign-out-title">
            <SheetHeader sheet=SHEET title="sign-out-title" heading=heading.to_owned()/>
            <div class="stack">
                <p>{message}</p>
                {keep.map(|word| view! {
                    <button
                        class="btn" data-wide="" type="button"
                        popovertarget=SHEET popovertargetaction="hide" on:click=to_address
                    >
                        {word}
                    </button>
                })}
                <SignOutForm sign_out word="Sign out anyway"/>
            </div>
        </dialog>
    }
}

/// What a person reads before they sign out.
struct SignOutQuestion {
    heading: &'static str,
    message: &'static str,
    /// The words of the button that leads to the card with the address; `None` if no address would help.
    keep: Option<&'static str>,
}

impl SignOutQuestion {
    fn about(way_back: WayBack, mail: bool) -> Self {
        let heading = match way_back {
            WayBack::NewGuest => "Sign out and lose your seat?",
            WayBack::Code | WayBack::OwnerLink | WayBack::MailFirst => "Sign out on this device?",
        };
        let message = match (way_back, mail) {
            (WayBack::Code, _) => "You can sign in again with a code.",
            (WayBack::NewGuest, _) => {
                "You are here as a guest, in this browser only. If you sign out, your name, your face and your seat are lost. With a link, \
                 you can come in again, but only as a new guest."
            }
            (WayBack::OwnerLink, true) => {
                "You have no e-mail address, so no code can sign you in again. Only a link that the command snug owner-link prints on the \
                 machine of this Snug lets you back in."
            }
            (WayBack::OwnerLink, false) => {
                "This Snug sends no e-mails, so no code can sign you in again. Only a link that the command snug owner-link prints on the \
                 machine of this Snug lets you back in."
            }
            (WayBack::MailFirst, _) => {
                "This Snug sends no e-mails at the moment, so no code can sign you in again. You can come back only when it sends e-mails."
            }
        };
        let keep = match way_back {
            WayBack::NewGuest => mail.then_some("Keep your seat"),
            WayBack::OwnerLink => mail.then_some("Add an e-mail address"),
            WayBack::Code | WayBack::MailFirst => None,
        };
        Self { heading, message, keep }
    }
}

/// The page that asks. Only the server renders it, so it works without scripts.
#[component]
pub fn SignOutPage() -> impl IntoView {
    let (session, mail) = (use_session(), use_sign_in_options().mail);
    let address = Resource::new(|| (), |()| find_address());
    let me = Resource::new(|| (), |()| api::auth::me());
    view! {
        <Title text="Sign out"/>
        <Suspense>
            {move || Suspend::new(async move {
                // The header shows who is signed in. Wait for that answer, because the server renders this page only once.
                let _ = session.me.await;
                let corner = AccountCorner::of(session.user());
                let content = match (me.await, address.await) {
                    (Ok(user), Ok(address)) => {
                        view! { <QuestionCard way_back=way_back(&address, user.owner, mail)/> }.into_any()
                    }
                    (Err(error), _) | (_, Err(error)) => view! { <Trouble error/> }.into_any(),
                };
                view! {
                    <PageHeader corner/>
                    <main class="narrow" id="main">
                        {content}
                        <p>
                            <a href="/settings">"Back to the settings"</a>
                        </p>
                    </main>
                }
            })}
        </Suspense>
    }
}

#[component]
fn QuestionCard(way_back: WayBack) -> impl IntoView {
    let sign_out = FormAction::of::<SignOut>();
    let SignOutQuestion { heading, message, keep } = SignOutQuestion::about(way_back, use_sign_in_options().mail);
    let word = match way_back {
        WayBack::Code => "Sign out",
        WayBack::OwnerLink | WayBack::MailFirst | WayBack::NewGuest => "Sign out anyway",
    };
    view! {
        <section class="card stack" aria-labelledby="question">
            <div class="intro">
                <h1 id="question">{heading}</h1>
                <p>{message}</p>
            </div>
            <Notice error=Signal::derive(move || failure(&sign_out.value().get()))/>
            {keep.map(|word| view! { <a class="btn" data-wide="" href="/settings#seat">{word}</a> })}
            <SignOutForm sign_out word/>
        </section>
    }
}

/// The page when nothing is known about the person. They can still sign out.
#[component]
fn Trouble(error: AppError) -> impl IntoView {
    crate::set_page_status(error.status());
    let sign_out = FormAction::of::<SignOut>();
    view! {
        <section class="card stack">
            <h1>"Sign out"</h1>
            <Notice error=Some(error)/>
            <p>"So we can't say whether you could sign in again."</p>
            <SignOutForm sign_out word="Sign out anyway"/>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own_address(email: Option<&str>, guest: bool) -> OwnAddress {
        OwnAddress {
            email: email.map(str::to_owned),
            guest,
            may_change: true,
            pending: None,
        }
    }

    #[test]
    fn people_without_an_address_are_guests_or_owners() {
        assert_eq!(way_back(&own_address(None, true), false, true), WayBack::NewGuest);
        assert_eq!(way_back(&own_address(None, false), false, true), WayBack::OwnerLink);
        let member = own_address(Some("ada@example.org"), false);
        assert_eq!(way_back(&member, false, true), WayBack::Code);
        assert_eq!(way_back(&member, true, false), WayBack::OwnerLink);
        assert_eq!(way_back(&member, false, false), WayBack::MailFirst);
    }

    #[test]
    fn an_address_is_offered_only_if_it_can_be_added_and_would_help() {
        let keep = |way_back, mail| SignOutQuestion::about(way_back, mail).keep;
        assert_eq!(keep(WayBack::NewGuest, true), Some("Keep your seat"));
        assert_eq!(keep(WayBack::OwnerLink, true), Some("Add an e-mail address"));
        for (way_back, mail) in [
            (WayBack::NewGuest, false),
            (WayBack::OwnerLink, false),
            (WayBack::MailFirst, false),
            (WayBack::Code, true),
        ] {
            assert_eq!(keep(way_back, mail), None);
        }
    }
}
