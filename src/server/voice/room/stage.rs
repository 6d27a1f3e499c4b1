//! Raised hands and open invitations to the stage, and how often a person may raise a hand or invite.

use crate::{
    model::{id::UserId, room::Person, signal::Refusal},
    server::voice::token_bucket::RateWindow,
};
use std::collections::BTreeMap;

const MINUTE_MS: u64 = 60_000;
/// How often one person may raise a hand within a minute.
const HANDS_A_MINUTE: usize = 6;
/// How many invitations to the stage one person may make within a minute.
const INVITATIONS_A_MINUTE: usize = 30;
/// How many invitations one person may get within a minute.
const INVITED_A_MINUTE: usize = 3;

/// The hands and invitations of the people inside a room.
#[derive(Debug, Default)]
pub struct Stage {
    hands: BTreeMap<UserId, RaisedHand>,
    /// How many hands were raised so far.
    raised: u32,
    /// The people who were invited and have not answered yet, each with the person who invited them.
    invitations: BTreeMap<UserId, Person>,
    /// How often each person raised a hand, invited or was invited within the last minute. The counts are kept when a person leaves, so that
    /// coming back does not reset the limits.
    rates: BTreeMap<UserId, RateWindows>,
}

/// A hand that is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RaisedHand {
    /// The hands of a room are numbered in the order in which they were raised, so the lowest number is first in the queue.
    pub number: u32,
    /// When the hand was raised, in milliseconds of the registry's clock.
    pub raised_at_ms: u64,
}

#[derive(Debug)]
struct RateWindows {
    hands: RateWindow,
    /// Invitations that this person made.
    invitations: RateWindow,
    /// Invitations that this person got.
    invited: RateWindow,
}

impl RateWindows {
    fn is_in_use(&self, now_ms: u64) -> bool {
        let windows = [&self.hands, &self.invitations, &self.invited];
        windows.into_iter().any(|window| window.is_in_use(now_ms))
    }
}

impl Stage {
    pub fn hand(&self, user: &UserId) -> Option<RaisedHand> {
        self.hands.get(user).copied()
    }

    /// The person who invited `user` to the stage, until `user` answers.
    pub fn inviter(&self, user: &UserId) -> Option<&Person> {
        self.invitations.get(user)
    }

    /// Raises the hand of somebody who is inside, whatever their role.
    ///
    /// # Errors
    /// `NotPossible` if the hand is up already; `TooFast`.
    pub fn raise_hand(&mut self, user: &UserId, now_ms: u64) -> Result<(), Refusal> {
        if self.hands.contains_key(user) {
            return Err(Refusal::NotPossible);
        }
        self.rate(user, now_ms).hands.take(now_ms).map_err(too_fast)?;
        self.raised += 1;
        let hand = RaisedHand {
            number: self.raised,
            raised_at_ms: now_ms,
        };
        self.hands.insert(user.clone(), hand);
        Ok(())
    }

    /// Lowers the hand of `user`. An open invitation stays open.
    ///
    /// # Errors
    /// `NotPossible` if the hand is not up.
    pub fn lower_hand(&mut self, user: &UserId) -> Result<(), Refusal> {
        self.hands.remove(user).map(drop).ok_or(Refusal::NotPossible)
    }

    /// Invites `about` to the stage.
    ///
    /// # Errors
    /// `NotPossible` if they have an invitation already; `TooFast`.
    pub fn invite(&mut self, by: &Person, about: &UserId, now_ms: u64) -> Result<(), Refusal> {
        if self.invitations.contains_key(about) {
            return Err(Refusal::NotPossible);
        }
        self.rate(about, now_ms).invited.take(now_ms).map_err(too_fast)?;
        self.rate(&by.id, now_ms).invitations.take(now_ms).map_err(too_fast)?;
        self.invitations.insert(about.clone(), by.clone());
        Ok(())
    }

    /// Takes the invitation of `user`, who has answered it, and lowers their hand. Returns the person who invited them.
    ///
    /// # Errors
    /// `NotPossible` if they have no invitation.
    pub fn answer(&mut self, user: &UserId) -> Result<Person, Refusal> {
        let inviter = self.invitations.remove(user).ok_or(Refusal::NotPossible)?;
        self.hands.remove(user);
        Ok(inviter)
    }

    /// Lowers the hand and drops the invitation of `user`, whose role has changed or who has left.
    pub fn clear(&mut self, user: &UserId) {
        self.hands.remove(user);
        self.invitations.remove(user);
    }

    /// Lowers all hands and drops all invitations.
    pub fn clear_all(&mut self) {
        self.hands.clear();
        self.invitations.clear();
    }

    /// Drops the invitations of people who don't host any more.
    pub fn retain_invitations(&mut self, hosts: impl Fn(&UserId) -> bool) {
        self.invitations.retain(|_, by| hosts(&by.id));
    }

    /// Resets the limits, when nobody is inside any more.
    pub fn forget_rates(&mut self) {
        self.rates.clear();
    }

    /// The windows of `user`. Drops those of everybody who did nothing within the last minute, so there are no more windows than people who
    /// did something.
    fn rate(&mut self, user: &UserId, now_ms: u64) -> &mut RateWindows {
        self.rates.retain(|_, windows| windows.is_in_use(now_ms));
        self.rates.entry(user.clone()).or_insert_with(|| RateWindows {
            hands: RateWindow::new(HANDS_A_MINUTE, MINUTE_MS),
            invitations: RateWindow::new(INVITATIONS_A_MINUTE, MINUTE_MS),
            invited: RateWindow::new(INVITED_A_MINUTE, MINUTE_MS),
        })
    }
}

fn too_fast(wait_s: u32) -> Refusal {
    Refusal::TooFast { wait_s }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str) -> Person {
        Person::named(UserId::parse(&format!("user-{name:a<10}")).expect("an id"), name)
    }

    #[test]
    fn hands_are_in_the_order_of_raising_and_remember_when_they_were_raised() {
        let (ben, cem, mut stage) = (person("Ben").id, person("Cem").id, Stage::default());
        assert_eq!(
            (stage.raise_hand(&cem, 10), stage.raise_hand(&ben, 20)),
            (Ok(()), Ok(()))
        );
        let hand = |stage: &Stage, user: &UserId| stage.hand(user).map(|hand| (hand.number, hand.raised_at_ms));
        assert_eq!((hand(&stage, &cem), hand(&stage, &ben)), (Some((1, 10)), Some((2, 20))));
        assert_eq!(
            stage.raise_hand(&ben, 30),
            Err(Refusal::NotPossible),
            "the hand is up already"
        );
        assert_eq!(hand(&stage, &ben), Some((2, 20)), "a refused request changes nothing");
        assert_eq!(
            (stage.lower_hand(&cem), stage.lower_hand(&cem)),
            (Ok(()), Err(Refusal::NotPossible))
        );
        assert_eq!(stage.raise_hand(&cem, 40), Ok(()));
        assert_eq!(hand(&stage, &cem), Some((3, 40)), "behind those who waited");
        stage.clear(&ben);
        assert_eq!(stage.hand(&ben), None);
    }

    #[test]
    fn a_host_who_lowers_a_hand_leaves_the_invitation_open() {
        let (ada, ben, mut stage) = (person("Ada"), person("Ben").id, Stage::default());
        assert_eq!(
            (stage.raise_hand(&ben, 0), stage.invite(&ada, &ben, 0)),
            (Ok(()), Ok(()))
        );
        assert_eq!(stage.lower_hand(&ben), Ok(()));
        assert_eq!(stage.inviter(&ben), Some(&ada));
    }

    #[test]
    fn an_invitation_is_answered_once_and_ends_when_its_sender_stops_hosting() {
        let (ada, ben, mut stage) = (person("Ada"), person("Ben").id, Stage::default());
        assert_eq!(stage.answer(&ben), Err(Refusal::NotPossible));
        assert_eq!(stage.invite(&ada, &ben, 0), Ok(()));
        assert_eq!(stage.invite(&ada, &ben, 0), Err(Refusal::NotPossible));
        assert_eq!(stage.answer(&ben), Ok(ada.clone()));
        assert_eq!(stage.invite(&ada, &ben, 1), Ok(()));
        stage.retain_invitations(|_| false);
        assert_eq!(stage.inviter(&ben), None);
    }

    #[test]
    fn only_the_people_of_the_last_minute_are_remembered() {
        let mut stage = Stage::default();
        for number in 0..1_000_u64 {
            let user = person(&number.to_string()).id;
            assert_eq!(stage.raise_hand(&user, number * 1_000), Ok(()));
            stage.clear(&user);
        }
        assert_eq!(stage.rates.len(), 60);
    }

    #[test]
    fn leaving_and_coming_back_does_not_reset_the_limits() {
        let (ada, ben, mut stage) = (person("Ada"), person("Ben").id, Stage::default());
        for _ in 0..INVITED_A_MINUTE {
            assert_eq!(stage.invite(&ada, &ben, 0), Ok(()));
            stage.clear(&ben);
        }
        assert_eq!(stage.invite(&ada, &ben, 0), Err(Refusal::TooFast { wait_s: 60 }));
        stage.forget_rates();
        assert_eq!(stage.invite(&ada, &ben, 0), Ok(()));
    }
}
