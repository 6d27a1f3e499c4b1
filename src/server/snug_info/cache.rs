//! What this Snug says about itself, in memory, so that pages need no query to show it.

use crate::model::snug_info::{SnugHost, SnugText};
use std::sync::{Mutex, MutexGuard, PoisonError};

#[derive(Debug)]
pub struct SnugInfoCache {
    known: Mutex<Known>,
    /// Held while an owner's text is written, so that the text in memory is the one that was written last.
    writing: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct Known {
    text: SnugText,
    /// The host, or `None` inside if there is no host. `None` outside if the database has to be asked.
    host: Option<Option<SnugHost>>,
    generation: HostGeneration,
}

/// Changes whenever the host may have changed. An answer of the database that was asked for in an earlier generation can be out of
/// date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HostGeneration(u64);

impl SnugInfoCache {
    pub fn new(text: SnugText) -> Self {
        let known = Known {
            text,
            host: None,
            generation: HostGeneration::default(),
        };
        Self {
            known: Mutex::new(known),
            writing: tokio::sync::Mutex::default(),
        }
    }

    pub fn text(&self) -> SnugText {
        self.lock().text.clone()
    }

    /// Call this before you write a text to the database, and hold the guard until [`SnugInfoCache::set_text`] was called.
    pub async fn begin_write(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.writing.lock().await
    }

    pub fn set_text(&self, text: SnugText) {
        self.lock().text = text;
    }

    /// The host, if there is one.
    ///
    /// # Errors
    /// If the database has to be asked. Give the generation back in [`SnugInfoCache::set_host`].
    pub fn host(&self) -> Result<Option<SnugHost>, HostGeneration> {
        let known = self.lock();
        known.host.clone().ok_or(known.generation)
    }

    /// Remembers what the database has answered, unless the host may have changed since `asked`.
    pub fn set_host(&self, asked: HostGeneration, host: Option<SnugHost>) {
        let mut known = self.lock();
        if known.generation == asked {
            known.host = Some(host);
        }
    }

    /// Forgets the host. Call this after each write that can change who the host is, or the host's name or face.
    pub fn forget_host(&self) {
        let mut known = self.lock();
        known.generation.0 += 1;
        known.host = None;
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(name: &str) -> Option<SnugHost> {
        Some(SnugHost {
            name: name.to_owned(),
            picture: String::new(),
        })
    }

    #[test]
    fn the_host_is_asked_for_once_and_again_after_a_change() {
        let cache = SnugInfoCache::new(SnugText::default());
        let asked = cache.host().expect_err("unknown");
        cache.set_host(asked, host("Ada"));
        assert_eq!(cache.host(), Ok(host("Ada")));
        cache.forget_host();
        let asked = cache.host().expect_err("forgotten");
        cache.set_host(asked, None);
        assert_eq!(cache.host(), Ok(None), "no host is an answer, too");
    }

    #[test]
    fn an_answer_from_before_a_change_is_not_remembered() {
        let cache = SnugInfoCache::new(SnugText::default());
        let asked = cache.host().expect_err("unknown");
        cache.forget_host();
        cache.set_host(asked, host("Ada"));
        assert!(cache.host().is_err());
    }
}
