//! The state of the name and face form: the chosen picture, the undo history, and the progress of reading a file.

use super::{
    crop::Crop,
    picture_choice::PictureChoice,
    undo_history::{EditKind, UndoHistory},
};
use crate::{browser::timer::now_ms, error::AppError, model::user::User};
use leptos::prelude::*;
use std::sync::Arc;

/// The state that the parts of the form share.
#[derive(Clone, Copy)]
pub struct FaceFormState {
    choice: RwSignal<PictureChoice>,
    history: RwSignal<UndoHistory>,
    /// How much of a file was read, in percent. `None` if no file is being read. The form can't be sent while a file is read.
    pub reading: RwSignal<Option<u8>>,
    /// The number of the last file that was chosen. If an earlier file is still being read, its contents are ignored.
    generation: StoredValue<u32>,
    /// Why the last file or camera picture could not be used.
    pub problem: RwSignal<Option<AppError>>,
    /// Whether the sheet is open in which the person crops a photo.
    cropping: RwSignal<bool>,
    /// The choice and its history when that sheet was opened. "Cancel" goes back to them.
    before_crop: StoredValue<Option<(PictureChoice, UndoHistory)>>,
}

impl FaceFormState {
    pub fn of(user: &User) -> Self {
        Self {
            choice: RwSignal::new(PictureChoice::of(user)),
            history: RwSignal::default(),
            reading: RwSignal::new(None),
            generation: StoredValue::new(0),
            problem: RwSignal::new(None),
            cropping: RwSignal::new(false),
            before_crop: StoredValue::new(None),
        }
    }

    pub fn choice(self) -> ReadSignal<PictureChoice> {
        self.choice.read_only()
    }

    /// Chooses another picture. The person can undo this.
    pub fn choose(self, choice: PictureChoice) {
        self.note(EditKind::Press);
        self.problem.set(None);
        self.choice.set(choice);
    }

    /// Chooses a photo, and opens the sheet in which it is cropped.
    pub fn choose_photo(self, data_url: String) {
        self.open_crop();
        self.choose(PictureChoice::photo(data_url));
    }

    pub fn cropping(self) -> ReadSignal<bool> {
        self.cropping.read_only()
    }

    /// Opens the sheet to crop the photo. If it is open already, "Cancel" still goes back to the choice before it was opened.
    pub fn open_crop(self) {
        if !self.cropping.get_untracked() {
            let before = (self.choice.get_untracked(), self.history.get_untracked());
            self.before_crop.set_value(Some(before));
            self.cropping.set(true);
        }
    }

    /// Closes the sheet and keeps the photo as it is cropped.
    pub fn use_photo(self) {
        self.let_go();
        self.cropping.set(false);
    }

    /// Closes the sheet and goes back to the choice before it was opened. Does nothing if the sheet is closed.
    pub fn cancel_crop(self) {
        if !self.cropping.get_untracked() {
            return;
        }
        if let Some((choice, history)) = self.before_crop.get_value() {
            self.history.set(history);
            self.choice.set(choice);
        }
        self.problem.set(None);
        self.cropping.set(false);
    }

    /// Whether the last step changed the crop of the photo that is chosen now.
    pub fn can_undo_crop(self) -> bool {
        let now = self.choice.get();
        self.history.with(|history| match (history.last(), &now) {
            (
                Some(PictureChoice::Photo {
                    data_url: before,
                    crop: Some(_),
                }),
                PictureChoice::Photo { data_url: now, .. },
            ) => Arc::ptr_eq(before, now),
            _ => false,
        })
    }

    /// Undoes the last change of the crop.
    pub fn undo_crop(self) {
        if untrack(|| self.can_undo_crop()) {
            self.back();
        }
    }

    /// Starts reading a file, and returns its generation.
    pub fn begin_reading(self) -> u32 {
        self.problem.set(None);
        self.reading.set(Some(0));
        self.generation.update_value(|generation| *generation += 1);
        self.generation.get_value()
    }

    /// Sets the progress. Does nothing if another file was chosen meanwhile, or if the person has left the page.
    pub fn has_read(self, generation: u32, percent: u8) {
        if self.generation.try_get_value() == Some(generation) {
            self.reading.set(Some(percent));
        }
    }

    /// Ends the reading of a file. `data_url` is the file, or `None` if reading it failed.
    pub fn end_reading(self, generation: u32, data_url: Option<String>) {
        if self.generation.try_get_value() != Some(generation) {
            return;
        }
        self.reading.set(None);
        match data_url {
            Some(data_url) => self.choose_photo(data_url),
            None => self
                .problem
                .set(Some(AppError::invalid("This file can't be read. Choose another one."))),
        }
    }

    /// Notes that the browser has opened the photo, and that this is the photo's size. If the photo has no crop yet, it gets its
    /// first crop.
    pub fn opened(self, width: u32, height: u32) {
        self.choice.update(|choice| {
            if let PictureChoice::Photo { crop, .. } = choice {
                crop.get_or_insert(Crop::new(width, height));
            }
        });
    }

    /// Changes the crop of the photo.
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

    /// Notes that all pointers are up. The next drag can then be undone separately from the last one.
    pub fn let_go(self) {
        self.history.update_untracked(UndoHistory::end_edit);
    }

    /// Goes back to the picture that was chosen before, because the photo can't be used. `sentence` says why it can't.
    pub fn refuse(self, sentence: &str) {
        self.back();
        // The sheet stays open only if the person was already cropping another photo.
        let before = self.before_crop.get_value().map(|(choice, _)| choice);
        if self
            .choice
            .with_untracked(|now| before.as_ref() == Some(now) || !now.is_photo())
        {
            self.cropping.set(false);
        }
        self.problem.set(Some(AppError::invalid(sentence)));
    }

    /// Undoes one step.
    pub fn back(self) {
        if let Some(before) = self.history.try_update(UndoHistory::back).flatten() {
            self.problem.set(None);
            self.choice.set(before);
        }
    }

    pub fn can_go_back(self) -> bool {
        self.history.with(|history| !history.is_empty())
    }

    /// Notes that the server has saved the picture `sent`, which is therefore the account's current picture. If the person has
    /// chosen another picture meanwhile, that picture stays chosen.
    pub fn mark_saved(self, sent: &PictureChoice) {
        if self.choice.with_untracked(|now| now == sent) {
            self.history.set(UndoHistory::default());
            self.choice.set(PictureChoice::Current);
        }
    }

    fn note(self, kind: EditKind) {
        let choice = self.choice.get_untracked();
        self.history.update(|history| history.note(&choice, kind, now_ms()));
    }
}
