//! What owners do on the page of people: each form's action, and the error if it failed.

use crate::{
    api::people::{CloseRoom, MakeOwner, SwitchOff, SwitchOn},
    error::AppError,
    ui::components::error_notice::failure,
};
use leptos::prelude::*;

#[derive(Clone, Copy)]
pub struct AccountActions {
    pub make_owner: ServerAction<MakeOwner>,
    pub switch_off: ServerAction<SwitchOff>,
    pub switch_on: ServerAction<SwitchOn>,
    pub close_room: ServerAction<CloseRoom>,
}

impl AccountActions {
    pub fn new() -> Self {
        Self {
            make_owner: ServerAction::new(),
            switch_off: ServerAction::new(),
            switch_on: ServerAction::new(),
            close_room: ServerAction::new(),
        }
    }

    /// Why the last of them failed.
    pub fn error(self) -> Option<AppError> {
        failure(&self.make_owner.value().get())
            .or_else(|| failure(&self.switch_off.value().get()))
            .or_else(|| failure(&self.switch_on.value().get()))
            .or_else(|| failure(&self.close_room.value().get()))
    }
}
