//! The head of a sheet: its heading, and the button that closes it without scripts.

use super::icon::Icon;
use leptos::prelude::*;

/// `sheet` is the id of the popover that it heads, `title` the heading's own, where the sheet is labelled by it.
#[component]
pub fn SheetHeader(
    #[prop(into)] sheet: String,
    #[prop(optional, into)] title: Option<String>,
    #[prop(into)] heading: Signal<String>,
) -> impl IntoView {
    view! {
        <div class="sheet-head">
            <h2 id=title>{move || heading.get()}</h2>
            <button
                class="btn" data-kind="plain" data-small="" type="button" aria-label="Close"
                popovertarget=sheet popovertargetaction="hide"
            >
                <Icon name="close"/>
            </button>
        </div>
    }
}
