//! The room's answers to what you do as a host: once the room has done it, a sentence, and the request that undoes it. The code is
//! pure.

use super::room_view::RoomView;
use crate::model::{
    host_kind::HostKind,
    id::UserId,
    isolated::isolated,
    moderation_log::{Deed, LogEntry},
    room::Person,
    signal::Refusal,
    stage::{ModerationAction, REMOVED_MINUTES, Role, StageRequest},
};

/// What the room has done because you asked for it.
#[derive(Debug, Clone, PartialEq)]
pub struct HostAnswer {
    pub sentence: String,
    /// The request that undoes it, if the rules allow one.
    pub undo: Option<StageRequest>,
}

/// The requests that the room has not answered yet.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OpenRequests {
    asked: Vec<OpenRequest>,
}

#[derive(Debug, Clone, PartialEq)]
struct OpenRequest {
    what: Wanted,
    /// The number of the newest entry of the log when you asked. The answer is a newer entry.
    after: u32,
    /// Whether it was sent on a socket that another one has replaced. Then perhaps it has never arrived.
    is_doubtful: bool,
}

#[derive(Debug, Clone, PartialEq)]
enum Wanted {
    Action {
        about: Person,
        action: ModerationAction,
    },
    /// The person whom you have invited to the stage has got the invitation, and has not answered it yet.
    Acceptance {
        about: Person,
    },
    Lifted {
        about: Person,
    },
    Undone {
        number: u32,
    },
    /// A request whose answer is no sentence, only a change that you see in the room. It is remembered because the room can refuse it.
    Change(StageRequest),
}

impl OpenRequests {
    /// Remembers a request that you have just sent.
    pub fn ask(&mut self, request: &StageRequest, room: &RoomView) {
        let what = wanted(request, room).unwrap_or_else(|| Wanted::Change(request.clone()));
        // The same action twice has one answer, for example if the first one was lost with the connection. Of two equal changes, the room
        // makes the first and refuses the second.
        self.asked
            .retain(|asked| asked.what != what || matches!(what, Wanted::Change(_)));
        let after = room.panel.log.first().map_or(0, |entry| entry.number);
        let is_doubtful = false;
        self.asked.push(OpenRequest {
            what,
            after,
            is_doubtful,
        });
    }

    /// Whether you have invited this person to the stage, and they have not answered yet.
    pub fn has_invited(&self, user: &UserId) -> bool {
        let is_meant = |asked: &OpenRequest| matches!(&asked.what, Wanted::Acceptance { about } if about.id == *user);
        self.asked.iter().any(is_meant)
    }

    /// Forgets the oldest request, if the room has refused it for the reason `why`. The room answers requests in their order. A refusal
    /// that is about something else, for example about your microphone, changes nothing.
    pub fn refuse(&mut self, why: Refusal) {
        if !why.is_about_requests() {
            return;
        }
        let oldest = self
            .asked
            .iter()
            .position(|asked| !matches!(asked.what, Wanted::Acceptance { .. }));
        if let Some(oldest) = oldest {
            self.asked.remove(oldest);
        }
    }

    /// Another socket has replaced the one on which everything was asked, and its welcome shows `room`. Returns whether something that was
    /// asked is not so in the room. It is then forgotten: it may have been lost, and sending it again could do it twice. What the log
    /// answers is known only when the log comes.
    pub fn doubt(&mut self, room: &RoomView) -> bool {
        let mut is_lost = false;
        self.asked.retain_mut(|asked| {
            asked.is_doubtful = true;
            match &asked.what {
                Wanted::Change(request) => {
                    is_lost |= !is_made(request, room);
                    false
                }
                _ => true,
            }
        });
        is_lost
    }

    /// The log has come on the new socket, and [`Self::take_answers`] has read it. Forgets what it does not answer, and returns whether
    /// there was something.
    pub fn forget_doubtful(&mut self) -> bool {
        let before = self.asked.len();
        self.asked
            .retain(|asked| !asked.is_doubtful || matches!(asked.what, Wanted::Acceptance { .. }));
        self.asked.len() < before
    }

    /// Forgets everything, because you have left the room.
    pub fn clear(&mut self) {
        self.asked.clear();
    }

    /// The answers that are in `room` now.
    pub fn take_answers(&mut self, room: &RoomView) -> Vec<HostAnswer> {
        let (mut answers, mut open, mut done) = (vec![], vec![], vec![]);
        for mut asked in std::mem::take(&mut self.asked) {
            let is_in_log = asked.is_answered_by_log();
            // One change in the room answers only the first of two equal requests.
            if done.contains(&asked.what) || asked.stays_open(room, &mut answers) {
                open.push(asked);
                continue;
            }
            if is_in_log {
                // The room answers in order, so the requests before this one were answered too, or have never arrived.
                open.retain(|earlier: &OpenRequest| matches!(earlier.what, Wanted::Acceptance { .. }));
            }
            done.push(asked.what);
        }
        self.asked = open;
        answers
    }
}

fn wanted(request: &StageRequest, room: &RoomView) -> Option<Wanted> {
    match request {
        StageRequest::Moderate { about, action } => {
            let one = room.roster.iter().find(|one| one.person.id == *about)?;
            Some(Wanted::Action {
                about: one.person.clone(),
                action: *action,
            })
        }
        StageRequest::Lift { about } => {
            let bar = room.panel.barred.iter().find(|bar| bar.person.id == *about)?;
            Some(Wanted::Lifted {
                about: bar.person.clone(),
            })
        }
        StageRequest::Undo { number } => Some(Wanted::Undone { number: *number }),
        _ => None,
    }
}

impl OpenRequest {
    /// Whether the answer is an entry of the log with your name. Everything else that the request changes can also be the work of
    /// somebody else.
    fn is_answered_by_log(&self) -> bool {
        match &self.what {
            Wanted::Action { action, .. } => *action != ModerationAction::Invite,
            Wanted::Lifted { .. } | Wanted::Undone { .. } => true,
            Wanted::Acceptance { .. } | Wanted::Change(_) => false,
        }
    }

    /// Adds the answer to `answers` if there is one. Returns whether there can be another answer.
    fn stays_open(&mut self, room: &RoomView, answers: &mut Vec<HostAnswer>) -> bool {
        match self.what.clone() {
            Wanted::Action {
                about,
                action: ModerationAction::Invite,
            } => {
                if is_invited(&about, room) {
                    let sentence = format!("Invited {} to the stage.", isolated(&about.name));
                    answers.push(HostAnswer { sentence, undo: None });
                    self.what = Wanted::Acceptance { about };
                }
                true
            }
            Wanted::Acceptance { about } => {
                let accepted = self.answer(&about, ModerationAction::Invite, room);
                let role = role_of(&about, room);
                let waits = is_invited(&about, room) || role.is_some_and(Role::talks);
                let is_open = accepted.is_none() && waits;
                answers.extend(accepted);
                is_open
            }
            Wanted::Action { about, action } => {
                let done = self.answer(&about, action, room);
                let is_open = done.is_none();
                answers.extend(done);
                is_open
            }
            Wanted::Lifted { about } => {
                let entry = self.find(room, |entry| entry.deed == Deed::Lifted && is_about(entry, &about.id));
                let is_open = entry.is_none();
                answers.extend(entry.map(|_| HostAnswer {
                    sentence: can_come_back(&about),
                    undo: None,
                }));
                is_open
            }
            Wanted::Undone { number } => {
                let entry = self.find(room, |entry| entry.deed == Deed::Undid { number });
                let is_open = entry.is_none();
                answers.extend(entry.map(|_| HostAnswer {
                    sentence: undone(number, room),
                    undo: None,
                }));
                is_open
            }
            Wanted::Change(request) => !is_made(&request, room),
        }
    }

    /// The answer to `action`, if the log has its entry.
    fn answer(&self, about: &Person, action: ModerationAction, room: &RoomView) -> Option<HostAnswer> {
        let entry = self.find(room, |entry| {
            is_entry_of(action, entry.deed) && is_about(entry, &about.id)
        })?;
        Some(HostAnswer {
            sentence: sentence(action, &about.name),
            undo: undo(action, &about.id, entry, room),
        })
    }

    /// The entry with your name that is newer than the request and for which `is_meant` is true.
    fn find<'a>(&self, room: &'a RoomView, is_meant: impl Fn(&LogEntry) -> bool) -> Option<&'a LogEntry> {
        let is_mine = |entry: &LogEntry| entry.by.as_ref().map(|by| &by.id) == room.me.as_ref();
        let newer = room.panel.log.iter().filter(|entry| entry.number > self.after);
        newer.filter(|entry| is_mine(entry)).find(|entry| is_meant(entry))
    }
}

/// Whether the room is as the request wanted it.
fn is_made(request: &StageRequest, room: &RoomView) -> bool {
    let (own, rules) = (room.own_info(), room.info.rules);
    match request {
        StageRequest::Hand { up } => own.is_some_and(|own| own.hand.is_some() == *up),
        StageRequest::Answer { .. } => own.is_some_and(|own| !own.invited),
        StageRequest::StepDown => own.is_some_and(|own| own.role == Role::Listener),
        StageRequest::LowerHand { about } => !room
            .roster
            .iter()
            .any(|one| one.person.id == *about && one.hand.is_some()),
        StageRequest::Mode { mode } => rules.mode == *mode,
        StageRequest::MuteNewAccounts { minutes } => rules.new_account_minutes == *minutes,
        StageRequest::SetPermanent { on } => rules.permanent == *on,
        // When the room has ended, everything is forgotten. The other requests are about somebody whom this page does not know.
        StageRequest::End | StageRequest::Moderate { .. } | StageRequest::Lift { .. } | StageRequest::Undo { .. } => {
            false
        }
    }
}

fn is_about(entry: &LogEntry, user: &UserId) -> bool {
    entry.about.as_ref().is_some_and(|about| about.id == *user)
}

fn is_invited(about: &Person, room: &RoomView) -> bool {
    room.roster.iter().any(|one| one.person.id == about.id && one.invited)
}

fn role_of(about: &Person, room: &RoomView) -> Option<Role> {
    let one = room.roster.iter().find(|one| one.person.id == about.id)?;
    Some(one.role)
}

/// Whether the log says with this deed that the action was carried out.
fn is_entry_of(action: ModerationAction, deed: Deed) -> bool {
    match action {
        ModerationAction::Invite => matches!(deed, Deed::Role { to: Role::Speaker, .. }),
        ModerationAction::ToAudience => matches!(deed, Deed::Role { to: Role::Listener, .. }),
        ModerationAction::Mute => deed == Deed::Muted,
        ModerationAction::LetUnmute => deed == Deed::LetUnmute,
        ModerationAction::Remove => deed == Deed::Removed,
        ModerationAction::Ban => deed == Deed::Banned,
        ModerationAction::MakeCoHost => matches!(deed, Deed::Role { to: Role::CoHost, .. }),
        ModerationAction::TakeCoHost => matches!(deed, Deed::Role { from: Role::CoHost, .. }),
        ModerationAction::HandOver => matches!(deed, Deed::Role { to: Role::Host, .. }),
    }
}

fn sentence(action: ModerationAction, name: &str) -> String {
    let name = isolated(name);
    match action {
        ModerationAction::Invite => format!("{name} is on the stage."),
        ModerationAction::ToAudience => format!("Moved {name} to the audience."),
        ModerationAction::Mute => format!("Muted {name}."),
        ModerationAction::LetUnmute => format!("{name} can speak again."),
        ModerationAction::Remove => format!("Removed {name} for {REMOVED_MINUTES} minutes."),
        ModerationAction::Ban => format!("Banned {name}."),
        ModerationAction::MakeCoHost => format!("{name} is co-host now."),
        ModerationAction::TakeCoHost => format!("{name} is no longer co-host."),
        ModerationAction::HandOver => format!("{name} is the host now."),
    }
}

/// What you read after you have undone entry `number`. If the entry has put somebody out, they can come back now.
fn undone(number: u32, room: &RoomView) -> String {
    let entry = room.panel.log.iter().find(|entry| entry.number == number);
    let put_out = entry.filter(|entry| matches!(entry.deed, Deed::Removed | Deed::Banned));
    put_out
        .and_then(|entry| entry.about.as_ref())
        .map_or_else(|| "Undone.".to_owned(), can_come_back)
}

fn can_come_back(about: &Person) -> String {
    format!("{} can come back.", isolated(&about.name))
}

/// The request that undoes `action`. If the log can't undo it, this is the opposite action, as far as there is one.
fn undo(action: ModerationAction, about: &UserId, entry: &LogEntry, room: &RoomView) -> Option<StageRequest> {
    let moderate = |action| {
        Some(StageRequest::Moderate {
            about: about.clone(),
            action,
        })
    };
    // A stand-in can't undo anything in the log.
    let is_stand_in =
        room.own_info().is_some_and(|me| me.role == Role::Host) && room.info.host_kind() == HostKind::StandIn;
    let number = entry.number;
    match action {
        // The log can't undo a mute, because it would not say whether the person may talk then.
        ModerationAction::Mute => moderate(ModerationAction::LetUnmute),
        // Somebody else decides now.
        ModerationAction::HandOver | ModerationAction::LetUnmute => None,
        _ if entry.can_undo && !is_stand_in => Some(StageRequest::Undo { number }),
        ModerationAction::Remove | ModerationAction::Ban => Some(StageRequest::Lift { about: about.clone() }),
        ModerationAction::Invite => moderate(ModerationAction::ToAudience),
        ModerationAction::ToAudience => moderate(ModerationAction::Invite),
        ModerationAction::MakeCoHost => moderate(ModerationAction::TakeCoHost),
        ModerationAction::TakeCoHost => moderate(ModerationAction::MakeCoHost),
    }
}
