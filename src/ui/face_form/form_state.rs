//! The face under way: what is chosen just now.

use super::{
    crop::Crop,
    undo_history::{EditKind, UndoHistory},
};
use crate::{
    browser::{
        page,
        picture::{self, Image},
    },
    error::AppError,
    model::user::User,
};
use leptos::prelude::*;
use std::sync::Arc;

/// What is chosen just now.
#[derive(Debug, Clone, PartialEq)]
pub enum PictureChoice {
    /// What is worn already.
    Current,
    /// The face drawn from the name.
    FromName,
    /// The face drawn from a seed.
    Seed(String),
    /// A photo, as its file's data URL, and the square of it once it is open.
    Photo { data_url: Arc<str>, crop: Option<Crop> },
}

impl PictureChoice {
    /// What a user begins with.
    pub fn of(user: &User) -> Self {
        if user.activated {
            PictureChoice::Current
        } else {
            PictureChoice::FromName
        }
    }

    /// What the plain form sends; a photo goes as a file there.
    pub fn as_text(&self) -> String {
        match self {
            PictureChoice::Current => "keep".to_owned(),
            PictureChoice::Seed(seed) => format!("face:{seed}"),
            PictureChoice::FromName | PictureChoice::Photo { .. } => String::new(),
        }
    }

    /// What the endpoint gets: the crop is made now.
    ///
    /// # Errors
    /// Where the browser can't.
    pub async fn to_send(&self, image: Option<Image>) -> Result<String, AppError> {
        let PictureChoice::Photo { crop, .. } = self else {
            return Ok(self.as_text());
        };
        let cannot = || AppError::invalid("This browser can't cut the photo. Choose another, or a drawn face.");
        let image = image.ok_or_else(cannot)?;
        let (width, height) = picture::opened(&image).await.ok_or_else(cannot)?;
        let crop = crop.unwrap_or(Crop::new(width, height));
        picture::crop_to_jpeg(&image, crop.placement()).await.ok_or_else(cannot)
    }

    /// A photo that is not open yet.
    pub fn photo(data_url: String) -> Self {
        PictureChoice::Photo {
            data_url: data_url.into(),
            crop: None,
        }
    }

    pub fn is_photo(&self) -> bool {
        matches!(self, PictureChoice::Photo { .. })
    }

    pub fn crop(&self) -> Option<Crop> {
        match self {
            PictureChoice::Photo { crop, .. } => *crop,
            _ => None,
        }
    }
}

/// The face under return_to, shared by the parts of its form.
#[derive(Clone, Copy)]
pub struct FaceFormState {
    choice: RwSignal<PictureChoice>,
    history: RwSignal<UndoHistory>,
    /// How far a file is read, in percent; the face is not sent meanwhile.
    pub reading: RwSignal<Option<u8>>,
    /// Which file is read: of two the one chosen last counts.
    generation: StoredValue<u32>,
    /// Why the last file was no photo.
    pub problem: RwSignal<Option<AppError>>,
}

impl FaceFormState {
    pub fn of(user: &User) -> Self {
        Self {
            choice: RwSignal::new(PictureChoice::of(user)),
            history: RwSignal::default(),
            reading: RwSignal::new(None),
            generation: StoredValue::new(0),
            problem: RwSignal::new(None),
        }
    }

    pub fn choice(self) -> ReadSignal<PictureChoice> {
        self.choice.read_only()
    }

    /// Chooses something else; it can be taken back.
    pub fn choose(self, choice: PictureChoice) {
        self.note(EditKind::Press);
        self.problem.set(None);
        self.choice.set(choice);
    }

    /// A file begins to be read; its turn.
    pub fn begin_reading(self) -> u32 {
        self.problem.set(None);
        self.reading.set(Some(0));
        self.generation.update_value(|generation| *generation += 1);
        self.generation.get_value()
    }

    /// So much of it is read; nothing where another file came after it, or the page is gone.
    pub fn has_read(self, generation: u32, percent: u8) {
        if self.generation.try_get_value() == Some(generation) {
            self.reading.set(Some(percent));
        }
    }

    /// It is read, as a data URL, or could not be.
    pub fn end_reading(self, generation: u32, data_url: Option<String>) {
        if self.generation.try_get_value() != Some(generation) {
            return;
        }
        self.reading.set(None);
        match data_url {
            Some(data_url) => self.choose(PictureChoice::photo(data_url)),
            None => self
                .problem
                .set(Some(AppError::invalid("This file can't be read. Choose another one."))),
        }
    }

    /// A photo has opened: its first square, where it has none from before.
    pub fn opened(self, width: u32, height: u32) {
        self.choice.update(|choice| {
            if let PictureChoice::Photo { crop, .. } = choice {
                crop.get_or_insert(Crop::new(width, height));
            }
        });
    }

    /// Changes the square of the photo.
    pub fn crop(self, kind: EditKind, how: impl Fn(Crop) -> Crop) {
        let Some(before) = self.choice.with_untracked(PictureChoice::crop) else {
            return;
        };
        let after = how(before);
        if after == before {
            return;
        }
        self.note(kind);
        self.choice.update(|choice| {
            if let PictureChoice::Photo { crop, .. } = choice {
                *crop = Some(after);
            }
        });
    }

    /// The pointers are up: the next drag is a step of its own.
    pub fn let_go(self) {
        self.history.update_untracked(UndoHistory::end_edit);
    }

    /// The photo turned out to be none: back to what was before it, with the reason.
    pub fn refuse(self, sentence: &str) {
        self.back();
        self.problem.set(Some(AppError::invalid(sentence)));
    }

    /// One step back.
    pub fn back(self) {
        if let Some(before) = self.history.try_update(UndoHistory::back).flatten() {
            self.problem.set(None);
            self.choice.set(before);
        }
    }

    pub fn can_go_back(self) -> bool {
        self.history.with(|history| !history.is_empty())
    }

    /// What was `sent` is worn now; what was chosen since then stays chosen.
    pub fn mark_saved(self, sent: &PictureChoice) {
        if self.choice.with_untracked(|now| now == sent) {
            self.history.set(UndoHistory::default());
            self.choice.set(PictureChoice::Current);
        }
    }

    fn note(self, kind: EditKind) {
        let choice = self.choice.get_untracked();
        self.history
            .update(|history| history.note(&choice, kind, page::now_ms()));
    }
}
