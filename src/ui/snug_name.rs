//! The name of this Snug, which the header and the title of every page show.

use crate::model::snug_info::SnugName;
use leptos::prelude::*;

/// Provides the [`SnugName`] to all pages. The server writes the name into each document, so the program in the browser needs no
/// request to know it.
pub fn provide_snug_name() {
    let name = SharedValue::new(|| use_context::<SnugName>().unwrap_or_default()).into_inner();
    provide_context(name);
}

/// The name that [`provide_snug_name`] has provided.
pub fn use_snug_name() -> SnugName {
    expect_context()
}
