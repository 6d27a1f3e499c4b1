//! The driver: a thread of its own with the sockets and the clock. It runs commands, moves sound, and carries effects out.

mod engine;
mod udp_sockets;

use super::{
    Cards, VoiceSetup,
    command::{Command, ConnectionId, Persist, RoomVisitor},
    peer::Setup,
};
use crate::model::{
    id::{RoomId, UserId},
    moderation_log::Barred,
    room::RoomPage,
    stage::Role,
};
use anyhow::Context;
use bytes::Bytes;
use engine::Engine;
use std::{
    sync::{
        Arc,
        mpsc::{Receiver, Sender, TryRecvError, channel},
    },
    time::{Duration, Instant, SystemTime},
};
use tokio::sync::{mpsc, oneshot, watch};
use udp_sockets::Net;

/// Rooms are looked after this often: away, gone, silent, faded.
const TICK: Duration = Duration::from_millis(100);

/// So many orders are obeyed before datagrams and time get their turn.
const ORDERS_MAX: usize = 64;
/// Datagrams that the machine did not take are offered again after this, at the latest.
const RETRY: Duration = Duration::from_millis(2);

/// What the handle asks of the driver.
pub enum DriverOrder {
    Run(Command),
    Watch {
        connection: ConnectionId,
        room: RoomId,
        visitor: RoomVisitor,
        /// Signals, as JSON.
        tell: mpsc::Sender<Bytes>,
        answer: oneshot::Sender<bool>,
    },
    Join {
        connection: ConnectionId,
        sdp: String,
    },
    Find {
        room: RoomId,
        answer: oneshot::Sender<Option<RoomPage>>,
    },
    FindRoleAndBan {
        room: RoomId,
        user: UserId,
        answer: oneshot::Sender<Option<(Role, Option<Barred>)>>,
    },
    OnPersist(mpsc::UnboundedSender<(RoomId, Persist)>),
}

/// Where orders are left. Cheap to clone; when the last one is dropped, the driver ends.
#[derive(Clone)]
pub struct DriverOrders {
    /// Empty only while this is dropped.
    inbox: Option<Sender<DriverOrder>>,
    waker: Arc<mio::Waker>,
}

impl DriverOrders {
    pub fn leave(&self, order: DriverOrder) {
        // Neither can fail while the driver lives, and after it nobody waits for anything.
        if let Some(inbox) = &self.inbox {
            let _ = inbox.send(order);
        }
        let _ = self.waker.wake();
    }
}

impl Drop for DriverOrders {
    fn drop(&mut self) {
        // First gone, then the wake: the driver must find that it was the last.
        self.inbox = None;
        let _ = self.waker.wake();
    }
}

/// Binds the port and starts the thread. The second value is the UDP port.
///
/// # Errors
/// Where the port is taken, or the machine gives no thread.
pub fn start(setup: &VoiceSetup, publish: watch::Sender<Cards>) -> anyhow::Result<(DriverOrders, u16)> {
    let port = setup.udp_port;
    let net = Net::bind(port).with_context(|| {
        format!("can't bind the UDP port {port} for the voices: another program, or another Snug, has it (snug.voice.udp_port, SNUG_VOICE_UDP_PORT)")
    })?;
    let addresses = udp_sockets::reachable_at(&setup.advertise, net.port(), net.has_ipv6());
    let port = net.port();
    let (inbox, orders) = channel();
    let handle = DriverOrders {
        inbox: Some(inbox),
        waker: net.waker(),
    };
    let since_1970 = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let began = (Instant::now(), since_1970.as_secs() as i64);
    let engine = Engine::new(Setup::new(addresses)?, setup.caps, publish, began);
    std::thread::Builder::new()
        .name("voice".into())
        .spawn(move || run(net, &orders, engine))?;
    Ok((handle, port))
}

/// Runs until every handle is gone.
fn run(mut net: Net, orders: &Receiver<DriverOrder>, mut engine: Engine) {
    let mut next_tick = Instant::now();
    let mut orders_wait = false;
    loop {
        let until = engine
            .next_wake(next_tick)
            .map(|at| at.saturating_duration_since(Instant::now()));
        // What the machine did not take goes when it says that it has room again; should that be missed, soon.
        let retry = (!engine.egress.is_empty()).then_some(RETRY);
        let retry = if orders_wait { Some(Duration::ZERO) } else { retry };
        net.wait(until.into_iter().chain(retry).min());
        let now = Instant::now();
        net.receive(|ends, datagram| engine.receive(ends, datagram, now));
        let mut more_orders = true;
        for _ in 0..ORDERS_MAX {
            match orders.try_recv() {
                Ok(order) => engine.handle_order(order, now),
                Err(TryRecvError::Empty) => {
                    more_orders = false;
                    break;
                }
                Err(TryRecvError::Disconnected) => return,
            }
        }
        orders_wait = more_orders;
        engine.wake_peers(now);
        if now >= next_tick {
            engine.tick(now);
            next_tick = now + TICK;
        }
        engine.egress.flush(|datagram| net.send(datagram));
    }
}
