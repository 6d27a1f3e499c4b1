//! The connection drops just before or just after a rotation is written. The write is finished either way, and the next refresh
//! succeeds.

use crate::{database::On, test_app::TestApp};
use snug::server::fail_point::{FailPoint, Write};
use std::sync::{Mutex, mpsc};
use tokio::sync::oneshot;

on_both_databases! {
    a_connection_that_drops_after_the_commit_signs_nobody_out,
    a_connection_that_drops_after_the_commit_signs_nobody_out_a_week_later,
    a_connection_that_drops_before_the_write_signs_nobody_out,
}

const WEEK_S: i64 = 7 * 86_400;

async fn a_connection_that_drops_after_the_commit_signs_nobody_out(on: On) {
    drop_at(FailPoint::After(Write::Rotation), 0, on).await;
}

async fn a_connection_that_drops_after_the_commit_signs_nobody_out_a_week_later(on: On) {
    drop_at(FailPoint::After(Write::Rotation), WEEK_S, on).await;
}

async fn a_connection_that_drops_before_the_write_signs_nobody_out(on: On) {
    drop_at(FailPoint::Before(Write::Rotation), WEEK_S, on).await;
}

/// Ada's connection drops while her refresh waits at `point`. She refreshes again `later_s` seconds later.
async fn drop_at(point: FailPoint, later_s: i64, on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let before = ada.jar.get("refresh");
    app.pass_s(700);
    let (reached, go_on) = stop_at(&app, point);
    tokio::select! {
        answer = ada.refresh() => panic!("answered with {}", answer.status),
        reached = reached => reached.expect("the refresh reaches the fail point"),
    }
    go_on.send(()).expect("it waits");
    app.until("select gen from sessions", 2).await;
    assert_eq!(ada.jar.get("refresh"), before, "the answer was lost");

    app.pass_s(later_s);
    ada.refresh().await.must(200);
    assert_ne!(ada.jar.get("refresh"), before);
    assert_eq!(
        app.ask::<i64>("select gen from sessions").await,
        2,
        "the same successor"
    );
    ada.me().await.must(200);
}

/// Makes the first request that reaches `point` wait there. The receiver gets a message when the request arrives. A message on
/// the sender lets the request continue.
fn stop_at(app: &TestApp, point: FailPoint) -> (oneshot::Receiver<()>, mpsc::Sender<()>) {
    let (say, reached) = oneshot::channel();
    let (go_on, message) = mpsc::channel();
    let first = Mutex::new(Some((say, message)));
    app.state.fail_points.set(move |at| {
        let stopped = (at == point).then(|| first.lock().expect("the first").take()).flatten();
        if let Some((say, message)) = stopped {
            let _ = say.send(());
            let _ = message.recv();
        }
    });
    (reached, go_on)
}
