//! Secrets do not leak: after a walk through the whole program, neither the log nor the database contains a token, a code or
//! a cookie, and e-mail addresses are only in the columns that are meant for them.

mod by_mail;
mod collected;
mod walk;

use crate::{
    database::{On, create_postgres_database},
    dump::dump,
    real_program::RealProgram,
};
use collected::Secrets;
use snug::server::{config::DatabaseUrl, database::Database};

on_both_databases! { no_secret_is_in_the_log_or_the_database }

/// The columns that may contain an address.
const ADDRESS_COLUMNS: [&str; 4] = [
    "users.email",
    "codes.email",
    "email_changes.new_email",
    "email_changes.old_email",
];

async fn no_secret_is_in_the_log_or_the_database(on: On) {
    let postgres = match on {
        On::Sqlite => None,
        On::Postgres => Some(create_postgres_database().await),
    };
    let program = RealProgram::start(&[
        ("RUST_LOG", "debug"),
        ("SNUG_AUTH_ACCESS_TTL_SECONDS", "60"),
        ("SNUG_AUTH_CONFIRM_SECONDS", "1"),
        ("SNUG_DATABASE_URL", postgres.as_ref().map_or("", DatabaseUrl::expose)),
    ]);
    let mut secrets = Secrets::default();
    walk::everywhere(&program, &mut secrets).await;
    assert!(
        secrets.tokens.len() > 16 && secrets.codes.len() >= 3,
        "the walk has collected secrets"
    );

    the_log_has_none(&program.log(), &secrets);
    let sqlite = DatabaseUrl::parse(&format!("sqlite:{}/snug.db", program.data_dir().display())).expect("an address");
    if on == On::Sqlite {
        the_files_have_none(&program, &secrets);
    }
    let database = Database::connect(postgres.as_ref().unwrap_or(&sqlite), None)
        .await
        .expect("opened");
    the_database_has_none(on, &database, &secrets).await;
}

fn the_log_has_none(log: &str, secrets: &Secrets) {
    assert!(log.lines().count() > 50, "the log has few lines:\n{log}");
    for token in &secrets.tokens {
        assert!(!log.contains(token), "a token in the log: {}", around(log, token));
    }
    for address in &secrets.addresses {
        assert!(
            !log.contains(address.as_str()),
            "an address in the log: {}",
            around(log, address)
        );
    }
    for line in log.lines() {
        // Leave out the timestamp, because its microseconds are six digits like a code.
        let said = line.trim_start().split_once(' ').map_or(line, |(_, said)| said);
        for code in &secrets.codes {
            assert!(!contains_code(said, code), "a code in the log: {line}");
        }
    }
}

fn around<'a>(log: &'a str, found: &str) -> &'a str {
    log.lines().find(|line| line.contains(found)).unwrap_or_default()
}

/// Whether the text contains the code as a whole word. A decimal number is one word, because its fraction may contain the
/// digits of the code by chance.
fn contains_code(text: &str, code: &str) -> bool {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
    words.map(|word| word.trim_matches('.')).any(|word| word == code)
}

async fn the_database_has_none(on: On, database: &Database, secrets: &Secrets) {
    let entries = dump(on, database.reader()).await;
    let in_their_column = |address: &String| {
        entries
            .iter()
            .any(|entry| ADDRESS_COLUMNS.contains(&entry.place.as_str()) && entry.value == *address)
    };
    assert!(
        secrets.addresses.iter().all(in_their_column),
        "the addresses of the walk are in the database"
    );
    for entry in &entries {
        let token = secrets.tokens.iter().find(|token| entry.value.contains(token.as_str()));
        assert_eq!(token, None, "{}", entry.place);
        let code = secrets.codes.iter().find(|code| contains_code(&entry.value, code));
        assert_eq!(code, None, "{}", entry.place);
        let address = secrets
            .addresses
            .iter()
            .find(|address| entry.value.contains(address.as_str()));
        let may = ADDRESS_COLUMNS.contains(&entry.place.as_str());
        assert!(address.is_none() || may, "an address in {}", entry.place);
    }
}

/// Searches the files of SQLite too, because deleted and overwritten values may still be in the database file and its
/// write-ahead log.
fn the_files_have_none(program: &RealProgram, secrets: &Secrets) {
    let mut octets = std::fs::read(program.data_dir().join("snug.db")).expect("the database's file");
    octets.extend(
        std::fs::read(program.data_dir().join("snug.db-wal"))
            .expect("its write-ahead log, because the program still runs"),
    );
    for token in &secrets.tokens {
        assert!(places(&octets, token).is_empty(), "a token in the file");
    }
    for code in &secrets.codes {
        let bare = places(&octets, code).into_iter().find(|at| !is_in_a_hash(&octets, *at));
        assert_eq!(bare, None, "a code in the file");
    }
}

fn places(octets: &[u8], wanted: &str) -> Vec<usize> {
    let windows = octets.windows(wanted.len()).enumerate();
    windows
        .filter(|(_, window)| *window == wanted.as_bytes())
        .map(|(at, _)| at)
        .collect()
}

/// Whether these digits belong to a hash in hexadecimal, where six digits in a row sometimes occur by chance.
fn is_in_a_hash(octets: &[u8], at: usize) -> bool {
    let is_hex = |octet: &&u8| octet.is_ascii_hexdigit();
    let before = octets[..at].iter().rev().take_while(is_hex).count();
    let after = octets[at..].iter().take_while(is_hex).count();
    before + after >= 32
}
