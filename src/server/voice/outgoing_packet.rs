//! A packet of somebody's sound on its way to the listeners, with copies of the packets before it for listeners who lose packets.

use super::{
    command::SoundPacket,
    red::{PayloadTypes, RedCopy, RedPayload, packed_bytes},
};
use std::{cmp::Reverse, collections::VecDeque, sync::Arc};

/// The longest payload that is forwarded: an Opus frame has at most 1,275 bytes (RFC 6716 section 3.2.1). A packet that would become
/// longer gets fewer copies.
pub const PAYLOAD_MAX_BYTES: usize = 1_275;

/// How many packets of a voice are kept. At most two are copied, but packets can arrive out of order.
const KEPT: usize = 4;

/// The newest packets of one voice connection that were forwarded. A packet that reached nobody is not kept, so it can't be copied.
#[derive(Debug, Default)]
pub struct RecentPackets(VecDeque<(SoundPacket, Arc<[u8]>)>);

impl RecentPackets {
    pub fn push(&mut self, sound: SoundPacket, payload: Arc<[u8]>) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back((sound, payload));
    }

    /// The earlier packets of the same stream that can be copied into this one, newest first, each with its number.
    fn copies_for(&self, sound: &SoundPacket) -> Vec<(u64, RedCopy<'_>)> {
        let mut copies = vec![];
        for (earlier, payload) in &self.0 {
            let offset = sound.time.wrapping_sub(earlier.time);
            let copy = RedCopy { offset, frame: payload };
            if earlier.ssrc == sound.ssrc && earlier.seq < sound.seq && copy.fits() {
                copies.push((earlier.seq, copy));
            }
        }
        copies.sort_by_key(|(seq, _)| Reverse(*seq));
        copies
    }
}

/// One packet for all its listeners. Listeners who need the same copies share one payload, which is written only once.
#[derive(Debug)]
pub struct OutgoingPacket<'a> {
    pub sound: &'a SoundPacket,
    payload: &'a Arc<[u8]>,
    /// Newest first, each with the number of its packet.
    copies: Vec<(u64, RedCopy<'a>)>,
    /// The payloads that were written so far.
    written: Vec<WrittenPayload>,
}

#[derive(Debug)]
struct WrittenPayload {
    /// The payload type of the frames.
    codec: u8,
    /// How many copies it has.
    count: usize,
    packed: Arc<[u8]>,
}

impl<'a> OutgoingPacket<'a> {
    /// `recent` has the packets that were forwarded before this one.
    pub fn new(sound: &'a SoundPacket, payload: &'a Arc<[u8]>, recent: &'a RecentPackets) -> Self {
        let mut copies = recent.copies_for(sound);
        let bytes = |copies: &[(u64, RedCopy<'_>)]| packed_bytes(payload, copies.iter().map(|(_, copy)| copy));
        // The oldest copy is the last one.
        while bytes(&copies) > PAYLOAD_MAX_BYTES && copies.pop().is_some() {}
        Self {
            sound,
            payload,
            copies,
            written: vec![],
        }
    }

    /// The payload for one listener and its type: RED with copies of earlier packets if the browser understands it and `most` is not 0,
    /// or else plain Opus. A stream may mix both. The packet with the number `since` is the oldest that may be copied.
    pub fn payload_for(&mut self, types: PayloadTypes, most: usize, since: u64) -> (u8, Arc<[u8]>) {
        let packed = types
            .red
            .and_then(|red| Some((red, self.with_copies(types.opus, most, since)?)));
        packed.unwrap_or_else(|| (types.opus, self.payload.clone()))
    }

    /// The packet's RED payload with at most `most` copies. The packet with the number `since` is the oldest that may be copied.
    /// `codec` is the payload type of the frames at the listener. `None` if there is nothing to copy.
    fn with_copies(&mut self, codec: u8, most: usize, since: u64) -> Option<Arc<[u8]>> {
        let newest = self.copies.iter().take(most);
        let count = newest.take_while(|(seq, _)| *seq >= since).count();
        if count == 0 {
            return None;
        }
        let mut written = self.written.iter();
        if let Some(same) = written.find(|one| (one.codec, one.count) == (codec, count)) {
            return Some(same.packed.clone());
        }
        let red = RedPayload {
            copies: self.copies[..count].iter().rev().map(|(_, copy)| *copy).collect(),
            frame: self.payload,
        };
        let packed: Arc<[u8]> = red.pack(codec).into();
        self.written.push(WrittenPayload {
            codec,
            count,
            packed: packed.clone(),
        });
        Some(packed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound(ssrc: u32, seq: u64) -> SoundPacket {
        SoundPacket {
            ssrc,
            seq,
            time: (seq as u32).wrapping_mul(960),
            marker: false,
            level: Some(-20),
            bytes: 3,
            is_recovered: false,
        }
    }

    fn recent(seqs: &[u64]) -> RecentPackets {
        let mut recent = RecentPackets::default();
        for seq in seqs {
            recent.push(sound(1, *seq), vec![*seq as u8; 3].into());
        }
        recent
    }

    /// How much older each copy in the payload is, in packets, and its first byte.
    fn copies(payload: &[u8]) -> Vec<(u32, u8)> {
        let red = RedPayload::unpack(payload, 111).expect("a RED payload");
        red.copies
            .iter()
            .map(|copy| (copy.offset / 960, copy.frame[0]))
            .collect()
    }

    #[test]
    fn listeners_with_the_same_copies_share_a_payload() {
        let (sound, payload, recent) = (sound(1, 13), Arc::<[u8]>::from([13; 3]), recent(&[10, 12, 11, 14]));
        let mut packet = OutgoingPacket::new(&sound, &payload, &recent);
        let two = packet.with_copies(111, 2, 1).expect("a payload");
        assert_eq!(copies(&two), [(2, 11), (1, 12)]);
        let same = packet.with_copies(111, 2, 11).expect("a payload");
        assert!(Arc::ptr_eq(&two, &same));
        let one = packet.with_copies(111, 1, 1).expect("a payload");
        assert_eq!(copies(&one), [(1, 12)]);
        // The listener joined, or the voice took the slot, at packet 12.
        assert!(Arc::ptr_eq(&packet.with_copies(111, 2, 12).expect("a payload"), &one));
        let other_codec = packet.with_copies(109, 1, 1).expect("a payload");
        assert!(RedPayload::unpack(&other_codec, 109).is_some());
        assert_eq!(packet.with_copies(111, 2, 13), None);
        assert_eq!(packet.with_copies(111, 0, 1), None);
    }

    #[test]
    fn a_browser_without_red_gets_plain_opus() {
        let (sound, payload, recent) = (sound(1, 11), Arc::<[u8]>::from([11; 3]), recent(&[10]));
        let mut packet = OutgoingPacket::new(&sound, &payload, &recent);
        let types = |red| PayloadTypes { opus: 111, red };
        assert_eq!(packet.payload_for(types(None), 2, 0), (111, payload.clone()));
        assert_eq!(packet.payload_for(types(Some(63)), 0, 0), (111, payload.clone()));
        let (payload_type, packed) = packet.payload_for(types(Some(63)), 1, 0);
        assert_eq!((payload_type, copies(&packed)), (63, vec![(1, 10)]));
    }

    #[test]
    fn another_stream_and_sound_from_long_ago_are_never_copied() {
        let (payload, recent) = (Arc::<[u8]>::from([1; 3]), recent(&[10, 11]));
        for sound in [sound(2, 12), sound(1, 40), sound(1, 10), sound(1, 5)] {
            let mut packet = OutgoingPacket::new(&sound, &payload, &recent);
            assert_eq!(packet.with_copies(111, 2, 0), None, "{sound:?}");
        }
    }

    #[test]
    fn a_packet_never_becomes_too_long() {
        let mut recent = RecentPackets::default();
        recent.push(sound(1, 1), vec![1; 500].into());
        recent.push(sound(1, 2), vec![2; 500].into());
        let sound = sound(1, 3);
        for (bytes, expected) in [(200, 2), (600, 1), (770, 1), (771, 0), (PAYLOAD_MAX_BYTES, 0)] {
            let payload = Arc::<[u8]>::from(vec![3; bytes]);
            let packed = OutgoingPacket::new(&sound, &payload, &recent).with_copies(111, 2, 0);
            assert!(packed.as_ref().is_none_or(|packed| packed.len() <= PAYLOAD_MAX_BYTES));
            assert_eq!(
                packed.map_or(0, |packed| copies(&packed).len()),
                expected,
                "{bytes} bytes"
            );
        }
    }
}
