//! Pages: each fetches what it shows.

pub mod activate;
pub mod elsewhere;
pub mod home;
pub mod invitation;
mod letter_link;
pub mod link;
pub mod not_found;
pub mod outbox;
pub mod owner_link;
pub mod people;
pub mod room;
pub mod rooms;
pub mod settings;
pub mod sign_in;
pub mod undo_email;
