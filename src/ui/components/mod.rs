//! Parts of pages: they take props and give a view.

pub mod ask;
pub mod email_field;
pub mod face;
pub mod icon;
pub mod mic_button;
pub mod notice;
pub mod open_room;
pub mod participant;
pub mod room_card;
pub mod sheet_head;
pub mod street;
pub mod top;
