//! Signing in: an e-mail address, then the code that was sent to it. If this Snug sends no e-mails, the page says whom to ask.

use super::sign_in_without_mail::WithoutMail;
use crate::{
    api::{
        self,
        auth::{RequestCode, SentCode, VerifyCode},
    },
    browser::timer::{now_ms, sleep_ms},
    model::return_to,
    ui::{
        components::{
            code_field::{CodeField, CodePlace, CodeSentence, send_once},
            email_field::EmailField,
            error_notice::{Notice, failure},
            page_header::{AccountCorner, PageHeader},
        },
        first_field::focus_first_field,
        session::use_session,
        sign_in_options::use_sign_in_options,
    },
};
use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

#[component]
pub fn SignInPage() -> impl IntoView {
    let has_left = use_query_map().with_untracked(|query| query.get("left").is_some());
    view! {
        <Title text="Sign in"/>
        <PageHeader corner=AccountCorner::Bare/>
        <main class="narrow" id="main">
            {has_left.then(|| view! { <LeftNotice/> })}
            {match use_sign_in_options().mail {
                true => view! { <ByMail/> }.into_any(),
                false => view! { <WithoutMail/> }.into_any(),
            }}
        </main>
    }
}

/// The two steps of signing in with a code.
#[component]
fn ByMail() -> impl IntoView {
    let query = use_query_map();
    let next = Memo::new(move |_| return_to::destination(query.read().get("next").as_deref()).to_owned());
    let wants_other_address = Memo::new(move |_| query.read().get("again").is_some());
    let request = ServerAction::<RequestCode>::new();
    let sent = Resource::new(move || request.version().get(), |_| api::auth::pending_code());
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match sent.await {
                    Ok(Some(sent)) if !wants_other_address.get() => {
                        view! { <CodeStep sent request next/> }.into_any()
                    }
                    _ => view! { <AddressStep request next/> }.into_any(),
                }
            })}
        </Transition>
    }
}

/// The notice for a person who has just deleted their account.
#[component]
fn LeftNotice() -> impl IntoView {
    let message = match use_sign_in_options().mail {
        true => "Your account is deleted. Take care! If you ever want to come back, start here again.",
        // There is no form here to start with.
        false => "Your account is deleted. Take care!",
    };
    view! {
        <p class="notice" data-tone="plain" role="status">
            {message}
        </p>
    }
}

#[component]
fn AddressStep(request: ServerAction<RequestCode>, next: Memo<String>) -> impl IntoView {
    // Without scripts, a person whose code no longer works comes back to this form. The error of their code tells them why.
    let verify = ServerAction::<VerifyCode>::new();
    let failed = move || failure(&request.value().get()).or_else(|| failure(&verify.value().get()));
    focus_first_field("#email");
    view! {
        <ActionForm action=request attr:class="card stack">
            <div class="intro">
                <h1>"Come in"</h1>
                <p>"We mail you a six-digit code. No password needed."</p>
            </div>
            <EmailField id="email" label="E-mail" autofocus=true/>
            <input type="hidden" name="next" value=next/>
            <Notice error=Signal::derive(failed)/>
            <button class="btn" data-wide="" type="submit" aria-busy=move || request.pending().get().then_some("true")>
                "Send code"
            </button>
        </ActionForm>
    }
}

#[component]
fn CodeStep(sent: SentCode, request: ServerAction<RequestCode>, next: Memo<String>) -> impl IntoView {
    let session = use_session();
    let verify = ServerAction::<VerifyCode>::new();
    // After the code was right, this page stays until the next page is ready. Nothing must be sent again meanwhile.
    let pending =
        Memo::new(move |_| verify.pending().get() || verify.value().get().is_some_and(|answer| answer.is_ok()));
    let failed = Memo::new(move |_| failure(&verify.value().get()));
    Effect::new(move |_| {
        if verify.value().get().is_some_and(|answer| answer.is_ok()) {
            session.me.refetch();
        }
    });
    let complete = move |code: String| {
        verify.dispatch(VerifyCode {
            code,
            next: next.get_untracked(),
        });
    };
    focus_first_field("#code");
    let heading = match sent.stays_here {
        true => "Enter your code",
        false => "Check your mail",
    };
    view! {
        <Title text=heading/>
        <div class="card stack">
            <div class="intro">
                <h1>{heading}</h1>
                <CodeSentence stays_here=sent.stays_here email=sent.email.clone()/>
            </div>
            <CodePlace stays_here=sent.stays_here code=sent.code.clone()/>
            <ActionForm action=verify attr:class="stack" on:submit:capture=move |event| send_once(&event, pending)>
                <CodeField
                    id="code" pending complete=Callback::new(complete) tried=StoredValue::new(vec![]) autofocus=true
                    refused=Signal::derive(move || failed.get().is_some()) error_id="code-error"
                />
                <input type="hidden" name="next" value=next/>
                <Notice error=failed id="code-error"/>
                <button class="btn" data-wide="" type="submit" aria-busy=move || pending.get().then_some("true")>
                    "Sign in"
                </button>
            </ActionForm>
            <Resend sent request next/>
        </div>
    }
}

/// The button to send another letter, which works at most once a minute, and the link to the form for another address.
#[component]
fn Resend(sent: SentCode, request: ServerAction<RequestCode>, next: Memo<String>) -> impl IntoView {
    let left_s = RwSignal::new(0);
    Effect::new(move |_| count_down(left_s, sent.resend_in_s));
    let words = move || match left_s.get() {
        0 => "Send a new code".to_owned(),
        left => format!("Send a new code in {}:{:02}", left / 60, left % 60),
    };
    let elsewhere = move || match next.get().as_str() {
        "/rooms" => "/sign-in?again=1".to_owned(),
        next => format!("{}&again=1", return_to::with_next("/sign-in", next)),
    };
    view! {
        <ActionForm action=request attr:class="aside">
            <input type="hidden" name="email" value=sent.email.clone()/>
            <input type="hidden" name="next" value=next/>
            <Notice error=Signal::derive(move || failure(&request.value().get()))/>
            <p>
                "No code yet? "
                <button class="link" type="submit" disabled=move || left_s.get() != 0>{words}</button>
            </p>
            <p>
                <a href=elsewhere>"Use another address"</a>
            </p>
        </ActionForm>
    }
}

/// Counts the seconds in `left_s` down from `from_s` to 0, while the page is shown.
fn count_down(left_s: RwSignal<u32>, from_s: u32) {
    left_s.set(from_s);
    // The remaining time is read from the clock. Counting one for each sleep would be wrong after the laptop has slept.
    let end_ms = now_ms() + f64::from(from_s) * 1_000.0;
    spawn_local(async move {
        while left_s.try_get_untracked().is_some_and(|left| left > 0) {
            sleep_ms(1_000).await;
            let left = ((end_ms - now_ms()) / 1_000.0).ceil().max(0.0);
            let _ = left_s.try_set(left as u32);
        }
    });
}
