//! The chosen photo as an image that lies behind a square frame, where its crop puts it.

use super::{form_state::FaceFormState, picture_choice::PictureChoice};
use crate::browser::picture;
use leptos::{html::Img, prelude::*};
use std::sync::Arc;

/// The minimum length of a photo's shorter side, in pixels.
const SIDE_MIN: u32 = 16;

const NOT_OPENED: &str =
    "This file is not a picture that this browser can open, or the picture is too large. Choose a JPEG or PNG.";
const TOO_SMALL: &str = "This picture is too small. Choose one of at least 16 by 16 pixels.";

/// The photo. The form shows it in one place at a time, and `photo` is the element in that place: a phone need not decode it twice.
/// If the browser can't open the file as a picture, the form goes back to the picture that was chosen before, and says why.
#[component]
pub fn PhotoImage(state: FaceFormState, photo: NodeRef<Img>) -> impl IntoView {
    let choice = state.choice();
    // A data URL can have tens of megabytes. So the data URL is not copied, and it is written to the page only when the photo changes.
    let data_url = Memo::new(move |_| match choice.get() {
        PictureChoice::Photo { data_url, .. } => data_url,
        _ => Arc::default(),
    });
    let crop = Memo::new(move |_| choice.with(PictureChoice::crop));
    let opened = move |_| {
        let Some(image) = photo.get_untracked() else { return };
        let (width, height) = (image.natural_width(), image.natural_height());
        if width.min(height) < SIDE_MIN {
            return state.refuse(TOO_SMALL);
        }
        state.opened(width, height);
    };
    // While the form changes to another choice, the image may lose its address for a moment, which is no fault of a photo.
    let failed = move |_| {
        if choice.with_untracked(PictureChoice::is_photo) {
            state.refuse(NOT_OPENED);
        }
    };
    Effect::new(move |_| {
        if let (Some(image), Some(crop)) = (photo.get(), crop.get()) {
            picture::place(&image, crop.placement());
        }
    });
    view! {
        <img
            class="cropper-view" alt="" draggable="false" node_ref=photo src=move || data_url.get().to_string()
            on:load=opened on:error=failed
        />
    }
}
