//! The endpoints: server functions, one or two lines each. The rules stand behind them, in `server`.

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
