//! Whether pages are light or dark in this browser.

use crate::model::theme::Theme;
use leptos::prelude::*;

/// The chosen theme, which changes at once when somebody chooses another one.
#[derive(Clone, Copy)]
pub struct ChosenTheme(pub RwSignal<Theme>);

/// Provides the [`ChosenTheme`] to all pages. The server has read it from a cookie, and writes it into each document.
pub fn provide_theme() {
    let theme = SharedValue::new(|| use_context::<Theme>().unwrap_or_default()).into_inner();
    provide_context(ChosenTheme(RwSignal::new(theme)));
}

/// The theme that [`provide_theme`] has provided.
pub fn use_theme() -> RwSignal<Theme> {
    expect_context::<ChosenTheme>().0
}
