//! Tests over HTTP: each test runs the real router on its own port, with its own data folder and database.
//!
//! The first modules are helpers (`TestApp`, `Visitor`, `TestSocket`). The others are tests, one module per feature.

#![cfg(test)]

#[macro_use]
mod database;
mod answer;
mod cookie_jar;
mod dump;
mod held_body;
mod letters;
mod listing;
mod photos;
mod raw_peer;
mod real_program;
mod room_entry;
mod test_app;
mod test_socket;
mod visitor;

mod accounts;
mod activation;
mod avatar_store;
mod body_sizes;
mod circle;
mod codes;
mod connection_limit;
mod contract;
mod contract_scene;
mod cross_site;
mod devices;
mod email_change;
mod endpoints;
mod form_errors;
mod form_refresh;
mod full_disk;
mod gets;
mod guard;
mod guests;
mod headers;
mod heads;
mod invitations;
mod invites;
mod journeys;
mod known_or_not;
mod large_bodies;
mod limits;
mod link;
mod list_socket;
mod log_hints;
mod moderation;
mod open_files;
mod owner;
mod page_policy;
mod pages;
mod people;
mod pictures;
mod program;
mod refresh;
mod regressions;
mod rooms;
mod secrets;
mod sessions;
mod sign_in;
mod sign_out;
mod socket_gate;
mod sockets;
mod stage;
mod stores;
mod switched_off;
mod timeouts;
mod unknown_host;
mod voice;
mod voice_abuse;
mod voice_gate;
