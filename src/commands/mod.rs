//! The commands of the program, one file for each, and how they read the configuration.

pub mod backup;
pub mod config;
pub mod configuration;
pub mod doctor;
pub mod owner_link;
pub mod restore;
pub mod serve;
