//! Forms that the page sends by itself, and what it knows about the call: whether it waits, and the last answer. Without scripts, the
//! browser sends the same fields to the same endpoint.

use crate::{
    api::client::{encode_fields, post_form},
    browser::form_fields::encoded_fields,
    error::AppError,
};
use leptos::{ev::SubmitEvent, prelude::*, server::ServerActionError};
use serde::{Serialize, de::DeserializeOwned};
use server_fn::{ServerFn, error::ServerFnUrlError};
use std::ops::Deref;

/// The calls of one endpoint, whose answers are of type `T`. All endpoints with the same type of answer share the compiled code, so this
/// does not depend on the arguments of the endpoint.
pub struct FormAction<T: 'static> {
    endpoint: &'static str,
    calls: Action<String, Result<T, AppError>>,
}

impl<T: DeserializeOwned + Send + Sync + 'static> FormAction<T> {
    /// Calls of the endpoint `S`. If the server has refused a form that was sent to it without scripts, the first answer is that error.
    pub fn of<S: ServerFn<Output = T, Error = AppError>>() -> Self {
        Self::to(S::PATH)
    }

    fn to(endpoint: &'static str) -> Self {
        let refused = use_context::<ServerActionError>().filter(|error| error.path() == endpoint);
        let refused = refused.map(|error| Err(ServerFnUrlError::<AppError>::decode_err(error.err())));
        let call = move |fields: &String| post_form::<T>(endpoint, fields.clone());
        Self {
            endpoint,
            calls: Action::new_with_value(refused, call),
        }
    }

    /// Calls the endpoint with these arguments.
    pub fn call<S: ServerFn<Output = T, Error = AppError> + Serialize>(self, arguments: S) {
        self.calls.dispatch(encode_fields(arguments));
    }
}

impl<T: 'static> Clone for FormAction<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: 'static> Copy for FormAction<T> {}

impl<T: 'static> Deref for FormAction<T> {
    type Target = Action<String, Result<T, AppError>>;

    fn deref(&self) -> &Self::Target {
        &self.calls
    }
}

/// A form that is sent to the endpoint of `action`.
#[component]
pub fn PostForm<T>(
    action: FormAction<T>,
    #[prop(optional)] class: Option<&'static str>,
    /// While this is true, neither the button nor the Enter key sends the form.
    #[prop(optional)]
    blocked: Option<Memo<bool>>,
    children: Children,
) -> impl IntoView
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    let send = Callback::new(move |fields: String| {
        action.calls.dispatch(fields);
    });
    form_element(action.endpoint, class, blocked, send, children)
}

/// The form itself, which is compiled once for all types of answers.
fn form_element(
    endpoint: &'static str,
    class: Option<&'static str>,
    blocked: Option<Memo<bool>>,
    send: Callback<String>,
    children: Children,
) -> impl IntoView {
    let submit = move |event: SubmitEvent| {
        if blocked.is_some_and(|blocked| blocked.get_untracked()) {
            event.prevent_default();
        }
        if event.default_prevented() {
            return;
        }
        // If the fields can't be read, the browser sends the form by itself.
        if let Some(fields) = encoded_fields(&event) {
            event.prevent_default();
            send.run(fields);
        }
    };
    view! {
        <form action=endpoint method="post" class=class on:submit=submit>
            {children()}
        </form>
    }
}

/// The value of a field in `fields`. Only for fields whose values are single words, in which nothing is encoded.
pub fn word_in<'a>(fields: &'a str, name: &str) -> Option<&'a str> {
    fields
        .split('&')
        .find_map(|field| field.strip_prefix(name)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_by_the_whole_name_of_its_field() {
        let fields = "topic=kind%3Dx&kinds=no&kind=social&mode=";
        assert_eq!(word_in(fields, "kind"), Some("social"));
        assert_eq!(word_in(fields, "mode"), Some(""));
        assert_eq!(word_in(fields, "other"), None);
    }
}
