//! Opens the sheet to invite people with its details: the form for other links, and the list of links.

use crate::browser::page;
use leptos::prelude::*;

/// The id of the sheet. Buttons name it in `popovertarget`.
pub const INVITE_SHEET: &str = "invite";

/// Whether the sheet shows the details. All parts of a room's page share this.
#[derive(Clone, Copy)]
pub struct InviteDetails(pub RwSignal<bool>);

impl InviteDetails {
    /// Opens the sheet and shows the details. This closes the sheet that is open.
    pub fn open(self) {
        self.0.set(true);
        page::open_popover(INVITE_SHEET);
    }
}

/// Provides the [`InviteDetails`] to the parts of a room's page.
pub fn provide_invite_details() {
    provide_context(InviteDetails(RwSignal::new(false)));
}

/// The details that [`provide_invite_details`] has provided.
pub fn use_invite_details() -> InviteDetails {
    expect_context()
}
