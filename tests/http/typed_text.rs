//! What people type: names, topics and addresses as others see them, and where strangers' text is on the pages.

use crate::{database::On, letters, people, test_app::TestApp, visitor::Visitor};
use snug::model::{invite::Invite, room::RoomInfo, user::User};

on_both_databases! {
    names_and_topics_follow_the_same_rules,
    a_name_and_a_topic_come_back_as_they_were_stored,
    an_address_is_understood_as_it_was_pasted,
    no_browser_checks_an_address_before_the_server_reads_it,
    on_every_page_a_strangers_text_is_in_an_element_with_a_direction_of_its_own,
}

const FAMILY: &str = "👨\u{200D}👩\u{200D}👧\u{200D}👦";

async fn open(visitor: &Visitor, topic: &str) -> crate::answer::Answer {
    visitor
        .post("/api/rooms/open", &[("topic", topic), ("kind", "open")])
        .await
}

async fn names_and_topics_follow_the_same_rules(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let newcomer = app.newcomer("ben@example.org").await;
    let marks = "\u{301}".repeat(60);
    let bytes = "e\u{327}\u{310}".repeat(600);
    for text in [
        "",
        "\u{200B}",
        "\u{3164}",
        "\u{2800}",
        "\u{202E}",
        "\u{202E}aet",
        "Tea\u{2066}",
        "Tea\u{7}",
        marks.as_str(),
        &format!("Tea{marks}"),
        &"T".repeat(81),
        &FAMILY.repeat(81),
        &bytes,
    ] {
        let topic = open(&ada, text).await.must_fail(422, "invalid").detail();
        let name = newcomer.activate(text, "").await.must_fail(422, "invalid").detail();
        assert!(topic.ends_with('.') && name.ends_with('.'), "{topic} {name}");
    }
    assert_eq!(app.ask::<i64>("select count(*) from rooms").await, 0);
    open(&ada, &FAMILY.repeat(80)).await.must(200);
    newcomer.activate(&FAMILY.repeat(40), "").await.must(200);
}

async fn a_name_and_a_topic_come_back_as_they_were_stored(on: On) {
    let app = TestApp::on(on).await;
    for (number, (typed, stored)) in [
        (" A\u{200B}da \u{3000} Lovelace\u{FEFF}", "Ada Lovelace"),
        ("ليلى", "ليلى"),
        ("လျှို့ဝှက်", "လျှို့ဝှက်"),
        ("Zoe\u{308} 👩\u{200D}🚀", "Zoë 👩\u{200D}🚀"),
    ]
    .into_iter()
    .enumerate()
    {
        let visitor = app.newcomer(&format!("person{number}@example.org")).await;
        let user: User = visitor.activate(typed, "").await.must(200).json();
        assert_eq!(user.person.name, stored);
        let room: RoomInfo = open(&visitor, typed).await.must(200).json();
        assert_eq!(room.topic, stored);
        // What is stored is accepted again, unchanged.
        let again: RoomInfo = open(&visitor, &room.topic).await.must(200).json();
        assert_eq!(again.topic, stored);
        let me: User = visitor.me().await.must(200).json();
        assert_eq!(me.person.name, stored);
        visitor.get(&me.person.picture).await.must(200);
    }
}

async fn an_address_is_understood_as_it_was_pasted(on: On) {
    let app = TestApp::on(on).await;
    for (typed, address) in [
        ("\u{FEFF}a\u{200B}da@example.org\u{2060}", "ada@example.org"),
        ("mailto:ada@example.org?subject=Tea", "ada@example.org"),
        ("Ada Lovelace <ada@example.org>", "ada@example.org"),
        ("\"Lovelace, Ada <3\"\t<ada@example.org>", "ada@example.org"),
        ("\tad\u{AD}a@example.org\u{FFFC}", "ada@example.org"),
        ("„ada@example.org“", "ada@example.org"),
        ("ada@exämple.org", "ada@xn--exmple-cua.org"),
    ] {
        let ada = app.visitor();
        ada.request_code(typed).await.must(200);
        let letter = letters::find_newest(&app.outbox(), address).expect("a letter");
        ada.verify_code(&letters::code_in(&letter).expect("a code"))
            .await
            .must(200);
    }
    assert_eq!(app.ask::<i64>("select count(*) from users").await, 2);
    for (wrong, words) in [
        ("ada", "no @"),
        ("adä@example.org", "ä"),
        ("a@b.org, c@d.org", "more than one"),
    ] {
        let sentence = app
            .visitor()
            .request_code(wrong)
            .await
            .must_fail(422, "invalid")
            .detail();
        assert!(sentence.contains(words), "{sentence}");
    }
    // The form for another address understands the same.
    let ben = app.person("Ben").await;
    let asked = [("email", "Ben <ben@exämple.org>")];
    ben.post("/api/auth/request_email_change", &asked).await.must(200);
    let pending: serde_json::Value = ben.post("/api/auth/email", &[]).await.must(200).json();
    assert_eq!(pending["pending"]["email"], "ben@xn--exmple-cua.org");
}

/// A browser refuses `Name <address>` and a domain with an umlaut in a field of the type `email`.
async fn no_browser_checks_an_address_before_the_server_reads_it(on: On) {
    let app = TestApp::on(on).await;
    let (stranger, host) = (app.visitor(), people::host(&app).await);
    for (visitor, path) in [(&stranger, "/sign-in"), (&host, "/settings"), (&host, "/people")] {
        let html = visitor.page(path).await.must(200).text();
        assert!(!html.contains("type=\"email\""), "{path}: {html}");
        let fields = html.split("<input").skip(1).map(|field| &field[..end_of_tag(field)]);
        let fields: Vec<&str> = fields.filter(|field| field.contains("name=\"email\"")).collect();
        assert!(!fields.is_empty(), "{path}: {html}");
        for field in fields {
            for attribute in ["type=\"text\"", "inputmode=\"email\""] {
                assert!(field.contains(attribute), "{attribute} on {path}: {field}");
            }
        }
    }
}

/// The text between the tags of a page, each with the tags of the elements that it is in. Scripts and styles are left out.
fn texts(html: &str) -> Vec<(String, Vec<String>)> {
    const VOID: [&str; 8] = ["meta", "link", "input", "img", "br", "hr", "path", "use"];
    let (mut rest, mut open, mut found) = (html, Vec::<String>::new(), vec![]);
    while let Some(start) = rest.find('<') {
        found.push((rest[..start].to_owned(), open.clone()));
        rest = &rest[start..];
        let end = end_of_tag(rest);
        let tag = &rest[1..end];
        rest = &rest[end + 1..];
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        if tag.starts_with('/') {
            // A closing tag also closes elements that have none of their own.
            while open.pop().is_some_and(|tag| !is_named(&tag, &name)) {}
        } else if name == "script" || name == "style" {
            rest = rest.split_once(&format!("</{name}>")).map_or("", |(_, after)| after);
        } else if !name.is_empty() && !VOID.contains(&name.as_str()) && !tag.ends_with('/') {
            open.push(tag.to_owned());
        }
    }
    found
}

/// The values of the attributes on a page.
fn attributes(html: &str) -> Vec<String> {
    let (mut rest, mut found) = (html, vec![]);
    while let Some(start) = rest.find('<') {
        rest = &rest[start..];
        let end = end_of_tag(rest);
        let tag = &rest[1..end];
        rest = &rest[end + 1..];
        for name in ["script", "style"] {
            if is_named(tag, name) {
                rest = rest.split_once(&format!("</{name}>")).map_or("", |(_, after)| after);
            }
        }
        found.extend(tag.split('"').skip(1).step_by(2).map(str::to_owned));
    }
    found
}

fn is_named(tag: &str, name: &str) -> bool {
    tag.strip_prefix(name)
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
}

/// The index of the `>` that ends the tag or comment at the start of `html`. An attribute in quotation marks may contain a `>`.
fn end_of_tag(html: &str) -> usize {
    if html.starts_with("<!--") {
        return html.find("-->").expect("the end of a comment") + 2;
    }
    let mut quoted = false;
    let end = html.find(|c: char| {
        quoted ^= c == '"';
        c == '>' && !quoted
    });
    end.expect("the end of a tag")
}

async fn on_every_page_a_strangers_text_is_in_an_element_with_a_direction_of_its_own(on: On) {
    const NAME: &str = "ليلى";
    const TOPIC: &str = "שלום עולם";
    let app = TestApp::on(on).await;
    let host = app.newcomer("leila@example.org").await;
    host.come_in(NAME).await;
    app.tamper("update users set owner_at = 1 where email = 'leila@example.org'")
        .await;
    let room = host.open_room(TOPIC, "open").await;
    let _socket = host.enter(&room).await;
    let fields = [("room", room.id.as_str()), ("days", "7"), ("most_uses", "10")];
    let invite: Invite = host.post("/api/invites/make", &fields).await.must(200).json();
    let invitation = invite.link.split_once("/invite/").expect("a link").1;
    let ben = app.person("Ben").await;
    let me: User = host.me().await.must(200).json();
    ben.post("/api/circle/follow", &[("user", me.person.id.as_str())])
        .await
        .must(200);

    let stranger = app.visitor();
    let both: &[&str] = &[NAME, TOPIC];
    let (room_page, invitation) = (format!("/rooms/{}", room.id), format!("/invite/{invitation}"));
    let (room_page, invitation) = (room_page.as_str(), invitation.as_str());
    for (visitor, path, wanted) in [
        (&host, "/", both),
        (&ben, "/", both),
        (&stranger, "/", &both[..1]),
        (&host, "/rooms", both),
        (&ben, "/rooms", both),
        (&ben, room_page, both),
        (&ben, invitation, both),
        (&host, "/people", both),
        (&host, "/settings", &both[..1]),
        (&ben, "/settings", &both[..1]),
    ] {
        let html = visitor.page(path).await.must(200).text();
        let body = html.split_once("<body").expect("a body").1;
        let body = format!("<body{body}");
        for text in wanted {
            let shown: Vec<_> = texts(&body)
                .into_iter()
                .filter(|(words, _)| words.contains(text))
                .collect();
            assert!(!shown.is_empty(), "{text} on {path}: {body}");
            for (words, elements) in shown {
                let is_isolated = words.contains(&format!("\u{2068}{text}\u{2069}"));
                let has_own = |tag: &String| is_named(tag, "bdi") || tag.contains("dir=\"auto\"");
                assert!(
                    is_isolated || elements.iter().any(has_own),
                    "{words} on {path} in {elements:?}"
                );
            }
        }
        // No element can set the direction of a part of an attribute.
        for value in attributes(&body) {
            for text in [NAME, TOPIC] {
                let is_alone = value == text || value.contains(&format!("\u{2068}{text}\u{2069}"));
                assert!(is_alone || !value.contains(text), "{value} on {path}");
            }
        }
        // A field that shows a name sets its own direction.
        for field in body.split("<input").skip(1).map(|field| &field[..end_of_tag(field)]) {
            assert!(!field.contains(NAME) || field.contains("dir=\"auto\""), "{field}");
        }
    }
    let title = ben.page(invitation).await.text();
    assert!(
        title.contains(&format!("<title>\u{2068}{NAME}\u{2069} invites you")),
        "{title}"
    );
    let title = ben.page(room_page).await.text();
    assert!(
        title.contains(&format!("<title>\u{2068}{TOPIC}\u{2069} · Snug</title>")),
        "{title}"
    );
}
