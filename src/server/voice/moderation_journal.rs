//! The moderation log of one room: what hosts did, and how to undo it if that is possible.

use super::roles::Change;
use crate::model::{
    id::UserId,
    moderation_log::{Deed, LOG_MAX, LogEntry},
    room::Person,
};
use std::collections::VecDeque;

#[derive(Debug, Default)]
pub struct Journal {
    pages: VecDeque<Page>,
    /// The number of the newest entry.
    last: u32,
    /// Entries that are not stored yet.
    fresh: Vec<LogEntry>,
}

#[derive(Debug)]
struct Page {
    entry: LogEntry,
    change: Option<Change>,
}

impl Journal {
    /// Continues the log after a restart. `entries` are oldest first, and can't be undone.
    pub fn resume(entries: Vec<LogEntry>) -> Self {
        Self {
            last: entries.last().map_or(0, |entry| entry.number),
            pages: entries
                .into_iter()
                .rev()
                .map(|entry| Page { entry, change: None })
                .collect(),
            fresh: vec![],
        }
    }

    pub fn add(&mut self, at_s: i64, by: Option<Person>, about: Option<Person>, deed: Deed, change: Option<Change>) {
        self.last += 1;
        let entry = LogEntry {
            number: self.last,
            at_s,
            by,
            about,
            deed,
            undone: false,
            can_undo: false,
        };
        self.fresh.push(entry.clone());
        self.pages.push_front(Page { entry, change });
        self.pages.truncate(LOG_MAX);
    }

    /// Entry `number` and its change; `None` if it can't be undone or was undone already.
    pub fn find_undoable(&self, number: u32) -> Option<(LogEntry, Change)> {
        let page = self
            .pages
            .iter()
            .find(|page| page.entry.number == number && !page.entry.undone)?;
        Some((page.entry.clone(), page.change.clone()?))
    }

    /// The person who last muted `user` for everyone.
    pub fn find_muter(&self, user: &UserId) -> Option<&Person> {
        let is_mute =
            |entry: &LogEntry| entry.deed == Deed::Muted && entry.about.as_ref().is_some_and(|about| about.id == *user);
        let newest = self.pages.iter().map(|page| &page.entry).find(|entry| is_mute(entry));
        newest.and_then(|entry| entry.by.as_ref())
    }

    /// The host who last removed or banned `user`; `None` if the log no longer has the entry.
    pub fn find_who_barred(&self, user: &UserId) -> Option<&Person> {
        let is_about = |entry: &LogEntry| entry.about.as_ref().is_some_and(|about| about.id == *user);
        let entries = self.pages.iter().map(|page| &page.entry);
        entries
            .filter(|entry| matches!(entry.deed, Deed::Removed | Deed::Banned) && !entry.undone)
            .find(|entry| is_about(entry))
            .and_then(|entry| entry.by.as_ref())
    }

    /// The newest entry by which a host has let `user` back in after a removal or a ban; `None` if a host has removed or banned them
    /// again since.
    pub fn find_return(&self, user: &UserId) -> Option<&LogEntry> {
        let entries = || self.pages.iter().map(|page| &page.entry);
        let puts_out = |entry: &LogEntry| matches!(entry.deed, Deed::Removed | Deed::Banned);
        let lets_in = |entry: &LogEntry| match entry.deed {
            Deed::Lifted => true,
            Deed::Undid { number } => entries().any(|undone| undone.number == number && puts_out(undone)),
            _ => false,
        };
        entries()
            .filter(|entry| entry.about.as_ref().is_some_and(|about| about.id == *user))
            .find(|entry| puts_out(entry) || lets_in(entry))
            .filter(|entry| lets_in(entry))
    }

    /// Whether there are entries that are not stored yet.
    pub fn has_fresh(&self) -> bool {
        !self.fresh.is_empty()
    }

    pub fn mark_undone(&mut self, number: u32) {
        if let Some(page) = self.pages.iter_mut().find(|page| page.entry.number == number) {
            page.entry.undone = true;
            self.fresh.push(page.entry.clone());
        }
    }

    /// Takes the name and the face of `user`, whose account was deleted, out of the log. The changed entries are stored again, and can't
    /// be undone any more.
    pub fn forget(&mut self, user: &UserId) {
        for page in &mut self.pages {
            if page.entry.forget(user) {
                page.change = None;
                self.fresh.push(page.entry.clone());
            }
        }
    }

    /// All entries, newest first. `can_undo` says whether a change can be undone now.
    pub fn list(&self, can_undo: impl Fn(&Change) -> bool) -> Vec<LogEntry> {
        let can_undo = |page: &Page| !page.entry.undone && page.change.as_ref().is_some_and(&can_undo);
        let entry = |page: &Page| LogEntry {
            can_undo: can_undo(page),
            ..page.entry.clone()
        };
        self.pages.iter().map(entry).collect()
    }

    /// The entries that are not stored yet, oldest first.
    pub fn take_fresh(&mut self) -> Vec<LogEntry> {
        std::mem::take(&mut self.fresh)
    }
}
