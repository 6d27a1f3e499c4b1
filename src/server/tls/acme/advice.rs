//! What the authority says about when to renew a certificate (RFC 9773).

use super::plan::RenewalWindow;
use instant_acme::{Account, CertificateIdentifier, Error};
use rustls::pki_types::CertificateDer;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// How often we ask the authority when to renew, if it does not say how often.
const ASK_EVERY: Duration = Duration::from_secs(6 * 3_600);
/// The authority can choose how often we ask, within these limits.
const ASK_AT_MOST_EVERY: Duration = Duration::from_secs(3_600);
const ASK_AT_LEAST_EVERY: Duration = Duration::from_secs(24 * 3_600);
/// How long an answer may take. An order may follow in the same conversation, and needs the remaining time.
const ANSWER_MAX: Duration = Duration::from_secs(20);

/// What the authority has said about renewals.
pub struct Advice {
    pub window: Option<RenewalWindow>,
    /// Whether the authority gives advice at all (RFC 9773).
    pub plans: bool,
    pub ask_again_at: Instant,
}

impl Advice {
    /// The authority has not been asked yet.
    pub fn none() -> Self {
        Self {
            window: None,
            plans: false,
            ask_again_at: Instant::now(),
        }
    }

    /// Asks again only after some hours.
    pub fn ask_later(&mut self) {
        self.ask_again_at = Instant::now() + ASK_EVERY;
    }

    /// Forgets the advice about the old certificate, and asks about the new one soon.
    pub fn forget(&mut self) {
        self.window = None;
        self.ask_again_at = Instant::now();
    }

    /// Asks when to renew this certificate (RFC 9773 section 4). If the authority gives no advice, it is asked again later.
    pub async fn ask(&mut self, account: &Account, leaf: &CertificateDer<'_>) {
        let Ok(id) = CertificateIdentifier::try_from(leaf) else {
            return;
        };
        match timeout(ANSWER_MAX, account.renewal_info(&id)).await {
            Ok(Ok((info, again))) => {
                self.plans = true;
                self.window = Some(RenewalWindow {
                    start_s: info.suggested_window.start.unix_timestamp(),
                    end_s: info.suggested_window.end.unix_timestamp(),
                });
                self.ask_again_at = Instant::now() + again.clamp(ASK_AT_MOST_EVERY, ASK_AT_LEAST_EVERY);
            }
            Ok(Err(Error::Unsupported(_))) => self.plans = false,
            Ok(Err(error)) => tracing::debug!(%error, "the authority does not say when to renew"),
            Err(_) => tracing::debug!("the authority did not say in time when to renew"),
        }
    }
}
