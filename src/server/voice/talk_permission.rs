//! Whether a voice connection may be heard, and which of its packets were sent since then.

use super::command::SoundPacket;

/// The permission of one connection. It begins without.
#[derive(Debug, Default)]
pub struct TalkPermission {
    is_given: bool,
    /// The SSRC and the number of the first packet that arrived since the permission was given.
    first: Option<(u32, u64)>,
}

impl TalkPermission {
    /// Gives the permission; true if the connection did not have it.
    pub fn give(&mut self) -> bool {
        !std::mem::replace(&mut self.is_given, true)
    }

    pub fn is_given(&self) -> bool {
        self.is_given
    }

    /// Takes the permission away; true if the connection had it.
    pub fn take(&mut self) -> bool {
        std::mem::take(self).is_given
    }

    /// Whether this packet may be heard.
    ///
    /// What somebody says while muted must stay unheard, even if that packet is lost and a copy of it comes in the first packet after
    /// the mute. So a recovered packet may be heard only if an earlier one arrived while the connection had the permission.
    pub fn covers(&mut self, sound: &SoundPacket) -> bool {
        if !self.is_given {
            return false;
        }
        let first = self.first.filter(|(ssrc, _)| *ssrc == sound.ssrc);
        if sound.is_recovered {
            return first.is_some_and(|(_, first)| first < sound.seq);
        }
        self.first = first.or(Some((sound.ssrc, sound.seq)));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(permission: &mut TalkPermission, ssrc: u32, seq: u64, is_recovered: bool) -> bool {
        permission.covers(&SoundPacket {
            ssrc,
            seq,
            time: seq as u32 * 960,
            marker: false,
            level: Some(-20),
            bytes: 60,
            is_recovered,
        })
    }

    #[test]
    fn a_recovered_packet_from_before_the_permission_is_not_covered() {
        let mut permission = TalkPermission::default();
        assert!(!covers(&mut permission, 1, 10, false));
        assert!(permission.give() && !permission.give());
        // Packet 11 was sent before the permission, was lost, and comes as a copy in packet 12.
        assert!(!covers(&mut permission, 1, 11, true) && covers(&mut permission, 1, 12, false));
        assert!(!covers(&mut permission, 1, 11, true) && covers(&mut permission, 1, 13, true));
        assert!(permission.take() && !permission.take());
        assert!(!covers(&mut permission, 1, 14, true) && !covers(&mut permission, 1, 14, false));
        permission.give();
        assert!(!covers(&mut permission, 1, 15, true) && covers(&mut permission, 1, 16, false));
    }

    #[test]
    fn another_stream_begins_again() {
        let mut permission = TalkPermission::default();
        permission.give();
        assert!(covers(&mut permission, 1, 10, false) && covers(&mut permission, 1, 12, true));
        assert!(!covers(&mut permission, 2, 12, true) && covers(&mut permission, 2, 3, false));
        assert!(covers(&mut permission, 2, 4, true));
    }
}
