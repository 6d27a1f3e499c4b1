//! The terms of a link: how long it works, for how many people, and whether guests may use it.

use crate::{
    error::AppError,
    model::invite::{DAYS, MOST_USES},
    server::state::AppState,
};

/// The terms that a host chose for a link.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    pub days: u32,
    pub most_uses: u32,
    /// Whether the link admits guests.
    pub guests: bool,
}

impl Terms {
    /// Checks the terms.
    ///
    /// # Errors
    /// `Invalid` for days or uses that the form does not offer; `Forbidden` for a link for guests if this Snug does not admit guests.
    pub fn check(self, state: &AppState) -> Result<(), AppError> {
        if !DAYS.contains(&self.days) || !MOST_USES.contains(&self.most_uses) {
            let message = "A link can be for 1, 7 or 30 days and for 1, 10, 50 or 500 people.";
            return Err(AppError::invalid(message));
        }
        if self.guests && !state.config.sign_up.guests {
            let message = "This Snug does not admit guests. Make the link without guests.";
            return Err(AppError::forbidden(message));
        }
        Ok(())
    }
}
