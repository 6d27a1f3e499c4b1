//! The card on the list of rooms for somebody who has just left a room: follow the people with whom you have talked; for guests, keep your
//! seat.

use crate::{
    api,
    browser::page,
    error::AppError,
    model::{id::UserId, isolated::isolated, room::Person},
    ui::{
        announcer::{Announcer, use_announcer},
        call::{
            Call,
            goodbye::{Goodbye, question},
            use_call,
        },
        components::{error_notice::Notice, face::Face, icon::Icon},
        session::use_session,
        sign_in_options::use_sign_in_options,
    },
};
use leptos::{prelude::*, task::spawn_local};

/// Shows nothing if you have not left a room since the page was loaded, or if there is nothing to offer.
#[component]
pub fn GoodbyeCard() -> impl IntoView {
    let (session, call) = (use_session(), use_call());
    let mail = use_sign_in_options().mail;
    let is_guest = Memo::new(move |_| session.user().is_some_and(|user| user.person.guest));
    move || {
        let goodbye = call.goodbye.get()?;
        match is_guest.get() {
            true => mail.then(|| view! { <KeepSeat call/> }.into_any()),
            false => Some(view! { <FollowThem call goodbye/> }.into_any()),
        }
    }
}

#[component]
fn KeepSeat(call: Call) -> impl IntoView {
    view! {
        <section class="card goodbye" aria-labelledby="goodbye">
            <h2 id="goodbye">"Keep your seat"</h2>
            <p>
                "You came as a guest, in this browser only. Add your e-mail address, and you keep your name and face, and can sign in anywhere."
            </p>
            <div class="row">
                <a class="btn" href="/settings#seat">"Keep your seat"</a>
                <DismissButton call/>
            </div>
        </section>
    }
}

#[component]
fn DismissButton(call: Call) -> impl IntoView {
    let dismiss = move |_| {
        call.goodbye.set(None);
        // The button that had the focus is gone.
        request_animation_frame(|| page::rescue_focus("#main :is(a, button)"));
    };
    view! { <button class="btn" data-kind="quiet" type="button" on:click=dismiss>"Dismiss"</button> }
}

/// The people whom you can follow, and whom of them you have followed on this card.
#[derive(Clone, Copy)]
struct FollowOffer {
    /// Empty until the page knows your circle. If the circle can't be loaded, nothing is offered, because the page does not know whom you
    /// follow already.
    people: RwSignal<Vec<Person>>,
    followed: RwSignal<Vec<UserId>>,
    error: RwSignal<Option<AppError>>,
    is_busy: RwSignal<bool>,
    announcer: Announcer,
}

impl FollowOffer {
    fn of(goodbye: Goodbye) -> Self {
        let offer = Self {
            people: RwSignal::new(vec![]),
            followed: RwSignal::new(vec![]),
            error: RwSignal::new(None),
            is_busy: RwSignal::new(false),
            announcer: use_announcer(),
        };
        Effect::new(move |_| {
            let goodbye = goodbye.clone();
            if goodbye.people.is_empty() {
                return;
            }
            spawn_local(async move {
                if let Ok(circle) = api::circle::list().await {
                    offer.people.try_set(goodbye.not_in(&circle));
                }
            });
        });
        offer
    }

    fn has_followed(self, user: &UserId) -> bool {
        self.followed.with(|followed| followed.contains(user))
    }

    /// The people whom you have not followed yet.
    fn left(self) -> Vec<Person> {
        let mut people = self.people.get();
        people.retain(|person| !self.has_followed(&person.id));
        people
    }

    /// Follows these people, one after the other, until an error.
    fn follow(self, people: Vec<Person>) {
        if self.is_busy.get_untracked() {
            return;
        }
        self.is_busy.set(true);
        self.error.set(None);
        spawn_local(async move {
            for Person { id, name, .. } in people {
                if let Err(error) = api::circle::follow(id.to_string()).await {
                    self.error.try_set(Some(error));
                    break;
                }
                self.followed.try_update(|followed| followed.push(id));
                self.announcer.say(format!("You follow {}.", isolated(&name)));
            }
            self.is_busy.try_set(false);
        });
    }
}

#[component]
fn FollowThem(call: Call, goodbye: Goodbye) -> impl IntoView {
    let offer = FollowOffer::of(goodbye);
    let follow_all = move |_| offer.follow(untrack(|| offer.left()));
    // The buttons of each person are enough for one person.
    let has_several = Memo::new(move |_| offer.people.with(Vec::len) > 1 && !offer.left().is_empty());
    move || {
        let people = offer.people.get();
        (!people.is_empty()).then(|| {
            view! {
                <section class="card goodbye" aria-labelledby="goodbye">
                    <h2 id="goodbye" data-names="">{question(&people)}</h2>
                    <ul role="list">{people.into_iter().map(|person| view! { <Row offer person/> }).collect_view()}</ul>
                    <Notice error=Signal::derive(move || offer.error.get())/>
                    <div class="row">
                        {move || has_several.get().then(|| view! {
                            <button
                                class="btn" type="button" aria-busy=move || offer.is_busy.get().then_some("true")
                                on:click=follow_all
                            >
                                "Follow all"
                            </button>
                        })}
                        <DismissButton call/>
                    </div>
                </section>
            }
        })
    }
}

#[component]
fn Row(offer: FollowOffer, person: Person) -> impl IntoView {
    let Person { name, picture, .. } = person.clone();
    let (follow, about) = (format!("Follow {}", isolated(&name)), StoredValue::new(person));
    let is_followed = Memo::new(move |_| about.with_value(|person| offer.has_followed(&person.id)));
    view! {
        <li>
            <Face picture size="s"/>
            <b dir="auto" translate="no">{name}</b>
            // The button stays when it was pressed, so that it keeps the focus.
            <button
                class="btn" data-kind="quiet" data-small="" type="button"
                aria-label=move || (!is_followed.get()).then(|| follow.clone())
                aria-disabled=move || is_followed.get().then_some("true")
                on:click=move |_| {
                    if !is_followed.get_untracked() {
                        offer.follow(vec![about.get_value()]);
                    }
                }
            >
                {move || is_followed.get().then(|| view! { <Icon name="check"/> })}
                {move || if is_followed.get() { "Following" } else { "Follow" }}
            </button>
        </li>
    }
}
