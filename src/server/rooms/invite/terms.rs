//! The terms of a link: how long it works, for how many people, and whether guests may use it.

use crate::{
    error::AppError,
    model::invite::{DAYS, MOST_USES},
    server::state::AppState,
};

/// What a link is to be good for.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    pub days: u32,
    pub most_uses: u32,
    /// Whether it admits people without an e-mail address.
    pub guests: bool,
}

impl Terms {
    /// # Errors
    /// `Invalid` for days or uses that the form does not offer, `Forbidden` for guests if this Snug takes none.
    pub fn check(self, state: &AppState) -> Result<(), AppError> {
        if !DAYS.contains(&self.days) || !MOST_USES.contains(&self.most_uses) {
            let message = "A link is good for 1, 7 or 30 days, and for 1, 10, 50 or 500 people.";
            return Err(AppError::invalid(message));
        }
        if self.guests && !state.config.sign_up.guests {
            let message = "This Snug takes nobody in without an e-mail address. Make the link without guests.";
            return Err(AppError::forbidden(message));
        }
        Ok(())
    }
}
