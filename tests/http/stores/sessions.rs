//! The SQL of sessions and their rotations.

use super::{insert_session, insert_user, session_id};
use crate::{database::On, test_app::TestApp};
use snug::{
    model::id::SessionId,
    server::{
        auth::{
            store as auth,
            token_rotation::{Decision, Presented, decide},
        },
        token_rotation_batch::{Rotated, Swap},
    },
};

on_both_databases! {
    a_session_is_rotated_confirmed_and_revoked,
    only_one_of_many_rotations_at_once_wins,
    each_rotation_of_a_batch_has_its_own_result,
    the_swap_succeeds_exactly_when_the_decision_is_to_rotate,
}

fn swap(id: &SessionId, hash: &str, new_hash: &str, now_s: i64) -> Swap {
    Swap {
        session: id.clone(),
        hash: hash.into(),
        new_hash: new_hash.into(),
        salt: "salt".into(),
        kid: "kid".into(),
        now_s,
        idle_expires_at: 6_000,
        confirm_s: 120,
    }
}

async fn a_session_is_rotated_confirmed_and_revoked(on: On) {
    let app = TestApp::on(on).await;
    let database = &app.state.database;
    let ada = insert_user(database, "user-ada-1", "ada@example.org").await;
    let id = insert_session(database, "session-01", &ada).await;
    assert_eq!(
        auth::rotate_session(database, swap(&id, "hash-1", "hash-2", 1_119))
            .await
            .expect("asked"),
        None
    );
    assert_eq!(
        auth::rotate_session(database, swap(&id, "other", "hash-2", 1_120))
            .await
            .expect("asked"),
        None
    );
    assert_eq!(
        auth::rotate_session(database, swap(&id, "hash-1", "hash-2", 1_120))
            .await
            .expect("asked"),
        Some(Rotated {
            session: id.clone(),
            user: ada,
            generation: 2,
            abs_expires_at: 9_000
        })
    );
    let row = auth::find_session(database, &id).await.expect("asked").expect("a row");
    assert_eq!(
        (
            row.generation,
            row.rotation.cur_hash.as_str(),
            row.rotation.prev_hash.as_str()
        ),
        (2, "hash-2", "hash-1")
    );
    assert_eq!(
        (row.rotation.expires_at, row.abs_expires_at, row.rotation.confirmed),
        (6_000, 9_000, false)
    );

    auth::touch_served(database, &id, 2, 1_200).await.expect("touched");
    auth::touch_served(database, &id, 1, 9_999)
        .await
        .expect("another generation changes nothing");
    auth::confirm_session(database, &id, 1, 1_250)
        .await
        .expect("another generation changes nothing");
    let row = auth::find_session(database, &id).await.expect("asked").expect("a row");
    assert_eq!((row.rotation.served_at, row.rotation.confirmed), (1_200, false));
    auth::confirm_session(database, &id, 2, 1_250).await.expect("confirmed");
    assert!(
        auth::find_session(database, &id)
            .await
            .expect("asked")
            .expect("a row")
            .rotation
            .confirmed
    );

    assert!(
        auth::revoke_session(database, &id, "reuse", 1_300)
            .await
            .expect("revoked")
    );
    assert!(
        !auth::revoke_session(database, &id, "signed out", 1_400)
            .await
            .expect("asked")
    );
    assert_eq!(
        auth::list_revoked_since(database, 1_300).await.expect("asked"),
        [(id.clone(), 1_300)]
    );
    assert!(
        auth::list_revoked_since(database, 1_301)
            .await
            .expect("asked")
            .is_empty()
    );
    assert_eq!(
        auth::rotate_session(database, swap(&id, "hash-2", "hash-3", 2_000))
            .await
            .expect("asked"),
        None
    );
    assert!(
        auth::find_session(database, &session_id("session-02"))
            .await
            .expect("asked")
            .is_none()
    );
}

async fn only_one_of_many_rotations_at_once_wins(on: On) {
    let app = TestApp::on(on).await;
    let database = &app.state.database;
    let ada = insert_user(database, "user-ada-1", "ada@example.org").await;
    let id = insert_session(database, "session-01", &ada).await;
    let hashes: Vec<String> = (0..20).map(|number| format!("next-{number}")).collect();
    let swaps: Vec<Swap> = hashes.iter().map(|hash| swap(&id, "hash-1", hash, 2_000)).collect();
    let rotated =
        futures_util::future::join_all(swaps.into_iter().map(|swap| auth::rotate_session(database, swap))).await;
    let won = rotated
        .into_iter()
        .filter(|result| result.as_ref().expect("asked").is_some())
        .count();
    assert_eq!(won, 1);
}

async fn each_rotation_of_a_batch_has_its_own_result(on: On) {
    let app = TestApp::on(on).await;
    let database = &app.state.database;
    let ada = insert_user(database, "user-ada-1", "ada@example.org").await;
    let mut ids = vec![];
    for number in 1..=32 {
        ids.push(insert_session(database, &format!("session-{number:02}"), &ada).await);
    }
    // Every third swap names a hash that is not the session's current one, so this swap must not succeed.
    let hash = |at: usize| if at.is_multiple_of(3) { "other" } else { "hash-1" };
    let swaps: Vec<Swap> = (0..32)
        .map(|at| swap(&ids[at], hash(at), &format!("next-{at}"), 2_000))
        .collect();
    let mut rotated: Vec<SessionId> = auth::rotate_sessions(database, &swaps)
        .await
        .expect("asked")
        .into_iter()
        .map(|rotated| rotated.session)
        .collect();
    rotated.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    let hit: Vec<SessionId> = (0..32).filter(|at| at % 3 != 0).map(|at| ids[at].clone()).collect();
    assert_eq!(rotated, hit);
    for (at, id) in ids.iter().enumerate() {
        let row = auth::find_session(database, id).await.expect("asked").expect("a row");
        let current = if at % 3 == 0 {
            "hash-1".to_owned()
        } else {
            format!("next-{at}")
        };
        assert_eq!(row.rotation.cur_hash, current);
    }
}

/// The server tries the swap before it reads the row. So the swap must succeed exactly when `decide` would return `Rotate` for
/// that row.
async fn the_swap_succeeds_exactly_when_the_decision_is_to_rotate(on: On) {
    let app = TestApp::on(on).await;
    let ada = insert_user(&app.state.database, "user-ada-1", "ada@example.org").await;
    let id = insert_session(&app.state.database, "session-01", &ada).await;
    let mut hits = 0;
    for revoked in ["null", "1500"] {
        for (idle, absolute) in [(5_000, 9_000), (9_000, 5_000)] {
            for hash in ["hash-1", "hash-0", "other"] {
                for now_s in [1_000, 1_119, 1_120, 4_999, 5_000, 9_000] {
                    app.tamper(
                        format!(
                            "update sessions set cur_hash = 'hash-1', prev_hash = 'hash-0', served_at = 1000, \
                         revoked_at = {revoked}, idle_expires_at = {idle}, abs_expires_at = {absolute}"
                        )
                        .leak(),
                    )
                    .await;
                    let database = &app.state.database;
                    let row = auth::find_session(database, &id).await.expect("asked").expect("a row");
                    let decision = decide(Some(&row.rotation), Presented::Ours(hash), now_s, 120);
                    let hit = auth::rotate_session(database, swap(&id, hash, "hash-2", now_s))
                        .await
                        .expect("asked")
                        .is_some();
                    assert_eq!(
                        hit,
                        decision == Decision::Rotate,
                        "{row:?} at {now_s}",
                        row = row.rotation
                    );
                    hits += usize::from(hit);
                }
            }
        }
    }
    assert_eq!(
        hits, 4,
        "the swap succeeds at 1120 and 4999, whichever of the two ends comes first"
    );
}
