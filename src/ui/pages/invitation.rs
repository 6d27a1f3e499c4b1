//! The page of an invite link: who invites you, into which room of which Snug, and one button. Opening the page does not count as a use of the
//! link.

use super::room_exit::{ExitLinks, RoomExitPanel};
use crate::{
    api::{self, invites::Accept},
    error::{AppError, Kind},
    model::{
        generated_face,
        id::UserId,
        invite::Invitation,
        isolated::isolated,
        return_to,
        room::{Person, RoomKind},
        user::User,
    },
    ui::{
        call::use_call,
        components::{
            error_notice::Notice,
            face::Face,
            page_header::{AccountCorner, PageHeader},
        },
        face_form::FaceForm,
        session::use_session,
        sign_in_options::use_sign_in_options,
        snug_name::use_snug_name,
    },
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

#[component]
pub fn InvitationPage() -> impl IntoView {
    let session = use_session();
    let token = use_params_map().with_untracked(|params| params.get("token").unwrap_or_default());
    let token = StoredValue::new(token);
    let found = Resource::new(move || token.get_value(), api::invites::find);
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match (found.await, session.me.await) {
                    (Ok(invitation), Ok(me)) => view! { <Asked invitation me token=token.get_value()/> }.into_any(),
                    (Err(error), me) => view! { <Refused error me=me.ok().flatten() token=token.get_value()/> }.into_any(),
                    (Ok(_), Err(error)) => view! { <Refused error me=None token=token.get_value()/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Asked(invitation: Invitation, me: Option<User>, token: String) -> impl IntoView {
    let Invitation {
        topic,
        kind,
        from_name,
        from_picture,
        inside,
        guests,
    } = invitation;
    let corner = me.clone().map_or(AccountCorner::SignIn, AccountCorner::Me);
    let inside = match inside {
        0 => "nobody inside yet".to_owned(),
        1 => "1 person inside".to_owned(),
        many => format!("{many} people inside"),
    };
    // Messengers that know no Open Graph tags show the title, and nobody may learn about a private room in that way.
    let title = match kind {
        RoomKind::Private => "An invitation".to_owned(),
        RoomKind::Open | RoomKind::Social => format!("{} invites you", isolated(&from_name)),
    };
    let snug = use_snug_name();
    view! {
        <Title text=title/>
        <PageHeader corner/>
        <main class="narrow" id="main">
            <div class="card stack invitation">
                <div class="invited">
                    <Face picture=from_picture size="l"/>
                    <div class="intro">
                        <p class="sub"><span data-names=""><bdi translate="no">{from_name}</bdi> " invites you to"</span></p>
                        <h1 dir="auto">{topic}</h1>
                        <p class="sub">
                            <span class="chip">{kind.label()}</span>
                            <span data-names="">"in " <bdi translate="no">{snug.as_str().to_owned()}</bdi></span>
                            <span>{inside}</span>
                        </p>
                    </div>
                </div>
                <JoinChoices me guests token/>
            </div>
        </main>
    }
}

/// The next step for the person: come in, choose a name and a face, or sign in.
#[component]
fn JoinChoices(me: Option<User>, guests: bool, token: String) -> impl IntoView {
    let here = format!("/invite/{token}");
    let mail = use_sign_in_options().mail;
    match me {
        Some(user) if user.person.guest && !guests && !mail => view! {
            <p class="hint">"Guests can't use this link. Ask the person who sent it for a link that admits guests."</p>
        }
        .into_any(),
        Some(user) if user.person.guest && !guests => view! {
            <a class="btn" data-wide="" href="/settings#seat" rel="external">"Keep your seat"</a>
            <p class="hint">"Guests can't use this link. Add your e-mail address first, then open the link again."</p>
        }
        .into_any(),
        Some(user) if user.activated => view! { <ComeIn token/> }.into_any(),
        Some(_) => view! {
            <a class="btn" data-wide="" href=return_to::with_next("/activate", &here) rel="external">"Choose your name and face"</a>
        }
        .into_any(),
        None if guests => view! {
            {nobody_yet(&token).map(|user| view! {
                <FaceForm user next="" token submit="Come in" hint="The name that friends know you by. We ask for nothing else."/>
            })}
            {mail.then(|| view! {
                <p class="aside">
                    "I have an account: "
                    <a href=return_to::with_next("/sign-in", &here) rel="external">"sign in"</a>
                </p>
            })}
        }
        .into_any(),
        None if !mail => view! {
            <p class="hint">
                "This link is for people with an account, and this Snug sends no e-mails yet to sign in with. Ask the person who sent the link for one that admits guests."
            </p>
        }
        .into_any(),
        None => view! {
            <a class="btn" data-wide="" href=return_to::with_next("/sign-in", &here) rel="external">"Sign in to come in"</a>
            <p class="hint">"An e-mail address is all you need. You come back here afterwards."</p>
        }
        .into_any(),
    }
}

/// The button to come in. With one click, you are inside and hear the room. Without scripts, the button leads to the room's page.
#[component]
fn ComeIn(token: String) -> impl IntoView {
    let call = use_call();
    let accept = ServerAction::<Accept>::new();
    let error = move || accept.value().get().and_then(Result::err);
    Effect::new(move |_| {
        if error().is_some() {
            call.set_join_on_arrival(false);
        }
    });
    view! {
        <ActionForm action=accept attr:class="stack">
            <input type="hidden" name="token" value=token/>
            <Notice error=Signal::derive(error)/>
            <button
                class="btn" data-wide="" type="submit" aria-busy=move || accept.pending().get().then_some("true")
                on:click=move |_| call.set_join_on_arrival(true)
            >
                "Come in"
            </button>
        </ActionForm>
    }
}

/// The user that the form of a new guest shows at first. This user has no name yet, and the face is an example that is drawn from
/// the link's id.
fn nobody_yet(token: &str) -> Option<User> {
    let id = UserId::parse(token.split('.').next()?)?;
    let person = Person {
        picture: generated_face::address(id.as_str()),
        guest: true,
        ..Person::named(id, "")
    };
    Some(User {
        person,
        activated: false,
        owner: false,
    })
}

#[component]
fn Refused(error: AppError, me: Option<User>, token: String) -> impl IntoView {
    let otherwise = match error.kind {
        Kind::Forbidden => "You can't come in by this link.",
        Kind::NotFound => "This link does not work.",
        _ => "That did not work.",
    };
    let room_is_over = error.kind == Kind::NotFound && error.heading.is_some();
    let here = format!("/invite/{token}");
    view! {
        <RoomExitPanel error otherwise here>
            {match me {
                Some(user) => view! { <ExitLinks is_guest=user.person.guest room_is_over/> }.into_any(),
                None => view! { <a class="btn" href="/sign-in" rel="external">"Sign in"</a> }.into_any(),
            }}
        </RoomExitPanel>
    }
}
