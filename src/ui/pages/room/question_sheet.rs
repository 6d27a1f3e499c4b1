//! A sheet that asks before something happens that is hard to take back. The button that changes nothing has the focus.

use crate::{browser::page, ui::document_marks::mark_document};
use leptos::prelude::*;

/// `yes` and `no` are the words of the two buttons, and `press` is what `yes` does. `yes` has the colour of dangerous actions unless it is
/// `harmless`.
///
/// A button in the sheet `opened_from` opens the question, with `popovertarget`. While the question is open, the style sheet hides that
/// sheet. `yes` closes both. When the question is closed, the button that opened it has the focus again. If that button is gone, the first
/// element that matches the selector `heir` gets the focus.
#[component]
pub fn QuestionSheet(
    id: &'static str,
    #[prop(into)] heading: Signal<String>,
    #[prop(into)] message: Signal<String>,
    yes: &'static str,
    no: &'static str,
    #[prop(optional)] harmless: bool,
    opened_from: &'static str,
    #[prop(into)] heir: Signal<String>,
    press: Callback<()>,
) -> impl IntoView {
    let (title, titled) = (format!("{id}-title"), format!("{id}-title"));
    let kind = (!harmless).then_some("leave");
    let is_open = RwSignal::new(false);
    mark_document("data-question", move || is_open.get().then_some(""));
    view! {
        <dialog
            class="sheet question" id=id popover="auto" aria-labelledby=titled
            on:beforetoggle=move |_: leptos::ev::Event| is_open.set(!page::has(&format!("#{id}:popover-open")))
            on:toggle=move |_| give_focus_back(id, opened_from, &heir.try_get_untracked().unwrap_or_default())
        >
            <div class="stack">
                <h2 id=title data-names="">{move || heading.get()}</h2>
                <p data-names="">{move || message.get()}</p>
                <button
                    class="btn" data-kind=kind data-wide="" type="button"
                    popovertarget=opened_from popovertargetaction="hide" on:click=move |_| press.run(())
                >
                    {yes}
                </button>
                <button
                    class="btn" data-kind="quiet" data-wide="" type="button"
                    popovertarget=id popovertargetaction="hide" autofocus
                >
                    {no}
                </button>
            </div>
        </dialog>
    }
}

/// Gives the focus back after the question `id` was closed. It goes to the button that opened the question, if that is in the sheet `sheet`,
/// which is still open. Otherwise it goes to `heir` or, if that is gone too, to the stage. Browsers do this only for a popover that was opened
/// while no other was open.
fn give_focus_back(id: &str, sheet: &str, heir: &str) {
    if page::has(&format!("#{id}:popover-open")) {
        return;
    }
    let opener = format!("#{sheet}:popover-open [popovertarget={id}]");
    let first = [opener.as_str(), heir].into_iter().find(|selector| page::has(selector));
    page::rescue_focus_from(&format!("#{id}"), first.unwrap_or("section.stage"));
}
