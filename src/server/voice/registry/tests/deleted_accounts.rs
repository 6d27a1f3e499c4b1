//! Accounts that are deleted: who owns their rooms afterwards, and what all rooms forget.

use super::{
    stage::{MINUTE_MS, action, endings, leave, log_entries, role, staged},
    *,
};
use crate::server::voice::command::RoomToPassOn;

/// What the server does when somebody deletes their account.
fn delete(registry: &mut RoomRegistry, name: &str) -> Vec<Effect> {
    let gone = person(name).id;
    let mut effects = vec![];
    for RoomToPassOn { room, heir, .. } in registry.list_to_pass_on(&gone) {
        let gone = gone.clone();
        effects.extend(registry.apply(Command::PassOn { room, gone, heir }, 0));
    }
    let (user, why) = (gone.clone(), Ending::SignedOut);
    effects.extend(registry.apply(Command::DisconnectUser { user, why }, 0));
    effects.extend(registry.apply(Command::Forget { user: gone }, 0));
    effects
}

#[test]
fn the_co_host_inherits_the_room_of_an_owner_who_deletes_their_account() {
    let mut registry = staged();
    action(&mut registry, 1, ModerationAction::MakeCoHost, "Cem");
    let effects = delete(&mut registry, "Ada");
    let page = registry.page(&room()).expect("the room goes on");
    assert_eq!(page.info.host, person("Cem"));
    assert_eq!(
        (&page.info.owned_by, &page.info.opened_by),
        (&person("Cem").id, &person("Cem").id)
    );
    assert_eq!(names(&registry), ["Ben", "Cem", "Dee"]);
    assert_eq!(role(&registry, "Ada"), Role::Listener);
    let is_host_stored = |effect: &Effect| matches!(effect, Effect::Persist { what: Persist::Host(host), .. } if *host == person("Cem").id);
    assert!(effects.iter().any(is_host_stored), "{effects:?}");
}

#[test]
fn a_room_with_nobody_who_can_own_it_ends_and_says_who_ended_it() {
    let mut registry = registry();
    enter(&mut registry, 1, "Ada");
    let guest = Person {
        guest: true,
        ..person("Gus")
    };
    let visitor = RoomVisitor {
        person: guest,
        ..visitor("Gus")
    };
    watch_as(&mut registry, 2, room(), visitor);
    join(&mut registry, 2);
    let effects = delete(&mut registry, "Ada");
    let why = Ending::RoomEnded { by: Some("Ada".into()) };
    assert_eq!(endings(&effects), [why], "both sockets in one signal");
    assert!(!registry.has_room(&room()));
}

#[test]
fn a_room_that_was_handed_over_stays_with_its_owner_when_its_opener_leaves() {
    let mut registry = staged();
    action(&mut registry, 1, ModerationAction::HandOver, "Ben");
    leave(&mut registry, 2, 0);
    let to_pass_on = registry.list_to_pass_on(&person("Ada").id);
    assert_eq!(to_pass_on.len(), 1);
    assert!(!to_pass_on[0].is_owned);
    assert_eq!(to_pass_on[0].heir, Some(person("Ben")));
    delete(&mut registry, "Ada");
    let info = registry.page(&room()).expect("the room goes on").info;
    assert_eq!((info.owned_by, info.opened_by), (person("Ben").id, person("Ben").id));
}

#[test]
fn the_log_and_the_bans_forget_somebody_who_deleted_their_account() {
    let mut registry = staged();
    action(&mut registry, 1, ModerationAction::Mute, "Ben");
    action(&mut registry, 1, ModerationAction::Ban, "Cem");
    let of_ben = delete(&mut registry, "Ben");
    let muted = log_entries(&of_ben).pop().expect("the entry is stored again");
    assert_eq!(muted.sentence(), "Ada muted somebody who left for everyone.");
    delete(&mut registry, "Cem");
    assert_eq!(
        registry.find_active_bar(&room(), &person("Cem").id, MINUTE_MS),
        None,
        "a ban is for an account, and there is no such account any more"
    );
    let cards = registry.cards();
    assert!(cards[0].barred.is_empty());
}

#[test]
fn nobody_inherits_more_permanent_rooms_than_one_person_may_own() {
    let mut registry = RoomRegistry::new(CAPS, WallClock::new(EPOCH_S, 0));
    let permanent = Rules {
        permanent: true,
        ..Rules::default()
    };
    for number in 0..12 {
        let id = RoomId::parse(&format!("room-{number:06}")).expect("an id");
        let rules = permanent;
        open(
            &mut registry,
            RoomInfo {
                id: id.clone(),
                rules,
                ..info()
            },
        );
        watch_as(&mut registry, number, id, visitor("Ben"));
        join(&mut registry, number);
    }
    let to_pass_on = registry.list_to_pass_on(&person("Ada").id);
    let heirs = to_pass_on.iter().filter(|one| one.heir.is_some()).count();
    assert_eq!((to_pass_on.len(), heirs), (12, PERMANENT_ROOMS_MAX as usize));
}
