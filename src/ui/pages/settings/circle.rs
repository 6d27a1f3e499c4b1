//! The people you follow (your circle). Each row has a button to unfollow the person.

use crate::{
    api::{self, circle::Unfollow},
    error::AppError,
    model::{isolated::isolated, room::Person},
    ui::{
        components::{error_notice::Notice, face::Face},
        session::use_session,
    },
};
use leptos::prelude::*;

#[component]
pub fn CircleCard() -> impl IntoView {
    let unfollow = ServerAction::<Unfollow>::new();
    let circle = Resource::new(move || unfollow.version().get(), |_| api::circle::list());
    view! {
        <section class="card stack" aria-labelledby="circle">
            <h2 id="circle">"Your circle"</h2>
            <p>"The people you follow. They see your social rooms in the list and need no link."</p>
            <Notice error=Signal::derive(move || unfollow.value().get().and_then(Result::err))/>
            <Transition>
                {move || Suspend::new(async move {
                    match circle.await {
                        Ok(people) if people.is_empty() => view! { <Nobody/> }.into_any(),
                        Ok(people) => view! { <People people unfollow/> }.into_any(),
                        Err(error) => view! { <Trouble error/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}

#[component]
fn Nobody() -> impl IntoView {
    let session = use_session();
    let words = move || match session.user().is_some_and(|user| user.person.guest) {
        true => "Guests can't follow people. Add your e-mail address first.",
        false => "Nobody yet. In a room, choose the three dots on somebody's face, then Follow.",
    };
    view! { <p class="hint">{words}</p> }
}

/// Shows the error. Shows nothing if the person has to sign in, because the page then leads to the sign-in page anyway.
#[component]
fn Trouble(error: AppError) -> impl IntoView {
    (!error.needs_sign_in()).then(|| view! { <Notice error=Some(error)/> })
}

#[component]
fn People(people: Vec<Person>, unfollow: ServerAction<Unfollow>) -> impl IntoView {
    let row = move |person: Person| {
        let Person { id, name, picture, .. } = person;
        let (label, title) = (format!("Unfollow {}", isolated(&name)), name.clone());
        view! {
            <li class="device" aria-label=title>
                <div class="who">
                    <Face picture size="s"/>
                    <b dir="auto">{name}</b>
                </div>
                <ActionForm action=unfollow>
                    <input type="hidden" name="user" value=id.to_string()/>
                    <button class="btn" data-kind="quiet" data-small="" type="submit" aria-label=label>"Unfollow"</button>
                </ActionForm>
            </li>
        }
    };
    view! { <ul class="devices" role="list">{people.into_iter().map(row).collect_view()}</ul> }
}
