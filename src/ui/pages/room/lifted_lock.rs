//! The sentence that you read when your microphone is no longer locked: after a host lets you speak again, or when your account is old
//! enough.

use crate::model::{
    isolated::isolated,
    room::ParticipantInfo,
    stage::{MicLock, Role},
};
use std::borrow::Cow;

/// What locks your microphone, and what to say since a lock has ended.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LiftedLock {
    lock: Option<MicLock>,
    /// The sentence; `None` if no lock has ended, or if something else is the news now.
    pub words: Option<String>,
}

impl LiftedLock {
    /// The state after a change. `own` is your entry on the roster; `None` while you are not inside. Once you raise a hand or get another
    /// role, that is the news.
    pub fn after(before: Option<&Self>, own: Option<&ParticipantInfo>, roster: &[ParticipantInfo]) -> Self {
        let (Some(before), Some(own)) = (before, own) else {
            return Self {
                lock: own.and_then(|own| own.mic_lock),
                words: None,
            };
        };
        let has_other_news = own.mic_lock.is_some() || own.hand.is_some() || own.role != Role::Speaker;
        let words = match before.lock {
            _ if has_other_news => None,
            Some(MicLock::ByHost) => Some(format!("{} lets you speak again.", only_host(roster))),
            Some(MicLock::NewAccount) => Some("You can speak now.".to_owned()),
            None => before.words.clone(),
        };
        Self {
            lock: own.mic_lock,
            words,
        }
    }
}

/// The name of the person who hosts. The page is not told which host lifted the lock, so with several hosts this names nobody.
fn only_host(roster: &[ParticipantInfo]) -> Cow<'_, str> {
    let mut hosts = roster.iter().filter(|one| one.role.hosts());
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => isolated(&host.person.name),
        _ => Cow::Borrowed("A host"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{id::UserId, room::Person};

    fn participant(name: &str, role: Role, mic_lock: Option<MicLock>) -> ParticipantInfo {
        let id = UserId::parse(&format!("user-{name:a<10}")).expect("an id");
        ParticipantInfo {
            mic_lock,
            ..ParticipantInfo::new(Person::named(id, name), role, 1)
        }
    }

    /// What Ben reads after each of the states of his entry on the roster.
    fn told(states: &[ParticipantInfo], hosts: &[ParticipantInfo]) -> Vec<Option<String>> {
        let mut state = None::<LiftedLock>;
        let next = |own: &ParticipantInfo| {
            let now = LiftedLock::after(state.as_ref(), Some(own), hosts);
            state = Some(now.clone());
            now.words
        };
        states.iter().map(next).collect()
    }

    #[test]
    fn after_a_mute_ends_you_read_who_lets_you_speak_until_there_is_other_news() {
        let alone = [participant("Ada", Role::Host, None)];
        let muted = participant("Ben", Role::Speaker, Some(MicLock::ByHost));
        let free = participant("Ben", Role::Speaker, None);
        let raised = ParticipantInfo {
            hand: Some(1),
            ..free.clone()
        };
        let states = [
            free.clone(),
            muted.clone(),
            free.clone(),
            free.clone(),
            raised,
            free.clone(),
        ];
        let lets = Some("Ada lets you speak again.".to_owned());
        assert_eq!(told(&states, &alone), [None, None, lets.clone(), lets, None, None]);
        let both = [
            participant("Ada", Role::Host, None),
            participant("Cem", Role::CoHost, None),
        ];
        let by_somebody = Some("A host lets you speak again.".to_owned());
        assert_eq!(told(&[muted, free], &both), [None, by_somebody]);
    }

    #[test]
    fn an_account_that_is_old_enough_can_speak_but_a_listener_reads_nothing() {
        let new = participant("Ben", Role::Speaker, Some(MicLock::NewAccount));
        let free = participant("Ben", Role::Speaker, None);
        let can_speak = Some("You can speak now.".to_owned());
        assert_eq!(told(&[new.clone(), free], &[]), [None, can_speak]);
        let listener = participant("Ben", Role::Listener, None);
        assert_eq!(told(&[new, listener], &[]), [None, None]);
    }

    #[test]
    fn somebody_who_comes_in_again_reads_nothing_about_a_mute_before() {
        let muted = participant("Ben", Role::Speaker, Some(MicLock::ByHost));
        let inside = LiftedLock::after(None, Some(&muted), &[]);
        let outside = LiftedLock::after(Some(&inside), None, &[]);
        let free = participant("Ben", Role::Speaker, None);
        assert_eq!(LiftedLock::after(Some(&outside), Some(&free), &[]).words, None);
    }
}
