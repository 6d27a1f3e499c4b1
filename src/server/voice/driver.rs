//! The driver: one thread that owns the UDP sockets and the clock. It runs commands, forwards sound, and carries
//! effects out.
//!
//! In each pass of its loop, the thread spends only a little time on each kind of work. So voices are forwarded in time, however
//! much work of one kind people cause.

mod address_cap_log;
mod addresses;
mod engine;
pub mod handle;
mod handshakes;
mod offer_workers;
pub mod orders;
pub mod outputs;
pub mod room_handle;
mod socket_signals;
mod udp_sockets;

use super::{peer::Setup, registry::VoiceCaps, wall_clock::WallClock};
use anyhow::Context;
use engine::Engine;
use offer_workers::{AnsweredOffer, OfferWorkers};
use orders::{DriverInbox, DriverOrders};
use outputs::Outputs;
use std::{
    net::IpAddr,
    sync::{Arc, mpsc::Receiver},
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;
use udp_sockets::Net;

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
    /// The addresses that browsers are told to send to. If this list is empty, browsers are told the addresses of all
    /// interfaces of this machine.
    pub advertise: Vec<IpAddr>,
    pub caps: VoiceCaps,
}

/// Binds the port and starts the thread. `unix_s` reads the wall clock, in seconds. Returns the queue of orders, the UDP
/// port, and a token that is cancelled when the thread ends, even if it ends by a panic.
///
/// # Errors
/// If the port is taken, or if no certificate or no thread can be made.
pub fn start(
    setup: &VoiceSetup,
    outputs: Outputs,
    unix_s: impl Fn() -> i64 + Send + 'static,
) -> anyhow::Result<(DriverOrders, u16, CancellationToken)> {
    let port = setup.udp_port;
    let net = Net::bind(port).with_context(|| {
        format!("can't bind UDP port {port} for voice: another program, or another Snug, uses it; stop that program or choose another port (snug.voice.udp_port, SNUG_VOICE_UDP_PORT)")
    })?;
    let addresses = addresses::reachable_at(&setup.advertise, net.port(), net.has_ipv6());
    let port = net.port();
    let (handle, inbox) = DriverOrders::new(net.waker());
    let began = (Instant::now(), WallClock::new(unix_s(), 0));
    let setup_of_peers = Arc::new(Setup::new(addresses)?);
    let (offers, answers) = OfferWorkers::start(&setup_of_peers, &net.waker())?;
    let engine = Engine::new((setup_of_peers, offers), setup.caps, outputs, began);
    let ended = CancellationToken::new();
    let at_the_end = ended.clone().drop_guard();
    std::thread::Builder::new().name("voice".into()).spawn(move || {
        // Dropped when `run` returns and also when it panics.
        let _at_the_end = at_the_end;
        run(net, (inbox, &answers), engine, unix_s);
    })?;
    Ok((handle, port, ended))
}

/// Runs until every handle is dropped.
fn run(
    mut net: Net,
    (mut inbox, answers): (DriverInbox, &Receiver<AnsweredOffer>),
    mut engine: Engine,
    unix_s: impl Fn() -> i64,
) {
    let mut next_tick = Instant::now();
    let mut work_waits = false;
    loop {
        let until = engine
            .next_wake(next_tick)
            .map(|at| at.saturating_duration_since(Instant::now()));
        // The socket reports when it can send again. The short wait covers a report that got lost.
        let retry = (!engine.egress.is_empty()).then_some(RETRY);
        let retry = if work_waits { Some(Duration::ZERO) } else { retry };
        net.wait(until.into_iter().chain(retry).min());
        engine.read_wall_clock(unix_s(), Instant::now());
        let handled = inbox.handle_urgent(|order| engine.handle_order(order, Instant::now()));
        if handled.is_err() {
            return;
        }
        let now = Instant::now();
        net.receive(now + SHARE, |ends, datagram| engine.receive(ends, datagram, now));
        // Voices leave before the other work of this pass begins.
        engine.egress.flush(|datagram| net.send(datagram));
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
            next_tick = now + TICK;
        }
        engine.egress.flush(|datagram| net.send(datagram));
    }
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
