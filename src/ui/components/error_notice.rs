//! The one place that shows an error: its sentence says what to do.

use crate::error::{AppError, Kind};
use leptos::prelude::*;

/// The sentence of `error`, read out at once by screen readers; nothing where there is none.
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
                    // An installed page has no button of the browser's to load it again.
                    {(error.kind == Kind::SomebodyElse).then(|| view! { " " <a href="" rel="external">"Load it again"</a> })}
                </p>
            }
        })
    }
}

/// What went wrong the last time a form was sent; `None` where it went well, or was never sent.
pub fn failure<T>(answer: &Option<Result<T, AppError>>) -> Option<AppError> {
    answer.as_ref().and_then(|answer| answer.as_ref().err()).cloned()
}
