//! A sheet that asks before something happens that is hard to take back. The button that changes nothing has the focus.

use crate::browser::page;
use leptos::prelude::*;

/// `yes` and `no` are the words of the two buttons, and `press` is what `yes` does. Any button can open the sheet, with
/// `popovertarget`. If that button is in a sheet itself, `opened_from` is the id of that sheet, and `yes` closes both. When the question is
/// closed, the button that opened it has the focus again.
#[component]
pub fn QuestionSheet(
    id: &'static str,
    #[prop(into)] heading: Signal<String>,
    #[prop(into)] message: Signal<String>,
    yes: &'static str,
    no: &'static str,
    #[prop(optional)] opened_from: Option<&'static str>,
    press: Callback<()>,
) -> impl IntoView {
    let (title, titled) = (format!("{id}-title"), format!("{id}-title"));
    let on_toggle = move |_| {
        if let Some(sheet) = opened_from {
            give_focus_back(id, sheet);
        }
    };
    view! {
        <dialog class="sheet" id=id popover="auto" aria-labelledby=titled on:toggle=on_toggle>
            <div class="stack">
                <h2 id=title data-names="">{move || heading.get()}</h2>
                <p data-names="">{move || message.get()}</p>
                <button
                    class="btn" data-kind="leave" data-wide="" type="button"
                    popovertarget=opened_from.unwrap_or(id) popovertargetaction="hide" on:click=move |_| press.run(())
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

/// Gives the focus back to the button that opened the question `id`, if that question is closed and the button is in the sheet `sheet`,
/// which is still open. Browsers do this only for a popover that was opened while no other was open.
fn give_focus_back(id: &str, sheet: &str) {
    if page::has(&format!("#{id}:popover-open")) {
        return;
    }
    let opener = format!("#{sheet}:popover-open [popovertarget={id}]");
    let is_there = page::has(&opener);
    page::rescue_focus_from(&format!("#{id}"), if is_there { &opener } else { "section.stage" });
}
