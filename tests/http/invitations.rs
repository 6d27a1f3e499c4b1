//! Who may make an account: the mode `invited`, and the list of domains.

use crate::{database::On, invites::token_of, letters, owner_link, test_app::TestApp};
use snug::server::config::SignUpMode;

on_both_databases! {
    with_sign_up_by_invitation_only_known_people_get_a_code,
    a_valid_link_into_a_room_is_an_invitation,
    the_answer_does_not_reveal_whether_an_address_is_known,
}

async fn with_sign_up_by_invitation_only_known_people_get_a_code(on: On) {
    let app = TestApp::with(on, |config| config.sign_up.mode = SignUpMode::Invited).await;

    let stranger = app.visitor();
    stranger.request_code("eve@example.org").await.must(200);
    let letter = stranger.read_letter();
    assert!(
        letter.contains("by invitation") && letters::code_in(&letter).is_none(),
        "{letter}"
    );
    stranger.verify_code("123456").await.must_fail(422, "invalid");

    let host = app.visitor();
    let link = owner_link::link(&app).await.expect("a link");
    owner_link::claim(&host, &link).await.must(302);
    host.sign_up("host@example.org").await;

    let elsewhere = app.visitor();
    elsewhere.sign_up("host@example.org").await;
}

async fn a_valid_link_into_a_room_is_an_invitation(on: On) {
    let mut app = TestApp::with(on, |config| {
        config.sign_up.mode = SignUpMode::Invited;
        config.sign_up.allow = vec!["@example.org".into()];
    })
    .await;
    app.tamper(
        "insert into users (id, email, name, picture, created_at) values ('known-user', 'ada@example.org', '', '', 0)",
    )
    .await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Whispers", "private").await;
    let _socket = ada.enter(&room).await;
    let (invite, revoked) = (ada.make_invite(&room).await, ada.make_invite(&room).await);
    ada.post("/api/invites/revoke", &[("id", revoked.id.as_str())])
        .await
        .must(200);

    let jo = app.visitor();
    let link = format!("/invite/{}", token_of(&invite));
    jo.request_code_for("jo@example.org", &[("next", &link)])
        .await
        .must(200);
    let fields = [("code", jo.read_code()), ("next", link.clone())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let led = jo.submit("/sign-in", "/api/auth/verify_code", &fields).await.must(302);
    assert!(
        led.location().starts_with("/activate?next=%2Finvite%2F"),
        "{}",
        led.location()
    );
    jo.come_in("Jo").await;
    jo.accept(&invite).await.must(200);
    jo.find_room(room.id.as_str()).await.must(200);

    // The list of domains applies to invited people too. Below, no `next` other than the path of a valid link counts as an
    // invitation.
    let refused = app.visitor();
    let asked = refused.request_code_for("jo@example.net", &[("next", &link)]).await;
    asked.must_fail(403, "forbidden");
    let longer = format!("{link}0");
    let spent = format!("/invite/{}", token_of(&revoked));
    let elsewhere = format!("https://evil.example{link}");
    let room_path = format!("/rooms/{}", room.id);
    let targets = [
        &longer,
        &spent,
        &elsewhere,
        &room_path,
        &"/invite/".to_owned(),
        &String::new(),
    ];
    for (number, next) in targets.into_iter().enumerate() {
        let stranger = app.visitor();
        let email = format!("eve{number}@example.org");
        stranger.request_code_for(&email, &[("next", next)]).await.must(200);
        assert!(letters::code_in(&stranger.read_letter()).is_none(), "{next}");
    }
    app.pass_s(8 * 86_400);
    let late = app.visitor();
    late.request_code_for("late@example.org", &[("next", &link)])
        .await
        .must(200);
    assert!(letters::code_in(&late.read_letter()).is_none(), "the link has expired");
}

async fn the_answer_does_not_reveal_whether_an_address_is_known(on: On) {
    let app = TestApp::with(on, |config| config.sign_up.mode = SignUpMode::Invited).await;
    app.tamper(
        "insert into users (id, email, name, picture, created_at) values ('known-user', 'ada@example.org', '', '', 0)",
    )
    .await;
    let known = app.visitor().request_code("ada@example.org").await.must(200);
    let unknown = app.visitor().request_code("eve@example.org").await.must(200);
    assert_eq!(known.body, unknown.body);
    let names = |answer: &crate::answer::Answer| answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(&known), names(&unknown));
}

#[tokio::test]
async fn with_a_list_of_domains_other_addresses_are_refused() {
    let app = TestApp::with(On::Sqlite, |config| config.sign_up.allow = vec!["@example.org".into()]).await;
    app.newcomer("ada@example.org").await;
    for other in ["eve@evil.example", "eve@sub.example.org", "eve@notexample.org"] {
        let refused = app.visitor().request_code(other).await.must_fail(403, "forbidden");
        assert!(refused.detail().contains("@example.org"), "{}", refused.detail());
    }
    assert_eq!(letters::list(&app.outbox()).len(), 1);
}
