//! The driver: one thread that owns the UDP sockets and the clock. It runs commands, forwards sound, and carries
//! effects out.

mod address_cap_log;
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

/// How often the registry does its regular work: it marks people as away, ends pauses in speech and expires empty
/// rooms.
const TICK: Duration = Duration::from_millis(100);
/// How many orders are handled in a row before datagrams and timers are looked at again.
const ORDERS_MAX: usize = 64;
/// Datagrams that the operating system did not accept are sent again after this time, at the latest.
const RETRY: Duration = Duration::from_millis(2);

/// The settings for voice.
#[derive(Debug, Clone)]
pub struct VoiceSetup {
    /// The UDP port for all voices; 0 takes any free port.
    pub udp_port: u16,
    /// The addresses that browsers are told to send to. If empty, these are the addresses of all interfaces of this
    /// machine.
    pub advertise: Vec<IpAddr>,
    pub caps: VoiceCaps,
}

/// Binds the port and starts the thread. `publish` receives the list of rooms whenever it changes. Returns the queue of
/// orders and the UDP port.
///
/// # Errors
/// If the port is taken, or if no certificate or no thread can be made.
pub fn start(setup: &VoiceSetup, publish: watch::Sender<Cards>) -> anyhow::Result<(DriverOrders, u16)> {
    let port = setup.udp_port;
    let net = Net::bind(port).with_context(|| {
        format!("can't bind UDP port {port} for voice: another program, or another Snug, uses it; stop that program or choose another port (snug.voice.udp_port, SNUG_VOICE_UDP_PORT)")
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

/// Runs until every handle is dropped.
fn run(mut net: Net, orders: &Receiver<DriverOrder>, mut engine: Engine) {
    let mut next_tick = Instant::now();
    let mut orders_wait = false;
    loop {
        let until = engine
            .next_wake(next_tick)
            .map(|at| at.saturating_duration_since(Instant::now()));
        // The socket reports when it can send again. The short wait covers a report that got lost.
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
