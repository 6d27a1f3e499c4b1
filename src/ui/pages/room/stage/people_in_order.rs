//! The order of the people on a room's page. It depends on open microphones and not on voices, so nobody moves while people talk. The
//! code is pure.

use crate::model::{id::UserId, room::ParticipantInfo};

/// The ids of the people in a room, in the order of the page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeopleInOrder {
    /// The people who may talk.
    pub stage: Vec<UserId>,
    /// The people who only listen.
    pub audience: Vec<UserId>,
}

impl PeopleInOrder {
    /// In each of the two lists, people with open microphones come first, and you come before the others of your kind. Everybody else
    /// is in the order of the roster, which is the order in which people came.
    pub fn of(roster: &[ParticipantInfo], me: Option<&UserId>) -> Self {
        let list = |is_on_stage: bool| -> Vec<UserId> {
            let mut people: Vec<&ParticipantInfo> =
                roster.iter().filter(|one| one.role.talks() == is_on_stage).collect();
            people.sort_by_key(|one| (one.muted, Some(&one.person.id) != me));
            people.into_iter().map(|one| one.person.id.clone()).collect()
        };
        Self {
            stage: list(true),
            audience: list(false),
        }
    }

    /// Everybody, from the first face on the page to the last.
    pub fn everybody(&self) -> impl Iterator<Item = &UserId> {
        self.stage.iter().chain(&self.audience)
    }

    /// Who may take over the focus in `now`, if `had` has it in `self`. The best choice comes first: the same person, then those who
    /// come after them, then those before them, the nearest first.
    pub fn heirs_of_focus(&self, now: &Self, had: &UserId) -> Vec<UserId> {
        let before: Vec<&UserId> = self.everybody().collect();
        let at = before.iter().position(|id| *id == had).unwrap_or(before.len());
        let (earlier, later) = before.split_at(at);
        let choices = later.iter().chain(earlier.iter().rev());
        let still_here = choices.filter(|id| now.everybody().any(|other| other == **id));
        still_here.map(|id| (*id).clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::stage::Role;
    use proptest::prelude::*;
    use serde_json::json;

    fn id(at: usize) -> UserId {
        UserId::parse(&format!("person-{at:04}")).expect("an id")
    }

    fn person(at: usize, role: Role, muted: bool) -> ParticipantInfo {
        let json = json!({ "id": id(at), "name": "Tom", "picture": "", "role": role, "muted": muted, "voice": 1 });
        serde_json::from_value(json).expect("a participant")
    }

    fn ids(all: &[usize]) -> Vec<UserId> {
        all.iter().map(|at| id(*at)).collect()
    }

    #[test]
    fn open_microphones_come_first_and_you_before_the_others_of_your_kind() {
        let mut roster = vec![
            person(0, Role::Host, true),
            person(1, Role::Speaker, false),
            person(2, Role::Listener, true),
            person(3, Role::Speaker, true),
            person(4, Role::CoHost, false),
            person(5, Role::Listener, true),
        ];
        let of = |roster: &[ParticipantInfo], me: usize| PeopleInOrder::of(roster, Some(&id(me)));
        assert_eq!(of(&roster, 9).stage, ids(&[1, 4, 0, 3]));
        assert_eq!(of(&roster, 3).stage, ids(&[1, 4, 3, 0]));
        assert_eq!(of(&roster, 5).audience, ids(&[5, 2]));
        roster[3].muted = false;
        assert_eq!(of(&roster, 3).stage, ids(&[3, 1, 4, 0]));
        assert_eq!(PeopleInOrder::of(&roster, None).stage, ids(&[1, 3, 4, 0]));
    }

    #[test]
    fn the_focus_stays_with_its_person_or_goes_to_the_nearest_neighbour() {
        let list = |stage: &[usize], audience: &[usize]| PeopleInOrder {
            stage: ids(stage),
            audience: ids(audience),
        };
        let before = list(&[0, 1], &[2, 3]);
        let heirs = |now: PeopleInOrder, had: usize| before.heirs_of_focus(&now, &id(had));
        assert_eq!(heirs(list(&[1], &[2, 3, 0]), 0), ids(&[0, 1, 2, 3]));
        assert_eq!(heirs(list(&[0], &[2, 3]), 1), ids(&[2, 3, 0]));
        assert_eq!(heirs(list(&[0, 1], &[2]), 3), ids(&[2, 1, 0]));
        assert_eq!(heirs(list(&[], &[]), 3), ids(&[]));
    }

    proptest! {
        #[test]
        fn everybody_is_there_once_and_equals_keep_the_order_in_which_they_came(
            people in prop::collection::vec((0_usize..4, any::<bool>()), 0..60), me in 0_usize..80
        ) {
            let roster: Vec<_> = people.iter().enumerate().map(|(at, (role, muted))| person(at, Role::ALL[*role], *muted)).collect();
            let order = PeopleInOrder::of(&roster, Some(&id(me)));
            let mut all: Vec<_> = order.everybody().cloned().collect();
            all.sort();
            prop_assert_eq!(all, roster.iter().map(|one| one.person.id.clone()).collect::<Vec<_>>());
            for list in [&order.stage, &order.audience] {
                let of = |id: &UserId| roster.iter().position(|one| one.person.id == *id).expect("on the roster");
                for pair in list.windows(2) {
                    let (first, next) = (of(&pair[0]), of(&pair[1]));
                    prop_assert!(!roster[first].muted || roster[next].muted, "an open microphone comes later");
                    let are_equal = roster[first].muted == roster[next].muted;
                    prop_assert!(!are_equal || first < next || first == me);
                }
            }
        }
    }
}
