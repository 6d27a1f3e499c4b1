//! Shows an error. All pages use this component, so errors look the same everywhere, and screen readers read them out in the same
//! way.

use crate::error::{AppError, Kind};
use leptos::prelude::*;

/// Shows the sentence of `error`, which screen readers read out at once. Shows nothing if there is no error.
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
                    // An installed app does not show the browser's reload button, so offer a link.
                    {(error.kind == Kind::SomebodyElse).then(|| view! { " " <a href="" rel="external">"Load it again"</a> })}
                </p>
            }
        })
    }
}

/// The error in the last answer to a form; `None` if sending the form succeeded, or if it was not sent yet.
pub fn failure<T>(answer: &Option<Result<T, AppError>>) -> Option<AppError> {
    answer.as_ref().and_then(|answer| answer.as_ref().err()).cloned()
}
