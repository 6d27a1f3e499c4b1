//! Judges what was found at the public URL: the name, the ports, the certificate, who answers, and what a proxy does.

use super::{
    certificate,
    own_addresses::hairpin_sentence,
    proxy,
    site_facts::{PlainHttp, PortState, SiteAnswer, SiteFacts, SiteLook},
};
use crate::model::health::{HealthFinding, HealthVerdict};
use http::StatusCode;

const DNS: &str = "dns";
const PORT: &str = "site_port";
const PLAIN_HTTP: &str = "http_port";
const PUBLIC_URL: &str = "public_url";

/// Judges the public URL. A fault comes before its consequences, which are skipped.
pub fn judge(site: &SiteFacts) -> Vec<HealthFinding> {
    let dns = judge_dns(site);
    if dns.verdict == HealthVerdict::Bad {
        return vec![dns];
    }
    let mut findings = vec![dns];
    findings.extend(worst(site, judge_port));
    findings.extend(worst(site, judge_certificate));
    findings.extend(worst(site, judge_answer));
    findings.extend(worst(site, |site, look| proxy::judge_host(site, look.seen()?)));
    findings.extend(worst(site, |site, look| proxy::judge_address(site, look.seen()?)));
    findings.extend(worst(site, |site, look| {
        Some(proxy::judge_socket(site, look.socket.as_ref()?))
    }));
    findings.extend(worst(site, judge_plain_http));
    findings
}

/// The worst finding of one check at all addresses.
fn worst(site: &SiteFacts, check: impl Fn(&SiteFacts, &SiteLook) -> Option<HealthFinding>) -> Option<HealthFinding> {
    let findings = site.looks.iter().filter_map(|look| check(site, look));
    findings.min_by_key(|finding| finding.verdict)
}

fn judge_dns(site: &SiteFacts) -> HealthFinding {
    let host = &site.host;
    if site.looks.is_empty() {
        return HealthFinding::bad(
            DNS,
            format!("The name {host} does not resolve: DNS has no address for it, or the name server does not answer."),
            format!(
                "Add an A record for {host} with the public address of this machine, or correct SNUG_PUBLIC_URL. A new record may take an hour."
            ),
        );
    }
    let elsewhere = site.looks.iter().find_map(|look| leads_elsewhere(site, look));
    elsewhere.unwrap_or_else(|| {
        let addresses: Vec<String> = site.looks.iter().map(|look| look.address.to_string()).collect();
        HealthFinding::good(DNS, format!("{host} leads to {}.", addresses.join(" and ")))
    })
}

/// The finding about an address of another machine. If this machine has no public address, it is behind a router, and the name leads to
/// the router, so there is no finding. If this Snug can't answer, there is no finding either, because the address may be of its proxy.
fn leads_elsewhere(site: &SiteFacts, look: &SiteLook) -> Option<HealthFinding> {
    if !site.is_running || !site.has_keys {
        return None;
    }
    let own = site.own.public_like(look.address)?;
    let is_another = !site.own.holds(look.address) && look.seen().is_none() && look.port != PortState::NoRoute;
    let (host, address) = (&site.host, look.address);
    (is_another && !is_of_proxy(site, look)).then(|| {
        HealthFinding::bad(
            DNS,
            format!("{host} leads to {address}, which is another machine: this one has {own}, and this Snug does not answer there."),
            format!("Change the record of {host} in DNS to {own}, or delete the record with {address}. A change may take an hour."),
        )
    })
}

/// Whether a proxy answers that does not reach its server.
fn is_of_proxy(site: &SiteFacts, look: &SiteLook) -> bool {
    let is_gateway_error = matches!(&look.answer, Some(SiteAnswer::Other { status, .. }) if is_gateway_error(*status));
    is_gateway_error && !site.tls.is_here()
}

fn is_gateway_error(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
    )
}

fn judge_port(site: &SiteFacts, look: &SiteLook) -> Option<HealthFinding> {
    let place = format!("{}, port {}", look.address, site.port);
    let is_own = site.own.holds(look.address);
    if look.port == PortState::Open {
        let seen_from = match is_own {
            true => " This machine has asked itself, so a firewall in front of it can still block others.",
            false => "",
        };
        return Some(HealthFinding::good(PORT, format!("{place} can be reached.{seen_from}")));
    }
    if look.port == PortState::NoRoute {
        return Some(HealthFinding::skipped(
            PORT,
            format!("This machine has no way to {place}, so it can't be checked from here."),
            "",
        ));
    }
    if site.answers() {
        return Some(HealthFinding::warning(
            PORT,
            format!(
                "{} also leads to {}, where nothing answers at port {}.",
                site.host, look.address, site.port
            ),
            "Delete that record in DNS, or let Snug be reached there too. Some people can't open this Snug now.",
        ));
    }
    Some(match (is_own, &look.port) {
        (true, _) if !site.is_running && site.tls.is_here() => HealthFinding::skipped(
            PORT,
            format!("Nothing answers at {place}, because Snug does not run."),
            "Start Snug first.",
        ),
        (true, PortState::Refused) => HealthFinding::bad(
            PORT,
            format!(
                "Nothing listens at {place}, although {} leads to this machine.",
                site.host
            ),
            how_to_listen(site),
        ),
        (true, _) => HealthFinding::bad(
            PORT,
            format!("A firewall on this machine blocks {place}."),
            format!(
                "Let TCP port {} through, for example: ufw allow {}/tcp",
                site.port, site.port
            ),
        ),
        (false, _) => HealthFinding::warning(
            PORT,
            hairpin_sentence(&format!("{place} (TCP)")),
            how_to_forward(site, site.port),
        ),
    })
}

fn how_to_listen(site: &SiteFacts) -> String {
    match site.tls.is_here() {
        true => format!(
            "Snug listens at {}. Let it listen at port {} of all addresses (LEPTOS_SITE_ADDR=0.0.0.0:{}).",
            site.listens, site.port, site.port
        ),
        false => format!(
            "Start your reverse proxy, and let it listen at port {} and send requests to {}.",
            site.port, site.listens
        ),
    }
}

fn how_to_forward(site: &SiteFacts, port: u16) -> String {
    format!(
        "Open {} on a phone without Wi-Fi. If it opens, all is well. If not, forward TCP port {port} of the router to {}.",
        site.origin,
        site.own.to_forward_to()
    )
}

fn judge_certificate(site: &SiteFacts, look: &SiteLook) -> Option<HealthFinding> {
    let is_ours_without_server = site.tls.is_here() && !site.is_running;
    match &look.tls {
        Some(tls) if !is_ours_without_server => Some(certificate::judge(tls, &site.host, &site.tls, site.now_s)),
        Some(_) => None,
        None if site.is_https && site.looks.iter().all(|look| look.tls.is_none()) => Some(HealthFinding::skipped(
            certificate::CHECK,
            format!(
                "The certificate for {} can't be checked, because its port does not answer.",
                site.host
            ),
            "",
        )),
        None => None,
    }
}

fn judge_answer(site: &SiteFacts, look: &SiteLook) -> Option<HealthFinding> {
    let origin = &site.origin;
    let bad = |message: String, advice: String| HealthFinding::bad(PUBLIC_URL, message, advice);
    Some(match look.answer.as_ref()? {
        SiteAnswer::ThisSnug(_) => HealthFinding::good(PUBLIC_URL, format!("{origin} leads to this Snug.")),
        _ if !site.has_keys => HealthFinding::skipped(
            PUBLIC_URL,
            format!("Whether {origin} leads to this Snug can't be checked without its keys."),
            "Run snug doctor as the user that runs Snug.",
        ),
        SiteAnswer::Other { status, .. } if is_gateway_error(*status) && !site.is_running => HealthFinding::skipped(
            PUBLIC_URL,
            format!("The proxy at {origin} answers {status}, because Snug does not run."),
            "Start Snug first.",
        ),
        SiteAnswer::Other { status, .. } if is_gateway_error(*status) => bad(
            format!("The proxy at {origin} answers {status}: it does not reach Snug."),
            format!("Let the proxy send requests to {}, where Snug listens.", site.listens),
        ),
        SiteAnswer::Other {
            location: Some(location),
            status,
            ..
        } if status.is_redirection() => bad(
            format!("{origin} does not lead to this Snug: it redirects to {location}."),
            "Set SNUG_PUBLIC_URL to the address that people open, or remove the redirect.".to_owned(),
        ),
        SiteAnswer::Other { status, server, .. } => {
            let server = server.as_ref().map(|server| format!(", {server}")).unwrap_or_default();
            bad(
                format!("Another program answers at {origin}, and not this Snug (status {status}{server})."),
                format!(
                    "Set SNUG_PUBLIC_URL to the address that people open, or let that program send requests to {}, where Snug listens.",
                    site.listens
                ),
            )
        }
        SiteAnswer::Failed(error) => bad(
            format!("The program at {origin} does not answer in HTTP: {error}."),
            format!("Find out which program uses port {}: ss -ltnp", site.port),
        ),
    })
}

fn judge_plain_http(site: &SiteFacts, look: &SiteLook) -> Option<HealthFinding> {
    let place = format!("{}, port 80", look.address);
    if !site.is_running {
        return None;
    }
    let why = "Links with http:// do not work, and certificate authorities can check this Snug only at port 443.";
    Some(match look.plain_http.as_ref()? {
        PlainHttp::Redirects => HealthFinding::good(PLAIN_HTTP, format!("{place} leads to {}.", site.origin)),
        PlainHttp::Closed(PortState::NoRoute) => return None,
        PlainHttp::Closed(_) => HealthFinding::warning(
            PLAIN_HTTP,
            format!("Nothing answers at {place}. {why}"),
            format!(
                "Let TCP port 80 through the firewall, or forward it to {}. Look into the log of Snug: it says if another program uses the \
                 port.",
                site.own.to_forward_to()
            ),
        ),
        PlainHttp::Other => HealthFinding::warning(
            PLAIN_HTTP,
            format!("Another program answers at {place}. {why}"),
            "Stop that program, and start Snug again, so that it can listen at port 80.",
        ),
    })
}

#[cfg(test)]
mod tests;
