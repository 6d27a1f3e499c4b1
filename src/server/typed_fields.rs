//! What a person typed into a form without scripts. If the form is refused, its page shows these texts again.
//!
//! The middleware for errors of forms puts a [`TypedFields`] into each request, and the endpoint fills it.

use std::sync::{Arc, Mutex, PoisonError};

/// Names and values of typed fields. All clones share them.
#[derive(Debug, Clone, Default)]
pub struct TypedFields(Arc<Mutex<Vec<(String, String)>>>);

impl TypedFields {
    pub fn remember(&self, fields: &[(&str, &str)]) {
        let owned = fields
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(owned);
    }

    /// Returns the fields, and forgets them.
    pub fn take(&self) -> Vec<(String, String)> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
