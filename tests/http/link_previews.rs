//! The previews that messengers show of a link: the topic and the host of some rooms, and nothing about all other rooms.

use crate::{database::On, invites::token_of, moderation::ask, test_app::TestApp, visitor::Visitor};
use snug::model::stage::StageRequest;
use std::collections::BTreeMap;

on_both_databases! {
    a_preview_shows_topic_and_host_unless_the_room_is_hidden,
    an_idle_permanent_room_has_a_preview_until_it_ends,
    topics_and_names_are_escaped_and_keep_their_direction,
}

/// The head of a page, and the tags in it.
struct Preview {
    head: String,
    tags: BTreeMap<String, String>,
}

impl Preview {
    fn of(html: &str) -> Self {
        let head = html.split_once("<body").map_or(html, |(head, _)| head);
        let tag = |text: &str| {
            let (property, rest) = text.split_once("\" content=\"").expect("a content");
            let (content, _) = rest.split_once('"').expect("the end of the content");
            (property.to_owned(), content.to_owned())
        };
        Self {
            head: head.to_owned(),
            tags: head.split("<meta property=\"").skip(1).map(tag).collect(),
        }
    }

    fn tag(&self, property: &str) -> Option<&str> {
        self.tags.get(property).map(String::as_str)
    }

    /// Asserts that this is the preview of Snug itself, and that nothing else in the head names one of `hidden`.
    #[track_caller]
    fn must_hide(&self, hidden: &[&str]) {
        assert_eq!(self.tag("og:title"), Some("Snug"), "{}", self.head);
        assert_eq!(self.tag("og:url"), None, "{}", self.head);
        assert!(
            self.tag("og:description")
                .is_some_and(|words| words.starts_with("Drop in"))
        );
        for words in hidden {
            assert!(!self.head.contains(words), "{words} in {}", self.head);
        }
    }

    #[track_caller]
    fn must_show(&self, topic: &str, description: &str, url: &str) {
        for (property, content) in [("og:title", topic), ("og:description", description), ("og:url", url)] {
            assert_eq!(self.tag(property), Some(content), "{}", self.head);
        }
        assert_eq!(self.tag("og:type"), Some("website"));
        assert_eq!(self.tag("og:site_name"), Some("Snug"));
        let image = self.tag("og:image").expect("a picture");
        assert!(
            image.starts_with("http://localhost:") && image.ends_with(".png"),
            "{image}"
        );
    }
}

/// What a messenger sees of the link. It is signed out and follows redirects. Some messengers ask for HTML, and others take anything:
/// these get an error if there is nothing to show.
async fn preview(app: &TestApp, path: &str) -> Preview {
    let messenger = app.visitor();
    let mut page = messenger.page(path).await;
    let mut anything = messenger.get(path).await;
    if page.status == 303 {
        page = messenger.page(&page.location()).await.must(200);
    }
    if anything.status == 303 {
        anything = messenger.get(&anything.location()).await.must(200);
    }
    let preview = Preview::of(&page.text());
    match anything.status {
        401 => assert_eq!(preview.tag("og:url"), None, "{path}"),
        _ => assert_eq!(Preview::of(&anything.text()).tags, preview.tags, "{path}"),
    }
    preview
}

async fn a_preview_shows_topic_and_host_unless_the_room_is_hidden(on: On) {
    let app = TestApp::on(on).await;
    let (ada, ben) = (app.person("Adalbert").await, app.person("Benedicta").await);
    for (kind, address_shows, link_shows) in [("open", true, true), ("social", false, true), ("private", false, false)]
    {
        let room = ada.open_room("Whispers", kind).await;
        let _host = ada.enter(&room).await;
        let (for_guests, for_members) = (ada.make_guest_link(&room).await, ada.make_invite(&room).await);
        ben.accept(&for_members).await.must(200);
        let _other = ben.enter(&room).await;
        let path = format!("/rooms/{}", room.id);
        let mut links = vec![(path.clone(), format!("{}{path}", app.origin()), address_shows)];
        for invite in [&for_guests, &for_members] {
            links.push((format!("/invite/{}", token_of(invite)), invite.link.clone(), link_shows));
        }
        for (path, url, shows) in links {
            let preview = preview(&app, &path).await;
            match shows {
                true => preview.must_show("Whispers", "Hosted by Adalbert.", &url),
                false => preview.must_hide(&["Whispers", "Adalbert"]),
            }
            assert!(!preview.head.contains("Benedicta"), "{}", preview.head);
        }
        // People inside see the same preview as messengers.
        let own = Preview::of(&ada.page(&path).await.must(200).text());
        assert_eq!(
            own.tag("og:title"),
            Some(if address_shows { "Whispers" } else { "Snug" })
        );

        ada.post("/api/invites/revoke", &[("id", for_guests.id.as_str())])
            .await
            .must(200);
        let turned_off = format!("/invite/{}", token_of(&for_guests));
        preview(&app, &turned_off).await.must_hide(&["Whispers", "Adalbert"]);
    }
}

async fn an_idle_permanent_room_has_a_preview_until_it_ends(on: On) {
    let mut app = TestApp::on(on).await;
    let ada = app.person("Adalbert").await;
    let room = ada.open_room("Whispers", "open").await;
    let invite = ada.make_guest_link(&room).await;
    let mut host = ada.enter(&room).await;
    ask(&mut host, StageRequest::SetPermanent { on: true }).await;
    app.until("select standing from rooms", 1).await;
    app.restart().await;
    let (path, link) = (format!("/rooms/{}", room.id), format!("/invite/{}", token_of(&invite)));
    let url = format!("{}{path}", app.origin());
    preview(&app, &path)
        .await
        .must_show("Whispers", "Hosted by Adalbert.", &url);
    preview(&app, &link)
        .await
        .must_show("Whispers", "Hosted by Adalbert.", &invite.link);

    let mut host = ada.enter(&room).await;
    ask(&mut host, StageRequest::End).await;
    app.until("select count(*) from rooms where ended_at is not null", 1)
        .await;
    for path in [path, link] {
        preview(&app, &path).await.must_hide(&["Whispers", "Adalbert"]);
    }
}

async fn topics_and_names_are_escaped_and_keep_their_direction(on: On) {
    let app = TestApp::on(on).await;
    let host: Visitor = app.newcomer("leila@example.org").await;
    host.come_in("ليلى").await;
    for (topic, escaped) in [
        (
            "\"><script>alert(1)</script> & 'tea'",
            "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp; 'tea'",
        ),
        ("שלום עולם", "שלום עולם"),
    ] {
        let room = host.open_room(topic, "open").await;
        let path = format!("/rooms/{}", room.id);
        let url = format!("{}{path}", app.origin());
        let preview = preview(&app, &path).await;
        preview.must_show(escaped, "Hosted by \u{2068}ليلى\u{2069}.", &url);
        assert!(!preview.head.contains("<script>alert"), "{}", preview.head);
    }
}

#[tokio::test]
async fn pages_without_a_room_show_only_snug() {
    let app = TestApp::start().await;
    for path in ["/", "/sign-in", "/rooms/abcdefghij", "/invite/abcdefghijkl.0123"] {
        preview(&app, path).await.must_hide(&[]);
    }
    // A room's address that a browser asks for with a query has the same preview.
    let ada = app.person("Adalbert").await;
    let room = ada.open_room("Whispers", "open").await;
    let path = format!("/rooms/{}", room.id);
    let url = format!("{}{path}", app.origin());
    let preview = preview(&app, &format!("{path}?from=chat")).await;
    preview.must_show("Whispers", "Hosted by Adalbert.", &url);
}

#[tokio::test]
async fn a_program_that_asks_for_json_gets_the_error_and_no_redirect() {
    let app = TestApp::start().await;
    let room = app.person("Adalbert").await.open_room("Whispers", "open").await;
    let stranger = app.visitor();
    let request = stranger.raw_get(&format!("/rooms/{}", room.id));
    let request = request.header("accept", "application/json");
    stranger.send(request).await.must_fail(401, "signed_out");
}
