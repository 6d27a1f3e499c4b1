//! The user interface. Pages fetch data, and components show it. No code here uses the `server` module.

pub mod announcer;
pub mod call;
pub mod call_bar;
pub mod components;
pub mod document_marks;
pub mod face_form;
pub mod first_field;
pub mod form_error;
pub mod pages;
pub mod reconnect_pauses;
pub mod reconnecting_socket;
pub mod server_clock;
pub mod session;
pub mod sign_in_options;
pub mod snug_name;
pub mod sound_switches;
pub mod stripped_sockets;
pub mod theme;
pub mod ticks;
pub mod toasts;
pub mod unreachable_banner;
