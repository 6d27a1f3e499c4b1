//! "More about NAME": what one may do about somebody else in the room. So far: follow them.

use crate::{
    api::{
        self,
        circle::{Follow, Unfollow},
    },
    browser::page,
    error::AppError,
    model::{id::UserId, room::Participant},
    ui::components::{face::Face, icon::Icon, notice::Notice},
};
use leptos::{ev::KeyboardEvent, prelude::*};

/// One's circle, as far as this page knows it.
#[derive(Clone, Copy)]
pub struct Circle {
    followed: RwSignal<Vec<UserId>>,
    follow: ServerAction<Follow>,
    unfollow: ServerAction<Unfollow>,
}

impl Circle {
    /// Asks for it in the browser, and again whenever it changes here.
    pub fn watch() -> Self {
        let circle = Self {
            followed: RwSignal::new(vec![]),
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
                circle
                    .followed
                    .set(people.into_iter().map(|person| person.id).collect());
            }
        });
        circle
    }

    fn error(self) -> Option<AppError> {
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
    let is_followed = Memo::new(move |_| {
        circle
            .followed
            .with(|followed| user.with_value(|id| followed.contains(id)))
    });
    let press = move |_| {
        let user = user.with_value(|id| id.to_string());
        if is_followed.get_untracked() {
            circle.unfollow.dispatch(Unfollow { user });
        } else {
            circle.follow.dispatch(Follow { user });
        }
    };
    let told = move || match is_followed.get() {
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
                <div class="who">
                    <Face picture=Signal::derive(move || participant.with(|one| one.person.picture.clone()))/>
                    <h2>{name}</h2>
                </div>
                <button
                    class="btn" data-kind="plain" data-small="" type="button" aria-label="Close"
                    popovertarget=hides popovertargetaction="hide"
                >
                    <Icon name="close"/>
                </button>
            </div>
            <ul class="menu" role="menu" aria-label=move || format!("What to do about {}", name()) on:keydown=step>
                <li role="none">
                    <button type="button" role="menuitem" autofocus on:click=press>
                        <Icon name="heart"/>
                        {move || if is_followed.get() { "Unfollow" } else { "Follow" }}
                    </button>
                </li>
            </ul>
            <p class="hint" role="status">{told}</p>
            <Notice error=Signal::derive(move || circle.error())/>
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
