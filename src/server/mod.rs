//! The server: everything behind the endpoints.
//!
//! Modules import only from those further right: http -> people -> rooms -> account_deletion -> gate -> profile -> auth -> state ->
//! {voice, avatars, config, mail, limit, tls, error}. Only `http` imports `metrics`, which imports the state.

pub mod account_deletion;
pub mod address_group;
pub mod auth;
pub mod avatars;
pub mod backup;
pub mod clock;
mod clock_jumps;
pub mod config;
pub mod config_source;
pub mod current_limits;
pub mod data_folder;
pub mod data_lock;
pub mod database;
pub mod database_fence;
pub mod database_lease;
pub mod database_schema;
pub mod database_waits;
pub mod error;
pub mod fail_point;
pub mod file_lock;
pub mod gate;
pub mod housekeeping;
pub mod http;
pub mod keyring;
pub mod limit;
pub mod lock_holder;
pub mod mail;
pub mod metrics;
pub mod open_files;
pub mod open_sockets;
pub mod own_network;
pub mod people;
pub mod profile;
pub mod readiness;
pub mod refresh_outcomes;
pub mod reload;
pub mod request_counts;
pub mod request_id;
pub mod rooms;
pub mod service_manager;
pub mod setup_check;
pub mod signal_budgets;
pub mod snug_info;
pub mod state;
pub mod stripped_upgrades;
pub mod telemetry;
pub mod theme;
pub mod tls;
pub mod token_rotation_batch;
pub mod turn;
pub mod typed_address;
pub mod typed_fields;
pub mod voice;
pub mod voice_addresses;
