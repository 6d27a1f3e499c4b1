//! The driver: the only place of the live rooms with a clock and a task. It runs commands and carries effects out.

use super::{
    Cards,
    command::{Command, ConnectionId, Effect},
    hall::Hall,
};
use crate::model::{
    id::{RoomId, SessionId},
    room::{Person, RoomPage},
    signal::ServerSignal,
};
use std::collections::HashMap;
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Duration, Instant, sleep_until},
};

/// What the handle asks of the driver.
pub enum Order {
    Run(Command),
    Enter {
        connection: ConnectionId,
        room: RoomId,
        person: Person,
        session: SessionId,
        tell: mpsc::UnboundedSender<ServerSignal>,
        answer: oneshot::Sender<bool>,
    },
    Find {
        room: RoomId,
        answer: oneshot::Sender<Option<RoomPage>>,
    },
    OnFade(mpsc::UnboundedSender<RoomId>),
}

/// Runs until every handle is gone.
pub async fn run(mut inbox: mpsc::UnboundedReceiver<Order>, publish: watch::Sender<Cards>) {
    let mut driver = Driver {
        started: Instant::now(),
        hall: Hall::default(),
        tell: HashMap::new(),
        on_fade: None,
        publish,
    };
    loop {
        let wake = driver
            .hall
            .next_tick_ms()
            .map(|ms| driver.started + Duration::from_millis(ms));
        tokio::select! {
            order = inbox.recv() => match order {
                Some(order) => driver.obey(order),
                None => return,
            },
            () = sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => driver.tick(),
        }
    }
}

struct Driver {
    started: Instant,
    hall: Hall,
    tell: HashMap<ConnectionId, mpsc::UnboundedSender<ServerSignal>>,
    on_fade: Option<mpsc::UnboundedSender<RoomId>>,
    publish: watch::Sender<Cards>,
}

impl Driver {
    fn now_ms(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Run(command) => self.apply(command),
            Order::Enter {
                connection,
                room,
                person,
                session,
                tell,
                answer,
            } => {
                let known = self.hall.has_room(&room);
                if known {
                    self.tell.insert(connection, tell);
                    self.apply(Command::Enter {
                        connection,
                        room,
                        person,
                        session,
                    });
                }
                let _ = answer.send(known);
            }
            Order::Find { room, answer } => {
                let _ = answer.send(self.hall.page(&room));
            }
            Order::OnFade(tell) => self.on_fade = Some(tell),
        }
    }

    fn apply(&mut self, command: Command) {
        let effects = self.hall.apply(command, self.now_ms());
        self.carry_out(effects);
    }

    fn tick(&mut self) {
        let effects = self.hall.tick(self.now_ms());
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        let mut rooms_changed = false;
        for effect in effects {
            match effect {
                // A receiver that is gone is a socket that is closing: `Lose` is on its way.
                Effect::Tell { connection, signal } => {
                    if let Some(tell) = self.tell.get(&connection) {
                        let _ = tell.send(signal);
                    }
                }
                Effect::Forget { connection } => {
                    self.tell.remove(&connection);
                }
                Effect::RoomsChanged => rooms_changed = true,
                Effect::Faded { room } => {
                    let _ = self.on_fade.as_ref().map(|tell| tell.send(room));
                }
            }
        }
        if rooms_changed {
            self.publish.send_replace(self.hall.cards().into());
        }
    }
}
