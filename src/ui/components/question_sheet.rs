//! A sheet that asks before something happens that is hard to take back. The button that changes nothing has the focus.

use leptos::prelude::*;

/// `yes` and `no` are the words of the two buttons, and `press` is what `yes` does. Any button can open the sheet, with
/// `popovertarget`. If that button is in a sheet itself, `opened_from` is the id of that sheet, and `yes` closes both.
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
    view! {
        <dialog class="sheet" id=id popover="auto" aria-labelledby=titled>
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
