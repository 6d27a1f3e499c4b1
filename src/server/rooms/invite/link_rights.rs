//! Which links of a room a host may read and revoke.

use super::store::InviteRow;
use crate::{
    error::AppError,
    model::{host_kind::HostKind, id::UserId, isolated::isolated, room::RoomInfo, stage::Role},
    server::{
        error::Result,
        gate::Activated,
        rooms::{
            access::may_enter,
            live::{find_live_room, no_such_room},
        },
    },
};

/// Which links a host may read and revoke. Every host may make links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkRights {
    /// The links that they made themselves.
    Own,
    All,
    /// All links, and they may delete the guests who came by a link.
    AllAndGuests,
}

impl LinkRights {
    /// The rights of `user`, who has this role; `None` if they are no host.
    fn of(info: &RoomInfo, user: &UserId, role: Role) -> Option<Self> {
        // The owner keeps all rights while somebody else hosts.
        if info.owned_by == *user {
            return Some(Self::AllAndGuests);
        }
        // The role was read after the info, so the host may have changed in between. Then the info says nothing about how `user`
        // came to host, and they get the rights of a stand-in.
        let is_appointed = info.host.id == *user && info.host_kind() == HostKind::Appointed;
        match role {
            Role::Host if is_appointed => Some(Self::AllAndGuests),
            Role::Host => Some(Self::Own),
            Role::CoHost => Some(Self::All),
            Role::Speaker | Role::Listener => None,
        }
    }

    /// Whether these rights of `user` are rights to this link.
    pub fn include(self, row: &InviteRow, user: &UserId) -> bool {
        self != Self::Own || row.made_by == user.as_str()
    }
}

/// The room's info, and the rights of the person to its links, if they are its owner, its host or a co-host.
///
/// # Errors
/// `NotFound` for a room that is not live or that the person may not enter; `Forbidden` for everybody else.
pub async fn hosted(by: &Activated, room: &str) -> Result<(RoomInfo, LinkRights)> {
    let (state, user) = (&by.state, &by.person.id);
    let info = find_live_room(state, room).await?;
    if !may_enter(state, user, &info).await? {
        return Err(no_such_room().into());
    }
    let rights = match state.voice.find_role_and_ban(info.id.clone(), user.clone()).await {
        Some((role, None)) => LinkRights::of(&info, user, role),
        _ => None,
    };
    match rights {
        Some(rights) => Ok((info, rights)),
        None => {
            let host = isolated(&info.host.name);
            let sentence = format!("Only the hosts can make links into this room. Ask {host}.");
            Err(AppError::forbidden(sentence).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        host_kind::AbsentOwner,
        id::RoomId,
        room::{Person, RoomKind, Rules},
    };

    fn user(name: &str) -> UserId {
        UserId::parse(&format!("user-{name:a<10}")).expect("an id")
    }

    /// Ada's room, which Ben hosts.
    fn info(appointed: bool) -> RoomInfo {
        RoomInfo {
            id: RoomId::parse("room-000000").expect("an id"),
            topic: "Tea".into(),
            kind: RoomKind::Private,
            host: Person::named(user("Ben"), "Ben"),
            opened_by: user("Ada"),
            owned_by: user("Ada"),
            absent_owner: Some(AbsentOwner {
                name: "Ada".into(),
                appointed,
                for_long: true,
            }),
            rules: Rules::default(),
        }
    }

    #[test]
    fn a_stand_in_has_only_their_own_links_and_the_owner_keeps_all() {
        let rights = |appointed, name, role| LinkRights::of(&info(appointed), &user(name), role);
        assert_eq!(rights(false, "Ben", Role::Host), Some(LinkRights::Own));
        assert_eq!(rights(true, "Ben", Role::Host), Some(LinkRights::AllAndGuests));
        assert_eq!(rights(false, "Cem", Role::CoHost), Some(LinkRights::All));
        assert_eq!(rights(false, "Ada", Role::Listener), Some(LinkRights::AllAndGuests));
        assert_eq!(rights(false, "Dee", Role::Speaker), None);
        assert_eq!(
            rights(true, "Cem", Role::Host),
            Some(LinkRights::Own),
            "Cem has become host since the info was read"
        );
    }
}
