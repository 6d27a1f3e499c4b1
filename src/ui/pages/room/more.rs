//! "More about NAME": what one may do about somebody else in the room. So far: follow them.

use crate::{
    api::{
        self,
        circle::{Follow, Unfollow},
    },
    browser::page,
    error::AppError,
    model::{id::UserId, room::Participant},
    ui::components::{icon::Icon, notice::Notice},
};
use leptos::{ev::KeyboardEvent, prelude::*};

/// One's circle, as far as this page knows it.
#[derive(Clone, Copy)]
pub struct Circle {
    /// Nothing until it is known.
    followed: RwSignal<Option<Vec<UserId>>>,
    /// Whom the last press was about.
    last: RwSignal<Option<UserId>>,
    follow: ServerAction<Follow>,
    unfollow: ServerAction<Unfollow>,
}

impl Circle {
    /// Asks for it in the browser, and again whenever it changes here.
    pub fn watch() -> Self {
        let circle = Self {
            followed: RwSignal::new(None),
            last: RwSignal::new(None),
            follow: ServerAction::new(),
            unfollow: ServerAction::new(),
        };
        let ask = Action::new(|(): &()| api::circle::list());
        Effect::new(move |_| {
            circle.follow.version().track();
            circle.unfollow.version().track();
            ask.dispatch(());
        });
        Effect::new(move |_| {
            if let Some(Ok(people)) = ask.value().get() {
                let ids = people.into_iter().map(|person| person.id).collect();
                circle.followed.set(Some(ids));
            }
        });
        circle
    }

    /// Why the last press about this person did nothing.
    fn error(self, user: &UserId) -> Option<AppError> {
        if self.last.get().as_ref() != Some(user) {
            return None;
        }
        let follow = self.follow.value().get().and_then(Result::err);
        follow.or_else(|| self.unfollow.value().get().and_then(Result::err))
    }
}

#[component]
pub fn More(#[prop(into)] participant: Signal<Participant>, circle: Circle) -> impl IntoView {
    let id = participant.with_untracked(|one| one.person.id.clone());
    let sheet = format!("more-{id}");
    let (shows, hides) = (sheet.clone(), sheet.clone());
    let name = move || participant.with(|one| one.person.name.clone());
    let user = StoredValue::new(id);
    let known = Memo::new(move |_| {
        let is_in = |followed: &Vec<UserId>| user.with_value(|id| followed.contains(id));
        circle.followed.with(|followed| followed.as_ref().map(is_in))
    });
    let is_followed = move || known.get() == Some(true);
    let waits = move || known.get().is_none() || circle.follow.pending().get() || circle.unfollow.pending().get();
    let press = move |_| {
        if untrack(waits) {
            return;
        }
        circle.last.set(Some(user.get_value()));
        circle.follow.clear();
        circle.unfollow.clear();
        let user = user.with_value(|id| id.to_string());
        if known.get_untracked() == Some(true) {
            circle.unfollow.dispatch(Unfollow { user });
        } else {
            circle.follow.dispatch(Follow { user });
        }
    };
    let told = move || match is_followed() {
        true => format!("{} is in your circle: your social rooms are listed for them.", name()),
        false => "Whom you follow is in your circle, and your social rooms are listed for your circle.".to_owned(),
    };
    view! {
        <button
            class="btn more" data-kind="plain" data-small="" type="button" aria-haspopup="dialog"
            popovertarget=shows aria-label=move || format!("More about {}", name())
        >
            <Icon name="more"/>
        </button>
        <dialog class="sheet" id=sheet popover="auto" aria-label=name>
            <div class="sheet-head">
                <h2>{name}</h2>
                <button
                    class="btn" data-kind="plain" data-small="" type="button" aria-label="Close"
                    popovertarget=hides popovertargetaction="hide"
                >
                    <Icon name="close"/>
                </button>
            </div>
            <ul class="menu" role="menu" aria-label=move || format!("What to do about {}", name()) on:keydown=step>
                <li role="none">
                    <button type="button" role="menuitem" autofocus aria-disabled=move || waits().then_some("true") on:click=press>
                        <Icon name="heart"/>
                        {move || if is_followed() { "Unfollow" } else { "Follow" }}
                    </button>
                </li>
            </ul>
            <p class="hint" role="status">{told}</p>
            <Notice error=Signal::derive(move || user.with_value(|id| circle.error(id)))/>
        </dialog>
    }
}

/// Arrows lead through the menu (ARIA Authoring Practices, "Menu").
fn step(event: KeyboardEvent) {
    let step = match event.key().as_str() {
        "ArrowDown" => page::Step::Next,
        "ArrowUp" => page::Step::Before,
        "Home" => page::Step::First,
        "End" => page::Step::Last,
        _ => return,
    };
    event.prevent_default();
    page::step_focus(&event, step);
}
