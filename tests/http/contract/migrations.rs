//! Migrations: no file that is part of a released Snug may ever change, not even in a comment.
//!
//! sqlx stores the SHA-384 checksum of each file in the database, and compares the checksums at every start. If a file has
//! changed, a Snug with existing data refuses to start. A new migration needs a new entry here.

use super::document::{code, in_repository, section, table};
use sqlx::migrate::Migrator;
use std::collections::BTreeMap;

/// The files and their checksums. Never change an entry: write another migration instead.
const MIGRATIONS: &[(&str, &str)] = &[
    (
        "20261123000001_users.sql",
        "d97bac90161092a3ea6b8d1c152f0b34ec4052847821e52c5b31ef0d27eb1194e1ee0b953086cdf2cddf6ace62be5a62",
    ),
    (
        "20261123000002_sessions.sql",
        "bdc6d75e7fb0586fb4977eed3921cd80835d31c5412df59a3f71ba3e3939f380c11e680d4f7bbc280b2a804df85f8aba",
    ),
    (
        "20261123000003_codes.sql",
        "d6a673762f359898ab968bc3f5476193a40ebd0418a8680f3d5f1deaf35e88615613ad1f8ea196dd39c1d5929d3d2a61",
    ),
    (
        "20261123000004_rooms.sql",
        "dc999037a9b3f048bd2f60fff2d7355810f173b80522d5ab3e4a96e7d82282216829b8f8e7424f762e8140d107d5d86a",
    ),
    (
        "20261123000005_limits.sql",
        "44411a8bb02aee12a6bf8619f4227e7681b63faff75c5b29735ce99bc902e286ccb5954184c089f0f765f55e1ee07e64",
    ),
    (
        "20261123000006_owner_links.sql",
        "a0310a549c0642fd5b3e0a032cd71cf14c25e9e9dc8db98908fa2ea9b6a5ad8ca562e0e46b1fa3ad6882f4fe3221c470",
    ),
    (
        "20261125000001_email_changes.sql",
        "076d7ccfc8627b3e74d299622fda684e7bfe476da82d26c28d0aad9262da7084695191f36d88b218bcc7850fcc2bd56d",
    ),
    (
        "20261126000001_pictures.sql",
        "34e0a73e613d991f26694bbbf260133abe3f72b9ba48b45e5508e4892756b1976aff00c145dad4eec49023382b360686",
    ),
    (
        "20261126000002_circles.sql",
        "09f9f60db24ad6a5010b7108b35ddf73483b3d50364c5dba86912c7ed130c8e827d70b1cd864164f7665b50640447673",
    ),
    (
        "20261126000003_invites.sql",
        "b8dfcec771001e72edbb1fac619d081cd822773f7a78ba7c6e59ad360684810db009b3e4d5089bc10818fac7359e6e31",
    ),
    (
        "20261126000010_disabled.sql",
        "35a82a946a6160353d07b28bb5597a2273db7b5a74ed9b7e3db6c641b7f6d478da44aca628047a6fa058d6b74c416ba6",
    ),
    (
        "20261126000011_guests.sql",
        "c9bcb830004286bdc0c518585e512688e51c46d0df1603d39b1f223fbabd8a86bc2b76bc12b07e7b0364e9749b0e4ebc",
    ),
    (
        "20261126000012_stage.sql",
        "42ccba09c97fa4201fac1aff76571d5b86d39844c5bd2fb2522cf5d2aed65699665f9aba6b0221a5c9976e9b63a3936b",
    ),
    (
        "20261130000021_code_browsers.sql",
        "3b67011228f6df8f565232c63606c4c4c9b850061167db603927b76e56c12c77c48fdef2342c224eb56fb2aa34dbc5c8",
    ),
    (
        "20261130000031_owner_link_accounts.sql",
        "3290e9262ff40d1e757313aaea3b6b18d518dca4ffe2c42484260f6b91d7c039ff9081b490b65f4c17b460e0640c9988",
    ),
    (
        "20261130000032_old_addresses.sql",
        "b477cee79529a8b7076084efa69ea4024a56ca930a1caa048e3c1ea58ac4eb1ac3909cf3b8d00e65acdcd28c8f01d500",
    ),
    (
        "20261130000041_owner_left.sql",
        "79d92288f1d31f188efdfb6ca70b88702d04c856264272ed7d5df5958d98f2ca04194cafcc731f23b0ec34a31b2d5e2a",
    ),
    (
        "20261201000032_snug_info.sql",
        "dacbc3380b3ebc662879f2d511f6dc069a18cb2e96b7dc077361bc8832a058816f2271b9e1174ceb6dbe7b95168066dc",
    ),
    (
        "20261203000039_room_ends.sql",
        "593c7a6cc42a85034cc334155b619795efe2113b2fded5799a3864399c3799f94536c9053049ba9fe1e3b426189b6a92",
    ),
    (
        "20261203000059_schema_readers.sql",
        "02ccfd85caefbfbed0b1b96722548ef35903f4a0a45a8e03023df59a074f500f11e4a2e87cd36fb083070c55c6b597d4",
    ),
    (
        "20261210000063_owners_without_address.sql",
        "8b02ebf7726062ffe4300ba557f1063203864cc2f48fd767ef050bb4b23c2055498eff49d336198410da2e2b3758cfa3",
    ),
];

pub async fn describe() -> String {
    let found = find().await;
    for (name, checksum) in MIGRATIONS {
        let now = found
            .get(*name)
            .unwrap_or_else(|| panic!("the migration {name} is missing"));
        assert_eq!(
            now, checksum,
            "{name} has changed: every Snug with existing data would refuse to start. Restore the file."
        );
    }
    let mut new: Vec<&String> = found.keys().collect();
    new.retain(|name| MIGRATIONS.iter().all(|(known, _)| known != name));
    assert!(new.is_empty(), "add to MIGRATIONS: {new:?}");
    section(
        "Migrations",
        "These files never change, not even in a comment. The database stores their checksums, and if one \
         differs, a Snug\nwith existing data refuses to start. `tests/http/contract/migrations.rs` has the checksums.",
    ) + &table(["File"], MIGRATIONS.iter().map(|(name, _)| [code(name)]))
}

/// The migrations as sqlx reads them, with their checksums in hexadecimal.
async fn find() -> BTreeMap<String, String> {
    let folder = in_repository("migrations");
    let migrator = Migrator::new(folder.as_path()).await.expect("migrations");
    let name = |version: i64, description: &str| format!("{version}_{}.sql", description.replace(' ', "_"));
    let hex = |checksum: &[u8]| checksum.iter().map(|byte| format!("{byte:02x}")).collect();
    let migrations = migrator.iter();
    migrations
        .map(|migration| {
            (
                name(migration.version, &migration.description),
                hex(&migration.checksum),
            )
        })
        .collect()
}
