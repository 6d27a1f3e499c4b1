//! The commands of the program, one file for each, and how they read the configuration.

pub mod config;
pub mod configuration;
pub mod owner_link;
pub mod serve;
