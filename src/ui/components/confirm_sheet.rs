//! A button that asks for confirmation. It opens a sheet that says what will happen, with the form that carries the action out.
//! The sheet works without scripts.

use super::sheet_header::SheetHeader;
use crate::model::isolated::isolated;
use leptos::prelude::*;

/// `word` is the text of the button. Its accessible name also contains `about`, the name of the person or room, because a page
/// has many such buttons. `children` is the form that carries the action out.
#[component]
pub fn ConfirmSheet(
    id: String,
    word: &'static str,
    about: String,
    #[prop(optional)] kind: Option<&'static str>,
    message: String,
    children: Children,
) -> impl IntoView {
    let (title, titled) = (format!("{id}-title"), format!("{id}-title"));
    let about = isolated(&about);
    let (label, heading) = (format!("{word}: {about}"), format!("{word}: {about}?"));
    let (shows, sheet) = (id.clone(), id.clone());
    view! {
        <button
            class="btn" data-kind=kind.unwrap_or("quiet") data-small="" type="button" aria-haspopup="dialog" popovertarget=shows
            aria-label=label
        >
            {word}
        </button>
        <dialog class="sheet" id=id popover="auto" aria-labelledby=titled>
            <SheetHeader sheet title heading/>
            <div class="stack">
                <p data-names="">{message}</p>
                {children()}
            </div>
        </dialog>
    }
}
