//! Settings: name and face, e-mail address, the people you follow, devices, and signing out.

mod circle;
mod devices;
mod email;

use crate::{
    api::{self, auth::SignOut},
    browser::access_token_expiry,
    ui::{
        call::use_call,
        components::{
            error_notice::Notice,
            page_header::{AccountCorner, PageHeader},
        },
        face_form::FaceForm,
        session::{redirect_on_error, use_session, with_retries},
    },
};
use circle::CircleCard;
use devices::DevicesCard;
use email::EmailCard;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

#[component]
pub fn SettingsPage() -> impl IntoView {
    let (session, call) = (use_session(), use_call());
    let query = use_query_map();
    let saved = RwSignal::new(query.with_untracked(|query| query.get("saved").is_some()));
    // Ask the server who is signed in: the answer stored in `session` can be older than this sign-in.
    let me = Resource::new(|| (), |()| with_retries(api::auth::me));
    redirect_on_error(move || me.get().and_then(Result::err));
    session.reload();
    view! {
        <Title text="Settings"/>
        <Transition>
            <PageHeader corner=Signal::derive(move || AccountCorner::of(session.user())) in_call=Signal::derive(move || call.current.get().is_some())/>
        </Transition>
        <main class="narrow" id="main">
            <h1>"Settings"</h1>
            <section class="card stack" aria-labelledby="face">
                <h2 id="face">"Your name and face"</h2>
                <Transition>
                    {move || Suspend::new(async move {
                        me.await.ok().map(|user| view! {
                            <FaceForm
                                user next="/settings?saved=1" submit="Save" stays=true saved
                                hint="The name that friends know you by. Everybody in a room sees it."
                            />
                        })
                    })}
                </Transition>
                {move || saved.get().then(|| view! {
                    <p class="notice" data-tone="plain" role="status">"Saved. Rooms now show your new name and face."</p>
                })}
                <p class="hint">"Anyone who has the web address of your photo can see the photo."</p>
            </section>
            <EmailCard/>
            <CircleCard/>
            <DevicesCard/>
            <SignOutCard/>
            <p>
                <a href="/rooms">"Back to the rooms"</a>
            </p>
        </main>
    }
}

#[component]
fn SignOutCard() -> impl IntoView {
    let session = use_session();
    let sign_out = ServerAction::<SignOut>::new();
    Effect::new(move |_| {
        if sign_out.value().get().is_some_and(|answer| answer.is_ok()) {
            access_token_expiry::tell_signed_out();
            session.me.refetch();
        }
    });
    view! {
        <section class="card stack" aria-labelledby="device">
            <h2 id="device">"This device"</h2>
            <p>"You stay signed in here until you sign out."</p>
            <ActionForm action=sign_out>
                <Notice error=Signal::derive(move || sign_out.value().get().and_then(Result::err))/>
                <button class="btn" data-kind="leave" type="submit">"Sign out"</button>
            </ActionForm>
        </section>
    }
}
