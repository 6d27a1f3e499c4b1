//! The endpoints: server functions of a few lines each. The rules are in the module `server`. `docs/permissions.md`
//! says what each endpoint answers to whom.

pub mod auth;
pub mod circle;
pub mod client;
pub mod device;
pub mod email;
pub mod invites;
pub mod outbox;
pub mod owner_link;
pub mod people;
pub mod profile;
pub mod refresh;
pub mod rooms;
