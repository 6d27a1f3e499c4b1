//! What hosts do about somebody else in a room, pure.

use super::{
    Room,
    stage_requests::{Asking, Granted, too_fast},
};
use crate::{
    model::{
        id::UserId,
        moderation_log::{Barred, Deed},
        room::Person,
        signal::{Ending, Refusal},
        stage::{MicLock, Mode, ModerationAction, REMOVED_MINUTES, Role},
    },
    server::voice::{
        command::{ConnectionId, Effect},
        roles::Rank,
    },
};

impl Room {
    pub(super) fn moderate(&mut self, asking: &Asking, about: &UserId, action: ModerationAction) -> Granted {
        let person = self.participants.get(about).ok_or(Refusal::NotPossible)?.person.clone();
        let role = self.roles.role(about);
        if !action.is_for(asking.role, role) {
            // Whoever hosts could do it about others; about this one it has come about, or never can.
            let is_ever = Role::ALL.iter().any(|other| action.is_for(asking.role, *other));
            let above = role >= asking.role;
            return Err(if is_ever && !above {
                Refusal::NotPossible
            } else {
                Refusal::NotYours
            });
        }
        let is_owner = self.info.rules.permanent && *about == self.owner.id;
        if is_owner && matches!(action, ModerationAction::Remove | ModerationAction::Ban) {
            return Err(Refusal::NotYours);
        }
        match action {
            ModerationAction::HandOver if self.participants.get(about).is_none_or(|participant| participant.guest) => {
                Err(Refusal::NotPossible)
            }
            ModerationAction::Invite => self.invite(asking, about),
            ModerationAction::ToAudience if self.roles.mode == Mode::Everyone => Err(Refusal::NotPossible),
            ModerationAction::ToAudience => Ok(self.promote(asking, person, Rank::Listener, Role::Listener)),
            ModerationAction::MakeCoHost => Ok(self.promote(asking, person, Rank::CoHost, Role::CoHost)),
            ModerationAction::TakeCoHost => Ok(self.promote(asking, person, Rank::Speaker, Role::Speaker)),
            ModerationAction::Mute => self.mute_for_everyone(asking, person),
            ModerationAction::LetUnmute => self.let_unmute(asking, person),
            ModerationAction::Remove => Ok(self.remove_or_ban(asking, person, Deed::Removed)),
            ModerationAction::Ban => Ok(self.remove_or_ban(asking, person, Deed::Banned)),
            ModerationAction::HandOver => Ok(self.hand_over(asking, person, role)),
        }
    }

    fn invite(&mut self, asking: &Asking, about: &UserId) -> Granted {
        if self
            .participants
            .get(about)
            .is_none_or(|participant| participant.invited_by.is_some())
        {
            return Err(Refusal::NotPossible);
        }
        self.pace(about).invited.take(asking.now_ms).map_err(too_fast)?;
        self.pace(&asking.by.id)
            .invitations
            .take(asking.now_ms)
            .map_err(too_fast)?;
        self.participants.get_mut(about).ok_or(Refusal::NotPossible)?.invited_by = Some(asking.by.clone());
        Ok(vec![])
    }

    fn promote(&mut self, asking: &Asking, about: Person, rank: Rank, to: Role) -> Vec<Effect> {
        let from = self.roles.role(&about.id);
        let change = self.roles.change(&about.id, |record| record.rank = rank);
        self.clear_hand_and_invitation(&about.id);
        self.note(asking, Some(about), Deed::Role { from, to }, Some(change));
        vec![]
    }

    fn mute_for_everyone(&mut self, asking: &Asking, about: Person) -> Granted {
        if self.roles.record(&about.id).muted_by_host {
            return Err(Refusal::NotPossible);
        }
        self.roles.change(&about.id, |record| record.muted_by_host = true);
        self.note(asking, Some(about), Deed::Muted, None);
        Ok(vec![])
    }

    fn let_unmute(&mut self, asking: &Asking, about: Person) -> Granted {
        let participant = self.participants.get(&about.id).ok_or(Refusal::NotPossible)?;
        match self.mic_lock(participant) {
            Some(MicLock::ByHost) => self.roles.change(&about.id, |record| record.muted_by_host = false),
            Some(MicLock::NewAccount) => self.roles.change(&about.id, |record| record.vouched = true),
            None => return Err(Refusal::NotPossible),
        };
        self.note(asking, Some(about), Deed::LetUnmute, None);
        Ok(vec![])
    }

    fn remove_or_ban(&mut self, asking: &Asking, about: Person, deed: Deed) -> Vec<Effect> {
        let (why, until_s) = match deed {
            Deed::Banned => (Ending::Banned, None),
            _ => {
                let until_s = self.now_s(asking.now_ms) + i64::from(REMOVED_MINUTES) * 60;
                (Ending::Removed, Some(until_s))
            }
        };
        let (user, person) = (about.id.clone(), about.clone());
        let guest = self
            .participants
            .get(&user)
            .is_some_and(|participant| participant.guest);
        let change = self.roles.change(&user, |record| {
            record.rank = Rank::Listener;
            record.bar = Some(Barred { person, until_s, guest });
        });
        self.note(asking, Some(about), deed, Some(change));
        let theirs = self.watchers.iter().filter(|(_, of)| **of == user);
        let put_out = |(connection, _): (&ConnectionId, &UserId)| Effect::PutOut {
            connection: *connection,
            why,
        };
        let mut effects: Vec<Effect> = theirs.map(put_out).collect();
        // The place now: where the connection is lost just then there is no connection to take it along.
        effects.extend(self.remove(&user, asking.now_ms));
        effects
    }

    fn hand_over(&mut self, asking: &Asking, about: Person, from: Role) -> Vec<Effect> {
        let change = self.roles.hand_over(&about.id);
        self.clear_hand_and_invitation(&about.id);
        self.note(
            asking,
            Some(about.clone()),
            Deed::Role { from, to: Role::Host },
            Some(change),
        );
        self.set_room_host(about, asking.now_ms)
    }
}
