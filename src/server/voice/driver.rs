//! The driver: one thread that owns the sockets and the clock. It runs commands, forwards sound, and carries
//! effects out.
//!
//! In each pass of its loop, the thread spends only a little time on each kind of work. So voices are forwarded in time, however
//! much work of one kind people cause.

mod address_cap_log;
mod addresses;
mod engine;
mod fact_watch;
mod given_sockets;
pub mod handle;
mod handshakes;
mod net;
mod offer_workers;
pub mod orders;
pub mod outputs;
mod pass_delay;
mod relay_addresses;
pub mod room_handle;
mod socket_signals;
mod tcp_connection;
mod tcp_handover;
mod tcp_listener;
mod tcp_sockets;
mod udp_sockets;

pub use addresses::AdvertiseSetup;
pub use given_sockets::VoiceSockets;
pub use udp_sockets::BUFFER_BYTES as UDP_BUFFER_BYTES;

use super::{
    figures::VoiceCounts,
    probe::{ProbeKey, ProbeResponder},
    registry::VoiceCaps,
    tcp_limits::TcpCaps,
    wall_clock::WallClock,
    way::Way,
};
use addresses::{AddressBook, AddressWatch, BoundPorts};
use engine::Engine;
use net::{BindError, Net, Ports};
use offer_workers::{AnsweredOffer, OfferWorkers};
use orders::{DriverInbox, DriverOrders};
use outputs::Outputs;
use pass_delay::PassDelay;
use std::{
    sync::{Arc, mpsc::Receiver},
    time::{Duration, Instant},
};
use tcp_handover::TcpHandover;
use tokio_util::sync::CancellationToken;

/// How often the registry does its regular work: it marks people as away, notes who has stopped speaking, and expires
/// empty rooms.
const TICK: Duration = Duration::from_millis(100);
/// How long one kind of work (datagrams, handshakes, answered offers, requests, lookups, timers) may take in one pass. A piece of work
/// that has begun is always finished.
const SHARE: Duration = Duration::from_millis(1);
/// Datagrams that the operating system did not accept are sent again after this time, at the latest.
const RETRY: Duration = Duration::from_millis(2);

/// The settings for voice.
#[derive(Debug, Clone)]
pub struct VoiceSetup {
    /// The UDP port for all voices; 0 takes any free port.
    pub udp_port: u16,
    /// The TCP port for people whose network blocks UDP; 0 is none. `None` takes the number of the UDP port, if it is free.
    pub tcp_port: Option<u16>,
    /// The port of the site at which browsers reach it, if the site hands over voices that come in there over TCP. `None` if it does not.
    pub shared_tcp_port: Option<u16>,
    pub advertise: AdvertiseSetup,
    pub caps: VoiceCaps,
    /// How many TCP connections the port holds in all.
    pub tcp_connections: usize,
    /// The hosts of the TURN servers. Voices from their addresses are counted as relayed.
    pub relays: Vec<String>,
    /// With it, `snug doctor` asks whether datagrams reach the UDP port.
    pub probe_key: ProbeKey,
}

/// A running driver.
pub struct StartedDriver {
    pub orders: DriverOrders,
    pub udp_port: u16,
    /// `None` if nothing listens for TCP.
    pub tcp_port: Option<u16>,
    pub handover: TcpHandover,
    pub addresses: Arc<AddressBook>,
    /// Cancelled when the thread ends, even if it ends by a panic.
    pub ended: CancellationToken,
}

/// Uses the sockets that are open already, binds the other ports, and starts the thread. `unix_s` reads the wall clock, in seconds.
///
/// # Errors
/// If a port is taken or a socket does not fit, or if no certificate or no thread can be made.
pub fn start(
    setup: &VoiceSetup,
    sockets: VoiceSockets,
    outputs: Outputs,
    unix_s: impl Fn() -> i64 + Send + 'static,
) -> anyhow::Result<StartedDriver> {
    let net = open(setup, sockets)?;
    let (udp_port, tcp_port, handover) = (net.udp.port(), net.tcp_port(), net.handover());
    let ports = BoundPorts {
        udp: udp_port,
        tcp: tcp_port,
        shared_tcp: setup.shared_tcp_port,
        has_ipv6: net.udp.has_ipv6(),
    };
    let addresses = AddressBook::open(&setup.advertise, ports)?;
    let watch = AddressWatch::start(&addresses)?;
    let (orders, inbox) = DriverOrders::new(net.waker());
    let began = (Instant::now(), WallClock::new(unix_s(), 0));
    let at_join = addresses.clone();
    let (offers, answers) = OfferWorkers::start(addresses.setup(), move || at_join.refresh_for_join(), &net.waker())?;
    let counts = addresses.setup().counts.clone();
    let probes = ProbeResponder::new(setup.probe_key.clone());
    let engine = Engine::new(offers, setup.caps, outputs, began, counts, probes);
    let ended = CancellationToken::new();
    let at_the_end = ended.clone().drop_guard();
    let own = addresses.clone();
    std::thread::Builder::new().name("voice".into()).spawn(move || {
        // Dropped when `run` returns and also when it panics.
        let (_at_the_end, _watch) = (at_the_end, watch);
        run((net, own), (inbox, &answers), engine, unix_s);
    })?;
    Ok(StartedDriver {
        orders,
        udp_port,
        tcp_port,
        handover,
        addresses,
        ended,
    })
}

/// How many TCP connections one address may have. A browser opens one connection for each of our addresses, and drops all but one. But no
/// address may have more than a quarter of all connections, so that it can't keep the others out.
fn tcp_per_address(peers: u32, in_all: usize) -> usize {
    (2 * peers as usize).min(in_all / 4).max(1)
}

fn open(setup: &VoiceSetup, sockets: VoiceSockets) -> anyhow::Result<Net> {
    let ports = Ports {
        udp: setup.udp_port,
        tcp: setup.tcp_port,
        shares_port: setup.shared_tcp_port.is_some(),
    };
    let caps = TcpCaps {
        per_address: tcp_per_address(setup.caps.peers_per_address, setup.tcp_connections),
        in_all: setup.tcp_connections,
    };
    Net::open(sockets, ports, caps).map_err(|error| {
        let (error, protocol, port, key, variable) = match error {
            BindError::Udp(error) => (error, "UDP", ports.udp, "udp_port", "SNUG_VOICE_UDP_PORT"),
            BindError::Tcp(error) => {
                let port = ports.tcp.unwrap_or(ports.udp);
                (error, "TCP", port, "tcp_port", "SNUG_VOICE_TCP_PORT")
            }
            BindError::Given(unfit) => return anyhow::Error::from(unfit),
        };
        anyhow::Error::from(error).context(format!(
            "can't bind {protocol} port {port} for voice: another program, or another Snug, uses it; stop that program or choose another port (snug.voice.{key}, {variable})"
        ))
    })
}

/// Runs until every handle is dropped.
fn run(
    (mut net, addresses): (Net, Arc<AddressBook>),
    (mut inbox, answers): (DriverInbox, &Receiver<AnsweredOffer>),
    mut engine: Engine,
    unix_s: impl Fn() -> i64,
) {
    let mut next_tick = Instant::now();
    let mut work_waits = false;
    let counts = addresses.setup().counts.clone();
    let mut delay = PassDelay::new(Instant::now());
    net.udp.own = addresses.own();
    loop {
        let until = engine.next_wake(next_tick).into_iter().chain(net.next_expiry()).min();
        let waits_from = Instant::now();
        let until = until.map(|at| at.saturating_duration_since(waits_from));
        // The socket reports when it can send again. The short wait covers a report that got lost.
        let retry = (!engine.egress.is_empty()).then_some(RETRY);
        let retry = if work_waits { Some(Duration::ZERO) } else { retry };
        let at_most = until.into_iter().chain(retry).min();
        net.wait(at_most);
        let woken = Instant::now();
        delay.waited((waits_from, woken), at_most);
        engine.read_wall_clock(unix_s(), woken);
        let handled = inbox.handle_urgent(|order| engine.handle_order(order, Instant::now()));
        if handled.is_err() {
            return;
        }
        let now = Instant::now();
        let mut has_received = false;
        net.udp.receive(now + SHARE, |ends, datagram| {
            has_received = true;
            counts.bytes(Way::Udp).received.add(datagram.len() as u64);
            engine.receive(ends, datagram, now);
        });
        let read_at = Instant::now();
        has_received |= receive_over_tcp(&mut net, &mut engine, &counts, read_at);
        // Voices leave before the other work of this pass begins.
        send(&mut net, &mut engine, &counts);
        let waited = delay.sent(read_at, Instant::now());
        if has_received {
            counts.delay.add_time(waited);
        }
        work_waits = engine.continue_handshakes(Instant::now() + SHARE);
        work_waits |= take_answers(answers, &mut engine, Instant::now() + SHARE);
        work_waits |= inbox.handle_requests(Instant::now() + SHARE, |order| {
            engine.handle_order(order, Instant::now())
        });
        work_waits |= inbox.handle_lookups(Instant::now() + SHARE, |order| {
            engine.handle_order(order, Instant::now())
        });
        let now = Instant::now();
        engine.wake_peers(now, now + SHARE);
        if now >= next_tick {
            engine.tick(now);
            net.udp.own = addresses.own();
            next_tick = now + TICK;
        }
        send(&mut net, &mut engine, &counts);
    }
}

/// Sends what waits, until the operating system accepts no more.
fn send(net: &mut Net, engine: &mut Engine, counts: &VoiceCounts) {
    engine.egress.flush(|datagram| {
        let is_sent = net.send(datagram);
        if is_sent {
            let bytes = datagram.contents.len() as u64;
            counts.bytes(datagram.way).sent.add(bytes);
        }
        is_sent
    });
}

/// Accepts TCP connections, reads from them, and closes those that must not stay. True if something has arrived.
fn receive_over_tcp(net: &mut Net, engine: &mut Engine, counts: &VoiceCounts, now: Instant) -> bool {
    net.take_handed_over(now);
    let Some(tcp) = &mut net.tcp else {
        return false;
    };
    let mut has_received = false;
    tcp.accept(now);
    tcp.receive((now, now + SHARE), |ends, datagram| {
        has_received = true;
        counts.bytes(Way::Tcp).received.add(datagram.len() as u64);
        engine.receive(ends, datagram, now)
    });
    tcp.close_expired(now, |source| engine.is_in_use((source, Way::Tcp)));
    has_received
}

/// Takes answered offers, at least one, and stops at the time `until`. True if some may be left.
fn take_answers(answers: &Receiver<AnsweredOffer>, engine: &mut Engine, until: Instant) -> bool {
    while let Ok(answered) = answers.try_recv() {
        engine.on_answered_offer(answered, Instant::now());
        if Instant::now() >= until {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_can_not_have_all_tcp_connections() {
        assert_eq!(tcp_per_address(512, 4_096), 1_024);
        assert_eq!(
            tcp_per_address(512, 64),
            16,
            "a system where only 1,024 files may be open"
        );
        assert_eq!((tcp_per_address(4, 4_096), tcp_per_address(512, 2)), (8, 1));
    }
}
