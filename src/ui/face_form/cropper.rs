//! Cropping a photo by dragging, pinching, mouse wheel and keys. A tap, buttons and a slider can do the same, as WCAG 2.5.7 requires.

use super::{
    crop::{Crop, ZOOM_MAX},
    form_state::FaceFormState,
    photo_image::PhotoImage,
    picture_choice::PictureChoice,
    touch_gestures::{Point, TouchGestures},
    undo_history::EditKind,
};
use crate::{
    browser::{page, picture},
    ui::components::icon::Icon,
};
use leptos::{ev, html::Img, prelude::*};

/// How far an arrow key or a button moves the photo, in units of the frame's side.
const STEP: f64 = 0.05;
/// The factor by which a key press zooms.
const KEY_ZOOM: f64 = 1.1;
/// How much the wheel zooms. For each pixel that the wheel scrolls, the zoom changes by a factor of e to the power of this number.
const WHEEL_ZOOM: f64 = 0.0015;

/// How far a pointer may move between its press and its release, in units of the frame's side, if it is a tap and not a drag.
const TAP_MAX: f64 = 0.02;

/// The photo in its frame, and the controls. A tap moves the point under it into the middle, so nobody has to drag. The buttons that
/// move the photo are for the keyboard, and only visible while one of them has its focus.
#[component]
pub fn Cropper(state: FaceFormState, photo: NodeRef<Img>) -> impl IntoView {
    let crop = Memo::new(move |_| state.choice().with(PictureChoice::crop));
    view! {
        <div class="cropper">
            <Frame state photo>
                <PhotoImage state photo/>
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
                <div class="cropper-moves visually-hidden">
                    <Step state icon="arrow-left" words="Move left" how=|crop| crop.moved(-STEP, 0.0)/>
                    <Step state icon="arrow-up" words="Move up" how=|crop| crop.moved(0.0, -STEP)/>
                    <Step state icon="arrow-down" words="Move down" how=|crop| crop.moved(0.0, STEP)/>
                    <Step state icon="arrow-right" words="Move right" how=|crop| crop.moved(STEP, 0.0)/>
                </div>
                <Step state icon="turn" words="Rotate" how=Crop::rotated/>
                <Show when=move || state.can_undo_crop()>
                    <button
                        class="btn" data-kind="quiet" data-small="" type="button"
                        on:click=move |_| {
                            state.undo_crop();
                            // The last step takes the button away.
                            request_animation_frame(|| page::rescue_focus(".cropper-frame"));
                        }
                    >
                        <Icon name="undo"/>
                        <span>"Undo"</span>
                    </button>
                </Show>
            </div>
        </div>
    }
}

/// The square frame around the photo. It handles pointers, the wheel and keys.
#[component]
fn Frame(state: FaceFormState, photo: NodeRef<Img>, children: Children) -> impl IntoView {
    let gestures = StoredValue::new(TouchGestures::default());
    // Where the only pointer is down, until it moves: it may become a tap.
    let tap = StoredValue::new(None::<Point>);
    let place = move |x, y| picture::within_frame(&photo.get_untracked()?, x, y);
    let down = move |event: ev::PointerEvent| {
        if event.button() != 0 {
            return;
        }
        if let (Some(at), Some(image)) = (place(event.client_x(), event.client_y()), photo.get_untracked()) {
            picture::hold_pointer(&image, event.pointer_id());
            tap.set_value(gestures.with_value(TouchGestures::are_off).then_some(at));
            gestures.update_value(|gestures| gestures.down(event.pointer_id(), at));
        }
    };
    let moved = move |event: ev::PointerEvent| {
        let Some(at) = place(event.client_x(), event.client_y()) else {
            return;
        };
        if let Some((x, y)) = tap.get_value() {
            // A finger is never quite still.
            if (at.0 - x).hypot(at.1 - y) < TAP_MAX {
                return;
            }
            tap.set_value(None);
        }
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
        if let Some((x, y)) = tap.get_value().filter(|_| event.type_() == "pointerup") {
            state.crop(EditKind::Press, |crop| crop.moved(0.5 - x, 0.5 - y));
        }
        tap.set_value(None);
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
            return state.undo_crop();
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
