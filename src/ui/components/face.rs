//! A face: a photo, or a drawn face. The page makes a drawn face from its seed, without a request to the server.

use crate::model::generated_face::{self, Mood};
use leptos::prelude::*;

/// The face at `picture`, the address of a photo or of a drawn face. `size` is "s", "m", "l" or "xl". A face has no text
/// alternative, so show the name beside it. While the person `speaks`, the face lights up, and a drawn face opens its mouth.
///
/// A drawn face that is `animated` also blinks, looks towards people who speak, and raises a drawn hand while the person's `hand` is
/// up. Only faces in a room are animated. The style sheet does all of it, so the page runs no timers and draws no face again.
#[component]
pub fn Face(
    #[prop(into)] picture: Signal<String>,
    #[prop(optional)] size: Option<&'static str>,
    #[prop(optional, into)] speaks: Signal<bool>,
    #[prop(optional)] animated: bool,
    #[prop(optional, into)] hand: Signal<bool>,
) -> impl IntoView {
    let picture = Memo::new(move |_| picture.get());
    let lit = move || speaks.get().then_some("");
    let raised = move || hand.get().then_some("");
    move || {
        let picture = picture.get();
        match generated_face::seed_of(&picture) {
            Some(seed) if animated => view! {
                <span
                    class="face" data-size=size data-animated="" data-speaking=lit data-hand=raised
                    inner_html=generated_face::animated_svg(&seed)
                ></span>
            }
            .into_any(),
            Some(seed) => {
                let mood = if speaks.get() { Mood::Speaking } else { Mood::Resting };
                view! { <span class="face" data-size=size data-speaking=lit inner_html=generated_face::svg(&seed, mood)></span> }
                    .into_any()
            }
            None => view! {
                <span class="face" data-size=size data-speaking=lit>
                    <img src=picture alt="" width="256" height="256" decoding="async"/>
                </span>
            }
            .into_any(),
        }
    }
}
