//! The preview of the camera, with a button to take a picture.

use super::form_state::FaceFormState;
use crate::{
    browser::{
        camera::{self, Camera, Screen},
        canvas_probe::canvas_is_honest,
        page,
    },
    error::AppError,
    ui::components::icon::Icon,
};
use leptos::{html::Video, prelude::*, task::spawn_local};
use send_wrapper::SendWrapper;

/// Asks for the camera and shows its picture. Sets `looking` to false when a picture was taken, when the person cancels, and
/// after an error.
#[component]
pub fn CameraPreview(state: FaceFormState, looking: RwSignal<bool>) -> impl IntoView {
    let screen = NodeRef::<Video>::new();
    let ready = RwSignal::new(false);
    // When the preview is removed from the page, this value is dropped, which turns the camera off.
    let camera_slot = StoredValue::new(None::<SendWrapper<Camera>>);
    Effect::new(move |_| {
        let Some(screen) = screen.get() else { return };
        let screen: Screen = screen;
        request_animation_frame(|| page::focus("#mirror-cancel"));
        spawn_local(async move {
            // A picture of the camera goes through a canvas.
            if !canvas_is_honest().await {
                if camera_slot.try_with_value(|_| ()).is_some() {
                    looking.set(false);
                    state.problem.set(Some(AppError::invalid(
                        "This browser does not let Snug take a picture with the camera. Choose a photo instead.",
                    )));
                }
                return;
            }
            match Camera::open().await {
                Ok(camera) => {
                    camera.show(&screen).await;
                    // If the preview was removed meanwhile, the camera is dropped here.
                    if camera_slot.try_set_value(Some(SendWrapper::new(camera))).is_none() {
                        ready.set(true);
                    }
                }
                // If the person has cancelled meanwhile, the error no longer matters.
                Err(why) => {
                    if camera_slot.try_with_value(|_| ()).is_some() {
                        looking.set(false);
                        state.problem.set(Some(AppError::invalid(why.without_camera())));
                    }
                }
            }
        });
    });
    let take = move |_| {
        let Some(screen) = screen.get_untracked() else { return };
        spawn_local(async move {
            let shot = camera::shot(&screen).await;
            if camera_slot.try_with_value(|_| ()).is_none() {
                return;
            }
            match shot {
                Some(data_url) => state.choose_photo(data_url),
                None => state.problem.set(Some(AppError::invalid(
                    "The camera gave no picture. Try again, or choose a photo.",
                ))),
            }
            looking.set(false);
        });
    };
    view! {
        <div class="camera-preview" role="group" aria-label="Your camera">
            <video class="camera-view" node_ref=screen autoplay playsinline prop:muted=true aria-label="What the camera sees"></video>
            <p class="hint" role="status">{move || if ready.get() { "Smile, then take the picture." } else { "Waiting for the camera…" }}</p>
            <div class="row">
                <button class="btn" data-small="" type="button" disabled=move || !ready.get() on:click=take>
                    <Icon name="camera"/>
                    <span>"Take the picture"</span>
                </button>
                <button class="btn" data-kind="quiet" data-small="" type="button" id="mirror-cancel" on:click=move |_| looking.set(false)>
                    "Cancel"
                </button>
            </div>
        </div>
    }
}
