//! The button beside the name, which shows the chosen face and opens the sheet to choose another one.

use super::{
    form_state::FaceFormState, photo_image::PhotoImage, picture_choice::PictureChoice, picture_chooser::SHEET,
};
use crate::{
    model::{generated_face, user::User},
    ui::components::face::Face,
};
use leptos::{html::Img, prelude::*};

/// Matches the button.
pub const SELECTOR: &str = "#change-face";

/// The button. `shown` is the address of the face, for a choice that is not a photo of this form. Without scripts, it opens the
/// sheet too.
#[component]
pub fn FaceButton(state: FaceFormState, shown: Signal<String>, photo: NodeRef<Img>) -> impl IntoView {
    let cropping = state.cropping();
    let has_photo = Memo::new(move |_| state.choice().with(PictureChoice::is_photo) && !cropping.get());
    view! {
        <button class="face-button" id="change-face" type="button" aria-haspopup="dialog" popovertarget=SHEET>
            {move || match has_photo.get() {
                true => view! { <span class="cropped"><PhotoImage state photo/></span> }.into_any(),
                false => view! { <Face picture=shown/> }.into_any(),
            }}
            <span>"Change face"</span>
        </button>
    }
}

/// The address of the face that the form shows for a choice.
pub fn shown(user: &User, name: &str, choice: &PictureChoice) -> String {
    match choice {
        PictureChoice::Current => user.person.picture.clone(),
        PictureChoice::Seed(seed) => generated_face::address(seed),
        // The face of a guest does not follow from the name. A new guest has no id yet, so the form shows an example.
        _ if user.person.guest => user.person.picture.clone(),
        PictureChoice::DefaultFace | PictureChoice::Photo { .. } => {
            let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
            generated_face::address(if generated_face::is_seed(&name) {
                &name
            } else {
                user.person.id.as_str()
            })
        }
    }
}
