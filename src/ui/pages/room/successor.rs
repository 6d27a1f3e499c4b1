//! Who hosts the room if the host leaves.

use crate::model::{room::ParticipantInfo, stage::Role};
use std::cmp::Reverse;

/// The person who hosts next, if nothing changes until then. The server decides it by the same rule: people whose microphone is not
/// locked come first, then co-hosts, then speakers; among several, the person who has been here longest.
pub fn find_successor(roster: &[ParticipantInfo]) -> Option<&ParticipantInfo> {
    let others = roster.iter().filter(|one| one.role != Role::Host && !one.away);
    others.max_by_key(|one| (one.mic_lock.is_none(), one.role, Reverse(one.voice)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{id::UserId, room::Person, stage::MicLock};

    fn participant(name: &str, role: Role, voice: u32) -> ParticipantInfo {
        let id = UserId::parse(&format!("user-{name:a<10}")).expect("an id");
        ParticipantInfo {
            person: Person::named(id, name),
            role,
            hand: None,
            hand_since_s: None,
            invited: false,
            mic_lock: None,
            away: false,
            muted: true,
            voice,
        }
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
}
