//! Requests of participants about the stage and each other: granted by role, or refused with a reason.

use super::{Room, moderation::Asking};
use crate::{
    model::{
        id::UserId,
        room::{Person, Rules},
        signal::{Ending, Refusal},
        stage::{Mode, ModerationAction, NEW_ACCOUNT_MINUTES, Role, StageRequest},
    },
    server::voice::{
        command::{ConnectionId, Effect, Persist},
        roles::Rank,
    },
};

type Granted = Result<Vec<Effect>, Refusal>;

impl Room {
    /// Grants a request. The registry carries out [`StageRequest::End`] itself.
    ///
    /// # Errors
    /// The reason why the request is refused. Nothing has changed then.
    pub fn request(
        &mut self,
        connection: ConnectionId,
        user: &UserId,
        request: StageRequest,
        now_ms: u64,
    ) -> Result<Vec<Effect>, Refusal> {
        let by = self.may_request(connection, user, &request)?;
        let role = self.role(user);
        let before = self.snapshot();
        let kind = self.info.host_kind();
        let asking = Asking { by, role, kind, now_ms };
        let effects = self.grant(&asking, request)?;
        Ok(self.enforce_permissions(before, effects))
    }

    /// The person who asks, if their role allows this request.
    ///
    /// # Errors
    /// `NotJoined`, `NotYours`; `StandIn` if they host while the owner is away, and this is up to the owner.
    pub fn may_request(
        &self,
        connection: ConnectionId,
        user: &UserId,
        request: &StageRequest,
    ) -> Result<Person, Refusal> {
        let participant = self.attendance.participant_at(connection, user);
        let participant = participant.ok_or(Refusal::NotJoined)?;
        let role = self.role(user);
        if !request.is_for(role) {
            return Err(Refusal::NotYours);
        }
        if role == Role::Host && !self.info.lets_host_request(request) {
            return Err(Refusal::StandIn);
        }
        Ok(participant.person.clone())
    }

    fn grant(&mut self, asking: &Asking, request: StageRequest) -> Granted {
        match request {
            StageRequest::Hand { up: true } => nothing_more(self.stage.raise_hand(&asking.by.id, asking.now_ms)),
            StageRequest::Hand { up: false } => nothing_more(self.stage.lower_hand(&asking.by.id)),
            StageRequest::Answer { accept } => self.answer(asking, accept),
            StageRequest::StepDown => nothing_more(self.moderation.step_down(asking)),
            StageRequest::Moderate { about, action } => self.moderate(asking, &about, action),
            StageRequest::Lift { about } => nothing_more(self.moderation.lift(asking, &about)),
            StageRequest::Undo { number } => self.undo(asking, number),
            StageRequest::Mode { mode } => self.set_mode(asking, mode),
            StageRequest::MuteNewAccounts { minutes } => self.mute_new_accounts(asking, minutes),
            StageRequest::SetPermanent { on } => self.set_permanent(asking, on),
            StageRequest::End => Err(Refusal::NotPossible),
            StageRequest::LowerHand { about } => self.lower_hand_of(asking, &about),
        }
    }

    /// A host lowers the hand of somebody with a lower role. This is not an action of the log: nobody's rights change.
    ///
    /// # Errors
    /// `NotPossible` if they are not inside or their hand is down; `NotYours` if their role is not lower; `StandIn` if they are a
    /// co-host and somebody hosts in place of the owner.
    fn lower_hand_of(&mut self, asking: &Asking, about: &UserId) -> Granted {
        self.attendance.participant(about).ok_or(Refusal::NotPossible)?;
        let role = self.role(about);
        if role >= asking.role {
            return Err(Refusal::NotYours);
        }
        if asking.role == Role::Host && !asking.kind.may_lower_hand(role) {
            return Err(Refusal::StandIn);
        }
        nothing_more(self.stage.lower_hand(about))
    }

    fn answer(&mut self, asking: &Asking, accept: bool) -> Granted {
        let inviter = self.stage.answer(&asking.by.id)?;
        if accept {
            self.moderation.accept_invitation(asking, inviter);
        }
        Ok(vec![])
    }

    fn undo(&mut self, asking: &Asking, number: u32) -> Granted {
        let Some(before) = self.moderation.undo(asking, number)? else {
            return Ok(vec![]);
        };
        let host = self.current_person(&before).clone();
        Ok(self.set_owner(host, asking.now_ms))
    }

    fn set_mode(&mut self, asking: &Asking, mode: Mode) -> Granted {
        if self.info.rules.mode == mode {
            return Err(Refusal::NotPossible);
        }
        self.stage.clear_all();
        let inside = self.attendance.participants().map(|participant| &participant.person.id);
        let inside = inside.map(|user| (user, self.microphones.is_open(user)));
        self.moderation.set_mode(asking, mode, inside);
        let rules = Rules {
            mode,
            ..self.info.rules
        };
        Ok(self.set_rules(rules))
    }

    fn mute_new_accounts(&mut self, asking: &Asking, minutes: u32) -> Granted {
        if !NEW_ACCOUNT_MINUTES.contains(&minutes) || self.info.rules.new_account_minutes == minutes {
            return Err(Refusal::NotPossible);
        }
        self.moderation.mute_new_accounts(asking, minutes);
        let rules = Rules {
            new_account_minutes: minutes,
            ..self.info.rules
        };
        Ok(self.set_rules(rules))
    }

    fn set_permanent(&mut self, asking: &Asking, on: bool) -> Granted {
        if self.info.rules.permanent == on {
            return Err(Refusal::NotPossible);
        }
        self.moderation.note_permanent(asking, on);
        let rules = Rules {
            permanent: on,
            ..self.info.rules
        };
        Ok(self.set_rules(rules))
    }

    fn set_rules(&mut self, rules: Rules) -> Vec<Effect> {
        self.info.rules = rules;
        vec![self.persist(Persist::Rules(rules))]
    }

    fn moderate(&mut self, asking: &Asking, about: &UserId, action: ModerationAction) -> Granted {
        let participant = self.attendance.participant(about).ok_or(Refusal::NotPossible)?;
        let person = participant.person.clone();
        check_roles(asking, self.role(about), action)?;
        // The owner is the host whenever they are inside, so nobody is above them. This check does not rely on that.
        if self.succession.is_owner(about) {
            return Err(Refusal::NotYours);
        }
        match action {
            // The account of a guest may be deleted one day, so a guest can't be handed a room.
            ModerationAction::HandOver if person.guest => Err(Refusal::NotPossible),
            ModerationAction::Invite => nothing_more(self.stage.invite(&asking.by, about, asking.now_ms)),
            ModerationAction::ToAudience if self.info.rules.mode == Mode::Everyone => Err(Refusal::NotPossible),
            ModerationAction::ToAudience => self.set_rank(asking, person, Rank::Listener, Role::Listener),
            ModerationAction::MakeCoHost => self.set_rank(asking, person, Rank::CoHost, Role::CoHost),
            ModerationAction::TakeCoHost => self.set_rank(asking, person, Rank::Speaker, Role::Speaker),
            ModerationAction::Mute => nothing_more(self.moderation.mute(asking, person)),
            ModerationAction::LetUnmute => nothing_more(self.moderation.let_unmute(asking, person)),
            ModerationAction::Remove => {
                self.moderation.remove(asking, person);
                let why = Ending::removed_by(asking.by.name.clone());
                Ok(self.put_out(about, &why, asking.now_ms))
            }
            ModerationAction::Ban => {
                self.moderation.ban(asking, person);
                Ok(self.put_out(about, &Ending::Banned, asking.now_ms))
            }
            ModerationAction::HandOver => Ok(self.hand_over(asking, person)),
        }
    }

    fn set_rank(&mut self, asking: &Asking, about: Person, rank: Rank, to: Role) -> Granted {
        self.moderation.set_rank(asking, about, rank, to);
        Ok(vec![])
    }

    fn put_out(&mut self, user: &UserId, why: &Ending, now_ms: u64) -> Vec<Effect> {
        let put_out = |connection| Effect::PutOut {
            connection,
            why: why.clone(),
        };
        let mut effects: Vec<Effect> = self.attendance.connections_of(user).map(put_out).collect();
        // Remove the person here. Usually, people are removed when their last connection ends, but this person may have
        // no connection at the moment.
        effects.extend(self.remove(user, now_ms));
        effects
    }
}

fn nothing_more(done: Result<(), Refusal>) -> Granted {
    done.map(|()| vec![])
}

/// Checks that the person who asks may do this to somebody with the role `about`.
///
/// # Errors
/// `StandIn` if they host while the owner is away, and only the owner may do this. `NotPossible` if they are above `about`
/// and may take this action, but only towards people of other roles: for example, a host can invite a listener, but not a
/// speaker. Otherwise `NotYours`.
fn check_roles(asking: &Asking, about: Role, action: ModerationAction) -> Result<(), Refusal> {
    let may_act = |about: Role| match asking.role {
        Role::Host => asking.kind.may_act(action, about),
        by => action.is_for(by, about),
    };
    if may_act(about) {
        return Ok(());
    }
    if asking.stands_in() && action.is_for(Role::Host, about) {
        return Err(Refusal::StandIn);
    }
    let is_ever = Role::ALL.iter().any(|other| may_act(*other));
    Err(if is_ever && about < asking.role {
        Refusal::NotPossible
    } else {
        Refusal::NotYours
    })
}
