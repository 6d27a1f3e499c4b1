//! The page `/people`: what owners see there, who may see it, making owners, and closing rooms.

use crate::{answer::Answer, database::On, owner_link, test_app::TestApp, visitor::Visitor};
use snug::model::{
    id::UserId,
    people::People,
    signal::{Ending, ServerSignal},
    user::User,
};
use std::time::{Duration, Instant};

on_both_databases! {
    an_owner_sees_all_activated_people_and_masked_addresses,
    people_are_found_by_name_ignoring_case,
    the_people_seen_last_come_first,
    a_list_of_guests_members_or_deactivated_people_has_only_those,
    owners_see_who_is_in_a_room_that_is_not_private,
    people_are_listed_in_pages_of_50,
    an_owner_makes_somebody_else_an_owner,
    an_owner_closes_a_room_for_everybody_in_it,
    people_who_are_not_owners_may_do_nothing,
}

/// What owners can do: the endpoint below `/api/people/`, and the field that names the person or room.
const ACTIONS: [(&str, &str); 4] = [
    ("make_owner", "user"),
    ("switch_off", "user"),
    ("switch_on", "user"),
    ("close_room", "room"),
];

impl Visitor {
    pub async fn people(&self, words: &str) -> People {
        self.post("/api/people/list", &[("q", words)]).await.must(200).json()
    }

    /// Requests one of [`ACTIONS`] for the person `whom`.
    pub async fn action(&self, action: &str, whom: &UserId) -> Answer {
        self.post(&format!("/api/people/{action}"), &[("user", whom.as_str())])
            .await
    }
}

/// An owner, who used the link that the program printed when it started.
pub async fn host(app: &TestApp) -> Visitor {
    let host = app.person("Host").await;
    let link = owner_link::link(app).await.expect("a link");
    owner_link::claim(&host, &link).await.must(302);
    host
}

fn names(people: &People) -> Vec<&str> {
    people.accounts.iter().map(|one| one.person.name.as_str()).collect()
}

/// The names in the order of their bytes. People who were seen in the same second are listed by name, ignoring case.
fn sorted_names(people: &People) -> Vec<&str> {
    let mut names = names(people);
    names.sort_unstable();
    names
}

async fn an_owner_sees_all_activated_people_and_masked_addresses(on: On) {
    let mut app = TestApp::on(on).await;
    let host = host(&app).await;
    app.pass_s(7_200);
    host.refresh().await.must(200);
    let ada = app.person("ada").await;
    app.newcomer("new@example.org").await;
    let answer = host.post("/api/people/list", &[]).await.must(200);
    assert!(!answer.text().contains("example.org"));
    let people: People = answer.json();
    assert_eq!(sorted_names(&people), ["Host", "ada"]);
    let of = |name: &str| {
        people
            .accounts
            .iter()
            .find(|one| one.person.name == name)
            .expect("listed")
    };
    let (of_ada, of_host) = (of("ada"), of("Host"));
    assert_eq!(of_ada.email.as_deref(), Some("a…@e….org"));
    assert!(of_host.me && of_host.owner && !of_host.switched_off && !of_ada.owner && !of_ada.me);
    assert!(
        of_ada.came_ago_s < 10 && (7_200..7_210).contains(&of_host.came_ago_s),
        "{people:?}"
    );
    assert!(of_ada.seen_ago_s.is_some_and(|seconds| seconds < 10), "{people:?}");

    let page = host.page("/people").await.must(200).text();
    assert!(page.contains("a…@e….org") && page.contains("Deactivate") && !page.contains("ada@example.org"));
    assert!(!page.contains(".wasm"), "the page loads no wasm");
    assert!(ada.me().await.must(200).members() == ["activated", "id", "name", "picture"]);
    assert!(host.me().await.must(200).json::<User>().owner);
    assert!(host.page("/rooms").await.text().contains(r#"href="/people""#));
    assert!(!ada.page("/rooms").await.text().contains(r#"href="/people""#));
}

async fn people_are_found_by_name_ignoring_case(on: On) {
    let app = TestApp::on(on).await;
    let host = host(&app).await;
    for (address, name) in [("e", "Émile Zola"), ("b", "Ben %"), ("z", "zoé")] {
        app.newcomer(&format!("{address}@example.org"))
            .await
            .come_in(name)
            .await;
    }
    for (words, found) in [
        ("émile", vec!["Émile Zola"]),
        ("ZO", vec!["zoé", "Émile Zola"]),
        ("zola É", vec!["Émile Zola"]),
        ("%", vec!["Ben %"]),
        ("example.org", vec![]),
        (" ", vec!["Ben %", "Host", "zoé", "Émile Zola"]),
    ] {
        assert_eq!(sorted_names(&host.people(words).await), found, "{words:?}");
    }
    let page = host.page("/people?q=%C3%89mile").await.must(200).text();
    assert!(page.contains("Zola") && page.contains("1 found") && !page.contains("Ben %"));
    assert!(host.page("/people?q=nobody").await.text().contains("Nobody found."));
}

async fn the_people_seen_last_come_first(on: On) {
    let app = TestApp::on(on).await;
    let host = host(&app).await;
    app.person("Ada").await;
    app.person("Zoe").await;
    app.tamper("update sessions set last_seen_at = last_seen_at - 5000 where user_id in (select id from users where name = 'Ada')")
        .await;
    app.tamper("update sessions set last_seen_at = last_seen_at - 100 where user_id in (select id from users where name = 'Host')")
        .await;
    assert_eq!(names(&host.people("").await), ["Zoe", "Host", "Ada"]);
    let page = host.page("/people").await.must(200).text().replace("<!>", "");
    assert!(page.contains("joined just now · here now"), "{page}");
    assert!(page.contains("joined just now · seen 83 minutes ago"), "{page}");
}

async fn a_list_of_guests_members_or_deactivated_people_has_only_those(on: On) {
    let app = TestApp::on(on).await;
    let host = host(&app).await;
    let (ada, off) = (app.person("Ada").await, app.person("Off").await);
    let room = ada.open_room("Kitchen table", "open").await;
    let _inside = ada.enter(&room).await;
    app.guest(&ada.make_guest_link(&room).await, "Gus").await;
    host.action("switch_off", &off.id().await).await.must(200);
    for (show, found) in [
        ("", vec!["Ada", "Gus", "Host", "Off"]),
        ("guests", vec!["Gus"]),
        ("members", vec!["Ada", "Host"]),
        ("deactivated", vec!["Off"]),
        ("nonsense", vec!["Ada", "Gus", "Host", "Off"]),
    ] {
        let people: People = host.post("/api/people/list", &[("show", show)]).await.must(200).json();
        assert_eq!(sorted_names(&people), found, "{show}");
    }
    let page = host
        .page("/people?show=guests")
        .await
        .must(200)
        .text()
        .replace("<!>", "");
    assert!(
        page.contains("guest · by <bdi translate=\"no\">Ada</bdi>'s link"),
        "{page}"
    );
    assert!(page.contains("More about Gus (guest)") && !page.contains("More about Ada"));
    assert!(!page.contains("Make owner"), "a guest can't be an owner");
    let page = host.page("/people?show=deactivated&q=of").await.must(200).text();
    assert!(page.contains("More about Off") && page.contains("Reactivate") && page.contains("1 found"));
}

async fn owners_see_who_is_in_a_room_that_is_not_private(on: On) {
    let app = TestApp::on(on).await;
    let host = host(&app).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let open = ada.open_room("Kitchen table", "open").await;
    let private = ben.open_room("Secrets", "private").await;
    let _inside = (ada.enter(&open).await, ben.enter(&private).await);
    let people = host.people("").await;
    let inside = |name: &str| {
        let account = people.accounts.iter().find(|one| one.person.name == name);
        account.expect("listed").inside.clone()
    };
    assert_eq!(inside("Ada").as_deref(), Some("Kitchen table"));
    assert_eq!((inside("Ben"), inside("Host")), (None, None));
    let page = host.page("/people").await.must(200).text().replace("<!>", "");
    assert!(page.contains("in <bdi>Kitchen table</bdi>"), "{page}");
}

async fn people_are_listed_in_pages_of_50(on: On) {
    let app = TestApp::on(on).await;
    let host = host(&app).await;
    app.tamper(
        "insert into users (id, name, picture, activated_at, created_at)
         with recursive many (i) as (select 100 union all select i + 1 from many where i < 219)
         select 'user-many-' || cast(i as text), 'Ada ' || cast(i as text), '', 0, 0 from many",
    )
    .await;
    let page = async |page: &str| -> People {
        let fields = [("q", "ada"), ("page", page)];
        host.post("/api/people/list", &fields).await.must(200).json()
    };
    let (first, last) = (page("1").await, page("3").await);
    assert_eq!((first.found, first.pages, first.accounts.len()), (120, 3, 50));
    assert_eq!((names(&first)[0], names(&last)[19]), ("Ada 100", "Ada 219"));
    assert_eq!((page("0").await.page, page("99").await.page), (1, 3));
    let html = host.page("/people?q=ada&page=2").await.must(200).text();
    assert!(html.contains("Ada 150") && !html.contains("Ada 149") && !html.contains("Ada 200"));
    assert!(html.contains("/people?q=ada&amp;page=3") || html.contains("/people?q=ada&page=3"));
    host.page("/people?page=x").await.must(200);
}

async fn an_owner_makes_somebody_else_an_owner(on: On) {
    let app = TestApp::on(on).await;
    let host = host(&app).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    ada.action("make_owner", &ben.id().await)
        .await
        .must_fail(403, "forbidden");
    host.action("make_owner", &ada.id().await).await.must(200);
    host.action("make_owner", &ada.id().await).await.must(200);
    ada.page("/people").await.must(200);
    ada.action("make_owner", &ben.id().await).await.must(200);
    assert!(ben.people("").await.accounts.iter().all(|one| one.owner));

    let nobody = UserId::parse("user-nobody").expect("an id");
    let newcomer = app.newcomer("new@example.org").await;
    for whom in [&nobody, &newcomer.id().await] {
        for action in ["make_owner", "switch_off", "switch_on"] {
            host.action(action, whom).await.must_fail(404, "not_found");
        }
    }
    for (action, field) in ACTIONS {
        let endpoint = format!("/api/people/{action}");
        host.post(&endpoint, &[(field, "x")]).await.must_fail(404, "not_found");
        host.post(&endpoint, &[]).await.must_fail(422, "invalid");
    }
    let dee = app.person("Dee").await.id().await;
    host.action("switch_off", &dee).await.must(200);
    host.action("make_owner", &dee).await.must_fail(409, "conflict");
}

async fn an_owner_closes_a_room_for_everybody_in_it(on: On) {
    let app = TestApp::on(on).await;
    let host = host(&app).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let (tea, chess) = (
        ada.open_room("Tea", "private").await,
        ben.open_room("Chess", "open").await,
    );
    let (mut inside, mut elsewhere) = (ada.enter(&tea).await, ben.enter(&chess).await);
    let (mut looking_in, ..) = ada.look_in(&tea).await;
    let seen = host.people("").await.rooms;
    let of_tea = seen
        .iter()
        .find(|room| room.id == tea.id)
        .expect("private rooms are listed too");
    assert_eq!(
        (of_tea.topic.as_str(), of_tea.host.as_str(), of_tea.inside),
        ("Tea", "Ada", 1)
    );

    let close = async |visitor: &Visitor| {
        visitor
            .post("/api/people/close_room", &[("room", tea.id.as_str())])
            .await
    };
    close(&ada).await.must_fail(403, "forbidden");
    let asked = Instant::now();
    close(&host).await.must(200);
    assert_eq!(
        host.people("").await.rooms.len(),
        1,
        "when the answer arrives, the room is no longer on the list"
    );
    for socket in [&mut inside, &mut looking_in] {
        let last = socket.recv_all().await.pop();
        assert_eq!(
            last,
            Some(ServerSignal::Ended {
                why: Ending::RoomEnded { by: None }
            })
        );
    }
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    ada.find_room(tea.id.as_str()).await.must_fail(404, "not_found");
    assert_eq!(
        ada.try_to_enter(tea.id.as_str()).await.err().expect("refused").status,
        404
    );
    app.until("select count(*) from rooms where ended_at is null", 1).await;
    close(&host).await.must_fail(404, "not_found");
    assert_eq!(host.people("").await.rooms.len(), 1);
    assert!(elsewhere.is_quiet_for(Duration::from_millis(50)).await);
}

async fn people_who_are_not_owners_may_do_nothing(on: On) {
    let app = TestApp::on(on).await;
    let host = host(&app).await;
    let (ada, newcomer, stranger) = (
        app.person("Ada").await,
        app.newcomer("new@example.org").await,
        app.visitor(),
    );
    let room = host.open_room("Tea", "open").await;
    let _socket = host.enter(&room).await;
    for (visitor, status, kind) in [
        (&ada, 403, "forbidden"),
        (&newcomer, 403, "not_activated"),
        (&stranger, 401, "signed_out"),
    ] {
        for (action, field) in ACTIONS {
            let whom = host.id().await.to_string();
            let about = if field == "room" { room.id.as_str() } else { &whom };
            let endpoint = format!("/api/people/{action}");
            visitor.post(&endpoint, &[(field, about)]).await.must_fail(status, kind);
        }
    }
    ada.post("/api/people/list", &[]).await.must_fail(404, "not_found");
    let (page, nowhere) = (
        ada.page("/people").await.must(404),
        ada.page("/nowhere").await.must(404),
    );
    for words in ["There is nothing here.", "the page is gone"] {
        assert!(page.text().contains(words) && nowhere.text().contains(words));
    }
    assert!(!page.text().contains("Host"));
    assert_eq!(
        stranger.page("/people").await.must(303).location(),
        "/sign-in?next=%2Fpeople"
    );
    assert_eq!(
        newcomer.page("/people").await.must(303).location(),
        "/activate?next=%2Fpeople"
    );
    host.me().await.must(200);
    assert_eq!(host.people("").await.rooms.len(), 1);
}

#[tokio::test]
async fn every_action_works_as_a_form_without_scripts() {
    let app = TestApp::start().await;
    let host = host(&app).await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    let _socket = ada.enter(&room).await;
    let id = ada.id().await.to_string();
    let submit = async |action: &str, field: &str, about: &str| {
        let endpoint = format!("/api/people/{action}");
        host.submit("/people?q=ad&page=1", &endpoint, &[(field, about)])
            .await
            .must(302)
    };
    assert_eq!(
        submit("close_room", "room", room.id.as_str()).await.location(),
        "/people?q=ad&page=1"
    );
    for action in ["make_owner", "switch_off", "switch_on"] {
        assert_eq!(submit(action, "user", &id).await.location(), "/people?q=ad&page=1");
    }
    let message = submit("switch_off", "user", host.id().await.as_str()).await.location();
    let page = host.page(&message).await.must(200).text();
    assert!(
        page.contains("deactivate your own account.") && page.contains("Ada"),
        "{page}"
    );
}
