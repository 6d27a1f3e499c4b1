//! Renders the reference of all keys as a page, and tests that `docs/configuration.md` is that page.

use super::all_config_keys::KEYS;
use super::config_key::{ConfigKey, DefaultValue};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/configuration.md");

const INTRODUCTION: &str = "\
# Configuration

You configure Snug in a file or with environment variables. Both are optional: the program contains every default. The
file is `Leptos.toml` in the folder where Snug starts, or the one that `--config` names. A variable overrides its key in
the file: for example, `SNUG_DATA_DIR` overrides the key `dir` in the table `[snug.data]`. In a variable, separate the
entries of a list with commas. An empty value counts as not set.

- `snug config check` reads the configuration of this machine and reports all its problems at once.
- `snug config print` prints all keys with their documentation and their defaults, as a TOML file. Its output can be the
  beginning of your `Leptos.toml`.

A test generates this page from the code and compares the result with this file. Do not edit the page:
change `src/server/config/all_config_keys.rs`, then run `UPDATE_GOLDEN=1 cargo test --release --features ssr --lib config`.
";

const FRAMEWORK: &str = "
## The address to listen on

This key is in the table of the web framework, `[package.metadata.leptos]`. Snug reads no other key of this table.

| Key | Variable | Default | Meaning |
|---|---|---|---|
| `site-addr` | `LEPTOS_SITE_ADDR` | `\"127.0.0.1:3000\"` | The IP address and the port on which the program listens. With `127.0.0.1`, only this machine can connect; with `0.0.0.0`, everybody can. |
";

fn render() -> String {
    let mut page = INTRODUCTION.to_owned();
    let mut table = "";
    for key in KEYS {
        if key.table() != table {
            table = key.table();
            page += &format!("\n## `[snug.{table}]`\n\n| Key | Variable | Default | Meaning |\n|---|---|---|---|\n");
        }
        page += &row(key);
    }
    page + FRAMEWORK
}

fn row(key: &ConfigKey) -> String {
    let default = match key.default {
        DefaultValue::Is(value) => format!("`{value}`"),
        DefaultValue::Unset { means, .. } => format!("Not set: {means}"),
    };
    let secret = if key.secret { " Snug never shows the value." } else { "" };
    let meaning = format!("{}{secret}", key.doc).replace('|', "\\|");
    format!("| `{}` | `{}` | {default} | {meaning} |\n", key.name(), key.variable())
}

#[test]
fn the_page_matches_the_code() {
    let page = render();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(PAGE, &page).expect("docs/configuration.md can be written");
    }
    let written = std::fs::read_to_string(PAGE).unwrap_or_default();
    assert!(
        written == page,
        "docs/configuration.md does not match the code. Run UPDATE_GOLDEN=1 cargo test --release --features ssr --lib \
         config, and review the difference."
    );
}
