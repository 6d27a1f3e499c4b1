//! Rules between keys: values that are valid alone but must also fit each other.

use super::all_config_keys::KEYS;
use super::days::in_days;
use super::draft::{BackendName, Draft, LETS_ENCRYPT};
use super::tls_source::TlsSource;

struct ConfigRule {
    /// The keys that the rule compares. The message names the first key. If one of the keys could not be read, the rule is
    /// skipped, because there is already a message about that key.
    keys: &'static [&'static str],
    /// The rest of a sentence that begins with the first key's label; `None` if the draft satisfies the rule.
    broken: fn(&Draft) -> Option<String>,
}

const RULES: &[ConfigRule] = &[
    ConfigRule {
        keys: &["auth.confirm_seconds", "auth.access_ttl_seconds"],
        broken: confirm_is_too_long,
    },
    ConfigRule {
        keys: &["auth.idle_days", "auth.absolute_days"],
        broken: idle_is_too_long,
    },
    ConfigRule {
        keys: &["mail.smtp_url", "mail.backend"],
        broken: |draft| draft.mail_backend().err(),
    },
    ConfigRule {
        keys: &["mail.backend", "public.url"],
        broken: outbox_with_public_url,
    },
    ConfigRule {
        keys: &["public.tls_key", "public.tls_cert"],
        broken: certificate_without_key,
    },
    ConfigRule {
        keys: &["public.tls_cert", "public.tls_key"],
        broken: key_without_certificate,
    },
    ConfigRule {
        keys: &["public.url", "public.tls_cert", "public.tls_key", "public.domains"],
        broken: certificate_with_plain_url,
    },
    ConfigRule {
        keys: &["public.tls_cert"],
        broken: certificate_in_the_local_network,
    },
    ConfigRule {
        keys: &["public.url"],
        broken: url_outside_the_local_network,
    },
    ConfigRule {
        keys: &["public.domains"],
        broken: domains_in_the_local_network,
    },
    ConfigRule {
        keys: &["public.url", "public.domains"],
        broken: url_of_another_domain,
    },
    ConfigRule {
        keys: &["voice.tcp_port", "public.domains", "public.tls_cert", "public.tls_key"],
        broken: voices_on_the_port_of_the_site,
    },
    ConfigRule {
        keys: &["voice.turn_secret", "voice.turn_urls"],
        broken: turn_without_secret,
    },
    ConfigRule {
        keys: &["limits.enforced", "public.url", "mail.backend"],
        broken: limits_are_off_in_public,
    },
];

pub(super) fn list_broken(draft: &Draft, unreadable: &[&str]) -> Vec<String> {
    let is_readable = |rule: &&ConfigRule| !rule.keys.iter().any(|key| unreadable.contains(key));
    RULES
        .iter()
        .filter(is_readable)
        .filter_map(|rule| Some(format!("{} {}.", label(rule.keys[0]), (rule.broken)(draft)?)))
        .collect()
}

/// Warnings for settings that are allowed but are probably mistakes.
pub(super) fn list_warnings(draft: &Draft) -> Vec<String> {
    let unused = match draft.backend_name() {
        BackendName::Outbox => Some("e-mails stay in the outbox"),
        BackendName::None => Some("no e-mails are sent"),
        BackendName::Smtp => None,
    };
    let smtp_unused = unused.filter(|_| draft.smtp_url.is_some()).map(|instead| {
        format!(
            "{} is set, but {instead} until {} is \"smtp\".",
            label("mail.smtp_url"),
            label("mail.backend")
        )
    });
    let readable = draft.smtp_url.as_ref().is_some_and(|url| url.is_readable_in_transit());
    let in_the_clear = readable.then(|| {
        format!(
            "{} sends e-mails and the password unencrypted. Add ?tls=required, or use smtps://.",
            label("mail.smtp_url")
        )
    });
    let turn_unused = (draft.voice.turn_secret.is_some() && draft.voice.turn_urls.is_empty()).then(|| {
        format!(
            "{} is set, but has no effect until {} names a TURN server.",
            label("voice.turn_secret"),
            label("voice.turn_urls")
        )
    });
    let others = smtp_unused.into_iter().chain(in_the_clear).chain(turn_unused);
    others.chain(list_unused_for_tls(draft)).collect()
}

/// Settings for `https` that have no effect together with the others.
fn list_unused_for_tls(draft: &Draft) -> Vec<String> {
    let tls = draft.tls();
    let is_redirect_unused = draft.http_addr.is_some() && !tls.is_here();
    let redirect = is_redirect_unused.then(|| {
        let http_addr = label("public.http_addr");
        format!("{http_addr} is set, but has no effect, because Snug does not end TLS itself.")
    });
    let of_authority = [
        ("public.acme_url", draft.acme_url != LETS_ENCRYPT),
        ("public.acme_ca", draft.acme_ca.is_some()),
        ("public.acme_contact", draft.acme_contact.is_some()),
    ];
    let asks_authority = matches!(tls, TlsSource::Acme(_));
    let unused = of_authority
        .into_iter()
        .filter(|(_, is_set)| *is_set && !asks_authority);
    let unused = unused.map(|(key, _)| {
        let (key, domains, cert) = (label(key), label("public.domains"), label("public.tls_cert"));
        format!("{key} is set, but has no effect until {domains} names a host and {cert} is left out.")
    });
    redirect.into_iter().chain(unused).collect()
}

fn confirm_is_too_long(draft: &Draft) -> Option<String> {
    let (confirm, access) = (draft.auth.confirm_after, draft.auth.access_ttl);
    (2 * confirm > access).then(|| {
        let (confirm, access) = (confirm.as_secs(), access.as_secs());
        let variable = variable("auth.access_ttl_seconds");
        format!("should be at most half of access_ttl_seconds ({variable}), which is {access}; it is {confirm}")
    })
}

fn idle_is_too_long(draft: &Draft) -> Option<String> {
    let (idle, absolute) = (draft.auth.idle, draft.auth.absolute);
    (idle > absolute).then(|| {
        let (idle, absolute) = (in_days(idle), in_days(absolute));
        let variable = variable("auth.absolute_days");
        format!("should be at most absolute_days ({variable}), which is {absolute}; it is {idle}")
    })
}

fn outbox_with_public_url(draft: &Draft) -> Option<String> {
    let public = draft.public_url();
    // In the local network, the person at the terminal can tell others their codes.
    let is_public = !public.is_loopback() && draft.lan.is_none();
    (draft.backend_name() == BackendName::Outbox && is_public).then(|| {
        let (backend, smtp_url) = (variable("mail.backend"), variable("mail.smtp_url"));
        format!(
            "should be \"smtp\" or \"none\", because people who sign in at {} cannot read e-mails in the outbox of this machine: \
             set {backend}=smtp and {smtp_url} (smtps://user:password@host), or leave {backend} out to begin without e-mails",
            public.origin()
        )
    })
}

fn certificate_without_key(draft: &Draft) -> Option<String> {
    let is_missing = draft.tls_cert.is_some() && draft.tls_key.is_none();
    is_missing.then(|| "should name the file with the private key of the certificate in tls_cert".into())
}

fn key_without_certificate(draft: &Draft) -> Option<String> {
    let is_missing = draft.tls_key.is_some() && draft.tls_cert.is_none();
    is_missing.then(|| "should name the file with the certificate of the private key in tls_key".into())
}

fn certificate_with_plain_url(draft: &Draft) -> Option<String> {
    let public = draft.public_url();
    let cause = match draft.tls() {
        TlsSource::Files(_) => "public.tls_cert",
        TlsSource::Acme(_) => "public.domains",
        // In the local network, no plain URL is allowed anyway.
        TlsSource::Own(_) | TlsSource::Elsewhere => return None,
    };
    (!public.is_https()).then(|| {
        format!(
            "should begin with https://, because Snug ends TLS itself ({}); it is {}",
            variable(cause),
            public.origin()
        )
    })
}

fn certificate_in_the_local_network(draft: &Draft) -> Option<String> {
    let are_both = draft.lan.is_some() && draft.tls_cert.is_some();
    are_both.then(|| "should be left out with --lan, for which Snug makes a certificate itself".into())
}

fn url_outside_the_local_network(draft: &Draft) -> Option<String> {
    let (lan, url) = (draft.lan.as_ref()?, draft.public_url.as_ref()?);
    let is_inside = !url.is_loopback() && lan.hosts().iter().any(|host| host == url.host());
    (!is_inside).then(|| {
        format!(
            "should be left out with --lan, because others in the network open an address of this machine; it is {}",
            url.origin()
        )
    })
}

fn domains_in_the_local_network(draft: &Draft) -> Option<String> {
    let are_both = draft.lan.is_some() && !draft.domains.is_empty();
    are_both.then(|| "should be left out with --lan, which is for the local network only".into())
}

fn url_of_another_domain(draft: &Draft) -> Option<String> {
    let public = draft.public_url();
    let is_other = !draft.domains.is_empty() && !draft.domains.iter().any(|domain| domain == public.host());
    is_other.then(|| {
        let (domains, origin) = (variable("public.domains"), public.origin());
        format!("should have one of the host names in domains ({domains}), because the certificate is for these; it is {origin}")
    })
}

fn voices_on_the_port_of_the_site(draft: &Draft) -> Option<String> {
    let listen = draft.listen();
    let taken = listen.site.iter().chain(&listen.redirect).map(|address| address.port());
    let port = draft.voice.tcp_port.filter(|port| *port != 0)?;
    let is_taken = draft.tls().is_here() && taken.into_iter().any(|other| other == port);
    is_taken.then(|| {
        format!(
            "should be left out, or another port: voices over TCP come in on the port of the site anyway, because Snug ends TLS itself; it \
             is {port}"
        )
    })
}

fn turn_without_secret(draft: &Draft) -> Option<String> {
    let is_missing = !draft.voice.turn_urls.is_empty() && draft.voice.turn_secret.is_none();
    is_missing
        .then(|| "should be the secret of the TURN servers in turn_urls, because they accept nobody without it".into())
}

fn limits_are_off_in_public(draft: &Draft) -> Option<String> {
    let listens_here = draft.listen().site.iter().all(|address| address.ip().is_loopback());
    let private = listens_here && draft.public_url().is_loopback() && draft.backend_name() != BackendName::Smtp;
    (!draft.limits.enforced && !private).then(|| {
        let (url, backend) = (variable("public.url"), variable("mail.backend"));
        format!("should be true: false is only for trying things out, with {url} on localhost, LEPTOS_SITE_ADDR on 127.0.0.1 and {backend}=outbox or none")
    })
}

/// The label of a key. A test checks that the table of keys has every path that the rules use.
fn label(path: &str) -> String {
    KEYS.iter()
        .find(|key| key.path == path)
        .map_or_else(|| path.into(), |key| key.label())
}

fn variable(path: &str) -> String {
    KEYS.iter()
        .find(|key| key.path == path)
        .map_or_else(|| path.into(), |key| key.variable())
}
