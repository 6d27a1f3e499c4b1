//! The focus on the first field of a page that is a form.

use crate::browser::page;
use leptos::prelude::*;

/// Gives the focus to the field that matches `selector`, when the page is drawn next. Browsers follow the attribute `autofocus` only
/// in the page that they load first, so a page that the router has opened needs this as well. A person who has already focused
/// another element keeps that.
///
/// This is for phones too. A browser opens no keyboard for a page that it has just loaded. After a press on the page before, the
/// keyboard does open, but it hides no explanation: each of these pages has its heading and its sentence above the first field.
pub fn focus_first_field(selector: &'static str) {
    Effect::new(move |_| request_animation_frame(move || page::rescue_focus(selector)));
}
