//! The crop of a photo: dragged, by arrow keys, or by the slider; no gesture without a plain control.

use super::{
    chooser::Choice,
    crop::{Crop, ZOOM_MAX},
};
use crate::{browser::picture, error::AppError, model::user::User};
use leptos::{html::Img, prelude::*};

/// The smallest side of a photo, in pixels.
const SIDE_MIN: u32 = 16;
/// How far an arrow key moves, in parts of the square.
const KEY_STEP: f64 = 0.05;

/// The photo in its frame. Writes the crop into `choice`; a file that is no picture takes the choice back.
#[component]
pub fn Cropper(
    user: RwSignal<User>,
    choice: RwSignal<Choice>,
    photo: NodeRef<Img>,
    problem: RwSignal<Option<AppError>>,
) -> impl IntoView {
    let data_url = Memo::new(move |_| match choice.get() {
        Choice::Photo { data_url, .. } => data_url,
        _ => String::new(),
    });
    let crop = Memo::new(move |_| match choice.get() {
        Choice::Photo { crop, .. } => crop,
        _ => None,
    });
    let change = move |how: &dyn Fn(Crop) -> Crop| {
        choice.update(|choice| {
            if let Choice::Photo { crop: Some(crop), .. } = choice {
                *crop = how(*crop);
            }
        });
    };
    let refuse = move |sentence: &str| {
        choice.set(Choice::of(&user.get_untracked()));
        problem.set(Some(AppError::invalid(sentence)));
    };
    let opened = move |_| {
        let Some(image) = photo.get_untracked() else { return };
        let (width, height) = (image.natural_width(), image.natural_height());
        if width.min(height) < SIDE_MIN {
            return refuse("This picture is too small. Choose one of at least 16 by 16 pixels.");
        }
        choice.update(|choice| {
            if let Choice::Photo { crop, .. } = choice {
                crop.get_or_insert(Crop::new(width, height));
            }
        });
    };
    Effect::new(move |_| {
        if let (Some(image), Some(crop)) = (photo.get(), crop.get()) {
            let (width, left, top) = crop.in_frame();
            picture::place(&image, width, left, top);
        }
    });

    let held = RwSignal::new(None::<(i32, i32)>);
    let drag = move |event: leptos::ev::PointerEvent| {
        let (Some((x, y)), Some(image)) = (held.get_untracked(), photo.get_untracked()) else {
            return;
        };
        let frame = image
            .parent_element()
            .map_or(1.0, |frame| frame.get_bounding_client_rect().width())
            .max(1.0);
        let (right, down) = (
            f64::from(x - event.client_x()) / frame,
            f64::from(y - event.client_y()) / frame,
        );
        held.set(Some((event.client_x(), event.client_y())));
        change(&|crop| crop.moved(right, down));
    };
    let keys = move |event: leptos::ev::KeyboardEvent| {
        let step: &dyn Fn(Crop) -> Crop = match event.key().as_str() {
            "ArrowLeft" => &|crop| crop.moved(-KEY_STEP, 0.0),
            "ArrowRight" => &|crop| crop.moved(KEY_STEP, 0.0),
            "ArrowUp" => &|crop| crop.moved(0.0, -KEY_STEP),
            "ArrowDown" => &|crop| crop.moved(0.0, KEY_STEP),
            "+" | "=" => &|crop| crop.zoomed(crop.zoom() * 1.1),
            "-" => &|crop| crop.zoomed(crop.zoom() / 1.1),
            _ => return,
        };
        event.prevent_default();
        change(step);
    };
    view! {
        <div class="cropper" role="group" aria-label="Crop your photo">
            <div
                class="cropper-frame" tabindex="0" role="application"
                aria-label="Your photo. Drag it or use the arrow keys to move it, plus and minus to zoom."
                on:pointerdown=move |event| { event.prevent_default(); held.set(Some((event.client_x(), event.client_y()))); }
                on:pointermove=drag
                on:pointerup=move |_| held.set(None)
                on:pointerleave=move |_| held.set(None)
                on:pointercancel=move |_| held.set(None)
                on:keydown=keys
            >
                <img
                    class="cropper-view" alt="" draggable="false" node_ref=photo src=data_url
                    on:load=opened
                    on:error=move |_| refuse("This file is not a picture that this browser can open. Choose a JPEG or PNG.")
                />
            </div>
            <label class="cropper-zoom">
                <span>"Zoom"</span>
                <input
                    type="range" min="1" max=ZOOM_MAX.to_string() step="0.01"
                    prop:value=move || crop.get().map_or(1.0, |crop| crop.zoom()).to_string()
                    on:input:target=move |event| {
                        let zoom = event.target().value().parse().unwrap_or(1.0);
                        change(&|crop| crop.zoomed(zoom));
                    }
                />
            </label>
        </div>
    }
}
