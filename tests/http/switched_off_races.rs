//! What happens at the moment when an owner switches an account off: two owners at once, a sign-in, a socket that opens.

use crate::{
    database::On,
    switched_off::{LIMIT, ada_and_host},
    test_app::TestApp,
    visitor::Visitor,
};
use snug::model::signal::{Ending, ServerSignal};
use std::time::{Duration, Instant};
use tokio::time::sleep;

on_both_databases! {
    if_two_owners_switch_each_other_off_one_stays,
    a_sign_in_during_the_switch_does_not_survive,
}

async fn if_two_owners_switch_each_other_off_one_stays(on: On) {
    let app = TestApp::on(on).await;
    let (ada, id, host) = ada_and_host(&app).await;
    host.action("make_owner", &id).await.must(200);
    let own = host.id().await;
    for _ in 0..8 {
        let (one, other) = tokio::join!(host.action("switch_off", &id), ada.action("switch_off", &own));
        let done = [one.status, other.status]
            .iter()
            .filter(|status| **status == 200)
            .count();
        assert_eq!(done, 1, "{one:?} {other:?}");
        let left = "select count(*) from users where owner_at is not null and disabled_at is null";
        assert_eq!(app.ask::<i64>(left).await, 1);
        app.tamper("update users set disabled_at = null").await;
        for (visitor, email) in [(&host, "host@example.org"), (&ada, "ada@example.org")] {
            if visitor.me().await.status != 200 {
                visitor.sign_up(email).await;
            }
        }
    }
}

async fn a_sign_in_during_the_switch_does_not_survive(on: On) {
    let app = TestApp::on(on).await;
    let (_, id, host) = ada_and_host(&app).await;
    for _ in 0..6 {
        let phones: Vec<Visitor> = (0..4).map(|_| app.visitor()).collect();
        let mut codes = vec![];
        for phone in &phones {
            phone.request_code("ada@example.org").await.must(200);
            codes.push(phone.read_code());
        }
        let sign_ins = phones.iter().zip(&codes).map(|(phone, code)| phone.verify_code(code));
        let (off, answers) = tokio::join!(host.action("switch_off", &id), futures_util::future::join_all(sign_ins));
        off.must(200);
        for (phone, answer) in phones.iter().zip(answers) {
            // 401 means that the session was written but revoked before the answer was sent.
            assert!([200, 401, 403].contains(&answer.status), "{answer:?}");
            assert_eq!(phone.me().await.status, 401);
            assert_eq!(phone.refresh().await.status, 401);
        }
        host.action("switch_on", &id).await.must(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_opens_during_the_switch_ends_too() {
    let app = TestApp::start().await;
    let (_, id, host) = ada_and_host(&app).await;
    let room = host.open_room("Tea", "open").await;
    let _socket = host.enter(&room).await;
    for round in 0..10 {
        let phone = app.newcomer("ada@example.org").await;
        let opening = futures_util::future::join_all((0..6).map(|_| phone.try_to_enter(room.id.as_str())));
        let off = async {
            sleep(Duration::from_micros(300 * round)).await;
            host.action("switch_off", &id).await
        };
        let (opened, off) = tokio::join!(opening, off);
        off.must(200);
        let began = Instant::now();
        for mut socket in opened.into_iter().flatten() {
            let last = socket.recv_all().await.pop();
            assert_eq!(
                last,
                Some(ServerSignal::Ended { why: Ending::Disabled }),
                "round {round}"
            );
        }
        assert!(began.elapsed() < LIMIT, "{:?}", began.elapsed());
        host.action("switch_on", &id).await.must(200);
    }
}
