//! The way back: the choices that were left, pure.

use super::sketch::Choice;
use std::sync::Arc;

/// So many steps can be taken back.
const STEPS_MAX: usize = 50;
/// Photos of the past take at most so much of a phone's memory, in characters of data URL.
const CHARACTERS_MAX: usize = 120_000_000;
/// Wheel, slider and keys that follow each other within this time are one step, in milliseconds.
const PAUSE_MS: f64 = 600.0;

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
pub struct Past {
    steps: Vec<Choice>,
    last: Option<(Act, f64)>,
}

impl Past {
    /// Notes what is about to be changed at `now_ms`.
    pub fn note(&mut self, choice: &Choice, act: Act, now_ms: f64) {
        let goes_on = self.last.is_some_and(|(last, at)| match act {
            Act::Press => false,
            Act::Drag => last == act,
            _ => last == act && now_ms - at < PAUSE_MS,
        });
        self.last = Some((act, now_ms));
        if !goes_on {
            self.steps.push(choice.clone());
            while self.steps.len() > STEPS_MAX || weight(&self.steps) > CHARACTERS_MAX {
                self.steps.remove(0);
            }
        }
    }

    /// The act is over: the next one is a step of its own, whatever it is.
    pub fn end_act(&mut self) {
        self.last = None;
    }

    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    pub fn back(&mut self) -> Option<Choice> {
        self.last = None;
        self.steps.pop()
    }
}

/// The characters of all photos, each counted once for as long as it stays.
fn weight(steps: &[Choice]) -> usize {
    let mut before: Option<&Arc<str>> = None;
    let mut sum = 0;
    for step in steps {
        let Choice::Photo { data_url, .. } = step else { continue };
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
    fn photos_of_the_past_weigh_only_so_much() {
        let mut past = Past::default();
        for _ in 0..10 {
            past.note(&Choice::photo("x".repeat(30_000_000)), Act::Press, 0.0);
        }
        assert_eq!(past.steps.len(), 4);
    }

    #[test]
    fn only_so_many_steps_are_kept() {
        let mut past = Past::default();
        (0..200).for_each(|number| past.note(&seed(number), Act::Press, 0.0));
        assert_eq!(past.steps.len(), STEPS_MAX);
        assert_eq!(past.back(), Some(seed(199)));
    }
}
