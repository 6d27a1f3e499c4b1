//! Checks that each fault at the public URL is named by the first line of the report.

use super::super::{
    own_addresses::OwnAddresses,
    site_facts::{
        TlsLook,
        tests::{closed_look, good_look, good_site},
    },
};
use super::*;
use crate::model::health::HealthReport;
use crate::server::config::TlsSource;

/// The first line of a report about this site.
fn first(site: &SiteFacts) -> HealthFinding {
    HealthReport::new(judge(site)).findings.swap_remove(0)
}

fn other(status: u16) -> Option<SiteAnswer> {
    Some(SiteAnswer::Other {
        status: StatusCode::from_u16(status).expect("a status"),
        server: Some("nginx".into()),
        location: None,
    })
}

#[test]
fn a_site_of_which_everything_is_good_has_no_bad_finding() {
    let findings = judge(&good_site());
    let names: Vec<&str> = findings.iter().map(|finding| finding.check.as_str()).collect();
    let wanted = [
        "dns",
        "site_port",
        "certificate",
        "public_url",
        "proxy_host",
        "proxy_address",
        "websocket",
    ];
    assert_eq!(names, wanted);
    assert!(
        findings.iter().all(|finding| finding.verdict == HealthVerdict::Good),
        "{findings:?}"
    );
}

#[test]
fn a_name_without_an_address_hides_everything_else() {
    let mut site = good_site();
    site.looks = vec![];
    let findings = judge(&site);
    assert_eq!(findings.len(), 1);
    assert_eq!(
        (findings[0].check.as_str(), findings[0].verdict),
        ("dns", HealthVerdict::Bad)
    );
}

#[test]
fn a_name_that_leads_to_another_machine_is_named_with_both_addresses() {
    for port in [PortState::Silent, PortState::Refused, PortState::Open] {
        let mut site = good_site();
        let mut look = closed_look("198.51.100.20", port.clone());
        look.answer = other(200).filter(|_| port == PortState::Open);
        site.looks = vec![look];
        let finding = first(&site);
        assert_eq!((finding.check.as_str(), finding.verdict), ("dns", HealthVerdict::Bad));
        assert!(
            finding.message.contains("198.51.100.20") && finding.message.contains("203.0.113.7"),
            "{finding:?}"
        );
    }
}

#[test]
fn a_closed_port_of_this_machine_is_bad() {
    let mut site = good_site();
    site.looks = vec![closed_look("203.0.113.7", PortState::Refused)];
    let refused = first(&site);
    assert_eq!(
        (refused.check.as_str(), refused.verdict),
        ("site_port", HealthVerdict::Bad)
    );
    assert!(
        refused.message.starts_with("Nothing listens at 203.0.113.7, port 443"),
        "{refused:?}"
    );
    assert!(refused.advice.contains("reverse proxy"), "{refused:?}");
    site.looks = vec![closed_look("203.0.113.7", PortState::Silent)];
    assert!(
        first(&site).message.contains("firewall on this machine"),
        "{:?}",
        first(&site)
    );
}

#[test]
fn behind_a_router_a_closed_port_is_only_a_warning_that_names_hairpin_nat() {
    let mut site = good_site();
    site.own = OwnAddresses::for_tests(&["127.0.0.1", "192.168.1.5"]);
    site.looks = vec![closed_look("203.0.113.7", PortState::Silent)];
    let finding = first(&site);
    assert_eq!(
        (finding.check.as_str(), finding.verdict),
        ("site_port", HealthVerdict::Warning)
    );
    assert!(finding.message.contains("hairpin NAT"), "{finding:?}");
    assert!(
        finding
            .advice
            .contains("forward TCP port 443 of the router to 192.168.1.5"),
        "{finding:?}"
    );
}

#[test]
fn a_second_address_that_does_not_answer_is_a_warning_and_one_without_a_way_is_skipped() {
    let mut site = good_site();
    site.looks.push(closed_look("2001:db8::7", PortState::Refused));
    let finding = first(&site);
    assert_eq!(
        (finding.check.as_str(), finding.verdict),
        ("site_port", HealthVerdict::Warning)
    );
    site.looks[1].port = PortState::NoRoute;
    assert_eq!(first(&site).verdict, HealthVerdict::Skipped);
}

#[test]
fn another_program_at_the_public_url_is_named() {
    let mut site = good_site();
    site.looks[0].answer = other(404);
    let finding = first(&site);
    assert_eq!(
        (finding.check.as_str(), finding.verdict),
        ("public_url", HealthVerdict::Bad)
    );
    assert!(
        finding.message.contains("Another program") && finding.message.contains("nginx"),
        "{finding:?}"
    );
}

#[test]
fn a_proxy_that_does_not_reach_snug_is_no_other_program() {
    let mut site = good_site();
    site.looks[0].answer = other(502);
    let finding = first(&site);
    assert!(
        finding
            .message
            .contains("answers 502 Bad Gateway: it does not reach Snug"),
        "{finding:?}"
    );
    assert!(finding.advice.contains("127.0.0.1:3000"), "{finding:?}");
    site.is_running = false;
    assert_eq!(
        first(&site).verdict,
        HealthVerdict::Skipped,
        "the finding about the server says why"
    );
}

#[test]
fn a_redirect_to_another_address_is_named() {
    let mut site = good_site();
    site.looks[0].answer = Some(SiteAnswer::Other {
        status: StatusCode::MOVED_PERMANENTLY,
        server: None,
        location: Some("https://www.example.org/".into()),
    });
    assert!(first(&site).message.contains("redirects to https://www.example.org/"));
}

#[test]
fn a_bad_certificate_comes_before_everything_that_was_asked_over_it() {
    let mut site = good_site();
    site.looks[0].tls = Some(TlsLook::Failed("no TLS".into()));
    site.looks[0].answer = None;
    site.looks[0].socket = None;
    let finding = first(&site);
    assert_eq!(
        (finding.check.as_str(), finding.verdict),
        ("certificate", HealthVerdict::Bad)
    );
}

#[test]
fn port_80_is_checked_only_if_snug_serves_it() {
    let mut site = good_site();
    site.tls = TlsSource::Own(vec![]);
    let mut look = good_look("203.0.113.7");
    look.plain_http = Some(PlainHttp::Closed(PortState::Silent));
    site.looks = vec![look];
    let finding = first(&site);
    assert_eq!(
        (finding.check.as_str(), finding.verdict),
        ("http_port", HealthVerdict::Warning)
    );
    site.looks[0].plain_http = Some(PlainHttp::Redirects);
    assert_eq!(first(&site).verdict, HealthVerdict::Good);
}
