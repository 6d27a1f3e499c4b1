//! What a page for owners shows if its content can't be found.

use super::not_found::{NotFoundPage, NotFoundPanel};
use crate::error::{AppError, Kind};
use leptos::prelude::*;

/// Says what went wrong. `children` is the link or button with which an owner goes on. People who are not owners must not learn that there is
/// such a page.
#[component]
pub fn OwnerPageError(error: AppError, children: Children) -> impl IntoView {
    if error.kind == Kind::NotFound {
        return view! { <NotFoundPage/> }.into_any();
    }
    crate::set_page_status(error.status());
    view! {
        <NotFoundPanel heading="That did not work." message=error.detail>
            {children()}
        </NotFoundPanel>
    }
    .into_any()
}
