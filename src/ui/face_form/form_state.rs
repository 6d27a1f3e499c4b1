//! The state of the face form: the choice, the way back, and the file that is being read.

use super::{
    crop::Crop,
    picture_choice::PictureChoice,
    undo_history::{EditKind, UndoHistory},
};
use crate::{browser::page, error::AppError, model::user::User};
use leptos::prelude::*;

/// The face being chosen, shared by the parts of its form.
#[derive(Clone, Copy)]
pub struct FaceFormState {
    choice: RwSignal<PictureChoice>,
    history: RwSignal<UndoHistory>,
    /// How far a file is read, in percent; the face is not sent meanwhile.
    pub reading: RwSignal<Option<u8>>,
    /// Which file is read: if two are, the one chosen last counts.
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

    /// A file begins to be read; returns its generation.
    pub fn begin_reading(self) -> u32 {
        self.problem.set(None);
        self.reading.set(Some(0));
        self.generation.update_value(|generation| *generation += 1);
        self.generation.get_value()
    }

    /// `percent` of it are read. Does nothing if another file was chosen since, or the page is gone.
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

    /// A photo has opened: its first square, if it has none from before.
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

    /// What was `sent` is the current picture now; what was chosen since then stays chosen.
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
