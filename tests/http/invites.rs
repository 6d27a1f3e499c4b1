//! Links into rooms: whom they admit, how often and how long, and what other people learn about them.

use crate::{answer::Answer, database::On, test_app::TestApp, visitor::Visitor};
use futures_util::future::join_all;
use snug::model::{
    invite::{Invitation, Invite, InviteList},
    room::{RoomCard, RoomInfo},
};

on_both_databases! {
    a_link_admits_anyone_who_has_it,
    the_page_of_a_link_that_no_longer_works_says_why,
    the_last_use_admits_only_one_person,
    people_who_may_already_enter_do_not_use_up_a_link,
    only_the_host_makes_reads_and_revokes_links,
    links_and_follows_are_limited_per_hour,
}

impl Visitor {
    /// Makes a link into a room of this visitor. The link lasts a week and admits ten people.
    pub async fn make_invite(&self, room: &RoomInfo) -> Invite {
        self.try_to_make_invite(room.id.as_str(), "7", "10")
            .await
            .must(200)
            .json()
    }

    pub async fn try_to_make_invite(&self, room: &str, days: &str, most_uses: &str) -> Answer {
        let fields = [("room", room), ("days", days), ("most_uses", most_uses)];
        self.post("/api/invites/make", &fields).await
    }

    /// Comes in by a link, like the button on its page.
    pub async fn accept(&self, invite: &Invite) -> Answer {
        self.post("/api/invites/accept", &[("token", token_of(invite))]).await
    }
}

/// The part of a link after `/invite/`.
pub fn token_of(invite: &Invite) -> &str {
    invite.link.rsplit('/').next().expect("a token")
}

pub async fn invites(host: &Visitor, room: &RoomInfo) -> Vec<Invite> {
    let answer = host.post("/api/invites/list", &[("room", room.id.as_str())]).await;
    answer.must(200).json::<InviteList>().invites
}

async fn a_link_admits_anyone_who_has_it(on: On) {
    let app = TestApp::on(on).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    for kind in ["social", "private"] {
        let room = ada.open_room("Whispers", kind).await;
        let _socket = ada.enter(&room).await;
        let invite = ada.make_invite(&room).await;
        assert!(
            invite.link.starts_with(&format!("{}/invite/", app.origin())),
            "{}",
            invite.link
        );
        ben.find_room(room.id.as_str()).await.must_fail(404, "not_found");

        let found = app
            .visitor()
            .post("/api/invites/find", &[("token", token_of(&invite))])
            .await;
        let found: Invitation = found.must(200).json();
        assert_eq!(
            (found.topic.as_str(), found.kind, found.from_name.as_str(), found.inside),
            ("Whispers", room.kind, "Ada", 1)
        );
        // Opening the page of the link changes nothing.
        let path = format!("/invite/{}", token_of(&invite));
        let page = ben.page(&path).await.must(200).text();
        assert!(
            page.contains("<bdi translate=\"no\">Ada<!></bdi> invites you to") && page.contains("Come in"),
            "{page}"
        );
        ben.find_room(room.id.as_str()).await.must_fail(404, "not_found");
        assert_eq!(invites(&ada, &room).await[0].uses, 0);

        let led = ben
            .submit(&path, "/api/invites/accept", &[("token", token_of(&invite))])
            .await;
        assert_eq!(led.must(302).location(), format!("/rooms/{}", room.id));
        ben.enter(&room).await.close_page().await;
        let cards: Vec<RoomCard> = ben.list_rooms().await.must(200).json();
        assert!(
            cards.iter().any(|card| card.info == room),
            "a member sees the room on the list"
        );
        let known = &invites(&ada, &room).await[0];
        assert_eq!((known.uses, known.came[0].name.as_str()), (1, "Ben"));
        let code = ben.get(&format!("{path}/qr.svg")).await.must(200);
        assert_eq!(code.header("content-type"), Some("image/svg+xml"));
    }
}

async fn the_page_of_a_link_that_no_longer_works_says_why(on: On) {
    let mut app = TestApp::on(on).await;
    let [ada, ben, eve] = app.people(["Ada", "Ben", "Eve"]).await;
    let room = ada.open_room("Whispers", "private").await;
    let _socket = ada.enter(&room).await;
    let (revoked, expired) = (ada.make_invite(&room).await, ada.make_invite(&room).await);
    let for_one = ada.try_to_make_invite(room.id.as_str(), "30", "1").await;
    let for_one: Invite = for_one.must(200).json();
    ben.accept(&for_one).await.must(200);
    ada.post("/api/invites/revoke", &[("id", revoked.id.as_str())])
        .await
        .must(200);
    app.pass_s(8 * 86_400);
    for visitor in [&ada, &eve] {
        visitor.refresh().await.must(200);
    }
    let spent = "as many people as it allows have used it";
    for (invite, why) in [(&revoked, "turned off"), (&expired, "expired"), (&for_one, spent)] {
        let message = eve.accept(invite).await.must_fail(403, "forbidden").detail();
        assert!(message.contains(why) && message.contains("Ask Ada"), "{message}");
        let page = eve.page(&format!("/invite/{}", token_of(invite))).await;
        assert_eq!(page.status, 403);
        assert!(page.text().contains(why) && !page.text().contains("Whispers"));
    }
    let states: Vec<String> = invites(&ada, &room).await.iter().map(Invite::state).collect();
    for state in ["Turned off", "Expired", "Used up"] {
        assert!(states.iter().any(|one| one == state), "{states:?}");
    }
    eve.find_room(room.id.as_str()).await.must_fail(404, "not_found");
    // People who came in by the link stay members.
    ben.refresh().await.must(200);
    ben.find_room(room.id.as_str()).await.must(200);
    let never = Invite {
        link: revoked.link[..revoked.link.len() - 1].to_owned() + "!",
        ..revoked
    };
    eve.accept(&never).await.must_fail(404, "not_found");
    for token in ["", ".", "x.y", "abcdefghijkl.0123"] {
        eve.post("/api/invites/accept", &[("token", token)])
            .await
            .must_fail(404, "not_found");
    }
}

async fn the_last_use_admits_only_one_person(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Whispers", "private").await;
    let invite = ada.try_to_make_invite(room.id.as_str(), "1", "1").await;
    let invite: Invite = invite.must(200).json();
    let mut people = vec![];
    for name in ["Ben", "Cem", "Dee", "Eve"] {
        people.push(app.person(name).await);
    }
    let answers = join_all(people.iter().map(|person| person.accept(&invite))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403, 403, 403]);
    let known = &invites(&ada, &room).await[0];
    assert_eq!((known.uses, known.came.len()), (1, 1));
}

async fn people_who_may_already_enter_do_not_use_up_a_link(on: On) {
    let app = TestApp::on(on).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Whispers", "social").await;
    let invite = ada.make_invite(&room).await;
    ada.accept(&invite).await.must(200);
    ben.accept(&invite).await.must(200);
    ben.accept(&invite).await.must(200);
    ada.follow(&ben.id().await).await.must(200);
    ben.accept(&invite).await.must(200);
    assert_eq!(invites(&ada, &room).await[0].uses, 1);
}

/// Without scripts, nothing refreshes the session while the page is open.
#[tokio::test]
async fn a_page_that_was_open_for_an_hour_still_works() {
    let mut app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Whispers", "private").await;
    let _socket = ada.enter(&room).await;
    let invite = ada.make_invite(&room).await;
    app.pass_s(3_600);
    let path = format!("/invite/{}", token_of(&invite));
    let led = ben
        .submit(&path, "/api/invites/accept", &[("token", token_of(&invite))])
        .await;
    assert_eq!(led.must(302).location(), format!("/rooms/{}", room.id));
    ben.me().await.must(200);
}

#[tokio::test]
async fn one_person_who_accepts_twice_at_once_counts_once() {
    let app = TestApp::start().await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Whispers", "private").await;
    let invite = ada.make_invite(&room).await;
    for answer in join_all((0..8).map(|_| ben.accept(&invite))).await {
        answer.must(200);
    }
    assert_eq!(invites(&ada, &room).await[0].uses, 1);
}

#[tokio::test]
async fn a_room_has_at_most_twenty_valid_links() {
    let app = TestApp::start().await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Whispers", "private").await;
    let first = ada.make_invite(&room).await;
    for _ in 1..20 {
        ada.make_invite(&room).await;
    }
    let id = room.id.as_str();
    ada.try_to_make_invite(id, "7", "10").await.must_fail(409, "conflict");
    ada.post("/api/invites/revoke", &[("id", first.id.as_str())])
        .await
        .must(200);
    ada.try_to_make_invite(id, "7", "10").await.must(200);
}

async fn only_the_host_makes_reads_and_revokes_links(on: On) {
    let app = TestApp::on(on).await;
    let [ada, ben, eve] = app.people(["Ada", "Ben", "Eve"]).await;
    let room = ada.open_room("Whispers", "private").await;
    let invite = ada.make_invite(&room).await;
    ben.accept(&invite).await.must(200);
    // Eve has no access to the room and learns nothing. Ben has access and is told to ask the host.
    for (visitor, status, kind) in [(&eve, 404, "not_found"), (&ben, 403, "forbidden")] {
        let id = room.id.as_str();
        visitor.try_to_make_invite(id, "7", "10").await.must_fail(status, kind);
        visitor
            .post("/api/invites/list", &[("room", id)])
            .await
            .must_fail(status, kind);
        let revoke = visitor.post("/api/invites/revoke", &[("id", invite.id.as_str())]).await;
        revoke.must_fail(status, kind);
    }
    let message = |answer: Answer| answer.must_fail(404, "not_found").detail();
    let never = eve.post("/api/invites/revoke", &[("id", "nosuchlink12")]).await;
    let hidden = eve.post("/api/invites/revoke", &[("id", invite.id.as_str())]).await;
    assert_eq!(message(never), message(hidden), "nobody learns whether the link exists");
    for (days, uses) in [("0", "10"), ("7", "0"), ("400", "10"), ("7", "501")] {
        let refused = ada.try_to_make_invite(room.id.as_str(), days, uses).await;
        refused.must_fail(422, "invalid");
    }
    let newcomer = app.newcomer("new@example.org").await;
    newcomer.accept(&invite).await.must_fail(403, "not_activated");
    app.visitor().accept(&invite).await.must_fail(401, "signed_out");
    let page = app
        .visitor()
        .page(&format!("/invite/{}", token_of(&invite)))
        .await
        .must(200)
        .text();
    assert!(
        page.contains("/sign-in?next=%2Finvite%2F"),
        "signing in leads back to the link"
    );
}

async fn links_and_follows_are_limited_per_hour(on: On) {
    let mut app = TestApp::with(on, |config| {
        config.limits.enforced = true;
        config.limits.invites_per_hour = 2;
        config.limits.follows_per_hour = 1;
    })
    .await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await.id().await);
    let room = ada.open_room("Whispers", "private").await;
    for _ in 0..2 {
        ada.make_invite(&room).await;
    }
    let refused = ada
        .try_to_make_invite(room.id.as_str(), "7", "10")
        .await
        .must_fail(429, "too_many");
    assert!(refused.header("retry-after").is_some());
    ada.follow(&ben).await.must(200);
    let refused = ada.follow(&ben).await.must_fail(429, "too_many");
    assert!(refused.header("retry-after").is_some());
    app.pass_s(3_601);
    ada.refresh().await.must(200);
    ada.make_invite(&room).await;
    ada.follow(&ben).await.must(200);
}
