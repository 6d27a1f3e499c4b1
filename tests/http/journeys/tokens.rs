//! Tokens in cookies: a code by mail starts a session, two cookies carry its tokens, and the database stores a hash.

use crate::{
    database::On,
    test_app::{TestApp, claims, token_header},
};
use snug::{model::user::User, server::config::PublicUrl, server::keyring::sha256_hex};

on_both_databases! {
    asking_for_a_code_mails_six_digits,
    a_right_code_sets_the_access_and_refresh_cookies,
    the_refresh_token_is_stored_hashed_with_its_user_id,
    the_first_sign_in_creates_a_user_who_is_not_activated,
}

async fn asking_for_a_code_mails_six_digits(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.visitor();
    let answer = ada.request_code("ada@example.org").await.must(200);
    assert!(ada.read_code().parse::<u32>().is_ok_and(|code| code < 1_000_000));
    let cookie = answer.set_cookie("code");
    for flag in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=600"] {
        assert!(cookie.contains(flag), "{flag} in {cookie}");
    }
    assert_eq!(
        app.ask::<i64>("select count(*) from users").await,
        0,
        "asking for a code creates no user"
    );
}

async fn a_right_code_sets_the_access_and_refresh_cookies(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.visitor();
    ada.request_code("ada@example.org").await.must(200);
    let answer = ada.verify_code(&ada.read_code()).await.must(200);
    for (name, life) in [
        ("access", "Max-Age=600"),
        ("refresh", "Max-Age=7776000"),
        ("access-expires", "Max-Age=7776000"),
    ] {
        let cookie = answer.set_cookie(name);
        assert!(
            cookie.contains("SameSite=Lax") && cookie.contains("Path=/") && cookie.contains(life),
            "{cookie}"
        );
        assert!(
            !cookie.contains("Domain") && !cookie.contains("Secure"),
            "plain http on localhost: {cookie}"
        );
        assert_eq!(cookie.contains("HttpOnly"), name != "access-expires", "{cookie}");
    }
    assert!(
        answer.set_cookie("code").contains("Max-Age=0"),
        "the code's cookie is removed"
    );

    let access = ada.jar.get("access").expect("a token");
    assert_eq!(token_header(&access)["alg"], "EdDSA");
    assert_eq!(token_header(&access)["typ"], "at+jwt");
    assert!(token_header(&access)["kid"].is_string());
    let payload = claims(&access);
    assert_eq!(
        (payload["iss"].as_str(), payload["aud"].as_str()),
        (Some(&*app.origin()), Some(&*app.origin()))
    );
    assert_eq!(payload["sub"], answer.json::<User>().person.id.as_str());
    assert_eq!(
        payload["exp"].as_i64().expect("a time") - payload["iat"].as_i64().expect("a time"),
        600
    );
    assert_eq!(payload["gen"], 1);
    assert_eq!(ada.jar.get("access-expires"), Some(payload["exp"].to_string()));
    assert_eq!(
        payload.as_object().expect("claims").len(),
        7,
        "seven claims, and no address among them: {payload}"
    );
    ada.me().await.must(200);
}

async fn the_refresh_token_is_stored_hashed_with_its_user_id(on: On) {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    let app = TestApp::on(on).await;
    let ada = app.visitor();
    let user = ada.sign_up("ada@example.org").await;
    let token = ada.jar.get("refresh").expect("a token");
    let [version, _kid, session, secret, tag] = token
        .split('.')
        .collect::<Vec<_>>()
        .try_into()
        .expect("v1.kid.sid.T.tag");
    let octets = BASE64_URL_SAFE_NO_PAD.decode(secret).expect("base64url");
    assert_eq!((version, octets.len()), ("v1", 32));
    assert_eq!(
        app.ask::<String>("select user_id from sessions").await,
        user.person.id.as_str()
    );
    assert_eq!(app.ask::<String>("select id from sessions").await, session);
    assert_eq!(
        app.ask::<String>("select cur_hash from sessions").await,
        sha256_hex(&octets)
    );

    if on == On::Sqlite {
        for file in ["snug.db", "snug.db-wal"] {
            let stored = std::fs::read(app.state.config.data_dir.join(file)).expect("the database's file");
            let contains = |words: &[u8]| stored.windows(words.len()).any(|window| window == words);
            assert!(
                !contains(secret.as_bytes()) && !contains(&octets) && !contains(tag.as_bytes()),
                "{file}"
            );
        }
    }
}

async fn the_first_sign_in_creates_a_user_who_is_not_activated(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.visitor();
    let first = ada.sign_up("ada@example.org").await;
    assert!(!first.activated && first.person.name.is_empty());
    assert_eq!(first.person.picture, format!("/faces/{}.svg", first.person.id));
    assert_eq!(
        app.ask::<i64>("select count(*) from users where activated_at is null")
            .await,
        1
    );
    let second = app.visitor().sign_up("ada@example.org").await;
    assert_eq!(second, first, "the second sign-in finds the user");
    assert_eq!(
        app.ask::<i64>("select count(*) from sessions").await,
        2,
        "one row per device"
    );
}

#[tokio::test]
async fn behind_tls_the_cookies_are_secure_and_bound_to_the_host() {
    let app = TestApp::with(On::Sqlite, |config| {
        config.public_url = PublicUrl::parse("https://snug.example.org").expect("a URL")
    })
    .await;
    let ada = app.visitor();
    let asked = ada.request_code("ada@example.org").await.must(200);
    assert!(asked.set_cookie("__Host-code").contains("Secure"));
    let answer = ada.verify_code(&ada.read_code()).await.must(200);
    for name in ["__Host-access", "__Host-refresh", "access-expires"] {
        let cookie = answer.set_cookie(name);
        assert!(
            cookie.contains("Secure") && cookie.contains("Path=/") && !cookie.contains("Domain"),
            "{cookie}"
        );
    }
    assert!(answer.header("strict-transport-security").is_some());
    ada.me().await.must(200);
    // A sibling domain on plain http can't set a cookie with the prefix `__Host-`, but it could set a cookie without this
    // prefix. So the server ignores cookies without the prefix.
    let planted = app.visitor();
    planted
        .jar
        .set("access", &ada.jar.get("__Host-access").expect("a token"));
    planted.me().await.must_fail(401, "signed_out");
}

#[tokio::test]
async fn me_answers_only_id_name_picture_and_activated() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let me = ada.me().await.must(200);
    let id = me.json::<User>().person.id;
    assert_eq!(
        me.text(),
        format!(r#"{{"id":"{id}","name":"Ada","picture":"/faces/Ada.svg","activated":true}}"#)
    );
}

#[tokio::test]
async fn errors_have_a_kind_and_a_detail_and_signed_out_is_401() {
    let app = TestApp::start().await;
    let stranger = app.visitor();
    for answer in [
        stranger.me().await,
        stranger.list_rooms().await,
        stranger.find_room("abcdefghij").await,
    ] {
        let answer = answer.must_fail(401, "signed_out");
        assert_eq!(answer.members(), ["detail", "kind"]);
    }
    let opened = stranger
        .post("/api/rooms/open", &[("topic", "Tea"), ("kind", "open")])
        .await;
    opened.must_fail(401, "signed_out");
    stranger.activate("Eve", "").await.must_fail(401, "signed_out");
}
