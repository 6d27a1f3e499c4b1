//! Who is on the page, in which order, and at whose face Tab stops. If the order changes, the faces slide to their new places, and the
//! focus stays with its person.

use super::people_in_order::PeopleInOrder;
use crate::{
    browser::{
        page,
        roving_focus::{self, FocusEnds, FocusStep},
        slide::OldPlaces,
    },
    model::id::UserId,
    ui::{call::Presence, pages::room::participant_menu::has_actions},
};
use leptos::{
    ev::{FocusEvent, KeyboardEvent},
    prelude::*,
};

/// How many listeners are shown until you ask to see all.
const LISTENERS_SHOWN: usize = 48;
/// The attribute with a person's id.
const ID: &str = "data-person";
/// What moves if people come, go and change places: the people, and what is below them.
const MOVED: &str = "li[data-person], [data-slides]";
/// The faces with an action. Together they are one Tab stop.
const FACES: &str = "li[data-person] button.who";

/// The people of a room as the page shows them.
#[derive(Clone, Copy)]
pub struct RosterView {
    shown: RwSignal<PeopleInOrder>,
    /// Whether you have asked to see all listeners.
    all_listeners: RwSignal<bool>,
    /// The person whose face had the focus last.
    focused: RwSignal<Option<UserId>>,
    /// The person at whose face Tab stops.
    tab_stop: Memo<Option<UserId>>,
}

impl RosterView {
    pub fn watch(presence: Presence) -> Self {
        let order = Memo::new(move |_| {
            let me = presence.me.get();
            presence.roster.with(|roster| PeopleInOrder::of(roster, me.as_ref()))
        });
        let shown = RwSignal::new(order.get_untracked());
        let focused = RwSignal::new(None::<UserId>);
        let tab_stop = Memo::new(move |_| {
            let able = presence.roster.with(|roster| {
                let able = roster.iter().filter(|one| has_actions(presence, one));
                able.map(|one| one.person.id.clone()).collect::<Vec<_>>()
            });
            let last = focused.get().filter(|last| able.contains(last));
            last.or_else(|| shown.with(|shown| shown.everybody().find(|id| able.contains(id)).cloned()))
        });
        let view = Self {
            shown,
            all_listeners: RwSignal::new(false),
            focused,
            tab_stop,
        };
        // The page shows a new order only here, after the old places were noted.
        Effect::new(move |_| view.show(order.get()));
        view
    }

    /// The people on the stage.
    pub fn stage(self) -> Vec<UserId> {
        self.shown.with(|shown| shown.stage.clone())
    }

    /// The listeners whom the page shows: all of them, or the first [`LISTENERS_SHOWN`].
    pub fn audience(self) -> Vec<UserId> {
        let most = if self.all_listeners.get() {
            usize::MAX
        } else {
            LISTENERS_SHOWN
        };
        self.shown
            .with(|shown| shown.audience.iter().take(most).cloned().collect())
    }

    /// The number of all listeners.
    pub fn listeners(self) -> usize {
        self.shown.with(|shown| shown.audience.len())
    }

    /// The number of listeners whom the page does not show.
    pub fn more_listeners(self) -> usize {
        if self.all_listeners.get() {
            0
        } else {
            self.listeners().saturating_sub(LISTENERS_SHOWN)
        }
    }

    /// Shows all listeners. The button for that disappears, so the focus goes to the first of the new faces.
    pub fn show_all_listeners(self) {
        self.all_listeners.set(true);
        let first_new = format!(".audience li:nth-child({}) button.who", LISTENERS_SHOWN + 1);
        request_animation_frame(move || {
            page::rescue_focus(&first_new);
            page::rescue_focus("section.stage");
        });
    }

    /// Whether Tab stops at this person's face.
    pub fn is_tab_stop(self, id: &UserId) -> bool {
        self.tab_stop.with(|stop| stop.as_ref() == Some(id))
    }

    /// Notes whose face has got the focus.
    pub fn on_focus(self, _: FocusEvent) {
        if let Some(id) = person_at_focus() {
            self.focused.set(Some(id));
        }
    }

    fn show(self, now: PeopleInOrder) {
        let before = self.shown.get_untracked();
        if before == now {
            return;
        }
        let places = OldPlaces::note(MOVED);
        let had_focus = person_at_focus();
        let heirs = had_focus
            .as_ref()
            .map(|had| before.heirs_of_focus(&now, had))
            .unwrap_or_default();
        self.shown.set(now);
        // The list is in its new order before the next frame.
        request_animation_frame(move || {
            places.slide();
            // An element that moves in the document loses the focus.
            let mut faces = heirs.iter().map(|id| format!("li[{ID}=\"{id}\"] button.who"));
            if let Some(face) = faces.find(|face| page::has(face)) {
                page::rescue_focus(&face);
            } else if had_focus.is_some() {
                page::rescue_focus("section.stage");
            }
        });
    }
}

/// Moves the focus from face to face with the arrow keys, Home and End.
pub fn step(event: KeyboardEvent) {
    // With these keys, an arrow is a command of the browser, such as going back.
    if event.alt_key() || event.ctrl_key() || event.meta_key() {
        return;
    }
    let step = match (event.key().as_str(), roving_focus::is_right_to_left(&event)) {
        ("ArrowDown", _) | ("ArrowRight", false) | ("ArrowLeft", true) => FocusStep::Next,
        ("ArrowUp", _) | ("ArrowLeft", false) | ("ArrowRight", true) => FocusStep::Before,
        ("Home", _) => FocusStep::First,
        ("End", _) => FocusStep::Last,
        _ => return,
    };
    event.prevent_default();
    roving_focus::step(&event, FACES, step, FocusEnds::Stop);
}

fn person_at_focus() -> Option<UserId> {
    roving_focus::attribute_at_focus(ID).and_then(|id| UserId::parse(&id))
}
