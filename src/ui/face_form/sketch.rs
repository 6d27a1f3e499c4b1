//! The face under way: what is chosen just now.

use super::{
    crop::Crop,
    past::{Act, Past},
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
pub enum Choice {
    /// What is worn already.
    Current,
    /// The face drawn from the name.
    FromName,
    /// The face drawn from a seed.
    Seed(String),
    /// A photo, as its file's data URL, and the square of it once it is open.
    Photo { data_url: Arc<str>, crop: Option<Crop> },
}

impl Choice {
    /// What a user begins with.
    pub fn of(user: &User) -> Self {
        if user.activated {
            Choice::Current
        } else {
            Choice::FromName
        }
    }

    /// What the plain form sends; a photo goes as a file there.
    pub fn as_text(&self) -> String {
        match self {
            Choice::Current => "keep".to_owned(),
            Choice::Seed(seed) => format!("face:{seed}"),
            Choice::FromName | Choice::Photo { .. } => String::new(),
        }
    }

    /// What the endpoint gets: the crop is made now.
    ///
    /// # Errors
    /// Where the browser can't.
    pub async fn to_send(&self, image: Option<Image>) -> Result<String, AppError> {
        let Choice::Photo { crop, .. } = self else {
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
        Choice::Photo {
            data_url: data_url.into(),
            crop: None,
        }
    }

    pub fn is_photo(&self) -> bool {
        matches!(self, Choice::Photo { .. })
    }

    pub fn crop(&self) -> Option<Crop> {
        match self {
            Choice::Photo { crop, .. } => *crop,
            _ => None,
        }
    }
}

/// The face under return_to, shared by the parts of its form.
#[derive(Clone, Copy)]
pub struct Sketch {
    choice: RwSignal<Choice>,
    past: RwSignal<Past>,
    /// How far a file is read, in percent; the face is not sent meanwhile.
    pub reading: RwSignal<Option<u8>>,
    /// Which file is read: of two the one chosen last counts.
    generation: StoredValue<u32>,
    /// Why the last file was no photo.
    pub problem: RwSignal<Option<AppError>>,
}

impl Sketch {
    pub fn of(user: &User) -> Self {
        Self {
            choice: RwSignal::new(Choice::of(user)),
            past: RwSignal::default(),
            reading: RwSignal::new(None),
            generation: StoredValue::new(0),
            problem: RwSignal::new(None),
        }
    }

    pub fn choice(self) -> ReadSignal<Choice> {
        self.choice.read_only()
    }

    /// Chooses something else; it can be taken back.
    pub fn choose(self, choice: Choice) {
        self.note(Act::Press);
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
            Some(data_url) => self.choose(Choice::photo(data_url)),
            None => self
                .problem
                .set(Some(AppError::invalid("This file can't be read. Choose another one."))),
        }
    }

    /// A photo has opened: its first square, where it has none from before.
    pub fn opened(self, width: u32, height: u32) {
        self.choice.update(|choice| {
            if let Choice::Photo { crop, .. } = choice {
                crop.get_or_insert(Crop::new(width, height));
            }
        });
    }

    /// Changes the square of the photo.
    pub fn crop(self, act: Act, how: impl Fn(Crop) -> Crop) {
        let Some(before) = self.choice.with_untracked(Choice::crop) else {
            return;
        };
        let after = how(before);
        if after == before {
            return;
        }
        self.note(act);
        self.choice.update(|choice| {
            if let Choice::Photo { crop, .. } = choice {
                *crop = Some(after);
            }
        });
    }

    /// The pointers are up: the next drag is a step of its own.
    pub fn let_go(self) {
        self.past.update_untracked(Past::end_act);
    }

    /// The photo turned out to be none: back to what was before it, with the reason.
    pub fn refuse(self, sentence: &str) {
        self.back();
        self.problem.set(Some(AppError::invalid(sentence)));
    }

    /// One step back.
    pub fn back(self) {
        if let Some(before) = self.past.try_update(Past::back).flatten() {
            self.problem.set(None);
            self.choice.set(before);
        }
    }

    pub fn can_go_back(self) -> bool {
        self.past.with(|past| !past.is_empty())
    }

    /// What was `sent` is worn now; what was chosen since then stays chosen.
    pub fn mark_saved(self, sent: &Choice) {
        if self.choice.with_untracked(|now| now == sent) {
            self.past.set(Past::default());
            self.choice.set(Choice::Current);
        }
    }

    fn note(self, act: Act) {
        let choice = self.choice.get_untracked();
        self.past.update(|past| past.note(&choice, act, page::now_ms()));
    }
}
