//! Choosing a face: the one worn, a drawn one, or a photo by click, drop or paste.

use super::{
    crop::{Crop, Square},
    cropper::Cropper,
};
use crate::{
    browser::{
        page::random_below,
        picture::{self, Image},
    },
    error::AppError,
    model::{face, user::User},
    ui::{
        components::{face::Face, icon::Icon},
        session::use_session,
    },
};
use gloo_file::File;
use leptos::{html::Img, prelude::*, task::spawn_local};

/// Larger files are not read: no browser on a phone would survive opening them.
const FILE_MAX_BYTES: u64 = 60 * 1024 * 1024;

/// What is chosen just now.
#[derive(Debug, Clone, PartialEq)]
pub enum Choice {
    /// What is worn already.
    Worn,
    /// The face drawn from the name.
    FromName,
    /// The face drawn from a seed.
    Seed(String),
    /// A photo, as its file's data URL, and the square of it once it is open.
    Photo { data_url: String, crop: Option<Crop> },
}

impl Choice {
    /// What a user begins with.
    pub fn of(user: &User) -> Self {
        if user.activated { Choice::Worn } else { Choice::FromName }
    }

    /// What the plain form sends; a photo goes as a file there.
    pub fn as_text(&self) -> String {
        match self {
            Choice::Worn => "keep".to_owned(),
            Choice::Seed(seed) => format!("face:{seed}"),
            Choice::FromName | Choice::Photo { .. } => String::new(),
        }
    }

    /// What the door gets: the crop is made now.
    pub async fn to_send(&self, image: Option<Image>) -> Result<String, AppError> {
        let Choice::Photo { crop, .. } = self else {
            return Ok(self.as_text());
        };
        let cannot = || AppError::invalid("This browser can't cut the photo. Choose another, or a drawn face.");
        let (image, crop) = image.zip(*crop).ok_or_else(cannot)?;
        let Square { left, top, side } = crop.square();
        picture::cut(&image, left, top, side).await.ok_or_else(cannot)
    }
}

/// The face and the ways to another one.
#[component]
pub fn Chooser(
    user: RwSignal<User>,
    name: RwSignal<String>,
    choice: RwSignal<Choice>,
    photo: NodeRef<Img>,
    problem: RwSignal<Option<AppError>>,
) -> impl IntoView {
    let session = use_session();
    let reading = RwSignal::new(None::<u8>);
    let over = RwSignal::new(false);
    let take = move |file: Option<File>| {
        over.set(false);
        if let Some(file) = file {
            open(file, choice, reading, problem);
        }
    };
    let file_input = NodeRef::<leptos::html::Input>::new();
    // A photo chosen before the page answered.
    Effect::new(move |_| {
        if let Some(input) = file_input.get() {
            take(picture::chosen(&input));
        }
    });
    let has_photo = Memo::new(move |_| choice.with(|choice| matches!(choice, Choice::Photo { .. })));
    let shown = Signal::derive(move || shown(&user.get(), &name.get(), &choice.get()));
    let drawn_word = move || {
        if has_photo.get() || !shown.get().starts_with("/faces/") {
            "Drawn face"
        } else {
            "Another face"
        }
    };
    let redraw = move |_| {
        problem.set(None);
        choice.set(Choice::Seed(format!("{:x}", random_below(u32::MAX))));
    };
    view! {
        <div
            class="drop"
            data-over=move || over.get().then_some("")
            on:dragover=move |event| { event.prevent_default(); over.set(true); }
            on:dragleave=move |_| over.set(false)
            on:drop=move |event| { event.prevent_default(); take(picture::carried(event.data_transfer())); }
            on:paste=move |event| take(picture::pasted(&event))
        >
            {move || match (reading.get(), has_photo.get()) {
                (Some(percent), _) => view! { <Reading percent/> }.into_any(),
                (None, true) => view! { <Cropper user choice photo problem/> }.into_any(),
                (None, false) => view! { <Face picture=shown size="xl"/> }.into_any(),
            }}
            <div class="row">
                <label class="btn file" data-kind="quiet" data-small="">
                    <Icon name="camera"/>
                    <span>"Photo"</span>
                    <input
                        type="file" id="photo" name="photo" accept="image/*" node_ref=file_input
                        on:change:target=move |event| take(picture::chosen(&event.target()))
                    />
                </label>
                <button
                    class="btn" data-kind="quiet" data-small="" data-scripts="" type="button"
                    disabled=move || !session.ready.get() on:click=redraw
                >
                    <Icon name="refresh"/>
                    <span>{drawn_word}</span>
                </button>
            </div>
            <p class="hint" data-scripts="">"Or drop a picture here, or paste one."</p>
        </div>
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

fn shown(user: &User, name: &str, choice: &Choice) -> String {
    match choice {
        Choice::Worn => user.picture.clone(),
        Choice::Seed(seed) => face::address(seed),
        Choice::FromName | Choice::Photo { .. } => {
            let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
            face::address(if face::is_seed(&name) { &name } else { user.id.as_str() })
        }
    }
}

/// Reads a file into a choice, with progress; what can't be one keeps the choice as it was.
fn open(file: File, choice: RwSignal<Choice>, reading: RwSignal<Option<u8>>, problem: RwSignal<Option<AppError>>) {
    problem.set(None);
    if file.size() > FILE_MAX_BYTES {
        problem.set(Some(AppError::invalid(
            "This file is too large to open here. Choose a photo below 60 MB.",
        )));
        return;
    }
    reading.set(Some(0));
    spawn_local(async move {
        let data_url = picture::read(&file, move |percent| reading.set(Some(percent))).await;
        reading.set(None);
        match data_url {
            Some(data_url) => choice.set(Choice::Photo { data_url, crop: None }),
            None => problem.set(Some(AppError::invalid("This file can't be read. Choose another one."))),
        }
    });
}
