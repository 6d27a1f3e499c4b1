//! The end of your call, in place of the room: who did what, when you can come back, and where to go.

use crate::{
    browser::page,
    model::{isolated::quoted, return_to},
    ui::{
        call::{CallEnd, NextPage, Presence},
        components::street_illustration::DarkHouse,
        pages::{
            coming_back::ComingBack,
            room_exit::{Advice, ExitLinks, heading_now},
        },
        session::use_session,
        toasts::use_toasts,
    },
};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

/// Shows nothing while the call has not ended. `load_again` loads the page of the room again, for somebody who comes back. The person who
/// has ended the room goes to the list of rooms.
#[component]
pub fn Ended(presence: Presence, load_again: Callback<()>) -> impl IntoView {
    let (session, toasts, navigate) = (use_session(), use_toasts(), use_navigate());
    Effect::new(move |_| match presence.ended.get() {
        Some(end) if end.is_own => {
            let topic = presence.info.with_untracked(|info| info.topic.clone());
            toasts.say(format!("{} is closed.", quoted(&topic)));
            navigate("/rooms", Default::default());
        }
        // The focus moves to the heading, so a screen reader reads it out once. The element that had the focus is perhaps gone.
        Some(_) => request_animation_frame(|| page::focus("[data-over]")),
        None => {}
    });
    let is_guest = move || session.user().is_some_and(|user| user.person.guest);
    move || {
        let end = presence.ended.get().filter(|end| !end.is_own)?;
        Some(view! { <CallOver presence end is_guest=is_guest() load_again/> })
    }
}

#[component]
fn CallOver(presence: Presence, end: CallEnd, is_guest: bool, load_again: Callback<()>) -> impl IntoView {
    let CallEnd {
        words,
        come_back_in_s,
        next_page,
        room_is_over,
        is_put_out,
        ..
    } = end;
    let coming_back = Some(ComingBack::watch(presence.id().to_string(), is_put_out, load_again));
    let here = format!("/rooms/{}", presence.id());
    let links = match next_page {
        NextPage::SignIn => {
            let address = return_to::with_next("/sign-in", &here);
            view! { <a class="btn" href=address>"Sign in"</a> }.into_any()
        }
        NextPage::Start => view! { <ExitLinks is_guest=true room_is_over=false/> }.into_any(),
        NextPage::Rooms => view! { <ExitLinks is_guest room_is_over/> }.into_any(),
    };
    view! {
        <div class="lost">
            <DarkHouse/>
            <h2 data-over="" data-names="" tabindex="-1">{move || heading_now(&words.heading, coming_back)}</h2>
            <Advice advice=words.advice come_back_in_s here coming_back/>
            <div class="row">{links}</div>
        </div>
    }
}
