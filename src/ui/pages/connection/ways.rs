//! The ways to the server: a connection by each of them, and what comes back of the sound that goes through.

use super::{
    candidates::only_transport,
    check_socket::{CheckSocket, NoAnswer},
    returned_packets::{ReturnedPackets, came_back},
    steps::StepState,
};
use crate::{
    browser::{
        microphone::Microphone,
        peer::check::{CheckPeer, CheckPeerState, CheckStats},
        timer::{now_ms, sleep_ms},
    },
    model::ice_server::IceServer,
};

/// How long one way may take until sound can go through, in milliseconds. Browsers have tried everything by then.
const CONNECTED_WITHIN_MS: f64 = 6_000.0;
const LOOK_EVERY_MS: u32 = 50;
/// How long packets are counted on a way that works, in milliseconds.
const COUNT_FOR_MS: u32 = 1_500;
/// For how long a voice is sent to the server and back, in milliseconds.
const LOOPBACK_FOR_MS: u32 = 3_000;
/// A voice that pauses sends few packets, but never fewer than this in that time.
const LOOPBACK_PACKETS_MIN: u64 = 5;

/// The way that a connection of the check may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnlyWay {
    Udp,
    Tcp,
    Relay,
    /// All of them, as in a room.
    Any,
}

/// Why a way does not work.
enum WayFailure {
    /// The server offers no such way.
    NotOffered,
    NoAnswer(NoAnswer),
    /// The browser can't make the connection.
    Browser,
    /// Nothing came back in time.
    NothingBack,
}

/// Tries one way, and counts what comes back of a tone.
pub async fn check_way(way: OnlyWay, ice_servers: &[IceServer]) -> StepState {
    let servers = match way {
        OnlyWay::Relay if ice_servers.is_empty() => return StepState::skipped("This Snug has no relay."),
        OnlyWay::Relay => ice_servers,
        _ => &[],
    };
    let checked = connect(way, servers).await;
    match checked {
        Ok((peer, _socket)) => {
            sleep_ms(COUNT_FOR_MS).await;
            let stats = peer.stats().await;
            let packets = packets_since(CheckStats::default(), stats);
            StepState::of_way(words_of(stats, packets), packets.lost_percent())
        }
        Err(WayFailure::NotOffered) => StepState::skipped("This Snug does not offer this way."),
        Err(failure) => failed(way, &failure),
    }
}

/// Sends the voice to the server and back.
pub async fn check_loopback(microphone: &Microphone) -> StepState {
    let advice =
        "Your voice does not come back. Try another network, and send this report to the person who runs this Snug.";
    let ice_servers = match CheckSocket::open().await {
        Some(mut socket) => std::mem::take(&mut socket.ice_servers),
        None => return StepState::bad("There was no live connection.", advice),
    };
    let (peer, _socket) = match connect(OnlyWay::Any, &ice_servers).await {
        Ok(connected) => connected,
        Err(failure) => return failed(OnlyWay::Any, &failure),
    };
    let before = peer.stats().await;
    if !peer.send(microphone.track()).await {
        return failed(OnlyWay::Any, &WayFailure::Browser);
    }
    sleep_ms(LOOPBACK_FOR_MS).await;
    let stats = peer.stats().await;
    let packets = packets_since(before, stats);
    let (received, expected) = (packets.received, packets.expected());
    let facts = format!(
        "{received} of {expected} packets of your voice came back. {}",
        words_of(stats, packets)
    );
    match received >= LOOPBACK_PACKETS_MIN && received * 2 >= expected {
        true => StepState::good(facts),
        false => StepState::bad(facts, advice),
    }
}

/// Connects by one way, over a socket of its own. The socket must stay open as long as the connection.
async fn connect(way: OnlyWay, ice_servers: &[IceServer]) -> Result<(CheckPeer, CheckSocket), WayFailure> {
    let silence = WayFailure::NoAnswer(NoAnswer::Silence);
    let mut socket = CheckSocket::open().await.ok_or(silence)?;
    let peer = CheckPeer::new(ice_servers, way == OnlyWay::Relay).map_err(|_| WayFailure::Browser)?;
    let offer = peer.offer().await.map_err(|_| WayFailure::Browser)?;
    let answer = socket.offer(offer).await.map_err(WayFailure::NoAnswer)?;
    let answer = match way {
        OnlyWay::Udp => only_transport(&answer, "udp"),
        OnlyWay::Tcp => only_transport(&answer, "tcp"),
        OnlyWay::Relay | OnlyWay::Any => Some(answer),
    };
    if !peer.accept(answer.ok_or(WayFailure::NotOffered)?).await {
        return Err(WayFailure::Browser);
    }
    let began_ms = now_ms();
    loop {
        match peer.state() {
            CheckPeerState::Connected => return Ok((peer, socket)),
            CheckPeerState::Failed => return Err(WayFailure::NothingBack),
            CheckPeerState::Connecting if now_ms() > began_ms + CONNECTED_WITHIN_MS => {
                return Err(WayFailure::NothingBack);
            }
            CheckPeerState::Connecting => sleep_ms(LOOK_EVERY_MS).await,
        }
    }
}

fn packets_since(before: CheckStats, now: CheckStats) -> ReturnedPackets {
    ReturnedPackets {
        sent: now.sent.saturating_sub(before.sent),
        received: now.received.saturating_sub(before.received),
        // Packets that were missing before may have arrived late.
        missing: now.missing.saturating_sub(before.missing),
    }
}

fn words_of(stats: CheckStats, packets: ReturnedPackets) -> String {
    let way = match stats {
        CheckStats { is_relayed: true, .. } => "through a relay",
        CheckStats { is_tcp: true, .. } => "by TCP",
        _ => "by UDP",
    };
    came_back(way, stats.round_trip_ms, packets.lost_percent())
}

fn failed(way: OnlyWay, failure: &WayFailure) -> StepState {
    match failure {
        WayFailure::NoAnswer(NoAnswer::Refused(why)) => StepState::bad("Snug refused this check.", why.sentence()),
        WayFailure::NoAnswer(NoAnswer::Silence) => StepState::bad(
            "The live connection was lost.",
            "Check that this device is online, then check again.",
        ),
        WayFailure::Browser | WayFailure::NotOffered => StepState::bad(
            "This browser could not make the connection.",
            "Switch off extensions that block WebRTC, or open this page in another browser.",
        ),
        WayFailure::NothingBack => StepState::bad("Nothing came back in 6 seconds.", advice_about(way)),
    }
}

fn advice_about(way: OnlyWay) -> &'static str {
    match way {
        OnlyWay::Udp => {
            "Allow UDP in the firewall of your network, or try another network, such as your phone's. If nobody gets through, tell the person who runs this Snug."
        }
        OnlyWay::Tcp => "Tell the person who runs this Snug that the voice port does not answer by TCP.",
        OnlyWay::Relay => "Tell the person who runs this Snug that the relay (TURN server) does not answer.",
        OnlyWay::Any => "Try another network, such as your phone's.",
    }
}
