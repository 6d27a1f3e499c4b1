//! The face under way: what is chosen just now, and every step back.

use super::crop::Crop;
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

/// So many steps can be taken back.
const STEPS_MAX: usize = 50;
/// Wheel, slider and keys that follow each other within this time are one step, in milliseconds.
const PAUSE_MS: f64 = 600.0;

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
    Photo { data_url: Arc<str>, crop: Option<Crop> },
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
    ///
    /// # Errors
    /// Where the browser can't.
    pub async fn to_send(&self, image: Option<Image>) -> Result<String, AppError> {
        let Choice::Photo { crop, .. } = self else {
            return Ok(self.as_text());
        };
        let cannot = || AppError::invalid("This browser can't cut the photo. Choose another, or a drawn face.");
        let (image, crop) = image.zip(*crop).ok_or_else(cannot)?;
        picture::cut(&image, crop.placement()).await.ok_or_else(cannot)
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

/// What a change is part of: those of one act are taken back together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Each is a step of its own.
    Press,
    /// One pointer's way from down to up.
    Drag,
    Wheel,
    Slide,
    Key,
}

/// The choices that were left, oldest first.
#[derive(Debug, Clone, Default)]
struct Past {
    steps: Vec<Choice>,
    last: Option<(Act, f64)>,
}

impl Past {
    /// Notes what is about to be changed at `now_ms`.
    fn note(&mut self, choice: &Choice, act: Act, now_ms: f64) {
        let goes_on = self.last.is_some_and(|(last, at)| match act {
            Act::Press => false,
            Act::Drag => last == act,
            _ => last == act && now_ms - at < PAUSE_MS,
        });
        self.last = Some((act, now_ms));
        if !goes_on {
            self.steps.push(choice.clone());
            let more = self.steps.len().saturating_sub(STEPS_MAX);
            self.steps.drain(..more);
        }
    }

    fn back(&mut self) -> Option<Choice> {
        self.last = None;
        self.steps.pop()
    }
}

/// The face under way, shared by the parts of its form.
#[derive(Clone, Copy)]
pub struct Sketch {
    choice: RwSignal<Choice>,
    past: RwSignal<Past>,
    /// Why the last file was no photo.
    pub problem: RwSignal<Option<AppError>>,
}

impl Sketch {
    pub fn of(user: &User) -> Self {
        Self {
            choice: RwSignal::new(Choice::of(user)),
            past: RwSignal::default(),
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
        self.past.update_untracked(|past| past.last = None);
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
        self.past.with(|past| !past.steps.is_empty())
    }

    /// It is worn now.
    pub fn worn(self) {
        self.past.set(Past::default());
        self.choice.set(Choice::Worn);
    }

    fn note(self, act: Act) {
        let choice = self.choice.get_untracked();
        self.past.update(|past| past.note(&choice, act, page::now_ms()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed(number: usize) -> Choice {
        Choice::Seed(number.to_string())
    }

    #[test]
    fn a_drag_is_one_step_and_each_press_another() {
        let mut past = Past::default();
        past.note(&seed(1), Act::Press, 0.0);
        past.note(&seed(2), Act::Press, 1.0);
        past.note(&seed(3), Act::Drag, 2.0);
        past.note(&seed(4), Act::Drag, 9_000.0);
        past.note(&seed(5), Act::Wheel, 9_001.0);
        past.note(&seed(6), Act::Wheel, 9_500.0);
        past.note(&seed(7), Act::Wheel, 10_500.0);
        let back: Vec<_> = std::iter::from_fn(|| past.back()).collect();
        assert_eq!(back, [seed(7), seed(5), seed(3), seed(2), seed(1)]);
    }

    #[test]
    fn only_so_many_steps_are_kept() {
        let mut past = Past::default();
        (0..200).for_each(|number| past.note(&seed(number), Act::Press, 0.0));
        assert_eq!(past.steps.len(), STEPS_MAX);
        assert_eq!(past.back(), Some(seed(199)));
    }
}
