//! Tests of Leptos.toml, and of the file that `snug config print` prints: both have every key with its default.

use super::{LEPTOS_TOML, config, load};
use crate::server::config::{Config, all_config_keys::KEYS};

const CARGO_TOML: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));

#[test]
fn the_printed_reference_is_a_configuration_with_the_defaults() {
    let of = |text: &str| Config::load(text, []).expect("a good configuration");
    let (printed, defaults) = (of(&Config::reference()), of(""));
    assert!(printed.warnings.is_empty(), "{:?}", printed.warnings);
    assert_eq!(format!("{:?}", printed.config), format!("{:?}", defaults.config));
    assert_eq!(
        printed.config.database_url.expose(),
        defaults.config.database_url.expose()
    );
}

#[test]
fn leptos_toml_has_every_key_with_its_default() {
    let loaded = load(LEPTOS_TOML, &[]).expect("our own file");
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    assert_eq!(format!("{:?}", loaded.config), format!("{:?}", config("", &[])));
    for key in KEYS {
        let table = LEPTOS_TOML
            .split("\n[")
            .find(|table| table.starts_with(&format!("snug.{}]", key.table())));
        let starts = [format!("{} = ", key.name()), format!("# {} = ", key.name())];
        let names_it = |line: &str| starts.iter().any(|start| line.starts_with(start.as_str()));
        assert!(
            table.is_some_and(|table| table.lines().any(names_it)),
            "{} is missing",
            key.label()
        );
    }
}

#[test]
fn the_address_in_leptos_toml_is_the_default_and_that_of_cargo_leptos() {
    let address_in = |text: &str| {
        let file: toml::Table = text.parse().expect("TOML");
        let table = file["package"]["metadata"]["leptos"].as_table().expect("a table");
        table["site-addr"].as_str().expect("an address").to_owned()
    };
    assert_eq!(address_in(LEPTOS_TOML), "127.0.0.1:3000");
    assert_eq!(address_in(CARGO_TOML), "127.0.0.1:3000");
}
