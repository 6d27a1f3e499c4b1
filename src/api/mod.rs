//! The endpoints: server functions of a few lines each, which call the module `server`, where the rules are.
//! `docs/permissions.md` lists who can call each endpoint, and what the endpoint answers.

pub mod account;
pub mod auth;
pub mod circle;
pub mod client;
pub mod device;
pub mod email;
pub mod health;
pub mod invites;
pub mod outbox;
pub mod owner_link;
pub mod people;
pub mod profile;
pub mod refresh;
pub mod rooms;
pub mod setup_check;
pub mod snug_info;
pub mod theme;
