//! The ways in which people can come into this Snug, for every page that offers one of them.

use crate::model::sign_in_options::SignInOptions;
use leptos::prelude::*;

/// Provides the [`SignInOptions`] to all pages. The server writes them into each document, so the program in the browser needs no request.
pub fn provide_sign_in_options() {
    let options = SharedValue::new(|| use_context::<SignInOptions>().unwrap_or_default()).into_inner();
    provide_context(options);
}

/// What [`provide_sign_in_options`] has provided.
pub fn use_sign_in_options() -> SignInOptions {
    expect_context()
}
