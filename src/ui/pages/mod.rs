//! The pages. Each page fetches the data that it shows.

pub mod activate;
mod coming_back;
pub mod connection;
pub mod full_reload;
pub mod health;
pub mod home;
pub mod invitation;
pub mod not_found;
mod one_time_link;
pub mod outbox;
pub mod owner_link;
mod owner_page_error;
pub mod people;
pub mod room;
mod room_exit;
pub mod rooms;
pub mod settings;
pub mod sign_in;
pub mod sign_in_link;
mod sign_in_without_mail;
pub mod undo_email;
