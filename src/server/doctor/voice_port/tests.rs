//! Checks the questions to a voice port, and what is said about the answers.

use super::*;
use crate::{model::health::HealthVerdict, server::voice::probe::ProbeResponder};

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn judged(own: &[&str], reaches_itself: bool, answers: &[(&str, VoiceAnswer)]) -> HealthFinding {
    let own = OwnAddresses::for_tests(own);
    let ways = VoiceWays {
        is_public: true,
        udp_port: 3478,
        own: &own,
        reaches_itself,
    };
    let answers: Vec<_> = answers.iter().map(|(text, answer)| (address(text), *answer)).collect();
    judge_udp(&ways, &answers)
}

/// A voice port with this key.
async fn start(key: ProbeKey) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let at = socket.local_addr().expect("an address");
    tokio::spawn(async move {
        let (mut responder, mut datagram) = (ProbeResponder::new(key), [0; 2_048]);
        while let Ok((length, from)) = socket.recv_from(&mut datagram).await {
            if let Some(answer) = responder.answer(&datagram[..length], 0) {
                let _ = socket.send_to(&answer, from).await;
            }
        }
    });
    at
}

#[tokio::test]
async fn the_voice_port_of_this_snug_answers_and_no_other() {
    let (key, other) = (ProbeKey::new(&[1; 32]), ProbeKey::new(&[2; 32]));
    let at = start(key.clone()).await;
    assert_eq!(ask(at, &key).await, VoiceAnswer::Came);
    assert_eq!(ask(at, &other).await, VoiceAnswer::Missing);
    let closed = SocketAddr::from(([127, 0, 0, 1], 1));
    assert_eq!(ask(closed, &key).await, VoiceAnswer::Missing);
}

#[test]
fn a_blocked_port_of_this_machine_is_bad() {
    let finding = judged(&["203.0.113.7"], false, &[("203.0.113.7", VoiceAnswer::Missing)]);
    assert_eq!(
        (finding.check.as_str(), finding.verdict),
        ("voice_udp", HealthVerdict::Bad)
    );
    assert!(
        finding
            .message
            .contains("firewall on this machine blocks 203.0.113.7, UDP port 3478"),
        "{finding:?}"
    );
}

#[test]
fn an_advertised_address_of_another_machine_is_bad() {
    let finding = judged(&["203.0.113.7"], false, &[("198.51.100.20", VoiceAnswer::Missing)]);
    assert_eq!(finding.verdict, HealthVerdict::Bad);
    assert!(
        finding.message.contains("198.51.100.20") && finding.advice.contains("203.0.113.7,auto"),
        "{finding:?}"
    );
}

#[test]
fn behind_a_router_silence_is_bad_only_if_the_router_sends_packets_back() {
    let missing = [("203.0.113.7", VoiceAnswer::Missing)];
    let known = judged(&["192.168.1.5"], true, &missing);
    assert_eq!(known.verdict, HealthVerdict::Bad);
    assert!(
        known
            .advice
            .contains("Forward UDP port 3478 of the router to 192.168.1.5"),
        "{known:?}"
    );
    let unknown = judged(&["192.168.1.5"], false, &missing);
    assert_eq!(unknown.verdict, HealthVerdict::Warning);
    assert!(unknown.message.contains("hairpin NAT"), "{unknown:?}");
}

#[test]
fn one_address_that_answers_does_not_hide_another_that_does_not() {
    let answers = [
        ("203.0.113.7", VoiceAnswer::Came),
        ("2001:db8::7", VoiceAnswer::Missing),
    ];
    let own = ["203.0.113.7", "2001:db8::7"];
    assert_eq!(judged(&own, false, &answers).verdict, HealthVerdict::Bad);
    let answers = [
        ("203.0.113.7", VoiceAnswer::Came),
        ("2001:db8::7", VoiceAnswer::NoRoute),
    ];
    assert_eq!(judged(&own, false, &answers).verdict, HealthVerdict::Good);
    let answers = [("2001:db8::7", VoiceAnswer::NoRoute)];
    assert_eq!(judged(&own, false, &answers).verdict, HealthVerdict::Skipped);
}

#[test]
fn private_addresses_are_asked_only_for_a_snug_in_a_private_network() {
    let all = ["192.168.1.5", "203.0.113.7", "fe80::1"].map(address);
    assert_eq!(to_ask(&all, true), [address("203.0.113.7")]);
    assert_eq!(to_ask(&all, false), all[..2]);
}

#[test]
fn private_addresses_for_a_public_url_are_bad_and_the_advice_is_apart() {
    let finding =
        judge_private("browsers are told only private addresses. Set SNUG_VOICE_ADVERTISE to 203.0.113.7,auto");
    assert_eq!(
        (finding.check.as_str(), finding.verdict),
        ("voice_address", HealthVerdict::Bad)
    );
    assert_eq!(finding.message, "Browsers are told only private addresses.");
    assert_eq!(finding.advice, "Set SNUG_VOICE_ADVERTISE to 203.0.113.7,auto.");
}

#[test]
fn a_closed_tcp_port_is_a_warning() {
    assert_eq!(
        judge_tcp(address("203.0.113.7"), 3478, false).verdict,
        HealthVerdict::Warning
    );
    assert_eq!(
        judge_tcp(address("203.0.113.7"), 3478, true).verdict,
        HealthVerdict::Good
    );
}
