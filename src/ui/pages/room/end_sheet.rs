//! Ending the room for everybody: the last row of the host tools, and the sheet that asks first.

use super::question_sheet::QuestionSheet;
use crate::{model::stage::StageRequest, ui::call::Presence};
use leptos::prelude::*;

const SHEET: &str = "end-room";

/// The button that opens the sheet. Its words are not those of the button in the sheet, because both are on the page at once.
#[component]
pub fn EndButton() -> impl IntoView {
    view! {
        <button class="btn" data-kind="leave" data-wide="" type="button" aria-haspopup="dialog" popovertarget=SHEET>
            "End room"
        </button>
    }
}

/// `opened_from` is the id of the sheet with the [`EndButton`]. If that sheet is closed too, the button that opens it gets the focus.
#[component]
pub fn EndSheet(presence: Presence, opened_from: &'static str) -> impl IntoView {
    let message = move || match presence.info.with(|info| info.rules.permanent) {
        true => "This permanent room closes for good, and its link stops working. This can't be undone.",
        false => "The room closes and its link stops working. This can't be undone.",
    };
    view! {
        <QuestionSheet
            id=SHEET heading="End this room for everybody?" message=Signal::derive(move || message().to_owned())
            yes="End for everybody" no="Keep talking" opened_from
            heir=format!("[popovertarget={opened_from}]:not([popovertargetaction])")
            press=Callback::new(move |()| presence.request(StageRequest::End))
        />
    }
}
