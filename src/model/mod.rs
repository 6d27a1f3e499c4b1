//! The types that the server and the browser share. This module uses no other module of the crate.

pub mod crop_area;
pub mod device;
pub mod ending;
pub mod form_error;
pub mod generated_face;
pub mod host_kind;
pub mod id;
pub mod invisible;
pub mod invite;
pub mod isolated;
pub mod link_preview;
pub mod moderation_log;
pub mod one_line;
pub mod people;
pub mod percent_encoding;
pub mod profile;
pub mod return_to;
pub mod room;
pub mod room_exit;
pub mod room_list;
pub mod signal;
pub mod snug_info;
pub mod stage;
pub mod time_words;
pub mod typed_code;
pub mod user;
