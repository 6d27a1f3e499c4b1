//! Carries out the orders that handles have sent: commands, lookups, and the two steps of joining.

use super::Engine;
use crate::{
    model::signal::{Refusal, ServerSignal},
    server::voice::{
        candidate_addresses::CandidateAddresses,
        command::{Command, ConnectionId},
        driver::{
            offer_workers::{AnsweredOffer, OfferAnswer, OfferPurpose, PendingOffer},
            orders::DriverOrder,
        },
        figures::VoiceFigures,
        peer::{BadOffer, Peer},
        peers::Absent,
    },
};
use std::{sync::Arc, time::Instant};
use str0m::change::SdpOffer;

impl Engine {
    pub fn handle_order(&mut self, order: DriverOrder, now: Instant) {
        match order {
            DriverOrder::Run(command) => self.apply(command, now),
            DriverOrder::Watch {
                connection,
                room,
                visitor,
                tell,
                answer,
            } => {
                let record = self.registry.find_role_and_ban(&room, &visitor.person.id, self.ms(now));
                let known = record.is_some_and(|(_, bar)| bar.is_none());
                if known {
                    self.tell.insert(connection, tell);
                    self.apply(
                        Command::Watch {
                            connection,
                            room,
                            visitor,
                        },
                        now,
                    );
                }
                if answer.send(known).is_err() {
                    // The socket ended while this order waited. The order that reports the end of the socket goes through another
                    // queue. If the driver has handled that order already, nothing else would remove the connection.
                    self.apply(Command::Lose { connection }, now);
                }
            }
            DriverOrder::Join { connection, sdp } => {
                if let Err(why) = self.begin_to_join(connection, sdp, now) {
                    self.refuse(connection, why);
                }
            }
            DriverOrder::RestartIce { connection, sdp } => {
                let purpose = OfferPurpose::Restart;
                if !self.offers.take(PendingOffer {
                    connection,
                    sdp,
                    purpose,
                }) {
                    self.refuse(connection, Refusal::Busy);
                }
            }
            DriverOrder::OpenCheck {
                connection,
                visitor,
                tell,
                answer,
            } => {
                self.tell.insert(connection, tell);
                self.apply(Command::OpenCheck { connection, visitor }, now);
                // As for a room: the socket may have ended while this order waited.
                if answer.send(()).is_err() {
                    self.apply(Command::Lose { connection }, now);
                }
            }
            DriverOrder::WatchFacts { connection, of } => self.watch_facts(connection, of, now),
            DriverOrder::Find { room, answer } => {
                // A request that was given up needs no answer, so don't copy a roster for it.
                if !answer.is_closed() {
                    let _ = answer.send(self.registry.page(&room));
                }
            }
            DriverOrder::FindRoleAndBan { room, user, answer } => {
                let _ = answer.send(self.registry.find_role_and_ban(&room, &user, self.ms(now)));
            }
            DriverOrder::FindActiveBar { room, user, answer } => {
                let _ = answer.send(self.registry.find_active_bar(&room, &user, self.ms(now)));
            }
            DriverOrder::FindWhoLetIn { room, user, answer } => {
                let _ = answer.send(self.registry.find_who_let_in(&room, &user, self.ms(now)));
            }
            DriverOrder::FindRoomsToPassOn { user, answer } => {
                let _ = answer.send(self.registry.list_to_pass_on(&user));
            }
            DriverOrder::ReadFigures { relays, answer } => {
                let _ = answer.send(VoiceFigures {
                    rooms: self.registry.read_figures(),
                    peers: self.peers.count_by_way(|address| relays.contains(&address)),
                });
            }
            DriverOrder::Flush { answer } => {
                let _ = answer.send(());
            }
            DriverOrder::Advance { by_ms } => self.advanced_ms += by_ms,
            DriverOrder::Panic => panic!("a test ends the voice thread"),
        }
    }

    /// The first step of joining: checks the limits, and only then hands the offer to a worker thread.
    fn begin_to_join(&mut self, connection: ConnectionId, sdp: String, now: Instant) -> Result<(), Refusal> {
        self.check_limits(connection, now)?;
        let purpose = OfferPurpose::Join;
        match self.offers.take(PendingOffer {
            connection,
            sdp,
            purpose,
        }) {
            true => Ok(()),
            false => Err(Refusal::Busy),
        }
    }

    /// The second step: joining connects the peer that a worker thread has made, and an ICE restart answers with the peer that is there.
    pub fn on_answered_offer(&mut self, AnsweredOffer { connection, answer }: AnsweredOffer, now: Instant) {
        let done = match answer {
            OfferAnswer::Join(answer) => self.join(connection, *answer, now),
            OfferAnswer::Restart(offer, candidates) => self.restart(connection, offer, candidates, now),
        };
        if let Err(why) = done {
            self.refuse(connection, why);
        }
    }

    /// Restarts ICE for the peer of this connection. If it has no peer, tells the page that it is unplugged, so that the page joins again.
    fn restart(
        &mut self,
        connection: ConnectionId,
        offer: Result<SdpOffer, BadOffer>,
        candidates: Arc<CandidateAddresses>,
        now: Instant,
    ) -> Result<(), Refusal> {
        let offer = offer.map_err(|BadOffer| Refusal::BadOffer)?;
        let mut events = vec![];
        let egress = &mut self.egress;
        let restarted = self.peers.with(connection, |peer| {
            let sdp = peer.restart(offer, candidates, now, egress, &mut events)?;
            Some((peer.ufrag(), sdp))
        });
        match restarted {
            Ok(Some((ufrag, sdp))) => {
                self.demux.expect_after_restart(connection, ufrag);
                self.say(&[connection], &ServerSignal::Restarted { sdp });
                self.handle_peer_events(connection, None, events, now);
            }
            // The peer has ended because of this offer, and the room says so.
            Ok(None) => self.handle_peer_events(connection, None, events, now),
            Err(absent @ Absent::Panicked) => self.handle_peer_events(connection, Some(absent), events, now),
            Err(Absent::Unknown) => self.say(&[connection], &ServerSignal::Unplugged),
        }
        Ok(())
    }

    fn join(
        &mut self,
        connection: ConnectionId,
        answer: Result<(Peer, String), BadOffer>,
        now: Instant,
    ) -> Result<(), Refusal> {
        // Check the limits again: others may have joined while the offer was parsed, or this socket may have ended.
        self.check_limits(connection, now)?;
        let (mut peer, sdp) = answer.map_err(|BadOffer| Refusal::BadOffer)?;
        self.demux.expect(connection, peer.ufrag());
        self.peers.insert(connection, peer);
        // After `Joined`, a page that was live unmutes by itself. It must not take the microphone away from another device.
        if self.registry.is_open_elsewhere(connection) {
            self.say(&[connection], &ServerSignal::MutedElsewhere);
        }
        self.say(&[connection], &ServerSignal::Joined { sdp });
        self.apply(Command::Join { connection }, now);
        self.wake(connection, now);
        Ok(())
    }

    /// Checks whether the limits let this connection join. If the limit of its IP address is reached, logs which setting to
    /// raise.
    fn check_limits(&mut self, connection: ConnectionId, now: Instant) -> Result<(), Refusal> {
        let may_join = self.registry.may_join(connection);
        may_join.inspect_err(|refusal| {
            self.counts.note_refusal(refusal);
            self.address_cap.log(refusal, now);
        })
    }

    fn refuse(&mut self, connection: ConnectionId, why: Refusal) {
        self.say(&[connection], &ServerSignal::Refused { why });
    }
}
