//! One order: proves to the authority that the names lead to this machine, and gets the certificate.

use super::{
    certificate_folder::IssuedCertificate,
    plan::{ChallengeKind, profile_for},
};
use crate::server::tls::challenges::Challenges;
use anyhow::{Context, bail};
use instant_acme::{
    Account, AuthorizationHandle, AuthorizationStatus, CertificateIdentifier, ChallengeType, Error, Identifier,
    NewOrder, Order, OrderStatus, RetryPolicy,
};
use std::{fmt, time::Duration};

/// How we poll the order. The authority may take 100 seconds to check the names, and 100 more to make the certificate. With the
/// library's factor of 2, the last poll would be after half a minute, and a later answer would be lost.
const POLLING: RetryPolicy = RetryPolicy::new().backoff(1.2).timeout(Duration::from_secs(120));
/// The types of errors that we handle (RFC 8555 section 6.7).
const RATE_LIMITED: &str = "urn:ietf:params:acme:error:rateLimited";
const UNKNOWN_ACCOUNT: &str = "urn:ietf:params:acme:error:accountDoesNotExist";
const UNAUTHORIZED: &str = "urn:ietf:params:acme:error:unauthorized";

/// What to order.
pub struct OrderContents<'a> {
    /// Host names and IP addresses.
    pub identifiers: &'a [String],
    /// The certificate that the new one replaces, for authorities that plan renewals (RFC 9773 section 5).
    pub replaces: Option<CertificateIdentifier<'a>>,
    /// The ways to prove that the names lead here, the preferred one first.
    pub kinds: [ChallengeKind; 2],
}

/// Orders a certificate. The caller clears `challenges` afterwards, also if it stops waiting.
///
/// # Errors
/// If the authority refuses, can't reach this machine, or does not answer. The message has the authority's own words.
pub async fn issue(
    account: &Account,
    contents: OrderContents<'_>,
    challenges: &Challenges,
) -> anyhow::Result<IssuedCertificate> {
    let mut order = place(account, &contents).await?;
    answer_challenges(&mut order, contents.kinds, challenges).await?;
    match order.poll_ready(&POLLING).await {
        Ok(OrderStatus::Ready) => {}
        Ok(_) => bail!("{}", why_refused(&mut order).await),
        // An error of the order itself says less than those of its challenges.
        Err(Error::Api(problem)) => bail!("{problem}; {}", why_refused(&mut order).await),
        Err(error) => return Err(error).context("waiting for the authority to check the names"),
    }
    let key_pem = order.finalize().await.context("asking for the certificate")?;
    let chain_pem = order
        .poll_certificate(&POLLING)
        .await
        .context("waiting for the certificate")?;
    Ok(IssuedCertificate { chain_pem, key_pem })
}

/// Whether the authority says that we ask too often.
pub fn is_rate_limited(error: &anyhow::Error) -> bool {
    has_type(error, RATE_LIMITED)
}

/// Whether the authority does not know our account any more.
pub fn is_unknown_account(error: &anyhow::Error) -> bool {
    has_type(error, UNKNOWN_ACCOUNT)
}

/// Whether the authority takes no order from our account. It may have been deactivated.
pub fn is_refused_account(error: &anyhow::Error) -> bool {
    error.downcast_ref::<AccountRefused>().is_some()
}

/// Context for the error of an order that the authority does not take from our account.
#[derive(Debug)]
struct AccountRefused;

impl fmt::Display for AccountRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the authority takes no order from our account")
    }
}

fn has_type(error: &anyhow::Error, wanted: &str) -> bool {
    let of_cause = |cause: &(dyn std::error::Error + 'static)| match cause.downcast_ref::<Error>() {
        Some(Error::Api(problem)) => problem.r#type.as_deref() == Some(wanted),
        _ => false,
    };
    error.chain().any(of_cause)
}

async fn place(account: &Account, contents: &OrderContents<'_>) -> anyhow::Result<Order> {
    let identifiers: Vec<Identifier> = contents.identifiers.iter().map(|name| to_identifier(name)).collect();
    let offered: Vec<String> = account.profiles().map(|profile| profile.name.to_owned()).collect();
    let profile = profile_for(contents.identifiers, &offered);
    let order = || match profile {
        Some(profile) => NewOrder::new(&identifiers).profile(profile),
        None => NewOrder::new(&identifiers),
    };
    if let Some(replaces) = &contents.replaces {
        match account.new_order(&order().replaces(replaces.clone())).await {
            Ok(order) => return Ok(order),
            Err(Error::Api(problem)) if problem.r#type.as_deref() == Some(RATE_LIMITED) => {
                return Err(Error::Api(problem)).context("ordering a certificate");
            }
            Err(error) => tracing::debug!(%error, "the authority takes no replacement, so the order names none"),
        }
    }
    account.new_order(&order()).await.map_err(while_ordering)
}

/// Only here does `unauthorized` mean the account. Later it is also the type of a check that has failed (RFC 8555 section 6.7).
fn while_ordering(error: Error) -> anyhow::Error {
    let is_refused = matches!(&error, Error::Api(problem) if problem.r#type.as_deref() == Some(UNAUTHORIZED));
    let error = anyhow::Error::from(error);
    match is_refused {
        true => error.context(AccountRefused),
        false => error.context("ordering a certificate"),
    }
}

fn to_identifier(name: &str) -> Identifier {
    name.parse()
        .map_or_else(|_| Identifier::Dns(name.to_owned()), Identifier::Ip)
}

async fn answer_challenges(
    order: &mut Order,
    kinds: [ChallengeKind; 2],
    challenges: &Challenges,
) -> anyhow::Result<()> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let authorization = authorization.context("reading what the authority wants to check")?;
        let status = authorization.status;
        match status {
            AuthorizationStatus::Pending => answer_one(authorization, kinds, challenges).await?,
            AuthorizationStatus::Valid => {}
            status => bail!(
                "the authority does not accept {}: {status:?}",
                authorization.identifier()
            ),
        }
    }
    Ok(())
}

async fn answer_one(
    authorization: AuthorizationHandle<'_>,
    kinds: [ChallengeKind; 2],
    challenges: &Challenges,
) -> anyhow::Result<()> {
    let name = authorization.identifier().to_string();
    let offers = |kind: &ChallengeKind| authorization.challenges.iter().any(|one| one.r#type == to_type(*kind));
    let Some(kind) = kinds.into_iter().find(offers) else {
        bail!("the authority offers no check of {name} that works over port 443 or 80");
    };
    // A new binding, because `challenge` borrows the handle for as long as the handle's own borrows last.
    let mut authorization = authorization;
    let Some(mut challenge) = authorization.challenge(to_type(kind)) else {
        bail!("the authority has withdrawn its check of {name}");
    };
    let answer = challenge.key_authorization();
    match kind {
        ChallengeKind::TlsAlpn => challenges.prepare_handshake(&name, answer.digest().as_ref())?,
        ChallengeKind::Http => challenges.prepare_text(&challenge.token, answer.as_str()),
    }
    challenge
        .set_ready()
        .await
        .context("asking the authority to check the names")
}

fn to_type(kind: ChallengeKind) -> ChallengeType {
    match kind {
        ChallengeKind::TlsAlpn => ChallengeType::TlsAlpn01,
        ChallengeKind::Http => ChallengeType::Http01,
    }
}

/// What the authority says about the checks that have failed.
async fn why_refused(order: &mut Order) -> String {
    let mut reasons = vec![];
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        if authorization.refresh().await.is_err() {
            continue;
        }
        let name = authorization.identifier().to_string();
        let failed = authorization
            .challenges
            .iter()
            .filter_map(|challenge| challenge.error.as_ref());
        reasons.extend(failed.map(|problem| format!("{name}: {problem}")));
    }
    match reasons.is_empty() {
        true => "the authority gives no reason".to_owned(),
        false => reasons.join("; "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_errors_are_found_below_what_we_were_doing() {
        let problem = |kind: &str| {
            let json = format!(r#"{{"type": "{kind}", "detail": "no", "status": 429}}"#);
            let problem = serde_json::from_str(&json).expect("a problem");
            anyhow::Error::from(Error::Api(problem)).context("ordering a certificate")
        };
        assert!(is_rate_limited(&problem(RATE_LIMITED)) && !is_unknown_account(&problem(RATE_LIMITED)));
        assert!(is_unknown_account(&problem(UNKNOWN_ACCOUNT)));
        assert!(!is_rate_limited(&anyhow::anyhow!("no network")));
    }

    #[test]
    fn an_unauthorized_order_is_a_refused_account_and_an_unauthorized_check_is_not() {
        let unauthorized = || {
            let json = format!(r#"{{"type": "{UNAUTHORIZED}", "detail": "deactivated", "status": 403}}"#);
            Error::Api(serde_json::from_str(&json).expect("a problem"))
        };
        let ordering = while_ordering(unauthorized());
        assert!(is_refused_account(&ordering) && !is_unknown_account(&ordering));
        assert!(format!("{ordering:#}").contains("deactivated"), "{ordering:#}");
        let checking = anyhow::Error::from(unauthorized()).context("asking the authority to check the names");
        assert!(!is_refused_account(&checking));
    }

    #[test]
    fn names_and_addresses_are_different_identifiers() {
        assert_eq!(to_identifier("a.example"), Identifier::Dns("a.example".into()));
        assert_eq!(
            to_identifier("2001:db8::7"),
            Identifier::Ip("2001:db8::7".parse().expect("an address"))
        );
    }
}
