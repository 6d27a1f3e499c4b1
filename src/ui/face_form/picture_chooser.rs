//! Choosing a picture: a drawn face, or a photo that is chosen as a file, dropped, pasted or taken with the camera.

use super::{
    camera_preview::CameraPreview, cropper::Cropper, form_state::FaceFormState, picture_choice::PictureChoice,
};
use crate::{
    browser::{
        page::{self, random_below},
        picture::{self, Carried},
    },
    error::AppError,
    model::{generated_face, user::User},
    ui::{
        components::{face::Face, icon::Icon},
        session::use_session,
    },
};
use gloo_file::File;
use leptos::{html::Img, prelude::*, task::spawn_local};
use send_wrapper::SendWrapper;

/// The size of the largest file that is read. With a larger file, a phone's browser would run out of memory.
const FILE_MAX_BYTES: u64 = 60 * 1024 * 1024;

/// The current choice, and the buttons to change it.
#[component]
pub fn PictureChooser(
    user: RwSignal<User>,
    name: RwSignal<String>,
    state: FaceFormState,
    photo: NodeRef<Img>,
) -> impl IntoView {
    let over = RwSignal::new(false);
    let looking = RwSignal::new(false);
    let take = move |file: Option<File>| {
        if let Some(file) = file {
            looking.set(false);
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
    // After the camera closes, move the focus to the new photo, or back to the camera's button.
    Effect::new(move |looked: Option<bool>| {
        let looks = looking.get();
        if looked == Some(true) && !looks {
            let photo_is_there = state.choice().with_untracked(PictureChoice::is_photo);
            let place = if photo_is_there { ".cropper-frame" } else { "#camera" };
            request_animation_frame(move || page::focus(place));
        }
        looks
    });
    let has_photo = Memo::new(move |_| state.choice().with(PictureChoice::is_photo));
    let shown = Signal::derive(move || shown(&user.get(), &name.get(), &state.choice().get()));
    let is_example = Memo::new(move |_| {
        let is_new_guest = user.with(|user| user.person.guest && !user.activated);
        is_new_guest && state.choice().with(|choice| *choice == PictureChoice::DefaultFace)
    });
    view! {
        <div class="drop" data-over=move || over.get().then_some("")>
            {move || match (state.reading.get(), looking.get(), has_photo.get()) {
                (Some(percent), ..) => view! { <Reading percent/> }.into_any(),
                (None, true, _) => view! { <CameraPreview state looking/> }.into_any(),
                (None, false, true) => view! { <Cropper state photo/> }.into_any(),
                (None, false, false) => view! { <Face picture=shown size="xl"/> }.into_any(),
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
                    <SourceButton icon="refresh" press=Callback::new(move |()| redraw(state))>
                        {move || match has_photo.get() || !shown.get().starts_with("/faces/") {
                            true => "Drawn face",
                            false => "Another face",
                        }}
                    </SourceButton>
                    <SourceButton icon="undo" off=Signal::derive(move || !state.can_go_back()) press=Callback::new(move |()| state.back())>
                        "Undo"
                    </SourceButton>
                </div>
            </Show>
            <p class="hint" data-scripts="">"Or drop a picture here, or paste one."</p>
            {move || is_example.get().then(|| view! {
                <p class="hint">"This face is an example. If you choose none, you get one of your own when you come in."</p>
            })}
        </div>
    }
}

/// A button that is disabled until the page is hydrated. While `off` is true, the button does nothing but can have the focus.
#[component]
fn SourceButton(
    icon: &'static str,
    press: Callback<()>,
    #[prop(optional)] id: Option<&'static str>,
    #[prop(optional, into)] off: Signal<bool>,
    children: Children,
) -> impl IntoView {
    let session = use_session();
    view! {
        <button
            class="btn" data-kind="quiet" data-small="" data-scripts="" type="button" id=id
            disabled=move || !session.ready.get() aria-disabled=move || off.get().then_some("true")
            on:click=move |_| if !off.get_untracked() { press.run(()) }
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

fn shown(user: &User, name: &str, choice: &PictureChoice) -> String {
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
