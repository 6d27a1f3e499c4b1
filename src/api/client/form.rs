//! Sends the fields of a form to an endpoint, and reads the answer.
//!
//! Leptos would read the fields into the arguments of the server function, only to write them into the same fields again. The code that
//! reads them is in every page with a form, so we send the fields as they are.

use super::{Body, Recipe, RefreshingClient};
use crate::error::AppError;
use bytes::Bytes;
use http::Method;
use serde::{Serialize, de::DeserializeOwned};
use server_fn::{
    ContentType,
    client::Client,
    codec::{IntoReq, JsonEncoding, PostUrl},
    error::{FromServerFnError, ServerFnErrorErr},
    redirect::call_redirect_hook,
    response::ClientRes,
};

/// An answer that is not an error.
struct FormAnswer {
    /// The value as JSON.
    json: Bytes,
    /// The address to which the page goes.
    redirect: Option<String>,
}

/// Sends `fields`, which are `application/x-www-form-urlencoded`, to `endpoint`. If the answer is a redirect, the page goes there.
///
/// # Errors
/// What the endpoint answers; `network` if no answer arrives.
pub async fn post_form<T: DeserializeOwned>(endpoint: &'static str, fields: String) -> Result<T, AppError> {
    let answer = send(endpoint, fields).await?;
    let value = serde_json::from_slice(&answer.json)
        .map_err(|error| AppError::from_server_fn_error(ServerFnErrorErr::Deserialization(error.to_string())))?;
    if let Some(address) = answer.redirect {
        call_redirect_hook(&address);
    }
    Ok(value)
}

/// The fields in which a form would send these arguments of a server function.
pub fn encode_fields<S: Serialize + Send>(arguments: S) -> String {
    let recipe: Result<Recipe, AppError> = IntoReq::<PostUrl, Recipe, AppError>::into_req(arguments, "", "");
    match recipe.map(|recipe| recipe.body) {
        Ok(Body::Text(fields)) => fields,
        // The endpoint then answers that something was missing. Arguments of numbers and texts are never refused.
        _ => String::new(),
    }
}

async fn send(endpoint: &str, fields: String) -> Result<FormAnswer, AppError> {
    let (content, accepts) = (PostUrl::CONTENT_TYPE, JsonEncoding::CONTENT_TYPE);
    let recipe = Recipe::new(endpoint, content, accepts, Method::POST, Body::Text(fields));
    let response = <RefreshingClient as Client<AppError>>::send(recipe).await?;
    let (status, redirect) = (super::status(&response), redirect_of(&response));
    let json = ClientRes::<AppError>::try_into_bytes(response).await?;
    match status {
        400..=599 => Err(AppError::de(json)),
        _ => Ok(FormAnswer { json, redirect }),
    }
}

fn redirect_of<R: ClientRes<AppError>>(response: &R) -> Option<String> {
    let is_redirect = response.has_redirect() || (300..=399).contains(&response.status());
    is_redirect.then(|| response.location())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_become_the_fields_of_a_form() {
        #[derive(Serialize)]
        struct TypedArguments {
            topic: String,
            days: u32,
            guests: bool,
        }
        let arguments = TypedArguments {
            topic: "Tea & cake".into(),
            days: 7,
            guests: true,
        };
        assert_eq!(encode_fields(arguments), "topic=Tea+%26+cake&days=7&guests=true");
    }
}
