//! The databases that a test runs on: always SQLite, and PostgreSQL if `SNUG_TEST_POSTGRES_URL` names a server.

use crate::real_program::RealProgram;
use snug::server::config::DatabaseUrl;
use sqlx::{Connection, Executor, PgConnection};

/// The database that a [`crate::test_app::TestApp`] uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    Sqlite,
    Postgres,
}

/// The environment variable with the URL of a PostgreSQL server. The URL names a user who may create databases.
const ADMIN_URL: &str = "SNUG_TEST_POSTGRES_URL";

/// Makes the tests `name::sqlite` and `name::postgres` of each `async fn name(on: On)`.
macro_rules! on_both_databases {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            use crate::database::{On, postgres_is_here};

            #[tokio::test]
            async fn sqlite() {
                super::$name(On::Sqlite).await;
            }

            #[tokio::test]
            async fn postgres() {
                if postgres_is_here() {
                    super::$name(On::Postgres).await;
                }
            }
        }
    )+};
}

/// Whether tests on PostgreSQL can run. Prints a line if they can't.
pub fn postgres_is_here() -> bool {
    let is_here = admin_url().is_some();
    if !is_here {
        println!("skipped: {ADMIN_URL} is not set");
    }
    is_here
}

/// Starts the real program on this database, with these variables.
pub async fn start_program(on: On, variables: &[(&str, &str)]) -> RealProgram {
    let postgres = match on {
        On::Sqlite => None,
        On::Postgres => Some(create_postgres_database().await),
    };
    let database = ("SNUG_DATABASE_URL", postgres.as_ref().map_or("", DatabaseUrl::expose));
    RealProgram::start(&[&[database][..], variables].concat())
}

fn admin_url() -> Option<String> {
    std::env::var(ADMIN_URL).ok().filter(|url| !url.is_empty())
}

/// A fresh, empty database on the server.
pub async fn create_postgres_database() -> DatabaseUrl {
    let admin_url = admin_url().expect("a test on PostgreSQL calls postgres_is_here() first");
    let name = format!("snug_test_{}", snug::server::keyring::random_id(16).to_lowercase());
    let mut admin = PgConnection::connect(&admin_url)
        .await
        .expect("the administrator's connection");
    admin
        .execute(sqlx::AssertSqlSafe(format!("create database {name}")))
        .await
        .expect("a database of the test's own");
    admin.close().await.expect("closed");
    let (server, _) = admin_url
        .rsplit_once('/')
        .expect("an address that ends in a database's name");
    DatabaseUrl::parse(&format!("{server}/{name}")).expect("a PostgreSQL address")
}
