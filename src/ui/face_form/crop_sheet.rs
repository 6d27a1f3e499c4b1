//! The sheet in which a photo is cropped. It opens by itself when a photo is chosen.

use super::{cropper::Cropper, face_button, form_state::FaceFormState};
use crate::browser::page;
use leptos::{
    html::{Dialog, Img},
    prelude::*,
};

/// The sheet. It is modal, so nobody sends the form without having decided about the photo. Escape is the same as "Cancel".
///
/// It is not a part of the form, because a browser would send the form if the person presses Enter in the slider.
#[component]
pub fn CropSheet(state: FaceFormState, photo: NodeRef<Img>) -> impl IntoView {
    let sheet = NodeRef::<Dialog>::new();
    let cropping = state.cropping();
    Effect::new(move |was_open: Option<bool>| {
        let opens = cropping.get();
        let Some(sheet) = sheet.get() else { return false };
        if opens && !sheet.open() {
            // This also closes the sheet with the choice of pictures.
            let _ = sheet.show_modal();
            request_animation_frame(|| page::focus(".cropper-frame"));
        }
        if !opens && was_open == Some(true) {
            sheet.close();
            request_animation_frame(|| page::focus(face_button::SELECTOR));
        }
        opens
    });
    view! {
        <dialog class="sheet" aria-labelledby="crop-title" node_ref=sheet on:close=move |_| state.cancel_crop()>
            {move || cropping.get().then(|| view! {
                <div class="stack">
                    <h2 id="crop-title">"Crop your photo"</h2>
                    <Cropper state photo/>
                    <div class="row crop-end">
                        <button class="btn" type="button" on:click=move |_| state.use_photo()>"Use photo"</button>
                        <button class="btn" data-kind="quiet" type="button" on:click=move |_| state.cancel_crop()>"Cancel"</button>
                    </div>
                </div>
            })}
        </dialog>
    }
}
