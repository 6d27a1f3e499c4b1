//! Figures about the voices of the whole server: what has gone through, and what there is at this moment.

use super::{
    counting::{EventCounter, Histogram, HistogramScale},
    peer_facts::OrderOfArrival,
    way::Way,
};
use crate::model::signal::Refusal;
use std::net::IpAddr;

const MICROSECOND: u64 = 1_000;
const MILLISECOND: u64 = 1_000 * MICROSECOND;

static DELAYS: HistogramScale = HistogramScale::of_times(&[
    100 * MICROSECOND,
    250 * MICROSECOND,
    500 * MICROSECOND,
    MILLISECOND,
    2_500 * MICROSECOND,
    5 * MILLISECOND,
    10 * MILLISECOND,
    25 * MILLISECOND,
    50 * MILLISECOND,
    100 * MILLISECOND,
    250 * MILLISECOND,
]);
/// Losses are counted in thousandths of the packets.
static LOSSES: HistogramScale = HistogramScale {
    ends: &[0, 10, 20, 50, 100, 200, 500],
    per_unit: 1_000,
};

/// What has gone through since the start. Peers and the driver add to it, and everybody may read it at any time.
#[derive(Debug)]
pub struct VoiceCounts {
    /// Packets of sound from browsers, before copies in them are unpacked.
    pub packets_received: EventCounter,
    /// Packets that were missing when a later one came. Some of them arrive after all; see [`VoiceCounts::packets_late`].
    pub packets_missing: EventCounter,
    /// Packets that came after a later one.
    pub packets_late: EventCounter,
    /// Packets that were lost, and whose copy came in a later packet.
    pub packets_recovered: EventCounter,
    /// Packets of sound to browsers, one for each listener.
    pub packets_sent: EventCounter,
    udp: WayBytes,
    tcp: WayBytes,
    refused_by_room: EventCounter,
    refused_by_user: EventCounter,
    refused_by_address: EventCounter,
    /// The share of our packets that a browser has lost, one value for each report of a browser.
    loss_out: Histogram,
    /// How long datagrams from browsers waited in the driver until what they led to was sent; one value for each pass of the driver.
    pub delay: Histogram,
}

/// The bytes of all datagrams of one way, without the headers of IP, UDP and TCP.
#[derive(Debug, Default)]
pub struct WayBytes {
    pub received: EventCounter,
    pub sent: EventCounter,
}

impl Default for VoiceCounts {
    fn default() -> Self {
        Self {
            packets_received: EventCounter::default(),
            packets_missing: EventCounter::default(),
            packets_late: EventCounter::default(),
            packets_recovered: EventCounter::default(),
            packets_sent: EventCounter::default(),
            udp: WayBytes::default(),
            tcp: WayBytes::default(),
            refused_by_room: EventCounter::default(),
            refused_by_user: EventCounter::default(),
            refused_by_address: EventCounter::default(),
            loss_out: Histogram::new(&LOSSES),
            delay: Histogram::new(&DELAYS),
        }
    }
}

impl VoiceCounts {
    pub fn bytes(&self, way: Way) -> &WayBytes {
        match way {
            Way::Udp => &self.udp,
            Way::Tcp => &self.tcp,
        }
    }

    /// Notes a packet of sound from a browser.
    pub fn note_in(&self, order: OrderOfArrival) {
        self.packets_received.add(1);
        self.packets_missing.add(order.missing);
        self.packets_late.add(u64::from(order.is_late));
    }

    /// Notes that somebody could not join, if the reason is a limit.
    pub fn note_refusal(&self, refusal: &Refusal) {
        match refusal {
            Refusal::RoomFull { .. } => self.refused_by_room.add(1),
            Refusal::ManyOfYours { .. } => self.refused_by_user.add(1),
            Refusal::ManyFromAddress { .. } => self.refused_by_address.add(1),
            _ => {}
        }
    }

    /// How often each limit on voice connections has refused somebody, by its setting.
    pub fn list_refusals(&self) -> [(&'static str, u64); 3] {
        [
            ("voice.people_per_room", &self.refused_by_room),
            ("voice.peers_per_user", &self.refused_by_user),
            ("voice.peers_per_address", &self.refused_by_address),
        ]
        .map(|(setting, counter)| (setting, counter.get()))
    }

    /// Notes a browser's report: it has lost this share of our packets, from 0 to 1.
    pub fn note_loss_out(&self, lost: f32) {
        self.loss_out.add((lost.clamp(0.0, 1.0) * 1_000.0).round() as u64);
    }

    pub fn loss_out(&self) -> &Histogram {
        &self.loss_out
    }
}

/// What there is at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VoiceFigures {
    pub rooms: RoomFigures,
    pub peers: PeersByWay,
}

/// How many rooms there are, and how many people are inside.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RoomFigures {
    /// All rooms that have not ended.
    pub all: usize,
    /// Rooms with somebody inside.
    pub live: usize,
    /// Rooms that the list shows: live or permanent.
    pub listed: usize,
    pub permanent: usize,
    /// Participants of all rooms. Somebody who is in two rooms counts twice.
    pub people: usize,
}

/// How many voice connections there are, those of connection checks included, by the way of their sound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PeersByWay {
    pub udp: usize,
    pub tcp: usize,
    /// Through a TURN server, by whose address they are told apart.
    pub relay: usize,
    /// No sound and no report was sent yet.
    pub connecting: usize,
}

impl PeersByWay {
    /// The count to which a peer belongs whose sound goes by this way and to this address.
    pub fn of(&mut self, way: Option<(Way, IpAddr)>, is_relay: impl Fn(IpAddr) -> bool) -> &mut usize {
        match way {
            None => &mut self.connecting,
            Some((_, to)) if is_relay(to.to_canonical()) => &mut self.relay,
            Some((Way::Udp, _)) => &mut self.udp,
            Some((Way::Tcp, _)) => &mut self.tcp,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_counted_by_the_setting_of_their_limit() {
        let counts = VoiceCounts::default();
        for refusal in [
            Refusal::RoomFull { most: 1 },
            Refusal::ManyFromAddress { most: 1 },
            Refusal::ManyFromAddress { most: 1 },
            Refusal::Busy,
        ] {
            counts.note_refusal(&refusal);
        }
        assert_eq!(counts.list_refusals().map(|(_, count)| count), [1, 0, 2]);
    }

    #[test]
    fn a_peer_behind_a_turn_server_is_told_apart_by_its_address() {
        let (relay, home) = (IpAddr::from([192, 0, 2, 9]), IpAddr::from([192, 0, 2, 1]));
        let mut counts = PeersByWay::default();
        for way in [
            None,
            Some((Way::Udp, home)),
            Some((Way::Tcp, home)),
            Some((Way::Udp, relay)),
            Some((Way::Udp, IpAddr::from([0, 0, 0, 0, 0, 0xffff, 0xc000, 0x0209]))),
        ] {
            *counts.of(way, |address| address == relay) += 1;
        }
        let expected = PeersByWay {
            udp: 1,
            tcp: 1,
            relay: 2,
            connecting: 1,
        };
        assert_eq!(counts, expected);
    }

    #[test]
    fn losses_are_counted_in_ranges_and_nonsense_counts_as_none_or_all() {
        let counts = VoiceCounts::default();
        for lost in [0.0, 0.004, 0.03, 1.0, 7.0, -1.0, f32::NAN] {
            counts.note_loss_out(lost);
        }
        let read = counts.loss_out().read();
        let in_range = |end: f64| read.ranges.iter().find(|(of, _)| *of == end).map(|(_, count)| *count);
        assert_eq!(
            (in_range(0.0), in_range(0.01), in_range(0.05)),
            (Some(3), Some(1), Some(1))
        );
        assert_eq!((in_range(f64::INFINITY), read.count()), (Some(2), 7));
    }
}
