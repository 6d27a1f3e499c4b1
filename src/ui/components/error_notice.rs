//! Shows an error. All pages use it, so errors look and are read out the same everywhere.

use crate::error::{AppError, Kind};
use leptos::prelude::*;

/// The sentence of `error`, which screen readers read out at once. Nothing if there is no error.
#[component]
pub fn Notice(
    #[prop(into)] error: Signal<Option<AppError>>,
    #[prop(optional)] id: Option<&'static str>,
) -> impl IntoView {
    move || {
        error.get().map(|error| {
            view! {
                <p class="notice" data-tone="bad" role="alert" id=id>
                    {error.to_string()}
                    // An installed app has no reload button of the browser.
                    {(error.kind == Kind::SomebodyElse).then(|| view! { " " <a href="" rel="external">"Load it again"</a> })}
                </p>
            }
        })
    }
}

/// The error of the last time a form was sent; `None` if it succeeded or was never sent.
pub fn failure<T>(answer: &Option<Result<T, AppError>>) -> Option<AppError> {
    answer.as_ref().and_then(|answer| answer.as_ref().err()).cloned()
}
