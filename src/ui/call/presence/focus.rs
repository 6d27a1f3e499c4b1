//! Moves the focus to the button of the microphone when you were muted without a click, but not under the hands of somebody who is
//! typing or uses a sheet.

use super::Presence;
use crate::{browser::page, ui::call::states::Mic};
use leptos::prelude::*;

/// A selector for fields in which the person is typing.
const TYPING: &str = "input:focus, textarea:focus, select:focus";
/// A selector for a sheet that is open. The region of the toasts is a popover too, but nobody is busy there.
const OPEN_SHEET: &str = "dialog:popover-open";
/// A selector for the button of the microphone: your own button on the room's page, or the button on the bar of other pages.
const MICROPHONE_BUTTON: &str = "[data-own], .call-bar [data-mic]";

impl Presence {
    /// Gives the focus to the button of the microphone. While a sheet is open, the next key is for the sheet, so this waits until the sheet
    /// is closed.
    pub(super) fn focus_microphone(self) {
        let waits = page::has(OPEN_SHEET);
        self.focus_waits.set_value(waits);
        if !waits && !page::has(TYPING) {
            page::focus(MICROPHONE_BUTTON);
        }
    }

    /// A sheet has opened or closed. If you have unmuted meanwhile, the focus stays where it is.
    pub(super) fn on_sheet(self) {
        if self.focus_waits.get_value() && !page::has(OPEN_SHEET) {
            self.focus_waits.set_value(false);
            if self.mic.get_untracked() == Mic::Muted {
                self.focus_microphone();
            }
        }
    }
}
