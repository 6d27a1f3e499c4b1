//! Tells people who ask for it, once in a second, what goes through a voice connection.

use super::Engine;
use crate::{
    model::{id::UserId, signal::ServerSignal, voice_facts::VoiceFacts},
    server::voice::{
        command::{ConnectionId, WatchedVoice},
        driver::fact_watch::FactWatch,
        peer::Peer,
    },
};
use std::time::Instant;

impl Engine {
    /// Starts to tell the socket `asking` about the voice connection of `of`, instead of anybody it asked about before. `None` ends that.
    pub(super) fn watch_facts(&mut self, asking: ConnectionId, of: Option<UserId>, now: Instant) {
        self.fact_watches.remove(&asking);
        let Some(of) = of else { return };
        match self.registry.find_watched_voice(asking, &of, self.ms(now)) {
            Ok(_) => {
                self.fact_watches.insert(asking, FactWatch::new(of, now));
                self.tell_facts(now);
            }
            Err(why) => self.say(&[asking], &ServerSignal::Refused { why }),
        }
    }

    /// Tells everybody for whom it is time. People who may no longer ask, or who ask about somebody who has left, are told nothing more.
    pub(super) fn tell_facts(&mut self, now: Instant) {
        let watches = self.fact_watches.iter_mut();
        let due: Vec<(ConnectionId, UserId)> = watches
            .filter_map(|(asking, watch)| Some((*asking, watch.take_due(now)?)))
            .collect();
        for (asking, of) in due {
            match self.registry.find_watched_voice(asking, &of, self.ms(now)) {
                Ok(voice) => {
                    let facts = self.read_facts(asking, voice, now);
                    self.say(&[asking], &ServerSignal::VoiceFacts { of, facts });
                }
                Err(_) => drop(self.fact_watches.remove(&asking)),
            }
        }
    }

    fn read_facts(&mut self, asking: ConnectionId, voice: WatchedVoice, now: Instant) -> Option<VoiceFacts> {
        let connection = voice.connection?;
        let read = |peer: &mut Peer| (peer.born_at(), peer.facts(now, voice.level_for_ms));
        match self.peers.with(connection, read) {
            Ok((born_at, facts)) => {
                let connection = self.fact_watches.get_mut(&asking)?.number(born_at);
                Some(VoiceFacts { connection, ..facts })
            }
            Err(absent) => {
                self.handle_peer_events(connection, Some(absent), vec![], now);
                None
            }
        }
    }
}
