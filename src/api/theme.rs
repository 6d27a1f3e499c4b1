//! The endpoint for choosing light or dark pages.

use super::client::RefreshingClient;
use crate::{error::AppError, model::theme::Theme};
use leptos::prelude::*;

/// Chooses light or dark pages for this browser: `light`, `dark` or `system`. Every other text means `system`.
///
/// # Errors
/// None.
#[server(prefix = "/api", endpoint = "theme/choose", client = RefreshingClient)]
pub async fn choose(#[server(default)] theme: String) -> Result<Theme, AppError> {
    use crate::server::{auth::identity::current_visit, theme as themes};
    let (visit, theme) = (current_visit()?, Theme::parse(&theme));
    visit.answer(themes::choose(&visit, theme));
    leptos_axum::redirect("/settings");
    Ok(theme)
}
