//! The people you follow. Each row has a button to unfollow the person.

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

/// The card. Guests get none, because they can't follow people; the card about the e-mail address tells them how to stay.
#[component]
pub fn FollowedPeopleCard() -> impl IntoView {
    let session = use_session();
    let unfollow = ServerAction::<Unfollow>::new();
    let followed = Resource::new(move || unfollow.version().get(), |_| api::circle::list());
    view! {
        <Transition>
            {move || Suspend::new(async move {
                let user = session.me.await.ok().flatten();
                let followed = followed.await;
                let may_follow = user.is_some_and(|user| !user.person.guest);
                may_follow.then(|| view! { <FollowedPeople followed unfollow/> })
            })}
        </Transition>
    }
}

#[component]
fn FollowedPeople(followed: Result<Vec<Person>, AppError>, unfollow: ServerAction<Unfollow>) -> impl IntoView {
    let list = match followed {
        Ok(people) if people.is_empty() => view! {
            <p class="hint">"Nobody yet. In a room, press somebody's face, then Follow."</p>
        }
        .into_any(),
        Ok(people) => view! { <People people unfollow/> }.into_any(),
        Err(error) => view! { <Trouble error/> }.into_any(),
    };
    view! {
        <section class="card stack" aria-labelledby="followed">
            <h2 id="followed">"People you follow"</h2>
            <p>"They see your social rooms in the list and need no link."</p>
            <Notice error=Signal::derive(move || unfollow.value().get().and_then(Result::err))/>
            {list}
        </section>
    }
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
                    <b dir="auto" translate="no">{name}</b>
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
