//! A face: a photo, or the one drawn here from its seed without a request.

use crate::model::face;
use leptos::prelude::*;

/// The face at `picture`, the address of a photo or of a drawn face. `size` is "s", "m", "l" or "xl"; the name stands near.
#[component]
pub fn Face(#[prop(into)] picture: Signal<String>, #[prop(optional)] size: Option<&'static str>) -> impl IntoView {
    move || {
        let picture = picture.get();
        match face::seed_of(&picture) {
            Some(seed) => {
                view! { <span class="face" data-size=size inner_html=face::svg(&seed, face::Mood::Resting)></span> }
                    .into_any()
            }
            None => view! {
                <span class="face" data-size=size>
                    <img src=picture alt="" width="256" height="256" decoding="async"/>
                </span>
            }
            .into_any(),
        }
    }
}
