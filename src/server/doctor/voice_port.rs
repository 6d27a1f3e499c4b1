//! Checks that voices can reach this Snug: asks the voice port at each address that browsers are told.

use super::own_addresses::{OwnAddresses, hairpin_sentence};
use crate::{
    model::health::HealthFinding,
    server::{
        config::Config,
        keyring::{Keyring, random},
        state::voice_probe_key,
        voice::probe::ProbeKey,
        voice_addresses::{is_private, is_private_host, warning},
    },
};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};
use tokio::{
    net::{TcpStream, UdpSocket},
    time::timeout,
};

const ADDRESS: &str = "voice_address";
const UDP: &str = "voice_udp";
const TCP: &str = "voice_tcp";
/// How long each question waits for its answer.
const ANSWERED_WITHIN: Duration = Duration::from_millis(700);
/// A network may lose any datagram.
const TRIES: usize = 3;
const CONNECTED_WITHIN: Duration = Duration::from_secs(3);
/// We try at most this many addresses.
const ADDRESSES_MAX: usize = 6;

/// Where browsers are told to send voices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoiceTarget {
    pub udp_port: u16,
    pub tcp_port: Option<u16>,
    pub addresses: Vec<IpAddr>,
}

/// What is known about the way to the voice port.
struct VoiceWays<'a> {
    /// Whether the host of the public URL is on the internet.
    is_public: bool,
    udp_port: u16,
    own: &'a OwnAddresses,
    /// Whether an answer of this Snug has come back through a router, so that silence means that a port is not forwarded.
    reaches_itself: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum VoiceAnswer {
    Came,
    Missing,
    /// This machine can't send to this address.
    NoRoute,
}

/// Asks the voice port. `target` is `None` if the server does not run or does not say where it expects voices.
pub async fn check(
    config: &Config,
    keyring: Option<&Keyring>,
    target: Option<VoiceTarget>,
    own: &OwnAddresses,
    reaches_itself: bool,
) -> Vec<HealthFinding> {
    let (Some(target), Some(keyring)) = (target, keyring) else {
        let message =
            "Whether voices come in can't be checked, because the running Snug does not say where it expects them.";
        return vec![HealthFinding::skipped(UDP, message, "Start Snug first.")];
    };
    let url = &config.public_url;
    let ways = VoiceWays {
        is_public: !url.is_loopback() && !is_private_host(url.host()),
        udp_port: target.udp_port,
        own,
        reaches_itself,
    };
    if let Some(sentence) = warning(url, &target.addresses) {
        return vec![judge_private(&sentence)];
    }
    let key = voice_probe_key(keyring);
    let mut answers = vec![];
    for address in to_ask(&target.addresses, ways.is_public) {
        answers.push((address, ask(SocketAddr::new(address, target.udp_port), &key).await));
    }
    let addresses: Vec<String> = target.addresses.iter().map(ToString::to_string).collect();
    let mut findings = vec![
        HealthFinding::good(
            ADDRESS,
            format!("Browsers are told to send voices to {}.", addresses.join(", ")),
        ),
        judge_udp(&ways, &answers),
    ];
    let reached = answers.iter().find(|(_, answer)| *answer == VoiceAnswer::Came);
    if let (Some((address, _)), Some(port)) = (reached, target.tcp_port) {
        let connected = timeout(CONNECTED_WITHIN, TcpStream::connect(SocketAddr::new(*address, port))).await;
        findings.push(judge_tcp(*address, port, matches!(connected, Ok(Ok(_)))));
    }
    findings
}

/// The addresses to ask. If the Snug is on the internet, we skip its private addresses, which only help people in the same house.
fn to_ask(addresses: &[IpAddr], is_public: bool) -> Vec<IpAddr> {
    let is_link_local = |address: IpAddr| matches!(address, IpAddr::V6(v6) if v6.is_unicast_link_local());
    let is_useless = |address: IpAddr| is_link_local(address) || (is_public && is_private(address));
    addresses
        .iter()
        .copied()
        .filter(|address| !is_useless(*address))
        .take(ADDRESSES_MAX)
        .collect()
}

/// Asks the voice port at this address, a few times.
async fn ask(at: SocketAddr, key: &ProbeKey) -> VoiceAnswer {
    for _ in 0..TRIES {
        match timeout(ANSWERED_WITHIN, ask_once(at, key)).await {
            Ok(Ok(())) => return VoiceAnswer::Came,
            Ok(Err(error)) if error.kind() == io::ErrorKind::NetworkUnreachable => return VoiceAnswer::NoRoute,
            // If the port is closed, the system says so at once. The firewall of a router may say so too.
            Ok(Err(_)) | Err(_) => {}
        }
    }
    VoiceAnswer::Missing
}

async fn ask_once(at: SocketAddr, key: &ProbeKey) -> io::Result<()> {
    let any: IpAddr = match at {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(at).await?;
    let transaction = random();
    socket.send(&key.request(transaction)).await?;
    let mut answer = [0; 256];
    loop {
        let length = socket.recv(&mut answer).await?;
        if key.is_answer(transaction, &answer[..length]) {
            return Ok(());
        }
    }
}

fn judge_private(sentence: &str) -> HealthFinding {
    let (message, advice) = sentence.split_once(". ").unwrap_or((sentence, ""));
    let mut letters = message.chars();
    let capital = letters.next().map(|first| first.to_ascii_uppercase());
    let message: String = capital.into_iter().chain(letters).collect();
    HealthFinding::bad(ADDRESS, format!("{message}."), format!("{advice}."))
}

fn judge_udp(ways: &VoiceWays<'_>, answers: &[(IpAddr, VoiceAnswer)]) -> HealthFinding {
    let port = ways.udp_port;
    let of = |wanted: VoiceAnswer| {
        let found = answers.iter().filter(move |(_, answer)| *answer == wanted);
        found.map(|(address, _)| *address)
    };
    if let Some(finding) = of(VoiceAnswer::Missing)
        .map(|address| judge_missing(ways, address))
        .min_by_key(|finding| finding.verdict)
    {
        return finding;
    }
    let reached: Vec<IpAddr> = of(VoiceAnswer::Came).collect();
    if reached.is_empty() {
        return HealthFinding::skipped(
            UDP,
            format!(
                "This machine has no way to the addresses that browsers are told, so UDP port {port} can't be checked from here."
            ),
            "",
        );
    }
    let seen_from = match reached.iter().all(|address| ways.own.holds(*address)) {
        true => " This machine has asked itself, so a firewall in front of it can still block others.",
        false => "",
    };
    let reached: Vec<String> = reached.iter().map(ToString::to_string).collect();
    HealthFinding::good(
        UDP,
        format!("UDP port {port} answers at {}.{seen_from}", reached.join(", ")),
    )
}

fn judge_missing(ways: &VoiceWays<'_>, address: IpAddr) -> HealthFinding {
    let port = ways.udp_port;
    let open = format!("Let UDP port {port} through, for example: ufw allow {port}/udp");
    let public = ways.own.public_like(address);
    match (ways.own.holds(address), public) {
        (true, _) => HealthFinding::bad(
            UDP,
            format!("A firewall on this machine blocks {address}, UDP port {port}, so people can't hear each other."),
            open,
        ),
        (false, Some(public)) => HealthFinding::bad(
            UDP,
            format!(
                "Browsers are told to send voices to {address}, where this Snug does not answer (UDP port {port}): this machine has {public}."
            ),
            format!(
                "Set SNUG_VOICE_ADVERTISE to the address of this machine, such as {public},auto, and start Snug again."
            ),
        ),
        (false, None) if ways.reaches_itself || !ways.is_public => HealthFinding::bad(
            UDP,
            format!("Nothing answers at {address}, UDP port {port}, so people elsewhere can't hear each other."),
            format!(
                "Forward UDP port {port} of the router to {}. If {address} is not the address of the router, correct SNUG_VOICE_ADVERTISE.",
                ways.own.to_forward_to()
            ),
        ),
        (false, None) => HealthFinding::warning(
            UDP,
            hairpin_sentence(&format!("{address}, port {port} (UDP)")),
            format!(
                "Open /connection of this Snug on a phone without Wi-Fi. If voices come through, all is well. If not, forward UDP port {port} \
                 of the router to {}.",
                ways.own.to_forward_to()
            ),
        ),
    }
}

fn judge_tcp(address: IpAddr, port: u16, is_connected: bool) -> HealthFinding {
    match is_connected {
        true => HealthFinding::good(
            TCP,
            format!("TCP port {port} answers at {address}, for people whose network blocks UDP."),
        ),
        false => HealthFinding::warning(
            TCP,
            format!("TCP port {port} does not answer at {address}, so people whose network blocks UDP hear nothing."),
            format!("Let TCP port {port} through, for example: ufw allow {port}/tcp"),
        ),
    }
}

#[cfg(test)]
mod tests;
