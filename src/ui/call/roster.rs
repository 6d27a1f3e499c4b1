//! The roster, pure: what a room's news make of it.

use crate::model::{id::UserId, room::ParticipantInfo};

/// The roster after what changed. Who is there twice is there once.
pub fn apply(
    roster: &mut Vec<ParticipantInfo>,
    joined: Vec<ParticipantInfo>,
    left: &[UserId],
    changed: Vec<ParticipantInfo>,
) {
    roster.retain(|one| !left.contains(&one.person.id));
    for news in joined.into_iter().chain(changed) {
        match roster.iter_mut().find(|one| one.person.id == news.person.id) {
            Some(one) => *one = news,
            None => roster.push(news),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{room::Person, stage::Role};

    fn participant(name: &str, away: bool) -> ParticipantInfo {
        let id = UserId::parse(&format!("user-{name:a<10}")).expect("an id");
        ParticipantInfo {
            person: Person {
                id,
                name: name.into(),
                picture: String::new(),
            },
            role: Role::Speaker,
            hand: None,
            invited: false,
            mic_lock: None,
            away,
            muted: true,
            voice: 1,
        }
    }

    #[test]
    fn news_change_the_roster() {
        let (ada, ben) = (participant("Ada", false), participant("Ben", false));
        let mut roster = vec![ada.clone()];
        apply(
            &mut roster,
            vec![ben.clone(), ben.clone()],
            &[],
            vec![participant("Ada", true)],
        );
        assert_eq!(roster, [participant("Ada", true), ben.clone()]);
        apply(&mut roster, vec![], &[ada.person.id], vec![]);
        assert_eq!(roster, [ben]);
    }
}
