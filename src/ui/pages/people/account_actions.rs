//! The server actions of the page of people, and the error if one of them failed.

use crate::{
    api::people::{CloseRoom, MakeOwner, SwitchOff, SwitchOn},
    error::AppError,
    ui::{components::error_notice::failure, form_action::FormAction},
};
use leptos::prelude::*;

#[derive(Clone, Copy)]
pub struct AccountActions {
    pub make_owner: FormAction<()>,
    pub switch_off: FormAction<()>,
    pub switch_on: FormAction<()>,
    pub close_room: FormAction<()>,
}

impl AccountActions {
    pub fn new() -> Self {
        Self {
            make_owner: FormAction::of::<MakeOwner>(),
            switch_off: FormAction::of::<SwitchOff>(),
            switch_on: FormAction::of::<SwitchOn>(),
            close_room: FormAction::of::<CloseRoom>(),
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
