//! The endpoints: server functions of one or two lines each. `server` has the rules. What each endpoint answers to whom
//! is in `docs/permissions.md`.

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
