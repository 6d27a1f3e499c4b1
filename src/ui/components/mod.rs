//! Parts of pages. Components get their data as props; none of them fetches anything.

pub mod check_link;
pub mod code_field;
pub mod confirm_sheet;
pub mod email_field;
pub mod error_notice;
pub mod face;
pub mod icon;
pub mod mic_button;
pub mod open_room_sheet;
pub mod page_header;
pub mod pager;
pub mod participant;
pub mod room_card;
pub mod sheet_header;
pub mod street_illustration;
