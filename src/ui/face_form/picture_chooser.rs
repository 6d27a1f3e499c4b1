//! Choosing a picture: a drawn face, or a photo that is chosen as a file, dropped, pasted or taken with the camera.

use super::{camera_preview::CameraPreview, form_state::FaceFormState, picture_choice::PictureChoice};
use crate::{
    browser::{
        page::{self, random_below},
        picture::{self, Carried},
    },
    error::AppError,
    ui::{
        components::{face::Face, icon::Icon, sheet_header::SheetHeader},
        session::use_session,
    },
};
use gloo_file::File;
use leptos::{html::Dialog, prelude::*, task::spawn_local};
use send_wrapper::SendWrapper;

/// The size of the largest file that is read. With a larger file, a phone's browser would run out of memory.
const FILE_MAX_BYTES: u64 = 60 * 1024 * 1024;

/// The id of the sheet. The button that opens it names it in `popovertarget`.
pub const SHEET: &str = "face-sheet";

/// The sheet with the ways to choose a picture. It is a part of the form, so that a browser without scripts sends the file with it.
#[component]
pub fn PictureChooser(state: FaceFormState, shown: Signal<String>) -> impl IntoView {
    let over = RwSignal::new(false);
    let looking = RwSignal::new(false);
    let sheet = NodeRef::<Dialog>::new();
    let close = move || {
        if let Some(sheet) = sheet.get_untracked() {
            // This fails if the sheet is not open.
            let _ = sheet.hide_popover();
        }
    };
    let take = move |file: Option<File>| {
        if let Some(file) = file {
            looking.set(false);
            close();
            open(file, state);
        }
    };
    let file_input = NodeRef::<leptos::html::Input>::new();
    // Use a photo that was chosen before hydration.
    Effect::new(move |_| {
        if let Some(input) = file_input.get() {
            take(picture::chosen(&input));
        }
    });
    let listeners = StoredValue::new(None);
    Effect::new(move |_| {
        let listening = picture::on_carried(move |carried| {
            over.set(matches!(carried, Carried::Over));
            if let Carried::Here(file) = carried {
                take(Some(file));
            }
        });
        listeners.set_value(Some(SendWrapper::new(listening)));
    });
    // After the camera closes, move the focus back to the camera's button. If a picture was taken, the focus is in the crop sheet.
    Effect::new(move |looked: Option<bool>| {
        let looks = looking.get();
        if looked == Some(true) && !looks && !state.cropping().get_untracked() {
            request_animation_frame(|| page::rescue_focus("#camera"));
        }
        looks
    });
    // A sheet that is closed while the camera is on, for example with Escape, turns the camera off.
    let toggled = move |_| {
        let is_open = sheet
            .get_untracked()
            .is_some_and(|sheet| sheet.matches(":popover-open").unwrap_or(false));
        if !is_open {
            looking.set(false);
        }
    };
    // The form shows the problem, which the sheet would cover.
    Effect::new(move |_| {
        if state.problem.with(Option::is_some) {
            close();
        }
    });
    let has_photo = Memo::new(move |_| state.choice().with(PictureChoice::is_photo));
    let crop_again = move |()| {
        close();
        state.open_crop();
    };
    let undo = move |()| {
        state.back();
        // The last step takes the button away.
        request_animation_frame(|| page::rescue_focus("#another-face"));
    };
    view! {
        <dialog
            class="sheet" id=SHEET popover="auto" aria-labelledby="face-sheet-title" node_ref=sheet on:toggle=toggled
            data-over=move || over.get().then_some("")
        >
            <SheetHeader sheet=SHEET title="face-sheet-title" heading="Change your face"/>
            <div class="drop">
                {move || match (looking.get(), has_photo.get()) {
                    (true, _) => view! { <CameraPreview state looking/> }.into_any(),
                    // The photo itself is in the button that has opened this sheet.
                    (false, true) => ().into_any(),
                    (false, false) => view! { <Face picture=shown size="xl"/> }.into_any(),
                }}
                <Show when=move || !looking.get()>
                    <div class="row">
                        <label class="btn file" data-kind="quiet" data-small="">
                            <Icon name="picture"/>
                            <span>"Photo"</span>
                            <input
                                type="file" id="photo" name="photo" accept="image/*" node_ref=file_input
                                on:change:target=move |event| {
                                    take(picture::chosen(&event.target()));
                                    // Empty the input. Otherwise the browser would report no change if the same file is chosen again.
                                    event.target().set_value("");
                                }
                            />
                        </label>
                        <SourceButton icon="camera" id="camera" press=Callback::new(move |()| looking.set(true))>"Camera"</SourceButton>
                        <SourceButton icon="refresh" id="another-face" press=Callback::new(move |()| redraw(state))>
                            {move || match has_photo.get() || !shown.get().starts_with("/faces/") {
                                true => "Drawn face",
                                false => "Another face",
                            }}
                        </SourceButton>
                        <Show when=move || has_photo.get()>
                            <SourceButton icon="turn" press=Callback::new(crop_again)>"Crop again"</SourceButton>
                        </Show>
                        <Show when=move || state.can_go_back()>
                            <SourceButton icon="undo" press=Callback::new(undo)>"Undo"</SourceButton>
                        </Show>
                    </div>
                </Show>
                <p class="hint drop-hint" data-scripts="">"Or drop a picture here, or paste one."</p>
            </div>
        </dialog>
        {move || state.reading.get().map(|percent| view! { <Reading percent/> })}
    }
}

/// A button that is disabled until the page is hydrated.
#[component]
fn SourceButton(
    icon: &'static str,
    press: Callback<()>,
    #[prop(optional)] id: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    let session = use_session();
    view! {
        <button
            class="btn" data-kind="quiet" data-small="" data-scripts="" type="button" id=id
            disabled=move || !session.ready.get() on:click=move |_| press.run(())
        >
            <Icon name=icon/>
            <span>{children()}</span>
        </button>
    }
}

#[component]
fn Reading(percent: u8) -> impl IntoView {
    view! {
        <div class="progress-line">
            <label for="reading">"Reading your photo"</label>
            <progress id="reading" max="100" value=percent.to_string()>{format!("{percent} %")}</progress>
        </div>
    }
}

fn redraw(state: FaceFormState) {
    state.choose(PictureChoice::Seed(format!("{:x}", random_below(u32::MAX))));
}

/// Reads a file and chooses it as the picture. If the file can't be read, the picture that was chosen before stays chosen.
fn open(file: File, state: FaceFormState) {
    if file.size() > FILE_MAX_BYTES {
        state.problem.set(Some(AppError::invalid(
            "This file is too large to open here. Choose a photo below 60 MB.",
        )));
        return;
    }
    let generation = state.begin_reading();
    spawn_local(async move {
        let data_url = picture::read(&file, move |percent| state.has_read(generation, percent)).await;
        state.end_reading(generation, data_url);
    });
}
