//! Remembers which errors were shown, so that a copied cookie shows nothing a second time.

use super::sealed::{LIFE_S, Tag};
use std::collections::{HashSet, VecDeque};

/// How many shown errors are remembered. Each takes about 100 bytes.
const REMEMBERED_MAX: usize = 10_000;

/// The errors that were shown within the last 60 s. Older ones need not be remembered, because their cookies have expired.
#[derive(Default)]
pub struct ShownOnce {
    tags: HashSet<Tag>,
    /// The tags with the time (unix seconds) after which they can be forgotten, oldest first.
    until: VecDeque<(i64, Tag)>,
}

impl ShownOnce {
    /// Whether the error may be shown. If so, it counts as shown from now on.
    pub fn claim(&mut self, tag: Tag, now_s: i64) -> bool {
        while let Some((until, oldest)) = self.until.front().copied() {
            if until > now_s && self.until.len() < REMEMBERED_MAX {
                break;
            }
            self.until.pop_front();
            self.tags.remove(&oldest);
        }
        let is_new = self.tags.insert(tag);
        if is_new {
            self.until.push_back((now_s + LIFE_S, tag));
        }
        is_new
    }

    /// The error was not shown after all, so it may still be shown once.
    pub fn release(&mut self, tag: &Tag) {
        self.tags.remove(tag);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(number: u32) -> Tag {
        let mut tag = [0; 32];
        tag[..4].copy_from_slice(&number.to_be_bytes());
        tag
    }

    #[test]
    fn an_error_is_shown_once_unless_it_is_released() {
        let mut shown = ShownOnce::default();
        assert!(shown.claim(tag(1), 100));
        assert!(!shown.claim(tag(1), 100));
        assert!(shown.claim(tag(2), 100));
        shown.release(&tag(1));
        assert!(shown.claim(tag(1), 101));
        assert!(!shown.claim(tag(1), 159));
    }

    #[test]
    fn the_memory_is_bounded_in_time_and_number() {
        let mut shown = ShownOnce::default();
        for number in 0..30_000 {
            assert!(shown.claim(tag(number), 100));
        }
        assert!(shown.tags.len() <= REMEMBERED_MAX && shown.until.len() <= REMEMBERED_MAX);
        assert!(!shown.claim(tag(29_999), 100));
        assert!(shown.claim(tag(30_000), 160));
        assert_eq!((shown.tags.len(), shown.until.len()), (1, 1));
    }
}
