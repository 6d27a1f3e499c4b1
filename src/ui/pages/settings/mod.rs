//! Settings: name and face, e-mail address, the people you follow, sound, light or dark, the devices on which you are signed in, and the
//! way to leave for good.

mod devices;
mod email;
mod followed_people;
pub mod leave;
mod microphone_test;
mod sound;
mod theme;

use crate::{
    api,
    ui::{
        call::use_call,
        components::page_header::{AccountCorner, PageHeader},
        face_form::FaceForm,
        session::{redirect_on_error, use_session, with_retries},
    },
};
use devices::DevicesCard;
use email::EmailCard;
use followed_people::FollowedPeopleCard;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use sound::SoundCard;
use theme::ThemeCard;

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
                <p class="hint">"Anyone with the photo's web address can open it."</p>
            </section>
            <EmailCard above_is_ready=Signal::derive(move || me.get().is_some())/>
            <FollowedPeopleCard/>
            <SoundCard/>
            <ThemeCard/>
            <DevicesCard/>
            <LeaveCard/>
            <p>
                <a href="/rooms">"Back to the rooms"</a>
            </p>
        </main>
    }
}

/// The way to the page on which people delete their account.
#[component]
fn LeaveCard() -> impl IntoView {
    let in_call = use_call().current;
    view! {
        <section class="card stack" aria-labelledby="leave">
            <h2 id="leave">"Leave this Snug"</h2>
            <p>"Delete your account, with your name, your face and your address."</p>
            <p>
                // During a call, the page opens in another tab, because leaving the app would end the call.
                <a
                    class="btn" data-kind="leave" href="/settings/leave" rel="external"
                    target=move || in_call.get().is_some().then_some("_blank")
                >
                    "Leave for good"
                    {move || in_call.get().is_some().then(|| view! { <span class="visually-hidden">" (in another tab)"</span> })}
                </a>
            </p>
        </section>
    }
}
