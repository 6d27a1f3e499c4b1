//! The server: everything behind the endpoints.
//!
//! Modules import only from those further right: http -> people -> rooms -> gate -> profile -> auth -> state -> {voice, avatars,
//! config, mail, limit, error}.

pub mod address_group;
pub mod auth;
pub mod avatars;
pub mod clock;
pub mod config;
pub mod database;
pub mod error;
pub mod fail_point;
pub mod gate;
pub mod housekeeping;
pub mod http;
pub mod keyring;
pub mod limit;
pub mod mail;
pub mod open_files;
pub mod open_sockets;
pub mod people;
pub mod profile;
pub mod rooms;
pub mod state;
pub mod telemetry;
pub mod token_rotation_batch;
pub mod typed_address;
pub mod voice;
