//! Carries out the orders that handles have sent: commands, lookups, and the two steps of joining.

use super::Engine;
use crate::{
    model::signal::{Refusal, ServerSignal},
    server::voice::{
        command::{Command, ConnectionId},
        driver::{
            offer_workers::{AnsweredOffer, PendingOffer},
            orders::DriverOrder,
        },
        peer::{BadOffer, Peer},
    },
};
use std::time::Instant;

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
            DriverOrder::FindRoomsToPassOn { user, answer } => {
                let _ = answer.send(self.registry.list_to_pass_on(&user));
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
        match self.offers.take(PendingOffer { connection, sdp }) {
            true => Ok(()),
            false => Err(Refusal::Busy),
        }
    }

    /// The second step of joining: connects the peer that a worker thread has made.
    pub fn on_answered_offer(&mut self, AnsweredOffer { connection, answer }: AnsweredOffer, now: Instant) {
        if let Err(why) = self.join(connection, answer, now) {
            self.refuse(connection, why);
        }
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
        self.say(&[connection], &ServerSignal::Joined { sdp });
        self.apply(Command::Join { connection }, now);
        self.wake(connection, now);
        Ok(())
    }

    /// Checks whether the limits let this connection join. If the limit of its IP address is reached, logs which setting to
    /// raise.
    fn check_limits(&mut self, connection: ConnectionId, now: Instant) -> Result<(), Refusal> {
        let may_join = self.registry.may_join(connection);
        may_join.inspect_err(|refusal| self.address_cap.log(refusal, now))
    }

    fn refuse(&mut self, connection: ConnectionId, why: Refusal) {
        self.say(&[connection], &ServerSignal::Refused { why });
    }
}
