//! Activating an account: choosing a name and a picture sets `activated_at` in the same transaction. Before that, the account
//! can't enter rooms.

use crate::{database::On, photos, test_app::TestApp};
use snug::model::user::User;

on_both_databases! {
    activate_takes_a_photo_a_drawn_face_or_nothing,
    name_and_picture_set_activated_at_in_one_transaction,
    before_activation_every_endpoint_of_rooms_asks_for_a_name_and_a_picture,
}

const FIRST: &str = "Choose your name and picture first.";

async fn activate_takes_a_photo_a_drawn_face_or_nothing(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.newcomer("ada@example.org").await;
    let photo: User = ada.activate("Ada", &photos::small_photo()).await.must(200).json();
    assert!(
        photo.person.picture.starts_with("/pictures/") && photo.person.picture.ends_with(".jpg"),
        "{}",
        photo.person.picture
    );
    let face: User = ada.activate("Ada", "face:a cup of tea").await.must(200).json();
    assert_eq!(face.person.picture, "/faces/a%20cup%20of%20tea.svg");
    let drawn: User = ada.activate("Ada Lovelace", "").await.must(200).json();
    assert_eq!(drawn.person.picture, "/faces/Ada%20Lovelace.svg");
    for user in [face, drawn] {
        let picture = ada.get(&user.person.picture).await.must(200);
        assert!(picture.text().starts_with("<svg"));
        assert!(user.activated);
    }
}

async fn name_and_picture_set_activated_at_in_one_transaction(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.newcomer("ada@example.org").await;
    ada.activate("Ada", &photos::data_url("png", b"broken")).await.must(415);
    ada.activate("", &photos::small_photo()).await.must(422);
    let untouched = "select count(*) from users where activated_at is null and name = '' and picture = ''";
    assert_eq!(
        app.ask::<i64>(untouched).await,
        1,
        "an incomplete profile changes nothing"
    );
    ada.activate("Ada", &photos::small_photo()).await.must(200);
    let whole = "select count(*) from users where activated_at > 0 and name = 'Ada' and length(picture) = 64";
    assert_eq!(app.ask::<i64>(whole).await, 1);
}

async fn before_activation_every_endpoint_of_rooms_asks_for_a_name_and_a_picture(on: On) {
    let app = TestApp::on(on).await;
    let room = app.person("Ada").await.open_room("Tea", "open").await;
    let newcomer = app.newcomer("new@example.org").await;
    let endpoints = [
        newcomer.list_rooms().await,
        newcomer.find_room(room.id.as_str()).await,
        newcomer
            .post("/api/rooms/open", &[("topic", "Tea"), ("kind", "open")])
            .await,
        // Requests with invalid fields get the same 403 and not a 422.
        newcomer.find_room("x").await,
        newcomer.post("/api/rooms/open", &[("topic", ""), ("kind", "")]).await,
    ];
    for endpoint in endpoints {
        assert_eq!(
            endpoint.must_fail(403, "not_activated").text(),
            format!(r#"{{"kind":"not_activated","detail":"{FIRST}"}}"#)
        );
    }
    newcomer.me().await.must(200);
}

#[tokio::test]
async fn before_activation_every_socket_asks_for_a_name_and_a_picture() {
    let app = TestApp::start().await;
    let room = app.person("Ada").await.open_room("Tea", "open").await;
    let newcomer = app.newcomer("new@example.org").await;
    let refusals = [
        newcomer.try_to_enter(room.id.as_str()).await.err(),
        newcomer.watch_rooms().await.err(),
    ]
    .map(|refusal| refusal.expect("refused"));
    for refusal in refusals {
        assert_eq!(refusal.status, 403);
        assert!(refusal.body.contains(FIRST), "{}", refusal.body);
    }
}

#[tokio::test]
async fn before_activation_pages_redirect_to_activate_and_then_to_their_target() {
    let app = TestApp::start().await;
    let room = app.person("Ada").await.open_room("Tea", "open").await;
    let newcomer = app.newcomer("new@example.org").await;
    let to_room = format!("/rooms/{}", room.id);
    assert_eq!(newcomer.page("/rooms").await.must(303).location(), "/activate");
    assert_eq!(
        newcomer.page("/settings").await.must(303).location(),
        "/activate?next=%2Fsettings"
    );
    let link = newcomer.page(&to_room).await.must(303).location();
    assert_eq!(link, format!("/activate?next=%2Frooms%2F{}", room.id));
    newcomer.page(&link).await.must(200);
    let fields = [("name", "New"), ("picture", ""), ("next", to_room.as_str())];
    let on = newcomer
        .submit(&link, "/api/profile/activate", &fields)
        .await
        .must(302)
        .location();
    assert_eq!(on, to_room);
    newcomer.page(&on).await.must(200);
}

#[tokio::test]
async fn before_activation_clients_other_than_browsers_get_a_403_with_the_reason() {
    let app = TestApp::start().await;
    let room = app.person("Ada").await.open_room("Kettle quorum", "open").await;
    let newcomer = app.newcomer("new@example.org").await;
    for path in ["/rooms".to_owned(), format!("/rooms/{}", room.id)] {
        // A request without `Accept: text/html`, as curl sends it.
        let page = newcomer.get(&path).await;
        assert!(
            page.text().contains(FIRST) && !page.text().contains("Kettle"),
            "{path}: {}",
            page.text()
        );
        assert_eq!(page.status, 403, "{path}");
    }
}

#[tokio::test]
async fn without_scripts_the_form_posts_multipart_to_a_second_endpoint() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    let photo = reqwest::multipart::Part::bytes(photos::photo(40, 60, image::ImageFormat::WebP)).file_name("me.webp");
    let form = reqwest::multipart::Form::new().text("name", "Ada").part("photo", photo);
    let request = ada
        .bare_post("/api/profile/activate_form")
        .header("accept", "text/html")
        .header("origin", app.origin());
    assert_eq!(ada.send(request.multipart(form)).await.must(303).location(), "/rooms");
    assert!(ada.me().await.json::<User>().activated);
}

#[tokio::test]
async fn activating_answers_id_name_picture_and_activated() {
    let app = TestApp::start().await;
    let ada = app.newcomer("ada@example.org").await;
    let answer = ada.activate("Ada", "face:tea").await.must(200);
    let id = answer.json::<User>().person.id;
    assert_eq!(
        answer.text(),
        format!(r#"{{"id":"{id}","name":"Ada","picture":"/faces/tea.svg","activated":true}}"#)
    );
}
