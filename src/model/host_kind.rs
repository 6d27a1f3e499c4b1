//! What a host may do. The owner of a room may do everything. While the owner is away, somebody else hosts the room, and may do
//! less.

use super::stage::{ModerationAction, Role, StageRequest};
use serde::{Deserialize, Serialize};

/// If the owner of an ordinary room has been away for this many hours, every host may end the room.
pub const OWNER_AWAY_HOURS: u32 = 24;

/// How a host came to host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HostKind {
    /// The owner of the room.
    Owner,
    /// A co-host, whom the owner has chosen, and who hosts while the owner is away.
    Appointed,
    /// Anybody else who hosts because the owner is away. Nobody has chosen them.
    StandIn,
}

impl HostKind {
    /// Whether a host of this kind may take the action on a person with the role `about`. Only the owner acts on co-hosts. The other
    /// hosts act on speakers and listeners, as co-hosts do.
    pub fn may_act(self, action: ModerationAction, about: Role) -> bool {
        match (self, action) {
            (HostKind::Owner, _) | (HostKind::Appointed, ModerationAction::HandOver) => {
                action.is_for(Role::Host, about)
            }
            (HostKind::StandIn, ModerationAction::Ban) => false,
            (HostKind::Appointed | HostKind::StandIn, _) => action.is_for(Role::CoHost, about),
        }
    }

    /// Whether a host of this kind may lower the hand of a person with the role `about`. The hands of co-hosts are up to the owner.
    pub fn may_lower_hand(self, about: Role) -> bool {
        match self {
            HostKind::Owner => about < Role::Host,
            HostKind::Appointed | HostKind::StandIn => about < Role::CoHost,
        }
    }
}

/// The owner of a room, while somebody else hosts the room because the owner is away.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AbsentOwner {
    pub name: String,
    /// Whether the host is a co-host, whom the owner has chosen.
    pub appointed: bool,
    /// Whether the owner has been away for [`OWNER_AWAY_HOURS`].
    pub for_long: bool,
}

impl AbsentOwner {
    /// The kind of the host who hosts instead.
    pub fn host_kind(&self) -> HostKind {
        match self.appointed {
            true => HostKind::Appointed,
            false => HostKind::StandIn,
        }
    }

    /// Whether the host may make this request, in a room that is permanent or not. The room checks further what a
    /// [`StageRequest::Moderate`], [`StageRequest::Lift`], [`StageRequest::Undo`] or [`StageRequest::LowerHand`] is about.
    pub fn lets_host_request(&self, request: &StageRequest, is_permanent: bool) -> bool {
        match request {
            StageRequest::Hand { .. } | StageRequest::Answer { .. } | StageRequest::StepDown => true,
            StageRequest::Moderate {
                action: ModerationAction::HandOver,
                ..
            } => self.appointed && !is_permanent,
            StageRequest::Moderate { .. } | StageRequest::Lift { .. } | StageRequest::LowerHand { .. } => true,
            StageRequest::Undo { .. } | StageRequest::Mode { .. } | StageRequest::MuteNewAccounts { .. } => {
                self.appointed
            }
            StageRequest::SetPermanent { .. } => false,
            StageRequest::End => !is_permanent && (self.appointed || self.for_long),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list_actions(kind: HostKind, about: Role) -> Vec<ModerationAction> {
        let may = |action: &ModerationAction| kind.may_act(*action, about);
        ModerationAction::ALL.into_iter().filter(may).collect()
    }

    #[test]
    fn only_the_owner_acts_on_co_hosts_and_a_stand_in_bans_nobody() {
        use ModerationAction::{Ban, HandOver, Invite, LetUnmute, Mute, Remove, ToAudience};
        assert_eq!(
            list_actions(HostKind::StandIn, Role::Listener),
            [Invite, Mute, LetUnmute, Remove]
        );
        assert_eq!(
            list_actions(HostKind::StandIn, Role::Speaker),
            [ToAudience, Mute, LetUnmute, Remove]
        );
        assert!(list_actions(HostKind::StandIn, Role::CoHost).is_empty());
        assert_eq!(
            list_actions(HostKind::Appointed, Role::Listener),
            [Invite, Mute, LetUnmute, HandOver, Remove, Ban]
        );
        assert_eq!(list_actions(HostKind::Appointed, Role::CoHost), [HandOver]);
        for about in Role::ALL {
            let of_host = ModerationAction::ALL.into_iter();
            let of_host: Vec<ModerationAction> = of_host.filter(|action| action.is_for(Role::Host, about)).collect();
            assert_eq!(list_actions(HostKind::Owner, about), of_host);
        }
        for kind in [HostKind::Appointed, HostKind::StandIn] {
            assert!(kind.may_lower_hand(Role::Speaker) && !kind.may_lower_hand(Role::CoHost));
        }
        assert!(HostKind::Owner.may_lower_hand(Role::CoHost) && !HostKind::Owner.may_lower_hand(Role::Host));
    }

    #[test]
    fn a_room_is_ended_by_its_owner_or_a_co_host_and_by_a_stand_in_only_after_24_h() {
        let may_end = |appointed, for_long, is_permanent| {
            let owner = AbsentOwner {
                name: "Ada".into(),
                appointed,
                for_long,
            };
            owner.lets_host_request(&StageRequest::End, is_permanent)
        };
        assert!(!may_end(false, false, false) && may_end(false, true, false) && may_end(true, false, false));
        assert!(
            !may_end(false, true, true) && !may_end(true, true, true),
            "only its owner ends a permanent room"
        );
    }
}
