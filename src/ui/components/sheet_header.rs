//! The head of a sheet (a popover): the heading, and a button that closes the sheet even without scripts.

use super::icon::Icon;
use leptos::prelude::*;

/// `sheet` is the id of the popover. `title` is the id of the heading, for a sheet that names its heading in `aria-labelledby`.
#[component]
pub fn SheetHeader(
    #[prop(into)] sheet: String,
    #[prop(optional, into)] title: Option<String>,
    #[prop(into)] heading: Signal<String>,
) -> impl IntoView {
    view! {
        <div class="sheet-head">
            <h2 id=title dir="auto">{move || heading.get()}</h2>
            <button
                class="btn" data-kind="plain" data-small="" type="button" aria-label="Close"
                popovertarget=sheet popovertargetaction="hide"
            >
                <Icon name="close"/>
            </button>
        </div>
    }
}
