//! Voice does not depend on the database. While the database is locked, full or stopped, everybody goes on hearing, and requests
//! that need the database are answered with 503 and never with 401 or 500.

use crate::{
    answer::Answer,
    database::{On, postgres_is_here},
    own_postgres::OwnPostgres,
    raw_peer::RawPeer,
    room_entry::join,
    test_app::TestApp,
    test_socket::AttendedSocket,
    visitor::Visitor,
    voice::{speaker, unmute_as, wait},
};
use snug::model::{id::UserId, signal::ServerSignal};
use sqlx::{Connection, Executor, SqliteConnection};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// The longest time without a packet that a test allows: the time of ten packets.
const GAP_MAX: Duration = Duration::from_millis(200);
/// How long a test keeps the database away. The server waits up to 5 s for its database, so some requests are answered during this time.
const TROUBLE: Duration = Duration::from_secs(8);
/// The longest time that a person who unmutes may wait.
const UNMUTED_WITHIN: Duration = Duration::from_secs(1);
/// More than `auth.confirm_seconds`, in seconds. After this time a refresh rotates the token, so the server has to write.
const CONFIRMED_S: i64 = 130;

/// Ada talks, Ben hears her, and the clock is moved, so that each refresh must write.
struct DatabaseScene {
    app: TestApp,
    ada: Visitor,
    ben: Visitor,
    bens_id: UserId,
    bens: AttendedSocket<ServerSignal>,
    ears: RawPeer,
    adas: AttendedSocket<ServerSignal>,
    _mouth: RawPeer,
}

impl DatabaseScene {
    async fn on(mut app: TestApp) -> Self {
        let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
        let room = ada.open_room("Tea", "open").await;
        let (mut bens, bens_id, _) = ben.look_in(&room).await;
        let ears = join(&mut bens).await;
        let (adas, mouth) = speaker(&ada, &room).await;
        wait(&ears, 25);
        app.pass_s(CONFIRMED_S);
        Self {
            app,
            ada,
            ben,
            bens_id,
            bens: bens.attended(),
            ears,
            adas: adas.attended(),
            _mouth: mouth,
        }
    }

    /// Asserts that since `began` Ben has heard Ada without a gap, and that the sockets of both are still open.
    async fn voice_had_no_gap_since(self, began: Instant) {
        let heard = self.ears.heard_since(began);
        let times: Vec<Instant> = [began]
            .into_iter()
            .chain(heard.iter().map(|packet| packet.at))
            .chain([Instant::now()])
            .collect();
        let longest = times.windows(2).map(|pair| pair[1] - pair[0]).max();
        println!(
            "{} packets in {:?}, the longest gap was {longest:?}",
            heard.len(),
            began.elapsed()
        );
        assert!(longest <= Some(GAP_MAX), "a gap of {longest:?}");
        for socket in [self.adas, self.bens] {
            socket.take_back().await;
        }
    }

    /// Ben unmutes while the database does not answer.
    async fn ben_can_unmute(self) -> Self {
        let mut bens = self.bens.take_back().await;
        let began = Instant::now();
        unmute_as(&self.bens_id, &mut bens).await;
        assert!(began.elapsed() < UNMUTED_WITHIN, "unmuting took {:?}", began.elapsed());
        Self {
            bens: bens.attended(),
            ..self
        }
    }

    /// Both can go on as soon as the database is back, so nobody was signed out.
    async fn nobody_was_signed_out(&self) {
        for visitor in [&self.ada, &self.ben] {
            visitor.refresh().await.must(200);
            visitor.me().await.must(200);
        }
    }
}

/// Asserts that a request was refused for now: with a time to try again, and without touching a cookie.
#[track_caller]
fn is_unavailable(answer: Answer) {
    let answer = answer.must_fail(503, "unavailable");
    assert!(answer.header("retry-after").is_some(), "{:?}", answer.headers);
    assert!(answer.set_cookies().is_empty(), "{:?}", answer.set_cookies());
}

/// How long SQLite is locked: the value of `SNUG_SOAK_LOCK_S`, which `make soak` sets to 30 s, or else [`TROUBLE`].
fn lock_time() -> Duration {
    let asked = std::env::var("SNUG_SOAK_LOCK_S")
        .ok()
        .and_then(|text| text.parse().ok());
    asked.map_or(TROUBLE, Duration::from_secs)
}

#[tokio::test(flavor = "multi_thread")]
async fn while_sqlite_is_locked_voice_has_no_gap_over_200_ms_and_a_refresh_answers_503() {
    let scene = DatabaseScene::on(TestApp::start().await).await;
    let file = scene.app.outbox().with_file_name("snug.db");
    let mut other = SqliteConnection::connect(&format!("sqlite:{}", file.display()))
        .await
        .expect("the database");
    other.execute("begin immediate").await.expect("the lock");
    let began = Instant::now();
    let scene = scene.ben_can_unmute().await;
    while began.elapsed() < lock_time() {
        let (adas, bens) = tokio::join!(scene.ada.refresh(), scene.ben.refresh());
        is_unavailable(adas);
        is_unavailable(bens);
        // Reading works: in WAL mode a writer locks out only other writers.
        scene.ada.me().await.must(200);
    }
    other.execute("rollback").await.expect("the lock is released");
    scene.nobody_was_signed_out().await;
    scene.voice_had_no_gap_since(began).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_disk_is_full_voice_has_no_gap_over_200_ms_and_nothing_answers_401_or_500() {
    let scene = DatabaseScene::on(TestApp::start().await).await;
    let began = Instant::now();
    let mut refused = 0;
    for number in 0.. {
        // SQLite raises this limit to the number of pages that the database has, so the database can't grow. A connection that was
        // replaced has no limit yet, so set it in each round.
        scene.app.tamper("pragma max_page_count = 1").await;
        let answer = scene
            .app
            .visitor()
            .request_code(&format!("somebody{number}@example.org"))
            .await;
        if answer.status != 200 {
            is_unavailable(answer);
            refused += 1;
            let refresh = scene.ada.refresh().await;
            assert!(
                matches!(refresh.status, 200 | 503),
                "{} {}",
                refresh.status,
                refresh.text()
            );
            scene.ada.me().await.must(200);
        }
        if refused > 0 && began.elapsed() > Duration::from_secs(2) {
            break;
        }
        assert!(number < 5_000, "the database is never full");
    }
    let scene = scene.ben_can_unmute().await;
    scene.app.tamper("pragma max_page_count = 1000000").await;
    scene.nobody_was_signed_out().await;
    scene.voice_had_no_gap_since(began).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_postgresql_is_stopped_voice_has_no_gap_over_200_ms_and_a_refresh_answers_503() {
    if !postgres_is_here() {
        return;
    }
    let postgres = tokio::task::block_in_place(OwnPostgres::start);
    let url = postgres.url.clone();
    let app = TestApp::with(On::Sqlite, |config| config.database_url = url).await;
    let scene = DatabaseScene::on(app).await;
    let began = Instant::now();
    tokio::task::block_in_place(|| postgres.halt());
    // Ben's socket now asks the database whether Ben may stay, and gets no answer.
    scene.app.state.rights.changed_of(&scene.bens_id);
    let scene = scene.ben_can_unmute().await;
    let (adas, bens) = tokio::join!(scene.ada.refresh(), scene.ben.refresh());
    is_unavailable(adas);
    is_unavailable(bens);
    let me = scene.ada.me().await;
    assert!(matches!(me.status, 200 | 503), "{} {}", me.status, me.text());
    tokio::task::block_in_place(|| postgres.resume());
    // The pool needs a moment to connect again.
    let deadline = Instant::now() + Duration::from_secs(5);
    while scene.ada.me().await.status != 200 {
        assert!(Instant::now() < deadline, "the server does not find its database again");
        sleep(Duration::from_millis(50)).await;
    }
    scene.nobody_was_signed_out().await;
    scene.voice_had_no_gap_since(began).await;
}
