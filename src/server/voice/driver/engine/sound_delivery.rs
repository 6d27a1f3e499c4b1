//! Sends a packet of sound to everybody who hears it.

use super::Engine;
use crate::server::voice::{
    command::{ConnectionId, Delivery, SoundPacket},
    outgoing_packet::OutgoingPacket,
};
use std::{sync::Arc, time::Instant};

impl Engine {
    /// Asks the registry who hears a packet of `from`, and sends it to them.
    pub fn pass(&mut self, from: ConnectionId, sound: &SoundPacket, payload: &Arc<[u8]>, now: Instant) {
        let mut deliveries = std::mem::take(&mut self.deliveries);
        let effects = self.registry.pass(from, sound, self.ms(now), &mut deliveries);
        self.execute(effects);
        if !deliveries.is_empty() {
            self.deliver(from, &deliveries, (sound, payload), now);
            deliveries.clear();
        }
        self.deliveries = deliveries;
    }

    /// Sends a packet to its listeners, and keeps it for the copies in later packets.
    fn deliver(
        &mut self,
        from: ConnectionId,
        deliveries: &[Delivery],
        (sound, payload): (&SoundPacket, &Arc<[u8]>),
        now: Instant,
    ) {
        let recent = self.recent.entry(from).or_default();
        let mut packet = OutgoingPacket::new(sound, payload, recent);
        // What the peers report, to be handled when the packet is out. There is almost never anything.
        let mut reports = vec![];
        for delivery in deliveries {
            let (mut events, egress) = (vec![], &mut self.egress);
            let sent = self.peers.with(delivery.to, |peer| {
                peer.send(delivery, &mut packet, now, egress, &mut events)
            });
            if sent.is_err() || !events.is_empty() {
                reports.push((delivery.to, sent.err(), events));
            }
        }
        recent.push(*sound, payload.clone());
        for (to, absent, events) in reports {
            self.handle_peer_events(to, absent, events, now);
        }
    }
}
