//! The schema of the database: whether this program can use it, and the migrations that bring an older one up to date.

pub mod store;

use super::database::Database;
use anyhow::{Context, bail};
use store::SchemaReader;

/// The schema, compared with the one that this program needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaAge {
    /// The database has no tables yet.
    Empty,
    /// An older program has written the database, so it has to be migrated.
    Older,
    Current,
    /// A newer program has migrated the database, and has noted that this program can still use it.
    NewerButReadable,
}

/// Why this program must not use the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SchemaRefusal {
    /// A newer program has migrated the database.
    Newer,
    /// The database has a migration that this program does not know, and lacks one that it knows. So a program with other changes has
    /// migrated it, such as one from another branch.
    Diverged,
}

/// Compares the schema with the one that this program needs. Changes nothing, except that an empty database gets sqlx's own table.
///
/// # Errors
/// If this program can't use the database, with a sentence that says what to do. If the database can't be read.
pub async fn check(database: &Database) -> anyhow::Result<SchemaAge> {
    let applied = store::list_applied(database)
        .await
        .context("the database can't be read")?;
    let known = store::list_known();
    // The table of readers is one of the migrations that we know. So it exists if all of them were applied.
    let readers = match known.iter().all(|version| applied.contains(version)) {
        true => store::list_readers(database)
            .await
            .context("the database can't be read")?,
        false => vec![],
    };
    let version = env!("CARGO_PKG_VERSION");
    match compare(&known, &applied, &readers) {
        Ok(age) => Ok(age),
        Err(SchemaRefusal::Newer) => bail!(
            "a newer Snug has changed the database, and this one (version {version}) can't use it. Nothing was changed. Start the \
             newer Snug. Or restore a backup that was made before the upgrade: Snug makes one in the folder `backups` of its data \
             folder, with a name that begins with `before-`"
        ),
        Err(SchemaRefusal::Diverged) => bail!(
            "the database has changes that this Snug (version {version}) does not know, and lacks others. Nothing was changed. Start \
             the Snug that has written the database, or restore a backup"
        ),
    }
}

/// Brings the database up to date. Call this only while you hold the [data lock](super::data_lock::DataLock), which keeps other
/// processes from migrating at the same time.
///
/// # Errors
/// The errors of [`check`], and if a migration fails.
pub async fn migrate(database: &Database) -> anyhow::Result<()> {
    check(database).await?;
    store::apply(database).await.context("the database can't be migrated")
}

fn compare(known: &[i64], applied: &[i64], readers: &[SchemaReader]) -> Result<SchemaAge, SchemaRefusal> {
    let newest = known.iter().max().copied().unwrap_or_default();
    let unknown: Vec<i64> = applied
        .iter()
        .copied()
        .filter(|version| !known.contains(version))
        .collect();
    let is_complete = known.iter().all(|version| applied.contains(version));
    let admits_us = |version: &i64| {
        let admits = |reader: &SchemaReader| reader.migration == *version && reader.oldest_reader <= newest;
        readers.iter().any(admits)
    };
    match (unknown.is_empty(), is_complete) {
        (true, true) => Ok(SchemaAge::Current),
        (true, false) if applied.is_empty() => Ok(SchemaAge::Empty),
        (true, false) => Ok(SchemaAge::Older),
        (false, true) if unknown.iter().all(admits_us) => Ok(SchemaAge::NewerButReadable),
        (false, true) => Err(SchemaRefusal::Newer),
        (false, false) => Err(SchemaRefusal::Diverged),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [i64; 3] = [10, 20, 30];

    fn reader(migration: i64, oldest_reader: i64) -> SchemaReader {
        SchemaReader {
            migration,
            oldest_reader,
        }
    }

    #[test]
    fn a_database_is_empty_older_or_current() {
        assert_eq!(compare(&KNOWN, &[], &[]), Ok(SchemaAge::Empty));
        assert_eq!(compare(&KNOWN, &[10, 20], &[]), Ok(SchemaAge::Older));
        assert_eq!(compare(&KNOWN, &KNOWN, &[]), Ok(SchemaAge::Current));
    }

    #[test]
    fn a_newer_database_is_refused_unless_each_newer_migration_admits_this_program() {
        let applied = [10, 20, 30, 40, 50];
        assert_eq!(compare(&KNOWN, &applied, &[]), Err(SchemaRefusal::Newer));
        assert_eq!(compare(&KNOWN, &applied, &[reader(40, 30)]), Err(SchemaRefusal::Newer));
        let both = [reader(40, 30), reader(50, 20)];
        assert_eq!(compare(&KNOWN, &applied, &both), Ok(SchemaAge::NewerButReadable));
        let needs_a_newer_one = [reader(40, 30), reader(50, 40)];
        assert_eq!(compare(&KNOWN, &applied, &needs_a_newer_one), Err(SchemaRefusal::Newer));
    }

    #[test]
    fn a_database_of_another_branch_is_refused() {
        let readers = [reader(25, 20)];
        assert_eq!(compare(&KNOWN, &[10, 20, 25], &readers), Err(SchemaRefusal::Diverged));
        assert_eq!(compare(&KNOWN, &[25], &readers), Err(SchemaRefusal::Diverged));
    }

    #[test]
    fn this_program_knows_the_migration_with_the_table_of_readers() {
        assert!(store::list_known().contains(&20_261_203_000_059));
    }
}
