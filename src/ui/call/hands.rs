//! What changes of raised hands mean to you: somebody asks you, a host, for the floor, or your hand was lowered. The code is pure.

use super::room_view::RoomView;
use crate::model::{id::UserId, room::ParticipantInfo, stage::StageRequest};

/// What this page remembers of hands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HandWatch {
    /// How often your hand was lowered without this page: by a host, or by you on another device. The room does not say which.
    pub lowered: u32,
    /// Whether you have asked to lower your own hand.
    is_lowering: bool,
}

/// The hands in a room at one moment.
pub struct HandsUp {
    /// Whose hands are up, each with its number.
    up: Vec<(UserId, u32)>,
    own: Option<ParticipantInfo>,
}

impl HandsUp {
    pub fn of(room: &RoomView) -> Self {
        let number = |one: &ParticipantInfo| Some((one.person.id.clone(), one.hand?));
        Self {
            up: room.roster.iter().filter_map(number).collect(),
            own: room.own_info().cloned(),
        }
    }
}

impl HandWatch {
    /// You send this request.
    pub fn on_request(&mut self, request: &StageRequest) {
        if let StageRequest::Hand { up } = request {
            self.is_lowering = !up;
        }
    }

    /// The room has changed from `before` to `after`. True if you host and somebody else has raised a hand.
    pub fn on_change(&mut self, before: &HandsUp, after: &HandsUp) -> bool {
        if let (Some(was), Some(own)) = (&before.own, &after.own)
            && was.hand.is_some()
            && own.hand.is_none()
        {
            let is_lowering = std::mem::take(&mut self.is_lowering);
            if !is_lowering && !has_lowered_by_itself(was, own) {
                self.lowered += 1;
            }
        }
        let hosting = after.own.as_ref().filter(|own| own.role.hosts());
        hosting.is_some_and(|own| {
            let is_new = |hand: &(UserId, u32)| hand.0 != own.person.id && !before.up.contains(hand);
            after.up.iter().any(is_new)
        })
    }
}

/// Whether the hand went down because of what you did, or because your role has changed: you unmuted, or answered an invitation.
fn has_lowered_by_itself(was: &ParticipantInfo, own: &ParticipantInfo) -> bool {
    (was.muted && !own.muted) || was.invited != own.invited || was.role != own.role
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{room::Person, stage::Role};

    fn person(name: &str, role: Role, hand: Option<u32>) -> ParticipantInfo {
        // As a page gets it: the fields that are missing have their defaults.
        let json = r#"{"id":"user-aaaaaa","name":"","picture":"","role":"listener","muted":true,"voice":1}"#;
        let id = UserId::parse(&format!("user-{name:a<10}")).expect("an id");
        ParticipantInfo {
            person: Person::named(id, name),
            role,
            hand,
            ..serde_json::from_str(json).expect("a participant")
        }
    }

    /// The hands of a room in which `own` is your entry.
    fn up(own: &ParticipantInfo, others: &[ParticipantInfo]) -> HandsUp {
        let number = |one: &ParticipantInfo| Some((one.person.id.clone(), one.hand?));
        HandsUp {
            up: std::iter::once(own).chain(others).filter_map(number).collect(),
            own: Some(own.clone()),
        }
    }

    #[test]
    fn a_host_is_told_once_of_each_hand_of_somebody_else() {
        let (ada, tom) = (person("Ada", Role::Host, None), person("Tom", Role::Speaker, None));
        let (ada_up, tom_up) = (
            person("Ada", Role::Host, Some(1)),
            person("Tom", Role::Speaker, Some(2)),
        );
        let again = person("Tom", Role::Speaker, Some(3));
        let mut watch = HandWatch::default();
        let mut is_told = |before: &HandsUp, after: &HandsUp| watch.on_change(before, after);
        let before = up(&ada, std::slice::from_ref(&tom));
        assert!(is_told(&before, &up(&ada, std::slice::from_ref(&tom_up))));
        assert!(!is_told(
            &up(&ada, std::slice::from_ref(&tom_up)),
            &up(&ada, std::slice::from_ref(&tom_up))
        ));
        assert!(is_told(&up(&ada, std::slice::from_ref(&tom_up)), &up(&ada, &[again])));
        assert!(!is_told(&before, &up(&ada_up, &[tom])), "not of one's own hand");
        let speaker = person("Ada", Role::Speaker, None);
        assert!(!is_told(&up(&speaker, &[]), &up(&speaker, &[tom_up])), "only hosts");
    }

    #[test]
    fn your_hand_was_lowered_unless_you_did_something_that_lowers_it() {
        let raised = person("Ben", Role::Speaker, Some(1));
        let lowered = ParticipantInfo {
            hand: None,
            ..raised.clone()
        };
        let unmuted = ParticipantInfo {
            muted: false,
            ..lowered.clone()
        };
        let moved = ParticipantInfo {
            role: Role::Listener,
            ..lowered.clone()
        };
        let lowers = |watch: &mut HandWatch, after: &ParticipantInfo| {
            let before = watch.lowered;
            watch.on_change(&up(&raised, &[]), &up(after, &[]));
            watch.lowered > before
        };
        let mut watch = HandWatch::default();
        assert!(lowers(&mut watch, &lowered));
        assert!(!lowers(&mut watch, &unmuted) && !lowers(&mut watch, &moved));
        watch.on_request(&StageRequest::Hand { up: false });
        assert!(!lowers(&mut watch, &lowered), "you lowered it yourself");
        watch.on_request(&StageRequest::Hand { up: true });
        assert!(lowers(&mut watch, &lowered));
    }
}
