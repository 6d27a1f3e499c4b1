//! The name of this Snug, the line about it and its host: on pages, in titles and in letters, and who may change them.

use crate::{database::On, people, test_app::TestApp, visitor::Visitor};
use snug::model::{
    room::RoomTopic,
    snug_info::{SnugHost, SnugInfo, SnugName},
};

on_both_databases! {
    an_owner_names_the_snug_and_pages_and_letters_show_it,
    a_name_that_can_not_be_shown_is_refused_and_what_was_typed_stays,
    the_configured_name_holds_until_an_owner_writes_one,
    the_host_is_the_first_owner_who_can_sign_in,
    only_people_who_may_enter_see_topics_on_the_home_page,
}

const DESCRIBE: &str = "/api/snug_info/describe";

async fn info(visitor: &Visitor) -> SnugInfo {
    visitor.post("/api/snug_info/find", &[]).await.must(200).json()
}

/// The page, without the marks that Leptos writes behind each text.
async fn page(visitor: &Visitor, path: &str) -> String {
    visitor.page(path).await.must(200).text().replace("<!>", "")
}

async fn host_name(app: &TestApp) -> Option<String> {
    info(&app.visitor()).await.host.map(|host| host.name)
}

async fn an_owner_names_the_snug_and_pages_and_letters_show_it(on: On) {
    let mut app = TestApp::on(on).await;
    let host = people::host(&app).await;
    let room = host.open_room("Tea", "open").await;
    let _inside = host.enter(&room).await;
    let invite = host.make_guest_link(&room).await;
    assert!(page(&app.visitor(), "/").await.contains("<title>Snug</title>"));
    let fields = [("name", " Ada's  Snug "), ("line", "Knitting & tea")];
    let done = host.submit("/people?q=h", DESCRIBE, &fields).await.must(302);
    assert_eq!(done.location(), "/people?q=h");

    for _ in 0..2 {
        let (stranger, link) = (
            app.visitor(),
            invite.link.strip_prefix(&app.origin()).expect("a link to here"),
        );
        let home = page(&stranger, "/").await;
        assert!(home.contains("<title>Ada's Snug</title>"), "{home}");
        for words in [
            ">Ada's Snug</h1>",
            "Knitting &amp; tea",
            "Hosted by ",
            "<bdi translate=\"no\">Host</bdi>",
            "property=\"og:site_name\" content=\"Ada's Snug\"",
            "property=\"og:title\" content=\"Ada's Snug\"",
        ] {
            assert!(home.contains(words), "{words}: {home}");
        }
        assert!(
            page(&host, "/rooms")
                .await
                .contains("<title>Rooms · Ada's Snug</title>")
        );
        let invitation = page(&stranger, link).await;
        assert!(invitation.contains(" invites you · Ada's Snug</title>"), "{invitation}");
        assert!(
            invitation.contains("<bdi translate=\"no\">Ada's Snug</bdi>"),
            "{invitation}"
        );
        for tag in [
            "property=\"og:site_name\" content=\"Ada's Snug\"",
            "property=\"og:title\" content=\"Tea\"",
        ] {
            assert!(invitation.contains(tag), "{tag}: {invitation}");
        }
        let form = page(&host, "/people").await;
        assert!(
            form.contains("Ada's Snug") && form.contains("Knitting &amp; tea"),
            "{form}"
        );
        stranger.request_code("new@example.org").await.must(200);
        let letter = stranger.read_letter();
        assert!(letter.contains("is your code for Ada's Snug"), "{letter}");
        assert!(letter.contains("Your code for Ada's Snug (localhost):"), "{letter}");
        // The second time after a restart, which loses the memory.
        app.restart().await;
    }
    host.post(DESCRIBE, &[("name", "Tea house")]).await.must(200);
    let home = page(&app.visitor(), "/").await;
    assert!(
        home.contains("Tea house") && !home.contains("Knitting"),
        "an empty line is no line"
    );
    assert_eq!(app.ask::<i64>("select count(*) from snug_info").await, 1);
}

async fn a_name_that_can_not_be_shown_is_refused_and_what_was_typed_stays(on: On) {
    let app = TestApp::on(on).await;
    let host = people::host(&app).await;
    let (long_name, long_line) = ("x".repeat(41), "y".repeat(121));
    for (name, line, sentence) in [
        ("", "A line to keep", "Write a name for this Snug."),
        (
            long_name.as_str(),
            "A line to keep",
            "That name has 41 characters. Keep it to 40.",
        ),
        (
            "A name to keep",
            long_line.as_str(),
            "That line has 121 characters. Keep it to 120.",
        ),
        ("Sn\u{7}ug", "A line to keep", "cannot be shown"),
    ] {
        let fields = [("name", name), ("line", line)];
        let refused = host.post(DESCRIBE, &fields).await.must_fail(422, "invalid");
        assert!(refused.detail().contains(sentence), "{}", refused.detail());
        let location = host.submit("/people", DESCRIBE, &fields).await.must(302).location();
        assert_eq!(location, "/people");
        let shown = page(&host, "/people").await;
        assert!(shown.contains("role=\"alert\"") && shown.contains(sentence), "{shown}");
        for typed in [name, line].into_iter().filter(|typed| !typed.contains('\u{7}')) {
            assert!(shown.contains(&format!("value=\"{typed}\"")), "{typed}: {shown}");
        }
        // The form shows what holds again when it is opened the next time.
        assert!(page(&host, "/people").await.contains("value=\"Snug\""));
    }
    assert_eq!(app.ask::<i64>("select count(*) from snug_info").await, 0);
    assert_eq!(info(&host).await.text.name, SnugName::default());
}

async fn the_configured_name_holds_until_an_owner_writes_one(on: On) {
    let named = SnugName::parse("Chess club").expect("a name");
    let mut app = TestApp::with(on, |config| config.name = named.clone()).await;
    let host = people::host(&app).await;
    assert_eq!(info(&app.visitor()).await.text.name, named);
    assert!(
        page(&app.visitor(), "/sign-in")
            .await
            .contains("<title>Sign in · Chess club</title>")
    );
    host.post(DESCRIBE, &[("name", "Tea house")]).await.must(200);
    app.restart().await;
    assert_eq!(info(&app.visitor()).await.text.name.as_str(), "Tea house");
}

async fn the_host_is_the_first_owner_who_can_sign_in(on: On) {
    let app = TestApp::on(on).await;
    assert_eq!(info(&app.visitor()).await.host, None);
    assert!(!page(&app.visitor(), "/").await.contains("Hosted by"));
    let host = people::host(&app).await;
    let ada = app.person("Ada").await;
    assert_eq!(host_name(&app).await.as_deref(), Some("Host"));
    // The second owner must not have the same second as the first.
    app.tamper("update users set owner_at = owner_at - 100 where owner_at is not null")
        .await;
    host.action("make_owner", &ada.id().await).await.must(200);
    assert_eq!(host_name(&app).await.as_deref(), Some("Host"));

    // A new name or face is shown at once.
    host.activate("Grace", "face:tea").await.must(200);
    let shown = SnugHost {
        name: "Grace".to_owned(),
        picture: host.me().await.json::<snug::model::user::User>().person.picture,
    };
    assert_eq!(info(&app.visitor()).await.host, Some(shown));
    ada.action("switch_off", &host.id().await).await.must(200);
    assert_eq!(host_name(&app).await.as_deref(), Some("Ada"));
    let switched_off = app
        .ask::<String>("select id from users where disabled_at is not null")
        .await;
    ada.post("/api/people/switch_on", &[("user", &switched_off)])
        .await
        .must(200);
    assert_eq!(host_name(&app).await.as_deref(), Some("Grace"));
}

async fn only_people_who_may_enter_see_topics_on_the_home_page(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let mut sockets = vec![];
    for (topic, kind) in [
        ("Tea & talk", "open"),
        ("For friends", "social"),
        ("Secrets", "private"),
    ] {
        sockets.push(ada.enter(&ada.open_room(topic, kind).await).await);
    }
    let tea = ada
        .list_rooms()
        .await
        .must(200)
        .json::<Vec<snug::model::room::RoomCard>>();
    let tea = tea
        .into_iter()
        .find(|card| card.info.topic == "Tea & talk")
        .expect("listed")
        .info;
    ada.open_room("Nobody inside", "open").await;
    let eve = app.person("Eve").await;
    let seen: Vec<RoomTopic> = eve.post("/api/rooms/list_open", &[]).await.must(200).json();
    assert_eq!(
        seen,
        [RoomTopic {
            id: tea.id.clone(),
            topic: tea.topic.clone()
        }]
    );
    let home = page(&eve, "/").await;
    assert!(home.contains("aria-label=\"Tea &amp; talk\"") && home.contains(&format!("href=\"/rooms/{}\"", tea.id)));
    assert!(home.contains("To the rooms") && !home.contains("Come in"), "{home}");
    for hidden in ["For friends", "Secrets", "Nobody inside"] {
        assert!(!home.contains(hidden), "{hidden}");
    }
    // A guest sees only the rooms that they came into by a link.
    let other = app.person("Ben").await;
    let chess = other.open_room("Chess", "open").await;
    sockets.push(other.enter(&chess).await);
    let guest = app.guest(&other.make_guest_link(&chess).await, "Gus").await;
    let home = page(&guest, "/").await;
    assert!(home.contains("Chess") && !home.contains("Tea &amp; talk"));

    app.visitor()
        .post("/api/rooms/list_open", &[])
        .await
        .must_fail(401, "signed_out");
    let home = page(&app.visitor(), "/").await;
    assert!(home.contains("2 rooms are live now") && home.contains("Come in"));
    for hidden in ["Tea &amp; talk", "Chess", "For friends", "Secrets", "href=\"/rooms"] {
        assert!(!home.contains(hidden), "{hidden}: {home}");
    }
    // There is one way in, and not a second button for it in the header.
    assert_eq!(home.matches("href=\"/sign-in\"").count(), 1, "{home}");
}
