//! The error of a form that was sent without scripts. The server gives it to the page of the form, which shows it once.
//!
//! The error also reaches the program in the browser, because a form can be sent before the program has loaded. Otherwise the
//! program would find another page than it expects.

use crate::model::form_error::FormError;
use leptos::{prelude::*, reactive::owner::WeakOwner, server::ServerActionError};
use leptos_router::hooks::use_location;

/// The error of this document, until the person goes to another page.
#[derive(Clone)]
struct ShownError {
    error: StoredValue<Option<FormError>>,
    /// The owner of the contexts of the whole app. The reference is weak because this struct is one of these contexts: with a strong
    /// reference, the server would never free the memory of a page.
    app: Option<WeakOwner>,
}

/// Provides the error to the forms of the page. A `ServerAction` that is made for the same endpoint begins with this error.
pub fn provide_form_error() {
    let error = SharedValue::new(|| {
        use_context::<http::request::Parts>().and_then(|parts| parts.extensions.get::<FormError>().cloned())
    })
    .into_inner();
    if let Some(error) = &error {
        provide_context(ServerActionError::new(&error.endpoint, &error.encoded));
    }
    provide_context(ShownError {
        error: StoredValue::new(error),
        app: Owner::current().map(|app| app.downgrade()),
    });
}

/// What the person had typed into this field, if the form of `endpoint` was refused.
pub fn typed_field(endpoint: &str, field: &str) -> Option<String> {
    let shown = use_context::<ShownError>()?;
    shown.error.with_value(|error| {
        let error = error.as_ref().filter(|error| error.endpoint == endpoint)?;
        let typed = error.typed.iter().find(|(name, _)| name == field)?;
        Some(typed.1.clone())
    })
}

/// Forgets the error when the person goes to another page. Otherwise the form would show it again when they come back.
#[component]
pub fn ForgetFormError() -> impl IntoView {
    let pathname = use_location().pathname;
    let shown = use_context::<ShownError>();
    Effect::new(move |is_later: Option<bool>| {
        pathname.track();
        if is_later.is_some()
            && let Some(shown) = &shown
        {
            shown.forget();
        }
        true
    });
}

impl ShownError {
    fn forget(&self) {
        self.error.set_value(None);
        if let Some(app) = self.app.as_ref().and_then(WeakOwner::upgrade) {
            // A context can't be taken back, so it is replaced with an error of no endpoint.
            app.with(|| provide_context(ServerActionError::new("", "")));
        }
    }
}
