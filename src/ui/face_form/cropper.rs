//! Cropping a photo by dragging, pinching, mouse wheel and keys. Buttons and a slider can do the same, as WCAG 2.5.7 requires.

use super::{
    crop::{Crop, ZOOM_MAX},
    form_state::FaceFormState,
    picture_choice::PictureChoice,
    touch_gestures::TouchGestures,
    undo_history::EditKind,
};
use crate::{browser::picture, ui::components::icon::Icon};
use leptos::{ev, html::Img, prelude::*};
use std::sync::Arc;

/// The minimum length of a photo's shorter side, in pixels.
const SIDE_MIN: u32 = 16;
/// How far an arrow key or a button moves the photo, in units of the frame's side.
const STEP: f64 = 0.05;
/// The factor by which a key press zooms.
const KEY_ZOOM: f64 = 1.1;
/// How much the wheel zooms. For each pixel that the wheel scrolls, the zoom changes by a factor of e to the power of this number.
const WHEEL_ZOOM: f64 = 0.0015;

const NOT_OPENED: &str =
    "This file is not a picture that this browser can open, or the picture is too large. Choose a JPEG or PNG.";
const TOO_SMALL: &str = "This picture is too small. Choose one of at least 16 by 16 pixels.";

/// The photo in its frame, and the controls. If the browser can't open the file as a picture, the form goes back to the picture
/// that was chosen before, and says why.
#[component]
pub fn Cropper(state: FaceFormState, photo: NodeRef<Img>) -> impl IntoView {
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
    Effect::new(move |_| {
        if let (Some(image), Some(crop)) = (photo.get(), crop.get()) {
            picture::place(&image, crop.placement());
        }
    });
    view! {
        <div class="cropper" role="group" aria-label="Crop your photo">
            <Frame state photo>
                <img
                    class="cropper-view" alt="" draggable="false" node_ref=photo src=move || data_url.get().to_string()
                    on:load=opened on:error=move |_| state.refuse(NOT_OPENED)
                />
            </Frame>
            <label class="cropper-zoom">
                <span>"Zoom"</span>
                <input
                    type="range" min="1" max=ZOOM_MAX.to_string() step="0.01"
                    prop:value=move || crop.get().map_or(1.0, |crop| crop.zoom()).to_string()
                    on:input:target=move |event| {
                        let zoom = event.target().value().parse().unwrap_or(1.0);
                        state.crop(EditKind::Slide, |crop| crop.zoomed(zoom));
                    }
                />
            </label>
            <div class="cropper-steps">
                <Step state icon="arrow-left" words="Move left" how=|crop| crop.moved(-STEP, 0.0)/>
                <Step state icon="arrow-up" words="Move up" how=|crop| crop.moved(0.0, -STEP)/>
                <Step state icon="arrow-down" words="Move down" how=|crop| crop.moved(0.0, STEP)/>
                <Step state icon="arrow-right" words="Move right" how=|crop| crop.moved(STEP, 0.0)/>
                <Step state icon="turn" words="Rotate" how=Crop::rotated/>
            </div>
        </div>
    }
}

/// The square frame around the photo. It handles pointers, the wheel and keys.
#[component]
fn Frame(state: FaceFormState, photo: NodeRef<Img>, children: Children) -> impl IntoView {
    let gestures = StoredValue::new(TouchGestures::default());
    let place = move |x, y| picture::within_frame(&photo.get_untracked()?, x, y);
    let down = move |event: ev::PointerEvent| {
        if event.button() != 0 {
            return;
        }
        if let (Some(at), Some(image)) = (place(event.client_x(), event.client_y()), photo.get_untracked()) {
            picture::hold_pointer(&image, event.pointer_id());
            gestures.update_value(|gestures| gestures.down(event.pointer_id(), at));
        }
    };
    let moved = move |event: ev::PointerEvent| {
        let Some(at) = place(event.client_x(), event.client_y()) else {
            return;
        };
        let gesture = gestures.try_update_value(|gestures| gestures.moved(event.pointer_id(), at));
        if let Some(gesture) = gesture.flatten() {
            state.crop(EditKind::Drag, |crop| {
                let zoom = crop.zoom() * gesture.scale;
                crop.moved(gesture.right, gesture.down).zoomed_at(zoom, gesture.around)
            });
        }
    };
    let up = move |event: ev::PointerEvent| {
        gestures.update_value(|gestures| gestures.up(event.pointer_id()));
        if gestures.with_value(TouchGestures::are_off) {
            state.let_go();
        }
    };
    let wheel = move |event: ev::WheelEvent| {
        let Some(at) = place(event.client_x(), event.client_y()) else {
            return;
        };
        event.prevent_default();
        // Some browsers report how far the wheel was turned in lines or pages, and not in pixels (UI Events, `deltaMode`).
        let pixels = event.delta_y() * [1.0, 16.0, 400.0].get(event.delta_mode() as usize).unwrap_or(&1.0);
        state.crop(EditKind::Wheel, |crop| {
            crop.zoomed_at(crop.zoom() * (-pixels * WHEEL_ZOOM).exp(), at)
        });
    };
    let keys = move |event: ev::KeyboardEvent| {
        if event.key() == "z" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            return state.back();
        }
        // Leave the browser's own shortcuts alone, such as zooming the page and going back.
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let how: fn(Crop) -> Crop = match event.key().as_str() {
            "ArrowLeft" => |crop| crop.moved(-STEP, 0.0),
            "ArrowRight" => |crop| crop.moved(STEP, 0.0),
            "ArrowUp" => |crop| crop.moved(0.0, -STEP),
            "ArrowDown" => |crop| crop.moved(0.0, STEP),
            "+" | "=" => |crop| crop.zoomed(crop.zoom() * KEY_ZOOM),
            "-" => |crop| crop.zoomed(crop.zoom() / KEY_ZOOM),
            "r" | "R" => Crop::rotated,
            _ => return,
        };
        event.prevent_default();
        state.crop(EditKind::Key, how);
    };
    view! {
        <div
            class="cropper-frame" tabindex="0" role="application"
            aria-label="Your photo. Drag it or use the arrow keys to move it. Press the plus or minus key to zoom, and R to rotate."
            on:pointerdown=down on:pointermove=moved on:pointerup=up on:pointercancel=up on:wheel=wheel on:keydown=keys
        >
            {children()}
        </div>
    }
}

/// A button that changes the crop. A gesture or a key can make the same change.
#[component]
fn Step(state: FaceFormState, icon: &'static str, words: &'static str, how: fn(Crop) -> Crop) -> impl IntoView {
    view! {
        <button
            class="btn" data-kind="quiet" data-icon="" type="button" aria-label=words title=words
            on:click=move |_| state.crop(EditKind::Press, how)
        >
            <Icon name=icon/>
        </button>
    }
}
