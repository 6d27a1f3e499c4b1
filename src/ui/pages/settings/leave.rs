//! The page on which people delete their account. It says what is deleted and what stays, and asks for the e-mail address. Only the server
//! renders it, so it works without scripts.

use crate::{
    api::{
        self,
        account::{Delete, preview_deletion},
    },
    error::AppError,
    model::{
        account_deletion::{AccountDeletion, InheritedRoom},
        isolated::isolated,
        user::User,
    },
    ui::{
        components::{
            email_field::EmailField,
            error_notice::{Notice, failure},
            page_header::{AccountCorner, PageHeader},
        },
        session::use_session,
        sign_in_options::use_sign_in_options,
        snug_name::use_snug_name,
    },
};
use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub fn LeavePage() -> impl IntoView {
    let session = use_session();
    let preview = Resource::new(|| (), |()| preview_deletion());
    let me = Resource::new(|| (), |()| api::auth::me());
    view! {
        <Title text="Leave this Snug"/>
        <Suspense>
            {move || Suspend::new(async move {
                // The header shows who is signed in. Wait for that answer, because the server renders this page only once.
                let _ = session.me.await;
                let corner = AccountCorner::of(session.user());
                let content = match (me.await, preview.await) {
                    (Ok(user), Ok(deletion)) => view! { <Leave user deletion/> }.into_any(),
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
fn Trouble(error: AppError) -> impl IntoView {
    crate::set_page_status(error.status());
    view! {
        <h1>"Leave this Snug"</h1>
        <Notice error=Some(error)/>
    }
}

/// The page for `user`. The form sends the id, so that it never deletes the account of somebody who has signed in with this browser since.
#[component]
fn Leave(user: User, deletion: AccountDeletion) -> impl IntoView {
    let delete = ServerAction::<Delete>::new();
    let name = use_snug_name();
    let has_address = deletion.email.is_some();
    let mail = use_sign_in_options().mail;
    let deleted = match (user.person.guest, has_address) {
        (true, _) => "Your name and your face, and that you are here at all. You can't come back to this account.",
        (false, false) => {
            "Your name and your face; whom you follow, and who follows you; your devices are signed out. You can't come back to this account."
        }
        (false, true) if !mail => {
            "Your name, your face and your e-mail address; whom you follow, and who follows you; your devices are signed out. You can't \
             come back to this account."
        }
        (false, true) => {
            "Your name, your face and your e-mail address; whom you follow, and who follows you; your devices are signed out. You can't \
             come back to this account. You can start again with the same address."
        }
    };
    let form = match (deletion.is_last_owner, deletion.may_delete) {
        (true, _) if !mail => view! {
            <p class="notice" role="status">
                "You are the only owner of this Snug. Somebody else has to become an owner first, with a link that the command snug owner-link prints on the machine of this Snug. That link can also sign in as you, so stay with it until it is used. Then leave."
            </p>
        }
        .into_any(),
        (true, _) => view! {
            <p class="notice" role="status">
                "You are the only owner of this Snug. Make somebody else an owner on the page "
                <a href="/people">"People"</a>
                " first, then leave."
            </p>
        }
        .into_any(),
        (false, false) if !has_address || !mail => view! {
            <p class="notice" data-tone="plain" role="status">
                "For safety, you can delete your account only within ten minutes of signing in. Sign in again first, with the link that the command snug owner-link prints on the machine of this Snug."
            </p>
        }
        .into_any(),
        (false, false) => view! {
            <p class="notice" data-tone="plain" role="status">
                "For safety, you can delete your account only within ten minutes of signing in. "
                <a href="/sign-in?again=1&next=%2Fsettings%2Fleave">"Sign in again"</a>
                " first."
            </p>
        }
        .into_any(),
        (false, true) => view! {
            <ActionForm action=delete attr:class="stack">
                <input type="hidden" name="user" value=user.person.id.to_string()/>
                {has_address.then(|| view! { <EmailField id="email" label="Type your e-mail address to confirm"/> })}
                <button class="btn" data-kind="leave" data-wide="" type="submit">"Delete my account"</button>
            </ActionForm>
        }
        .into_any(),
    };
    view! {
        <section class="card stack" aria-labelledby="leave">
            <div class="intro">
                <h1 id="leave" data-names="">{format!("Leave {} for good?", isolated(name.as_str()))}</h1>
                <p>"This deletes your account at once. Nobody can bring it back."</p>
            </div>
            <Notice error=Signal::derive(move || failure(&delete.value().get()))/>
            <div>
                <h2>"What is deleted"</h2>
                <p>{deleted}</p>
            </div>
            <Rooms deletion/>
            <div>
                <h2>"What stays"</h2>
                <p>
                    "What hosts need: the history of a room still says what happened, with “somebody who left” instead of your name. Links \
                     that you made for a room that goes on still work."
                </p>
            </div>
            {form}
        </section>
    }
}

/// What becomes of the person's rooms; nothing if they have none.
#[component]
fn Rooms(deletion: AccountDeletion) -> impl IntoView {
    let AccountDeletion {
        ending_rooms,
        inherited_rooms,
        ..
    } = deletion;
    let has_rooms = !(ending_rooms.is_empty() && inherited_rooms.is_empty());
    has_rooms.then(|| {
        let ends = |topic: String| {
            format!(
                "{} ends. To keep it, make somebody else its host first.",
                isolated(&topic)
            )
        };
        let goes_on = |InheritedRoom { topic, heir }: InheritedRoom| {
            format!("{} goes on, and belongs to {}.", isolated(&topic), isolated(&heir))
        };
        let sentences = ending_rooms
            .into_iter()
            .map(ends)
            .chain(inherited_rooms.into_iter().map(goes_on));
        view! {
            <div>
                <h2>"Your rooms"</h2>
                <ul data-names="">{sentences.map(|sentence| view! { <li>{sentence}</li> }).collect_view()}</ul>
            </div>
        }
    })
}
