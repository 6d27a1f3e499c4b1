//! The server actions of the page of people, and the error if one of them failed.

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

    /// The error of the action that the person has sent; `None` if it did not fail.
    pub fn error(self) -> Option<AppError> {
        failure(&self.make_owner.value().get())
            .or_else(|| failure(&self.switch_off.value().get()))
            .or_else(|| failure(&self.switch_on.value().get()))
            .or_else(|| failure(&self.close_room.value().get()))
    }
}
