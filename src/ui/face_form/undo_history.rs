//! The undo history: the pictures and crops that were chosen before the current one. The code is pure.

use super::picture_choice::PictureChoice;
use std::sync::Arc;

/// How many steps can be undone.
const STEPS_MAX: usize = 50;
/// The limit for the total length of the data URLs of all earlier photos, in characters. Phones have little memory.
const CHARACTERS_MAX: usize = 120_000_000;
/// If a change by wheel, slider or keys follows a change of the same kind within this many milliseconds, both are one step.
const PAUSE_MS: f64 = 600.0;

/// The kind of a change. Changes that belong together are undone together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditKind {
    /// A click. Each click is a separate step.
    Press,
    /// A movement of a pointer that is down.
    Drag,
    Wheel,
    Slide,
    Key,
}

/// The earlier choices, oldest first.
#[derive(Debug, Clone, Default)]
pub struct UndoHistory {
    steps: Vec<PictureChoice>,
    last: Option<(EditKind, f64)>,
}

impl UndoHistory {
    /// Call this before a change of `choice`.
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

    /// Ends the current step. The next change begins another step.
    pub fn end_edit(&mut self) {
        self.last = None;
    }

    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The choice to which [`UndoHistory::back`] would go back.
    pub fn last(&self) -> Option<&PictureChoice> {
        self.steps.last()
    }

    pub fn back(&mut self) -> Option<PictureChoice> {
        self.last = None;
        self.steps.pop()
    }
}

/// The number of characters in the data URLs of `steps`. If successive steps have the same photo, its data URL is counted once.
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
    fn a_whole_drag_is_one_step_and_so_is_each_press() {
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
    fn earlier_photos_have_a_limited_size() {
        let mut history = UndoHistory::default();
        for _ in 0..10 {
            history.note(&PictureChoice::photo("x".repeat(30_000_000)), EditKind::Press, 0.0);
        }
        assert_eq!(history.steps.len(), 4);
    }

    #[test]
    fn the_number_of_steps_is_limited() {
        let mut history = UndoHistory::default();
        (0..200).for_each(|number| history.note(&seed(number), EditKind::Press, 0.0));
        assert_eq!(history.steps.len(), STEPS_MAX);
        assert_eq!(history.back(), Some(seed(199)));
    }
}
