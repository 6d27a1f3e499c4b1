//! What participants ask of a room about the stage, pure: granted by role, refused with a reason, written into the log.

use super::{RateWindows, Room, refuse};
use crate::{
    model::{
        id::UserId,
        moderation_log::Deed,
        room::{Person, Rules},
        signal::Refusal,
        stage::{Mode, ModerationAction, NEW_ACCOUNT_MINUTES, Role, StageRequest},
    },
    server::voice::{
        command::{ConnectionId, Effect, Persist},
        participant::Participant,
        roles::{Change, Rank},
        token_bucket::RateWindow,
    },
};

const MINUTE_MS: u64 = 60_000;
/// Hands that one person may raise within a minute,
const HANDS_A_MINUTE: usize = 6;
/// invitations to the stage that one person may make,
const INVITATIONS_A_MINUTE: usize = 30;
/// and those that one person may get.
const INVITED_A_MINUTE: usize = 3;

pub(super) type Granted = Result<Vec<Effect>, Refusal>;

/// Who asks, and when.
pub(super) struct Asking {
    pub by: Person,
    pub role: Role,
    pub now_ms: u64,
}

impl Room {
    /// Grants a request of somebody who is inside, or says why not. Ending the room is the registry's.
    pub fn request(
        &mut self,
        connection: ConnectionId,
        user: &UserId,
        request: StageRequest,
        now_ms: u64,
    ) -> Vec<Effect> {
        let asked = self.may_request(connection, user, &request).and_then(|by| {
            let role = self.roles.role(user);
            let asking = Asking { by, role, now_ms };
            self.with_rights_change(|room| room.grant(&asking, request))
        });
        asked.unwrap_or_else(|why| vec![refuse(connection, why)])
    }

    /// Who asks, where their role may ask for that.
    ///
    /// # Errors
    /// `NotJoined`, `NotYours`.
    pub fn may_request(
        &self,
        connection: ConnectionId,
        user: &UserId,
        request: &StageRequest,
    ) -> Result<Person, Refusal> {
        let participant = self
            .participants
            .get(user)
            .filter(|participant| participant.has(connection));
        let participant = participant.ok_or(Refusal::NotJoined)?;
        let may = request.is_for(self.roles.role(user)) && !self.is_for_the_owner_alone(request, participant);
        may.then(|| participant.person.clone()).ok_or(Refusal::NotYours)
    }

    /// A permanent room is ended, given up and handed on by who keeps it, whoever hosts it meanwhile; and no guest keeps one.
    fn is_for_the_owner_alone(&self, request: &StageRequest, participant: &Participant) -> bool {
        let gives_up = matches!(
            request,
            StageRequest::End
                | StageRequest::SetPermanent { .. }
                | StageRequest::Moderate {
                    action: ModerationAction::HandOver,
                    ..
                }
        );
        let owns_as_guest = participant.guest && matches!(request, StageRequest::SetPermanent { on: true });
        let is_anothers = self.info.rules.permanent && participant.person.id != self.owner.id;
        (gives_up && is_anothers) || owns_as_guest
    }

    fn grant(&mut self, asking: &Asking, request: StageRequest) -> Granted {
        match request {
            StageRequest::Hand { up } => self.raise_or_lower(asking, up),
            StageRequest::Answer { accept } => self.answer(asking, accept),
            StageRequest::StepDown => self.step_down(asking),
            StageRequest::Moderate { about, action } => self.moderate(asking, &about, action),
            StageRequest::Lift { about } => self.lift(asking, &about),
            StageRequest::Undo { number } => self.undo(asking, number),
            StageRequest::Mode { mode } => self.switch(asking, mode),
            StageRequest::MuteNewAccounts { minutes } => self.mute_new_accounts(asking, minutes),
            StageRequest::SetPermanent { on } => self.set_permanent(asking, on),
            StageRequest::End => Err(Refusal::NotPossible),
        }
    }

    fn raise_or_lower(&mut self, asking: &Asking, up: bool) -> Granted {
        let user = &asking.by.id;
        let is_up = self
            .participants
            .get(user)
            .is_some_and(|participant| participant.hand.is_some());
        if is_up == up || (up && asking.role != Role::Listener) {
            return Err(Refusal::NotPossible);
        }
        if up {
            self.pace(user).hands.take(asking.now_ms).map_err(too_fast)?;
            self.hands += 1;
        }
        let hand = up.then_some(self.hands);
        self.participants.get_mut(user).ok_or(Refusal::NotJoined)?.hand = hand;
        Ok(vec![])
    }

    fn answer(&mut self, asking: &Asking, accept: bool) -> Granted {
        let user = &asking.by.id;
        let participant = self.participants.get_mut(user).ok_or(Refusal::NotJoined)?;
        let inviter = participant.invited_by.take().ok_or(Refusal::NotPossible)?;
        participant.hand = None;
        if accept {
            let change = self.roles.change(user, |record| record.rank = Rank::Speaker);
            let deed = Deed::Role {
                from: asking.role,
                to: Role::Speaker,
            };
            let now_s = self.now_s(asking.now_ms);
            self.journal
                .add(now_s, Some(inviter), Some(asking.by.clone()), deed, Some(change));
        }
        Ok(vec![])
    }

    fn step_down(&mut self, asking: &Asking) -> Granted {
        if asking.role != Role::Speaker || self.roles.mode != Mode::Stage {
            return Err(Refusal::NotPossible);
        }
        self.roles.change(&asking.by.id, |record| record.rank = Rank::Listener);
        let deed = Deed::Role {
            from: Role::Speaker,
            to: Role::Listener,
        };
        self.note(asking, Some(asking.by.clone()), deed, None);
        Ok(vec![])
    }

    fn lift(&mut self, asking: &Asking, about: &UserId) -> Granted {
        let bar = self.roles.record(about).bar.ok_or(Refusal::NotPossible)?;
        self.roles.change(about, |record| record.bar = None);
        self.note(asking, Some(bar.person), Deed::Lifted, None);
        Ok(vec![])
    }

    fn undo(&mut self, asking: &Asking, number: u32) -> Granted {
        let (entry, change) = self.journal.find_undoable(number).ok_or(Refusal::NotPossible)?;
        if !change.is_for(asking.role) {
            return Err(Refusal::NotYours);
        }
        if !self.roles.can_undo(&change) {
            return Err(Refusal::NotPossible);
        }
        let host = self.roles.host().clone();
        self.roles.undo(&change);
        self.journal.mark_undone(number);
        self.note(asking, entry.about, Deed::Undid { number }, None);
        match entry
            .by
            .filter(|before| *self.roles.host() != host && *self.roles.host() == before.id)
        {
            Some(before) => {
                // By the name and face of now, not by those of then.
                let now = self
                    .participants
                    .get(&before.id)
                    .map(|participant| participant.person.clone());
                Ok(self.set_room_host(now.unwrap_or(before), asking.now_ms))
            }
            None => Ok(vec![]),
        }
    }

    fn switch(&mut self, asking: &Asking, mode: Mode) -> Granted {
        if self.roles.mode == mode {
            return Err(Refusal::NotPossible);
        }
        for participant in self.participants.values_mut() {
            (participant.hand, participant.invited_by) = (None, None);
            // Who is talking stays on the stage; who comes down from it may talk anyway.
            let rank = if mode == Mode::Stage && participant.talking().is_some() {
                Rank::Speaker
            } else {
                Rank::Listener
            };
            self.roles.change(&participant.person.id, |record| {
                if record.rank < Rank::CoHost {
                    record.rank = rank;
                }
            });
        }
        self.roles.mode = mode;
        let rules = Rules {
            mode,
            ..self.info.rules
        };
        Ok(self.rule(asking, rules, Deed::Mode { mode }))
    }

    fn mute_new_accounts(&mut self, asking: &Asking, minutes: u32) -> Granted {
        if !NEW_ACCOUNT_MINUTES.contains(&minutes) || self.info.rules.new_account_minutes == minutes {
            return Err(Refusal::NotPossible);
        }
        let rules = Rules {
            new_account_minutes: minutes,
            ..self.info.rules
        };
        let effects = self.rule(asking, rules, Deed::NewAccountsMuted { minutes });
        let young: Vec<(UserId, bool)> = self
            .participants
            .iter()
            .map(|(user, participant)| {
                (
                    user.clone(),
                    self.is_new_account(participant.known_since_s, asking.now_ms),
                )
            })
            .collect();
        for (user, is_new) in young {
            if let Some(participant) = self.participants.get_mut(&user) {
                participant.is_new = is_new;
            }
        }
        Ok(effects)
    }

    fn set_permanent(&mut self, asking: &Asking, on: bool) -> Granted {
        if self.info.rules.permanent == on {
            return Err(Refusal::NotPossible);
        }
        let rules = Rules {
            permanent: on,
            ..self.info.rules
        };
        let mut effects = self.rule(asking, rules, Deed::Permanent { on });
        // Who makes it stand keeps it.
        effects.extend(self.set_room_host(asking.by.clone(), asking.now_ms));
        Ok(effects)
    }

    fn rule(&mut self, asking: &Asking, rules: Rules, deed: Deed) -> Vec<Effect> {
        self.info.rules = rules;
        self.note(asking, None, deed, None);
        vec![self.persist(Persist::Rules(rules))]
    }

    pub(super) fn persist(&self, what: Persist) -> Effect {
        Effect::Persist {
            room: self.info.id.clone(),
            what,
        }
    }

    pub(super) fn note(&mut self, asking: &Asking, about: Option<Person>, deed: Deed, change: Option<Change>) {
        let now_s = self.now_s(asking.now_ms);
        self.journal.add(now_s, Some(asking.by.clone()), about, deed, change);
    }

    pub(super) fn pace(&mut self, user: &UserId) -> &mut RateWindows {
        self.paces.entry(user.clone()).or_insert_with(|| RateWindows {
            hands: RateWindow::new(HANDS_A_MINUTE, MINUTE_MS),
            invitations: RateWindow::new(INVITATIONS_A_MINUTE, MINUTE_MS),
            invited: RateWindow::new(INVITED_A_MINUTE, MINUTE_MS),
        })
    }
}

pub(super) fn too_fast(wait_s: u32) -> Refusal {
    Refusal::TooFast { wait_s }
}
