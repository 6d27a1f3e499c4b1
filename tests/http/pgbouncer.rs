//! PgBouncer between Snug and PostgreSQL: the modes in which Snug serves, and those that it refuses. The lease works in all of them.

use crate::{
    database::create_postgres_database,
    own_pgbouncer::{IGNORE, PgBouncer, SESSION, STATEMENT, TRANSACTION, can_run, knows_prepared_statements},
    program::snug_in,
    real_program::RealProgram,
    reserved_port::ReservedPort,
};
use futures_util::future::join_all;
use snug::server::database_lease::{Claim, DatabaseLease};
use sqlx::{Connection, PgConnection};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// A second program may wait for 12 s. The rest is for starting it on a busy machine.
const END_WITHIN: Duration = Duration::from_secs(17);

#[tokio::test]
async fn through_pgbouncer_people_are_served_and_a_second_program_is_refused_with_the_name_of_the_first() {
    if !can_run() {
        return;
    }
    let mut modes = vec![SESSION.to_vec()];
    if knows_prepared_statements() {
        modes.push([TRANSACTION, &["max_prepared_statements = 200"]].concat());
    } else {
        println!("skipped: pool_mode = transaction with max_prepared_statements (needs PgBouncer 1.21)");
    }
    for settings in modes {
        let database = create_postgres_database().await;
        let bouncer = PgBouncer::start(&settings, &database);
        let first = RealProgram::start(&[
            ("SNUG_DATABASE_URL", bouncer.url.expose()),
            ("SNUG_AUTH_CONFIRM_SECONDS", "1"),
        ]);
        let ada = first.visitor();
        ada.sign_up("ada@example.org").await;
        ada.come_in("Ada").await;
        let room = ada.open_room("Tea", "open").await;
        // A refresh writes only when the token is a second old.
        let (token, deadline) = (ada.jar.get("refresh"), Instant::now() + Duration::from_secs(10));
        while ada.jar.get("refresh") == token {
            assert!(Instant::now() < deadline, "no new token: {}", first.log());
            sleep(Duration::from_millis(100)).await;
            ada.refresh().await.must(200);
        }

        let other = tempfile::tempdir().expect("a folder");
        let folder = other.path().join("data");
        let began = Instant::now();
        let second = first.run_beside(&["serve"], &[("SNUG_DATA_DIR", folder.to_str().expect("UTF-8"))]);
        let message = String::from_utf8_lossy(&second.stderr).into_owned();
        assert_eq!(second.status.code(), Some(1), "{settings:?}: {message}");
        assert!(began.elapsed() < END_WITHIN, "{:?}: {message}", began.elapsed());
        let in_use = format!("the database {} is in use", bouncer.url.describe());
        let process = format!("process {} ", first.child.id());
        assert!(message.contains(&in_use) && message.contains(&process), "{message}");
        ada.find_room(&room.id.to_string()).await.must(200);
        assert!(!first.log().contains("prepared statement"), "{}", first.log());
    }
}

#[tokio::test]
async fn through_pgbouncer_another_program_has_the_database_of_a_killed_one_within_17_s() {
    if !can_run() {
        return;
    }
    let database = create_postgres_database().await;
    let bouncer = PgBouncer::start(SESSION, &database);
    let variables = [("SNUG_DATABASE_URL", bouncer.url.expose())];
    let mut first = RealProgram::start(&variables);
    first.signal("KILL");
    assert_eq!(first.wait_for_end(), None);
    let killed_at = Instant::now();
    // It starts although its data folder has another keyring, because nobody has signed in yet.
    let second = RealProgram::start(&variables);
    assert!(killed_at.elapsed() < END_WITHIN, "{:?}", killed_at.elapsed());
    second.visitor().sign_up("ada@example.org").await;
}

#[tokio::test]
async fn the_lease_is_renewed_refused_and_free_in_time_in_every_mode_of_pgbouncer() {
    if !can_run() {
        return;
    }
    join_all([SESSION, TRANSACTION, STATEMENT].map(use_lease)).await;
}

async fn use_lease(settings: &'static [&'static str]) {
    let database = create_postgres_database().await;
    let bouncer = PgBouncer::start(settings, &database);
    let take = |deadline| DatabaseLease::take(&bouncer.url, Claim::of_this_process(), None, deadline);
    let first = take(Instant::now()).await.expect("free");
    // This is longer than a lease that is not renewed.
    let refused = take(Instant::now() + Duration::from_secs(11)).await;
    let message = refused.expect_err("in use").to_string();
    let process = format!("process {} ", std::process::id());
    assert!(
        message.contains("is in use") && message.contains(&process),
        "{settings:?}: {message}"
    );
    assert!(first.fence().is_open(), "{settings:?}: the first one is renewed");
    // Ends the renewals, and frees nothing, as if the process was killed.
    drop(first);
    let began = Instant::now();
    let second = take(began + Duration::from_secs(12)).await.expect("free after 10 s");
    assert!(
        began.elapsed() > Duration::from_secs(5),
        "{settings:?}: it was free after {:?}",
        began.elapsed()
    );
    second.release().await;
    let third = take(Instant::now()).await.expect("free at once after the release");
    third.release().await;
}

#[tokio::test]
async fn a_pgbouncer_that_lacks_a_setting_is_refused_before_anything_is_written_with_what_to_do() {
    if !can_run() {
        return;
    }
    let mixes = match knows_prepared_statements() {
        true => [TRANSACTION, &["max_prepared_statements = 0"]].concat(),
        false => TRANSACTION.to_vec(),
    };
    // PgBouncer can use its connections one after the other, which is another way to mix statements.
    let in_turn = [&mixes[..], &["server_round_robin = 1"]].concat();
    for (settings, words) in [
        (mixes, "Set `pool_mode = session` in pgbouncer.ini"),
        (in_turn, "Set `pool_mode = session` in pgbouncer.ini"),
        (vec!["pool_mode = session"], IGNORE),
    ] {
        let database = create_postgres_database().await;
        let bouncer = PgBouncer::start(&settings, &database);
        let folder = tempfile::tempdir().expect("a folder");
        let port = ReservedPort::any();
        let address = port.address.to_string();
        let variables = [
            ("SNUG_DATABASE_URL", bouncer.url.expose()),
            ("SNUG_VOICE_UDP_PORT", "0"),
            ("LEPTOS_SITE_ADDR", address.as_str()),
        ];
        let output = snug_in(folder.path(), &["serve"], &variables);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{settings:?}: {message}");
        assert!(
            message.contains("SNUG_DATABASE_URL") && message.contains(words),
            "{settings:?}: {message}"
        );
        // Only the row of the lease was written, and the lease is free again.
        let mut direct = PgConnection::connect(database.expose()).await.expect("the database");
        let tables: Vec<(String,)> =
            sqlx::query_as("select tablename::text from pg_tables where schemaname = 'public'")
                .fetch_all(&mut direct)
                .await
                .expect("asked");
        assert!(
            tables.iter().all(|(name,)| name == "database_lease"),
            "{settings:?}: {tables:?}"
        );
        if !tables.is_empty() {
            let (held,): (i64,) = sqlx::query_as("select count(*) from database_lease")
                .fetch_one(&mut direct)
                .await
                .expect("asked");
            assert_eq!(held, 0, "{settings:?}");
        }
    }
}
