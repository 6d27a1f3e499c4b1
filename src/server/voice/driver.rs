//! The driver: a thread of its own with the sockets and the clock. It runs commands, moves sound, and carries effects out.

mod addresses;
mod engine;
pub mod handle;
mod orders;
pub mod room_handle;
mod udp_sockets;

use super::{
    peer::Setup,
    registry::{Cards, VoiceCaps},
};
use anyhow::Context;
use engine::Engine;
use orders::{DriverOrder, DriverOrders};
use std::{
    net::IpAddr,
    sync::mpsc::{Receiver, TryRecvError},
    time::{Duration, Instant, SystemTime},
};
use tokio::sync::watch;
use udp_sockets::Net;

/// Rooms are looked after this often: away, gone, silent, faded.
const TICK: Duration = Duration::from_millis(100);
/// So many orders are obeyed before datagrams and time get their turn.
const ORDERS_MAX: usize = 64;
/// Datagrams that the machine did not take are offered again after this, at the latest.
const RETRY: Duration = Duration::from_millis(2);

/// What the voice is started with.
#[derive(Debug, Clone)]
pub struct VoiceSetup {
    /// 0 takes any free port.
    pub udp_port: u16,
    /// The addresses that browsers are told; empty means every interface of the machine.
    pub advertise: Vec<IpAddr>,
    pub caps: VoiceCaps,
}

/// Binds the port and starts the thread. The second value is the UDP port.
///
/// # Errors
/// If the port is taken, or the machine gives no thread.
pub fn start(setup: &VoiceSetup, publish: watch::Sender<Cards>) -> anyhow::Result<(DriverOrders, u16)> {
    let port = setup.udp_port;
    let net = Net::bind(port).with_context(|| {
        format!("can't bind the UDP port {port} for the voices: another program, or another Snug, has it (snug.voice.udp_port, SNUG_VOICE_UDP_PORT)")
    })?;
    let addresses = addresses::reachable_at(&setup.advertise, net.port(), net.has_ipv6());
    let port = net.port();
    let (handle, orders) = DriverOrders::new(net.waker());
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
