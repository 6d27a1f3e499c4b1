//! Activation: choosing a name and a picture, and changing them later.

use crate::{database::On, owner_link, photos, test_app::TestApp, visitor::Visitor};
use snug::model::user::User;

on_both_databases! {
    an_invalid_name_or_picture_changes_nothing,
    changing_name_and_face_later_keeps_the_time_of_activation,
    a_first_room_is_opened_together_with_name_and_face,
}

async fn an_invalid_name_or_picture_changes_nothing(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.newcomer("ada@example.org").await;
    for name in ["", "   ", "\u{200b}", "a\u{7}b", "a\nb", &"x".repeat(41)] {
        ada.activate(name, "").await.must_fail(422, "invalid");
    }
    for (picture, status, kind) in [
        ("https://example.org/a.png".to_owned(), 422, "invalid"),
        ("data:image/png;base64,".to_owned(), 422, "invalid"),
        ("data:image/svg+xml;base64,PHN2Zz4=".to_owned(), 422, "invalid"),
        (photos::data_url("png", b"no picture at all"), 415, "unsupported"),
        (
            photos::data_url("png", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
            415,
            "unsupported",
        ),
        ("face:".to_owned(), 422, "invalid"),
        (format!("face:{}", "x".repeat(81)), 422, "invalid"),
        (format!("/pictures/{}.jpg", "a".repeat(64)), 422, "invalid"),
        ("/faces/somebody.svg".to_owned(), 422, "invalid"),
    ] {
        ada.activate("Ada", &picture).await.must_fail(status, kind);
    }
    assert_eq!(
        app.ask::<i64>("select count(*) from users where activated_at is null and name = ''")
            .await,
        1
    );
    assert!(!ada.me().await.must(200).json::<User>().activated);
}

async fn changing_name_and_face_later_keeps_the_time_of_activation(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let activated_at = app.ask::<i64>("select activated_at from users").await;
    app.pass_s(500);
    let changed: User = ada.activate("Ada Lovelace", "face:engine").await.must(200).json();
    assert_eq!(
        (changed.person.name.as_str(), changed.person.picture.as_str()),
        ("Ada Lovelace", "/faces/engine.svg")
    );
    assert_eq!(app.ask::<i64>("select activated_at from users").await, activated_at);
}

async fn a_first_room_is_opened_together_with_name_and_face(on: On) {
    let app = TestApp::on(on).await;
    let host = app.visitor();
    owner_link::claim(&host, &owner_link::link(&app).await.expect("a link"))
        .await
        .must(302);
    let page = host.page("/activate").await.must(200).text();
    assert!(page.contains("Topic of your first room"), "{page}");
    let long = "x".repeat(81);
    let fields = [("name", "Host"), ("first_room", long.as_str())];
    host.post("/api/profile/activate", &fields)
        .await
        .must_fail(422, "invalid");
    // Without scripts, the page shows again what was typed.
    let back = submit(&app, &host, &fields, None).await.must(303).location();
    let page = host.page(&back).await.must(200).text();
    assert!(
        page.contains("That topic has 81 characters") && page.contains(&format!("value=\"{long}\"")),
        "{page}"
    );
    assert!(!host.me().await.json::<User>().activated);

    let fields = [
        ("name", "Host"),
        ("first_room", " Tea  and talk "),
        ("next", "/settings"),
    ];
    let done = host.post("/api/profile/activate", &fields).await.must(200);
    let room = app
        .ask::<String>("select id from rooms where topic = 'Tea and talk'")
        .await;
    assert_eq!(done.location(), format!("/rooms/{room}"));
    host.find_room(&room).await.must(200);
    let page = host.page("/activate").await.text();
    assert!(!page.contains("Topic of your first room"), "only the first time");
    let ada = app.newcomer("ada@example.org").await;
    let fields = [("name", "Ada"), ("first_room", "Chess")];
    let led = submit(&app, &ada, &fields, None).await.must(303).location();
    assert!(led.starts_with("/rooms/"), "{led}");

    let room = ada.open_room("Whispers", "private").await;
    let _inside = ada.enter(&room).await;
    let gus = app.guest(&ada.make_guest_link(&room).await, "Gus").await;
    let fields = [("name", "Gustav"), ("first_room", "Tea")];
    gus.post("/api/profile/activate", &fields)
        .await
        .must_fail(403, "forbidden");
    assert_eq!(gus.me().await.json::<User>().person.name, "Gus");
}

#[tokio::test]
async fn a_name_is_1_to_40_characters_after_trimming() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    for (typed, kept) in [
        ("  Ada   L.  ", "Ada L."),
        ("李", "李"),
        (&*"ß".repeat(40), &*"ß".repeat(40)),
    ] {
        assert_eq!(ada.activate(typed, "").await.must(200).json::<User>().person.name, kept);
    }
}

/// The address of the picture after this name and this picture were sent.
async fn picture_after(visitor: &Visitor, name: &str, picture: &str) -> String {
    let user: User = visitor.activate(name, picture).await.must(200).json();
    user.person.picture
}

#[tokio::test]
async fn a_current_picture_can_be_kept_but_not_taken_by_somebody_else() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.newcomer("ada@example.org").await, app.person("Ben").await);
    let current = picture_after(&ada, "Ada", &photos::small_photo()).await;
    assert_eq!(picture_after(&ada, "Ada L.", &current).await, current);
    ben.activate("Ben", &current).await.must_fail(422, "invalid");
}

#[tokio::test]
async fn saving_only_the_name_keeps_the_photo_with_scripts_and_without() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    let current = picture_after(&ada, "Ada", &photos::small_photo()).await;
    assert_eq!(picture_after(&ada, "Ada L.", "keep").await, current);
    let fields = [("name", "Countess"), ("picture", "keep"), ("next", "/settings?saved=1")];
    submit(&app, &ada, &fields, Some(vec![])).await.must(303);
    let user: User = ada.me().await.must(200).json();
    assert_eq!(
        (user.person.name.as_str(), user.person.picture),
        ("Countess", current.clone())
    );
    ada.get(&current).await.must(200);
}

#[tokio::test]
async fn html_in_a_name_stays_plain_text() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    let user: User = ada.activate("<script>alert(1)</script>", "").await.must(200).json();
    assert_eq!(user.person.name, "<script>alert(1)</script>");
    let face = ada.get(&user.person.picture).await.must(200);
    assert!(face.text().starts_with("<svg") && !face.text().contains("script"));
}

#[tokio::test]
async fn a_multipart_form_without_scripts_redirects_to_next() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    let photo = photos::photo(64, 48, image::ImageFormat::Jpeg);
    let answer = submit(
        &app,
        &ada,
        &[("name", "Ada"), ("next", "/rooms/abcdefghij")],
        Some(photo),
    )
    .await;
    assert_eq!(answer.must(303).location(), "/rooms/abcdefghij");
    let user: User = ada.me().await.must(200).json();
    assert!(
        user.activated && user.person.picture.starts_with("/pictures/"),
        "{}",
        user.person.picture
    );
    ada.get(&user.person.picture).await.must(200);
}

#[tokio::test]
async fn a_form_without_scripts_and_without_a_photo_uses_the_drawn_face() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    // A browser sends the file input even when it is empty.
    submit(&app, &ada, &[("name", "Ada")], Some(vec![])).await.must(303);
    assert_eq!(ada.me().await.json::<User>().person.picture, "/faces/Ada.svg");
}

#[tokio::test]
async fn an_invalid_form_without_scripts_redirects_back_with_the_typed_fields() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    let answer = submit(
        &app,
        &ada,
        &[("name", "Ada"), ("next", "/rooms/abcdefghij")],
        Some(b"no picture".to_vec()),
    )
    .await;
    let link = answer.must(303).location();
    assert_eq!(link, "/activate?next=%2Frooms%2Fabcdefghij");
    let page = ada.page(&link).await.must(200).text();
    assert!(
        page.contains("role=\"alert\"") && page.contains("value=\"Ada\""),
        "{page}"
    );
    let settings = submit(&app, &ada, &[("name", ""), ("next", "/settings")], None).await;
    assert!(settings.must(303).location().starts_with("/settings?"));
    assert!(!ada.me().await.json::<User>().activated);
}

#[tokio::test]
async fn a_form_without_scripts_whose_photo_is_too_large_redirects_back() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    for (megabytes, page, next) in [
        (9, "/activate?", "/rooms/abc"),
        (13, "/activate?", "/rooms/abc"),
        (9, "/settings?", "/settings?saved=1"),
        (13, "/settings?", "/settings?saved=1"),
    ] {
        let photo = vec![0xff; megabytes * 1024 * 1024];
        let typed = [("name", "Ada"), ("next", next)];
        let answer = submit(&app, &ada, &typed, Some(photo)).await;
        assert_eq!(
            answer.status,
            303,
            "{megabytes} MB must redirect, not answer JSON: {}",
            answer.text()
        );
        let link = answer.location();
        assert!(link.starts_with(page), "{link}");
        let next = next.replace('/', "%2F").replace('?', "%3F").replace('=', "%3D");
        assert!(link.contains(&format!("next={next}")), "{megabytes} MB: {link}");
        let set_cookies = answer.set_cookies();
        let is_error = |cookie: &String| cookie.starts_with("form-error-");
        assert!(set_cookies.iter().any(is_error), "{megabytes} MB: {set_cookies:?}");
    }
}

#[tokio::test]
async fn the_multipart_endpoint_answers_json_to_clients_that_accept_it() {
    let app = TestApp::start().await;
    let form = || {
        reqwest::multipart::Form::new()
            .text("name", "Ada")
            .text("picture", "face:tea")
    };
    let stranger = app.visitor();
    let request = stranger
        .raw_post("/api/profile/activate_form")
        .header("accept", "application/json");
    stranger
        .send(request.multipart(form()))
        .await
        .must_fail(401, "signed_out");
    let ada = app.newcomer("ada@example.org").await;
    let request = ada
        .raw_post("/api/profile/activate_form")
        .header("accept", "application/json");
    let user: User = ada.send(request.multipart(form())).await.must(200).json();
    assert_eq!(
        (user.person.name.as_str(), user.person.picture.as_str()),
        ("Ada", "/faces/tea.svg")
    );
    let request = ada
        .raw_post("/api/profile/activate_form")
        .header("accept", "application/json");
    ada.send(request.body("name=Ada")).await.must_fail(422, "invalid");
}

async fn submit(
    app: &TestApp,
    visitor: &crate::visitor::Visitor,
    fields: &[(&str, &str)],
    photo: Option<Vec<u8>>,
) -> crate::answer::Answer {
    let mut form = reqwest::multipart::Form::new();
    // As on the page, the hidden fields come before the photo and the typed fields after the photo.
    let (typed, hidden): (Vec<_>, Vec<_>) = fields.iter().partition(|(name, _)| *name == "name");
    for (name, value) in hidden {
        form = form.text(name.to_string(), value.to_string());
    }
    if let Some(photo) = photo {
        let part = reqwest::multipart::Part::bytes(photo)
            .file_name("me.jpg")
            .mime_str("image/jpeg")
            .expect("a type");
        form = form.part("photo", part);
    }
    for (name, value) in typed {
        form = form.text(name.to_string(), value.to_string());
    }
    let request = visitor
        .bare_post("/api/profile/activate_form")
        .header("accept", "text/html")
        .header("origin", app.origin());
    visitor
        .send(
            request
                .header("referer", format!("{}/activate", app.origin()))
                .multipart(form),
        )
        .await
}
