//! The contract: the names that people, their browsers, their backups and their scripts rely on. `docs/protocol.md` lists
//! them, and this test compares that page with the program. Names in Rust may change; the names on that page must not.
//!
//! To be independent of the rest of the test crate, this folder uses only `TestApp` and [`crate::contract_scene`].

mod api;
mod arguments;
mod browser;
mod browser_names;
mod commands;
mod cookies;
mod data_folder;
mod document;
mod endpoints;
mod letter;
mod migrations;
mod photo;
mod record;
mod routes;
mod scenario;
mod shape;
mod sockets;

const INTRODUCTION: &str = "\
# The protocol

This page lists the names that people and other programs rely on: addresses, form fields, JSON, errors, headers, messages
of the WebSockets, cookies, files, commands and migrations. Browsers, bookmarks, letters, backups and scripts use these
names, so the names must not change by accident.

A test generates this page from the running program and compares the result with this file. If the test fails, the
program has changed. If you meant that change, run
`UPDATE_GOLDEN=1 cargo test --release --package http-tests contract`, read the difference, and think about the pages, data
folders and links that people already have. The text of the section
[Messages of the WebSockets](#messages-of-the-websockets) is in `tests/http/contract/sockets.md`. The configuration keys
are in [configuration.md](configuration.md), which has its own test.
";

#[tokio::test(flavor = "multi_thread")]
async fn the_protocol_page_describes_the_program() {
    let played = scenario::play().await;
    let page = [
        INTRODUCTION.to_owned(),
        routes::describe(&played).await,
        api::describe(&played.record),
        sockets::describe(),
        cookies::describe().await,
        browser_names::describe(),
        data_folder::describe(&played),
        commands::describe(),
        migrations::describe().await,
    ];
    document::compare(&page.concat());
}
