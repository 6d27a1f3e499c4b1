//! Who hosts the room if the host leaves.

use crate::model::{id::UserId, isolated::isolated, room::ParticipantInfo, stage::Role};
use std::cmp::Reverse;

/// The person who hosts next, if nothing changes until then. The server decides it by the same rule: people whose microphone is not
/// locked come first, then co-hosts, then speakers; among several, the person who has been here longest.
pub fn find_successor(roster: &[ParticipantInfo]) -> Option<&ParticipantInfo> {
    let others = roster.iter().filter(|one| one.role != Role::Host && !one.away);
    others.max_by_key(|one| (one.mic_lock.is_none(), one.role, Reverse(one.voice)))
}

/// What happens if the host, who is away, stays away. `me` is the person whose page this is.
pub fn takeover_words(roster: &[ParticipantInfo], me: Option<&UserId>) -> String {
    let next = match find_successor(roster) {
        Some(next) if Some(&next.person.id) == me => "you take over".to_owned(),
        Some(next) => format!("{} takes over", isolated(&next.person.name)),
        None => "somebody else takes over".to_owned(),
    };
    format!("If they are not back within a minute, {next} as host.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{room::Person, stage::MicLock};

    fn participant(name: &str, role: Role, voice: u32) -> ParticipantInfo {
        let id = UserId::parse(&format!("user-{name:a<10}")).expect("an id");
        ParticipantInfo::new(Person::named(id, name), role, voice)
    }

    #[test]
    fn a_co_host_is_next_and_otherwise_whoever_has_been_here_longest() {
        let next = |roster: &[ParticipantInfo]| find_successor(roster).map(|one| one.person.name.clone());
        let mut roster = vec![
            participant("Ada", Role::Host, 1),
            participant("Ben", Role::Listener, 2),
            participant("Cem", Role::Speaker, 3),
            participant("Dee", Role::Speaker, 4),
        ];
        assert_eq!(next(&roster).as_deref(), Some("Cem"));
        roster[2].mic_lock = Some(MicLock::ByHost);
        assert_eq!(next(&roster).as_deref(), Some("Dee"), "Cem is muted for everyone");
        roster.push(participant("Eve", Role::CoHost, 5));
        assert_eq!(next(&roster).as_deref(), Some("Eve"));
        roster[4].away = true;
        assert_eq!(next(&roster).as_deref(), Some("Dee"), "Eve is away");
        assert_eq!(next(&roster[..1]), None);
    }
    #[test]
    fn while_the_host_is_away_the_page_names_only_the_person_who_takes_over() {
        let alone = [participant("Gus", Role::Speaker, 2)];
        let me = Some(&alone[0].person.id);
        assert_eq!(
            takeover_words(&alone, me),
            "If they are not back within a minute, you take over as host."
        );
        let with_tom = [alone[0].clone(), participant("Tom", Role::CoHost, 3)];
        assert_eq!(
            takeover_words(&with_tom, me),
            "If they are not back within a minute, Tom takes over as host."
        );
        assert_eq!(
            takeover_words(&[], None),
            "If they are not back within a minute, somebody else takes over as host."
        );
    }
}
