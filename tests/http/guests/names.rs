//! Names that guests can't use, and how everybody sees who is a guest.

use crate::{
    answer::Answer,
    database::On,
    guests::{ada_with_guest_link, me},
    invites::{invites, token_of},
    moderation::moderate,
    people,
    test_app::TestApp,
    visitor::Visitor,
};
use snug::model::{
    id::UserId,
    room::{RoomInfo, RoomPage},
    signal::ServerSignal,
    stage::{ModerationAction, Role},
};

on_both_databases! {
    a_guest_is_refused_every_name_that_looks_like_the_hosts,
    the_names_of_co_hosts_openers_and_owners_are_reserved_too,
    a_guest_can_not_take_a_reserved_name_later_or_bring_it_into_another_room,
    a_guest_can_not_have_the_drawn_face_of_a_host,
    members_share_names_with_hosts_and_with_guests,
    a_guest_who_is_inside_keeps_the_name_of_a_later_co_host,
    everybody_sees_who_is_a_guest_until_the_guest_adds_an_address,
    without_scripts_a_refused_name_comes_back_with_two_others,
}

/// The two names that a refusal proposes. They are also in its sentence.
fn proposed(refusal: &Answer) -> [String; 2] {
    let names: Vec<String> =
        serde_json::from_value(refusal.json::<serde_json::Value>()["names"].clone()).expect("names");
    for name in &names {
        assert!(refusal.detail().contains(name), "{}", refusal.detail());
    }
    names.try_into().expect("two names")
}

async fn page(visitor: &Visitor, room: &RoomInfo) -> RoomPage {
    visitor.find_room(room.id.as_str()).await.must(200).json()
}

/// Makes the person a co-host, and waits until the room says so.
async fn make_co_host(host: &Visitor, room: &RoomInfo, user: &UserId) {
    let mut socket = host.enter(room).await;
    moderate(&mut socket, ModerationAction::MakeCoHost, user).await;
    socket
        .recv_until(|signal| match signal {
            ServerSignal::Roster { changed, .. } => changed
                .iter()
                .any(|one| one.person.id == *user && one.role == Role::CoHost)
                .then_some(()),
            _ => None,
        })
        .await;
}

async fn a_guest_is_refused_every_name_that_looks_like_the_hosts(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    for kind in ["open", "social", "private"] {
        let room = ada.open_room(kind, kind).await;
        let socket = ada.enter(&room).await;
        let invite = ada.make_guest_link(&room).await;
        for imitation in ["Ada", "ada", "ＡＤＡ", "\u{410}d\u{430}", "A\u{200B}da", "Ada\u{2800}"] {
            let guest = app.visitor();
            let refusal = guest.come_as_guest(&invite, imitation).await.must_fail(422, "invalid");
            let words = "Ada is hosting this room, so a guest can't use that name. Try ";
            assert!(refusal.detail().starts_with(words), "{}", refusal.detail());
            assert!(refusal.set_cookies().is_empty());
            for name in proposed(&refusal) {
                app.visitor().come_as_guest(&invite, &name).await.must(200);
                app.tamper("delete from users where email is null").await;
            }
            app.tamper("update invites set uses = 0").await;
        }
        app.visitor().come_as_guest(&invite, "4da").await.must(200);
        // The host who has left still is the host.
        socket.close_page().await;
        let refusal = app.visitor().come_as_guest(&invite, "Ada").await;
        refusal.must_fail(422, "invalid");
        assert_eq!(invites(&ada, &room).await[0].uses, 1, "a refusal uses nothing up");
    }
}

async fn the_names_of_co_hosts_openers_and_owners_are_reserved_too(on: On) {
    let app = TestApp::on(on).await;
    let owner = people::host(&app).await;
    let [ada, ben, _cem] = app.people(["Ada", "Ben", "Cem"]).await;
    let room = ada.open_room("Tea", "open").await;
    let bens = ben.enter(&room).await;
    make_co_host(&ada, &room, &ben.id().await).await;
    let invite = ada.make_guest_link(&room).await;
    let refusal = |name: &'static str| {
        let (guest, invite) = (app.visitor(), &invite);
        async move {
            guest
                .come_as_guest(invite, name)
                .await
                .must_fail(422, "invalid")
                .detail()
        }
    };
    assert!(refusal("BEN").await.starts_with("Ben is a co-host of this room,"));
    // A co-host who has left is one again after coming back.
    bens.close_page().await;
    app.until("select count(*) from standings where rank = 'co_host'", 1)
        .await;
    assert!(refusal("BEN").await.starts_with("Ben is a co-host of this room,"));
    assert!(
        refusal("host").await.starts_with("Host runs this Snug,"),
        "an owner of this Snug"
    );
    assert_eq!(me(&owner).await.person.name, "Host");
    // Somebody else owns the room now.
    app.tamper("update rooms set host_id = (select id from users where name = 'Cem')")
        .await;
    assert!(refusal("cem").await.starts_with("Cem owns this room,"));
    assert!(refusal("ada").await.starts_with("Ada is hosting this room,"));
}

async fn a_guest_can_not_take_a_reserved_name_later_or_bring_it_into_another_room(on: On) {
    let app = TestApp::on(on).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let (tea, other) = (
        ada.open_room("Tea", "open").await,
        ben.open_room("Other", "private").await,
    );
    let _sockets = (ada.enter(&tea).await, ben.enter(&other).await);
    let gus = app.guest(&ada.make_guest_link(&tea).await, "Gus").await;
    let refusal = gus.activate("\u{410}da", "keep").await.must_fail(422, "invalid");
    let words = "Ada is hosting a room that you have come into, so a guest can't use that name. Try ";
    assert!(refusal.detail().starts_with(words), "{}", refusal.detail());
    assert_eq!(me(&gus).await.person.name, "Gus");
    // Ben's room is another one, so his name is free here, but it can't be brought there.
    gus.activate("ben", "keep").await.must(200);
    let invite = ben.make_guest_link(&other).await;
    let refusal = gus.accept(&invite).await.must_fail(409, "conflict");
    assert!(
        refusal.detail().starts_with("Ben is hosting this room,"),
        "{}",
        refusal.detail()
    );
    assert_eq!(invites(&ben, &other).await[0].uses, 0);
    let [one, _] = proposed(&refusal);
    gus.activate(&one, "keep").await.must(200);
    gus.accept(&invite).await.must(200);
}

async fn a_guest_can_not_have_the_drawn_face_of_a_host(on: On) {
    let app = TestApp::on(on).await;
    let (_ada, _, _socket, invite) = ada_with_guest_link(&app).await;
    let gus = app.visitor();
    let refusal = gus.come_as_guest_with(&invite, "Gus", "face:Ada").await;
    let words = "Ada is hosting this room, so a guest can't have the same face. Choose another picture.";
    assert_eq!(refusal.must_fail(422, "invalid").detail(), words);
    gus.come_as_guest_with(&invite, "Gus", "face:tea").await.must(200);
    gus.activate("Gus", "face:Ada").await.must_fail(422, "invalid");
    gus.activate("Gus", "face:cake").await.must(200);
    // The face is no face of a host in Ben's room, and a guest can't bring it into Ada's.
    let ben = app.person("Ben").await;
    let room = ben.open_room("Cake", "open").await;
    let _host = ben.enter(&room).await;
    let kay = app.visitor();
    let of_ben = ben.make_guest_link(&room).await;
    kay.come_as_guest_with(&of_ben, "Kay", "face:Ada").await.must(200);
    let refusal = kay.accept(&invite).await.must_fail(409, "conflict");
    assert!(refusal.detail().contains("in the settings"), "{}", refusal.detail());
    kay.activate("Kay", "").await.must(200);
    kay.accept(&invite).await.must(200);
}

async fn members_share_names_with_hosts_and_with_guests(on: On) {
    let app = TestApp::on(on).await;
    let (ada, room, _socket, invite) = ada_with_guest_link(&app).await;
    let _gus = app.guest(&invite, "Gus").await;
    let other = app.newcomer("other@example.org").await;
    for name in ["Ada", "Gus", "ada"] {
        other.activate(name, "").await.must(200);
        other.enter(&room).await.close_page().await;
    }
    // Guests may have the names of each other and of members who do not host.
    app.guest(&invite, "Gus").await;
    ada.activate("Gus", "").await.must(200);
}

async fn a_guest_who_is_inside_keeps_the_name_of_a_later_co_host(on: On) {
    let app = TestApp::on(on).await;
    let (ada, ben) = (app.person("Ada").await, app.person("Ben").await);
    let room = ada.open_room("Tea", "open").await;
    let _sockets = (ada.enter(&room).await, ben.enter(&room).await);
    let guest = app.guest(&ada.make_guest_link(&room).await, "Ben").await;
    make_co_host(&ada, &room, &ben.id().await).await;
    guest.enter(&room).await;
    guest.activate("Ben", "face:tea").await.must(200);
    assert_eq!(me(&guest).await.person.name, "Ben");
    guest.activate("Gus", "keep").await.must(200);
    guest.activate("Ben", "keep").await.must_fail(422, "invalid");
}

async fn everybody_sees_who_is_a_guest_until_the_guest_adds_an_address(on: On) {
    let app = TestApp::on(on).await;
    let ada = app.person("Ada").await;
    let room = ada.open_room("Tea", "open").await;
    let mut socket = ada.enter(&room).await;
    let gus = app.guest(&ada.make_guest_link(&room).await, "Gus").await;
    let _inside = gus.enter(&room).await;
    let id = gus.id().await;
    let face = format!("/faces/{id}.svg");
    let shown = |page: RoomPage| {
        let roster = page.roster.into_iter().map(|one| one.person);
        roster
            .map(|person| (person.name, person.guest, person.picture))
            .collect::<Vec<_>>()
    };
    let adas = ("Ada".to_owned(), false, "/faces/Ada.svg".to_owned());
    let both = [adas.clone(), ("Gus".to_owned(), true, face.clone())];
    assert_eq!(shown(page(&ada, &room).await), both);
    let came = &invites(&ada, &room).await[0].came;
    assert!(came[0].guest, "{came:?}");
    // A new name leaves the face as it is.
    gus.activate("Gustav", "keep").await.must(200);
    assert_eq!(me(&gus).await.person.picture, face);
    gus.activate("Gus", "").await.must(200);
    assert_eq!(me(&gus).await.person.picture, face);

    super::add_email::add(&app, &gus, "gus@example.org").await;
    let is_member = |signal| match signal {
        ServerSignal::Roster { changed, .. } => {
            let mut gus = changed.into_iter().filter(|one| one.person.id == id);
            gus.find(|one| !one.person.guest)
        }
        _ => None,
    };
    let member = socket.recv_until(is_member).await;
    assert_eq!(member.person.picture, face, "the face that everybody knows stays");
    assert_eq!(shown(page(&ada, &room).await), [adas, ("Gus".to_owned(), false, face)]);
}

async fn without_scripts_a_refused_name_comes_back_with_two_others(on: On) {
    let app = TestApp::on(on).await;
    let (_ada, _room, _socket, invite) = ada_with_guest_link(&app).await;
    let (token, guest) = (token_of(&invite), app.visitor());
    let back = super::coming_in::submit(&app, &guest, token, "ada", None)
        .await
        .must(303)
        .location();
    let page = guest.page(&back).await.must(200).text();
    for words in [
        "hosting this room",
        "Try ada B. or ada 2.",
        "value=\"ada\"",
        "aria-invalid=\"true\"",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
}
