//! Coming in as a guest: the card on the page of a link, and the endpoint behind its button.

use crate::{
    answer::Answer,
    database::On,
    guests::{ada_with_guest_link, me, topics},
    invites::{invites, token_of},
    photos,
    test_app::TestApp,
    visitor::Visitor,
};
use futures_util::future::join_all;
use reqwest::multipart::{Form, Part};
use snug::model::{
    invite::{Invite, InviteList},
    user::User,
};

on_both_databases! {
    a_guest_needs_only_a_name_and_has_an_ordinary_session,
    of_eight_guests_at_once_only_one_gets_the_last_use,
    the_page_of_a_link_that_admits_no_guest_says_why,
    with_guests_switched_off_nobody_comes_in_without_an_address,
    guests_from_a_network_are_limited_per_hour,
    the_guest_card_works_without_scripts,
}

async fn a_guest_needs_only_a_name_and_has_an_ordinary_session(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    for kind in ["open", "social", "private"] {
        let room = ada.open_room(kind, kind).await;
        let _socket = ada.enter(&room).await;
        let invite = ada.make_guest_link(&room).await;
        let path = format!("/invite/{}", token_of(&invite));
        let guest = app.visitor();
        let page = guest.page(&path).await.must(200).text();
        for words in [
            "<bdi translate=\"no\">Ada<!></bdi> invites you to",
            "1 person inside",
            "Your name",
            "Come in",
            "I have an account",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(
            page.contains("/sign-in?next=%2Finvite%2F"),
            "signing in leads back to the link"
        );
        assert_eq!(
            invites(&ada, &room).await[0].uses,
            0,
            "opening the page does not count as a use of the link"
        );

        let came = guest.come_as_guest(&invite, "  Gus  ").await.must(200);
        for cookie in ["access", "refresh"] {
            assert!(came.set_cookie(cookie).contains("HttpOnly"), "{cookie}");
        }
        came.set_cookie("access-expires");
        let user = me(&guest).await;
        assert_eq!(came.json::<User>(), user);
        assert_eq!(
            (user.person.name.as_str(), user.person.picture),
            ("Gus", format!("/faces/{}.svg", user.person.id))
        );
        assert!(user.activated && user.person.guest);
        guest.enter(&room).await.close_page().await;
        assert_eq!(topics(&guest).await, [kind]);
        guest.page(&format!("/rooms/{}", room.id)).await.must(200);
        guest.activate("August", "face:tea").await.must(200);
        let known = &invites(&ada, &room).await[0];
        assert!(known.guests && known.came[0].name == "August", "{known:?}");
        assert_eq!((known.uses, known.guests_here), (1, 1));

        // A guest's session is refreshed like any other.
        app.pass_s(3_600);
        guest.refresh().await.must(200);
        ada.refresh().await.must(200);
        assert!(me(&guest).await.person.guest);
    }
    assert_eq!(
        app.ask::<i64>("select count(*) from users where email is null and activated_at is not null")
            .await,
        3
    );
}

async fn of_eight_guests_at_once_only_one_gets_the_last_use(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Whispers", "private").await;
    let invite: Invite = ada.try_to_make_guest_link(room.id.as_str(), "1").await.must(200).json();
    let guests: Vec<Visitor> = (0..8).map(|_| app.visitor()).collect();
    let answers = join_all(guests.iter().map(|guest| guest.come_as_guest(&invite, "Gus"))).await;
    let (came, refused): (Vec<Answer>, Vec<Answer>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!(came.len(), 1);
    for answer in refused {
        let message = answer.must_fail(403, "forbidden");
        assert!(message.detail().contains("have used it") && message.set_cookies().is_empty());
    }
    assert_eq!(
        app.ask::<i64>("select count(*) from users where email is null").await,
        1
    );
    assert_eq!(app.ask::<i64>("select count(*) from members").await, 1);
    assert_eq!(invites(&ada, &room).await[0].uses, 1);
}

async fn the_page_of_a_link_that_admits_no_guest_says_why(on: On) {
    let mut app = TestApp::on(on).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Whispers", "private").await;
    let _socket = ada.enter(&room).await;
    let (plain, revoked, old) = (
        ada.make_invite(&room).await,
        ada.make_guest_link(&room).await,
        ada.make_guest_link(&room).await,
    );
    // A link that is not for guests asks people to sign in.
    let page = app
        .visitor()
        .page(&format!("/invite/{}", token_of(&plain)))
        .await
        .must(200);
    assert!(page.text().contains("Sign in to come in") && !page.text().contains("Your name"));
    let refused = app
        .visitor()
        .come_as_guest(&plain, "Gus")
        .await
        .must_fail(403, "forbidden");
    assert!(refused.detail().contains("Sign in first"), "{}", refused.detail());
    // People who are signed in can't come in as guests.
    ben.come_as_guest(&old, "Gus").await.must_fail(409, "conflict");
    for (name, picture) in [
        ("  ", ""),
        ("Gus", "face:"),
        ("Gus", "keep"),
        ("Gus", "/pictures/x.jpg"),
    ] {
        let answer = app.visitor().come_as_guest_with(&old, name, picture).await;
        answer.must_fail(422, "invalid");
    }
    ada.revoke(&revoked, "false").await.must(200);
    app.pass_s(8 * 86_400);
    for (invite, why) in [(&revoked, "turned off"), (&old, "expired")] {
        let message = app
            .visitor()
            .come_as_guest(invite, "Gus")
            .await
            .must_fail(403, "forbidden");
        assert!(message.detail().contains(why), "{}", message.detail());
    }
    for token in ["", ".", "x.y", "abcdefghijkl.0123"] {
        let fields = [("token", token), ("name", "Gus")];
        let answer = app.visitor().post("/api/invites/come_as_guest", &fields).await;
        answer.must_fail(404, "not_found");
    }
    assert_eq!(
        app.ask::<i64>("select count(*) from users where email is null").await,
        0
    );
}

async fn with_guests_switched_off_nobody_comes_in_without_an_address(on: On) {
    let app = TestApp::with(on, |config| config.sign_up.guests = false).await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Whispers", "private").await;
    let refused = ada.try_to_make_guest_link(room.id.as_str(), "10").await;
    refused.must_fail(403, "forbidden");
    let answer = ada.post("/api/invites/list", &[("room", room.id.as_str())]).await;
    assert!(
        !answer.must(200).json::<InviteList>().guests,
        "the page shows no box for guests"
    );
    // A guest link from before guests were switched off works like a link that does not admit guests.
    let invite = ada.make_invite(&room).await;
    app.tamper("update invites set guests = 1").await;
    let page = app
        .visitor()
        .page(&format!("/invite/{}", token_of(&invite)))
        .await
        .must(200);
    assert!(page.text().contains("Sign in to come in"));
    let refused = app.visitor().come_as_guest(&invite, "Gus").await;
    refused.must_fail(403, "forbidden");
}

async fn guests_from_a_network_are_limited_per_hour(on: On) {
    let mut app = TestApp::with(on, |config| {
        config.limits.enforced = true;
        config.limits.guests_per_hour_ip = 2;
    })
    .await;
    let (ada, room, _socket, invite) = ada_with_guest_link(&app).await;
    for name in ["Gus", "Kay"] {
        app.guest(&invite, name).await;
    }
    let refused = app
        .visitor()
        .come_as_guest(&invite, "Lou")
        .await
        .must_fail(429, "too_many");
    let wait_s = refused.retry_after_s();
    assert!((3_500..=3_600).contains(&wait_s), "{wait_s}");
    assert!(refused.set_cookies().is_empty());
    ada.refresh().await.must(200);
    assert_eq!(invites(&ada, &room).await[0].uses, 2);
    app.pass_s(wait_s);
    app.guest(&invite, "Lou").await;
}

pub async fn submit(app: &TestApp, visitor: &Visitor, token: &str, name: &str, photo: Option<Vec<u8>>) -> Answer {
    let mut form = Form::new();
    // As on the page, the hidden fields come before the photo and the name after it.
    for (field, value) in [("picture", ""), ("next", ""), ("token", token)] {
        form = form.text(field, value.to_owned());
    }
    let photo = photo.unwrap_or_default();
    let part = Part::bytes(photo)
        .file_name("me.png")
        .mime_str("image/png")
        .expect("a type");
    let request = visitor
        .raw_post("/api/invites/come_as_guest_form")
        .header("accept", "text/html")
        .header("referer", format!("{}/invite/{token}", app.origin()));
    let form = form.part("photo", part).text("name", name.to_owned());
    visitor.send(request.multipart(form)).await
}

async fn the_guest_card_works_without_scripts(on: On) {
    let app = TestApp::on(on).await;
    let (_ada, room, _socket, invite) = ada_with_guest_link(&app).await;
    let (token, guest) = (token_of(&invite), app.visitor());
    // An error leads back to the page of the link, which keeps the typed name.
    let back = submit(&app, &guest, token, "x".repeat(41).as_str(), None)
        .await
        .must(303)
        .location();
    assert_eq!(back, format!("/invite/{token}"));
    let page = guest.page(&back).await.must(200).text();
    assert!(
        page.contains("Your name has 41 characters") && page.contains(&"x".repeat(41)),
        "{page}"
    );
    // Each family is one character and has 25 bytes.
    let families = "👨\u{200D}👩\u{200D}👧\u{200D}👦".repeat(41);
    let back = submit(&app, &guest, token, &families, None).await.must(303).location();
    let page = guest.page(&back).await.must(200).text();
    assert!(
        page.contains("Your name has 41 characters") && page.contains(&families),
        "{page}"
    );
    let large = submit(&app, &guest, token, "Gus", Some(vec![0; 13 * 1024 * 1024]))
        .await
        .must(303)
        .location();
    assert_eq!(large, format!("/invite/{token}"));
    let page = guest.page(&large).await.must(200).text();
    assert!(
        page.contains("too large to send") && page.contains("value=\"Gus\""),
        "{page}"
    );
    for elsewhere in ["//evil.example", "x y", ""] {
        let link = submit(&app, &guest, elsewhere, "Gus", None).await.must(303).location();
        assert_eq!(link, "/");
    }

    let photo = photos::photo_of(7);
    let came = submit(&app, &guest, token, "Gus", Some(photo)).await.must(303);
    assert_eq!(came.location(), format!("/rooms/{}", room.id));
    for cookie in ["access", "refresh", "access-expires"] {
        came.set_cookie(cookie);
    }
    let user = me(&guest).await;
    assert!(
        user.person.guest && user.person.picture.starts_with("/pictures/"),
        "{user:?}"
    );
    guest.page(&came.location()).await.must(200);
}
