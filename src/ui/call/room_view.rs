//! What this page knows about the room: its data, the people inside, and which of them you are. The code is pure.

use crate::model::{
    id::UserId,
    moderation_log::ModerationPanel,
    room::{ParticipantInfo, RoomInfo, RoomPage},
    stage::MicLock,
};

#[derive(Debug, Clone, PartialEq)]
pub struct RoomView {
    pub info: RoomInfo,
    pub roster: Vec<ParticipantInfo>,
    /// The log and the list of removed people, which only hosts see. Empty for everybody else.
    pub panel: ModerationPanel,
    /// Your id; `None` before the welcome.
    pub me: Option<UserId>,
    /// The name of the host who muted you for everyone last, if it is known. It stays here after you may talk again.
    pub last_muter: Option<String>,
    /// The name of the host who invited you to the stage last, if it is known. It stays here after you have answered.
    pub last_inviter: Option<String>,
}

impl RoomView {
    /// The room as the server rendered it, or as a welcome describes it.
    pub fn new(room: RoomPage, me: Option<UserId>) -> Self {
        Self {
            info: room.info,
            roster: room.roster,
            panel: ModerationPanel::default(),
            me,
            last_muter: None,
            last_inviter: None,
        }
    }

    /// Your own entry on the roster, while you are inside.
    pub fn own_info(&self) -> Option<&ParticipantInfo> {
        let me = self.me.as_ref()?;
        self.roster.iter().find(|one| one.person.id == *me)
    }

    /// The name of the host because of whom you are muted for everyone, if it is known.
    pub fn muted_by(&self) -> Option<&str> {
        let is_muted = self.own_info().is_some_and(|me| me.mic_lock == Some(MicLock::ByHost));
        self.last_muter.as_deref().filter(|_| is_muted)
    }

    /// The name of the host who invites you to the stage, if it is known.
    pub fn invited_by(&self) -> Option<&str> {
        let is_invited = self.own_info().is_some_and(|me| me.invited);
        self.last_inviter.as_deref().filter(|_| is_invited)
    }

    /// Whether the room lets you talk. This is true while you are not on the roster.
    pub fn may_talk(&self) -> bool {
        self.own_info().is_none_or(ParticipantInfo::may_talk)
    }
}

/// Updates the roster. Makes sure that nobody is on the roster twice.
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
            away,
            ..ParticipantInfo::new(Person::named(id, name), Role::Speaker, 1)
        }
    }

    #[test]
    fn changes_update_the_roster() {
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
