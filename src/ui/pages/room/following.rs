//! Following people: the item of the menu about a person, and what the page knows about the people you follow.

use crate::{
    api::{
        self,
        circle::{Follow, Unfollow},
    },
    error::AppError,
    model::{id::UserId, isolated::isolated, room::Person},
    ui::{announcer::use_announcer, components::icon::Icon},
};
use leptos::prelude::*;

/// The people you follow (your circle), as far as this page knows.
#[derive(Clone, Copy)]
pub struct Circle {
    /// The ids of the people you follow; `None` until the page knows them.
    followed: RwSignal<Option<Vec<UserId>>>,
    /// The person whom you followed or unfollowed with the last click.
    last: RwSignal<Option<UserId>>,
    /// The name of that person.
    last_name: StoredValue<String>,
    ask: Action<(), Result<Vec<Person>, AppError>>,
    follow: ServerAction<Follow>,
    unfollow: ServerAction<Unfollow>,
}

impl Circle {
    /// Loads the circle when the page starts to run in the browser, and again whenever the person has changed the circle on this
    /// page.
    pub fn watch() -> Self {
        let circle = Self {
            followed: RwSignal::new(None),
            last: RwSignal::new(None),
            last_name: StoredValue::new(String::new()),
            ask: Action::new(|(): &()| api::circle::list()),
            follow: ServerAction::new(),
            unfollow: ServerAction::new(),
        };
        Effect::new(move |_| {
            circle.follow.version().track();
            circle.unfollow.version().track();
            circle.ask.dispatch(());
        });
        Effect::new(move |_| {
            if let Some(Ok(people)) = circle.ask.value().get() {
                let ids = people.into_iter().map(|person| person.id).collect();
                circle.followed.set(Some(ids));
            }
        });
        circle.announce_changes();
        circle
    }

    /// Has screen readers read out what has changed, because the button that was pressed only gets another name.
    fn announce_changes(self) {
        let announcer = use_announcer();
        let name = move || self.last_name.with_value(|name| isolated(name).into_owned());
        Effect::new(move |_| {
            if let Some(Ok(())) = self.follow.value().get() {
                announcer.say(format!("You follow {}.", name()));
            }
        });
        Effect::new(move |_| {
            if let Some(Ok(())) = self.unfollow.value().get() {
                announcer.say(format!("You no longer follow {}.", name()));
            }
        });
    }

    /// Whether you follow `user`; `None` until the page knows it.
    pub fn has(self, user: &UserId) -> Option<bool> {
        self.followed
            .with(|followed| followed.as_ref().map(|followed| followed.contains(user)))
    }

    fn waits(self) -> bool {
        self.ask.pending().get() || self.follow.pending().get() || self.unfollow.pending().get()
    }

    fn toggle(self, user: &UserId, name: String) {
        if untrack(|| self.waits()) {
            return;
        }
        self.last.set(Some(user.clone()));
        self.last_name.set_value(name);
        self.follow.clear();
        self.unfollow.clear();
        let id = user.to_string();
        match untrack(|| self.has(user)) {
            Some(true) => self.unfollow.dispatch(Unfollow { user: id }),
            Some(false) => self.follow.dispatch(Follow { user: id }),
            // The circle could not be loaded, so try to load it again.
            None => self.ask.dispatch(()),
        };
    }

    /// Why you could not follow or unfollow this person, or why the circle could not be loaded.
    pub fn error(self, user: &UserId) -> Option<AppError> {
        if self.has(user).is_none() {
            return self.ask.value().get().and_then(Result::err);
        }
        if self.last.get().as_ref() != Some(user) {
            return None;
        }
        let follow = self.follow.value().get().and_then(Result::err);
        follow.or_else(|| self.unfollow.value().get().and_then(Result::err))
    }
}

/// The item that follows the person, or no longer follows them.
#[component]
pub fn FollowItem(circle: Circle, user: UserId, #[prop(into)] name: Signal<String>) -> impl IntoView {
    let user = StoredValue::new(user);
    let label = move || match user.with_value(|user| circle.has(user)) {
        Some(true) => "Unfollow",
        None if circle.ask.value().get().is_some() => "Try again",
        _ => "Follow",
    };
    view! {
        <li role="none">
            <button
                type="button" role="menuitem" aria-disabled=move || circle.waits().then_some("true")
                on:click=move |_| user.with_value(|user| circle.toggle(user, name.get_untracked()))
            >
                <Icon name="heart"/>
                {label}
            </button>
        </li>
    }
}
