//! The way back: the choices made before the current one. Pure.

use super::picture_choice::PictureChoice;
use std::sync::Arc;

/// The most steps that can be taken back.
const STEPS_MAX: usize = 50;
/// The most memory that photos of the past may take on a phone, in characters of data URL.
const CHARACTERS_MAX: usize = 120_000_000;
/// Wheel, slider and keys that follow each other within this time are one step, in milliseconds.
const PAUSE_MS: f64 = 600.0;

/// What a change is part of: those of one act are taken back together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditKind {
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
pub struct UndoHistory {
    steps: Vec<PictureChoice>,
    last: Option<(EditKind, f64)>,
}

impl UndoHistory {
    /// Notes what is about to be changed at `now_ms`.
    pub fn note(&mut self, choice: &PictureChoice, kind: EditKind, now_ms: f64) {
        let goes_on = self.last.is_some_and(|(last, at)| match kind {
            EditKind::Press => false,
            EditKind::Drag => last == kind,
            _ => last == kind && now_ms - at < PAUSE_MS,
        });
        self.last = Some((kind, now_ms));
        if !goes_on {
            self.steps.push(choice.clone());
            while self.steps.len() > STEPS_MAX || weight(&self.steps) > CHARACTERS_MAX {
                self.steps.remove(0);
            }
        }
    }

    /// The act is over: the next one is a step of its own, whatever it is.
    pub fn end_edit(&mut self) {
        self.last = None;
    }

    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    pub fn back(&mut self) -> Option<PictureChoice> {
        self.last = None;
        self.steps.pop()
    }
}

/// The characters of all photos, each counted once for as long as it stays.
fn weight(steps: &[PictureChoice]) -> usize {
    let mut before: Option<&Arc<str>> = None;
    let mut sum = 0;
    for step in steps {
        let PictureChoice::Photo { data_url, .. } = step else {
            continue;
        };
        if !before.is_some_and(|before| Arc::ptr_eq(before, data_url)) {
            sum += data_url.len();
        }
        before = Some(data_url);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed(number: usize) -> PictureChoice {
        PictureChoice::Seed(number.to_string())
    }

    #[test]
    fn a_drag_is_one_step_and_each_press_another() {
        let mut history = UndoHistory::default();
        history.note(&seed(1), EditKind::Press, 0.0);
        history.note(&seed(2), EditKind::Press, 1.0);
        history.note(&seed(3), EditKind::Drag, 2.0);
        history.note(&seed(4), EditKind::Drag, 9_000.0);
        history.note(&seed(5), EditKind::Wheel, 9_001.0);
        history.note(&seed(6), EditKind::Wheel, 9_500.0);
        history.note(&seed(7), EditKind::Wheel, 10_500.0);
        let back: Vec<_> = std::iter::from_fn(|| history.back()).collect();
        assert_eq!(back, [seed(7), seed(5), seed(3), seed(2), seed(1)]);
    }

    #[test]
    fn photos_of_the_past_weigh_only_so_much() {
        let mut history = UndoHistory::default();
        for _ in 0..10 {
            history.note(&PictureChoice::photo("x".repeat(30_000_000)), EditKind::Press, 0.0);
        }
        assert_eq!(history.steps.len(), 4);
    }

    #[test]
    fn only_so_many_steps_are_kept() {
        let mut history = UndoHistory::default();
        (0..200).for_each(|number| history.note(&seed(number), EditKind::Press, 0.0));
        assert_eq!(history.steps.len(), STEPS_MAX);
        assert_eq!(history.back(), Some(seed(199)));
    }
}
