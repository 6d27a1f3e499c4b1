//! Raised hands and open invitations to the stage, and how often a person may raise a hand or invite.

use crate::{
    model::{id::UserId, room::Person, signal::Refusal, stage::Role},
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
    /// The number of each raised hand, in the order in which they were raised.
    hands: BTreeMap<UserId, u32>,
    /// How many hands were raised so far.
    raised: u32,
    /// The people who were invited and have not answered yet, each with the person who invited them.
    invitations: BTreeMap<UserId, Person>,
    /// How often each person raised a hand or invited recently. The counts are kept when a person leaves, so that
    /// coming back does not reset the limits.
    rates: BTreeMap<UserId, RateWindows>,
}

#[derive(Debug)]
struct RateWindows {
    hands: RateWindow,
    /// Invitations that this person made.
    invitations: RateWindow,
    /// Invitations that this person got.
    invited: RateWindow,
}

impl Stage {
    /// The place of a raised hand in the queue.
    pub fn hand(&self, user: &UserId) -> Option<u32> {
        self.hands.get(user).copied()
    }

    pub fn is_invited(&self, user: &UserId) -> bool {
        self.invitations.contains_key(user)
    }

    /// Raises or lowers the hand of somebody with this role.
    ///
    /// # Errors
    /// `NotPossible` if the hand is up or down already, or if they are on the stage; `TooFast`.
    pub fn set_hand(&mut self, user: &UserId, role: Role, up: bool, now_ms: u64) -> Result<(), Refusal> {
        if self.hands.contains_key(user) == up || (up && role != Role::Listener) {
            return Err(Refusal::NotPossible);
        }
        if up {
            self.rate(user).hands.take(now_ms).map_err(too_fast)?;
            self.raised += 1;
            self.hands.insert(user.clone(), self.raised);
        } else {
            self.hands.remove(user);
        }
        Ok(())
    }

    /// Invites `about` to the stage.
    ///
    /// # Errors
    /// `NotPossible` if they have an invitation already; `TooFast`.
    pub fn invite(&mut self, by: &Person, about: &UserId, now_ms: u64) -> Result<(), Refusal> {
        if self.is_invited(about) {
            return Err(Refusal::NotPossible);
        }
        self.rate(about).invited.take(now_ms).map_err(too_fast)?;
        self.rate(&by.id).invitations.take(now_ms).map_err(too_fast)?;
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

    fn rate(&mut self, user: &UserId) -> &mut RateWindows {
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
    fn hands_are_in_the_order_of_raising_and_only_listeners_have_them() {
        let (ben, cem, mut stage) = (person("Ben").id, person("Cem").id, Stage::default());
        let raise = |stage: &mut Stage, user: &UserId| stage.set_hand(user, Role::Listener, true, 0);
        assert_eq!((raise(&mut stage, &cem), raise(&mut stage, &ben)), (Ok(()), Ok(())));
        assert_eq!((stage.hand(&cem), stage.hand(&ben)), (Some(1), Some(2)));
        assert_eq!(
            raise(&mut stage, &ben),
            Err(Refusal::NotPossible),
            "the hand is up already"
        );
        assert_eq!(stage.set_hand(&cem, Role::Listener, false, 0), Ok(()));
        assert_eq!(raise(&mut stage, &cem), Ok(()));
        assert_eq!(stage.hand(&cem), Some(3), "behind those who waited");
        stage.clear(&ben);
        let by_speaker = stage.set_hand(&ben, Role::Speaker, true, 0);
        assert_eq!((by_speaker, stage.hand(&ben)), (Err(Refusal::NotPossible), None));
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
        assert!(!stage.is_invited(&ben));
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
