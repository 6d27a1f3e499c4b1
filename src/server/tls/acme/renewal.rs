//! Keeps a valid certificate: orders the first one, and a new one before it expires. If an order fails, the current certificate stays
//! in use, and the order is tried again later.

use super::{
    advice::Advice,
    authority::{Authority, roots_fingerprint},
    certificate_folder::{CertificateFolder, OrderFacts, StoredCertificate},
    failure_record::{FailureRecord, next_try},
    issue::{OrderContents, is_rate_limited, is_refused_account, is_unknown_account, issue},
    plan::{HeldCertificate, OrderReason, OrderTarget, RenewalStep, challenges_after, identifier, next_step},
};
use crate::server::{
    config::AcmeConfig,
    tls::{certificate::day, challenges::Challenges, served_certificate::ServedCertificate},
};
use anyhow::Context;
use instant_acme::{Account, CertificateIdentifier};
use rustls::pki_types::CertificateDer;
use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::Notify,
    time::{Instant, sleep, timeout},
};

/// We look at the plan at least this often, because somebody may set the clock of the machine.
const LOOK_EVERY: Duration = Duration::from_secs(3_600);
/// How long a conversation with the authority may take.
const CONVERSATION_MAX: Duration = Duration::from_secs(300);

/// The certificate that comes from a certificate authority.
pub struct RenewalTask {
    identifiers: Vec<String>,
    authority: Authority,
    target: OrderTarget,
    folder: CertificateFolder,
    challenges: Arc<Challenges>,
    served: Arc<ServedCertificate>,
    held: Mutex<Option<Held>>,
    /// Ends the wait of [`RenewalTask::run`].
    wake: Notify,
}

#[derive(Clone)]
struct Held {
    facts: HeldCertificate,
    leaf: CertificateDer<'static>,
}

impl RenewalTask {
    /// Serves the certificate that is in the data folder, if there is one. [`RenewalTask::run`] orders others.
    ///
    /// # Errors
    /// If the data folder can't be written, or if the file with further roots can't be read.
    pub fn open(
        config: AcmeConfig,
        data: &Path,
        challenges: Arc<Challenges>,
        served: Arc<ServedCertificate>,
        now_s: i64,
    ) -> anyhow::Result<Self> {
        let identifiers: Vec<String> = config.domains.iter().map(|domain| identifier(domain)).collect();
        let roots = roots_fingerprint(&config)?;
        let renewal = Self {
            target: OrderTarget::new(&identifiers, &config.directory, roots),
            identifiers,
            authority: Authority::new(config),
            folder: CertificateFolder::open(data)?,
            challenges,
            served,
            held: Mutex::default(),
            wake: Notify::new(),
        };
        match renewal.folder.read_certificate() {
            Ok(Some(stored)) => renewal.take(stored, now_s),
            Ok(None) => {}
            Err(error) => {
                tracing::warn!("the certificate in the data folder can't be used, so a new one is ordered: {error:#}")
            }
        }
        Ok(renewal)
    }

    /// Ends the wait for the next look at the plan. So an order that has failed is tried again now.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Orders certificates when they are needed. `now_s` reads the clock, in unix seconds. Never returns.
    pub async fn run(&self, now_s: impl Fn() -> i64) {
        let mut advice = Advice::none();
        let mut failures = FailureRecord::read(&self.folder, self.target.clone());
        let mut wait = self.wait_after_restart(&advice, &failures, now_s());
        loop {
            tokio::select! {
                () = sleep(wait) => {}
                () = self.wake.notified() => {}
            }
            wait = match self.look(&mut advice, &mut failures, &now_s).await {
                Ok(wait) => {
                    // Either an order has succeeded, or none is due any more.
                    failures.clear(&self.folder);
                    wait
                }
                Err(error) => self.note_failure(&error, &mut failures, now_s()),
            };
        }
    }

    /// How long to wait before the first look. If Snug starts again and again, it must not order each time: Let's Encrypt allows five
    /// failed checks of a name in an hour.
    fn wait_after_restart(&self, advice: &Advice, failures: &FailureRecord, now_s: i64) -> Duration {
        let wait = failures.remaining(now_s, self.spread());
        if wait.is_zero() || matches!(self.step(advice, now_s), RenewalStep::WaitUntil(_)) {
            return Duration::ZERO;
        }
        let reason = failures.describe(&self.identifiers.join(", "));
        tracing::warn!("{reason}. {}", next_try(wait));
        self.served.status.failed(reason);
        wait
    }

    /// Does what is due. Returns when to look again.
    ///
    /// # Errors
    /// If an order was due and has failed.
    async fn look(
        &self,
        advice: &mut Advice,
        failures: &mut FailureRecord,
        now_s: &impl Fn() -> i64,
    ) -> anyhow::Result<Duration> {
        let must_order = matches!(self.step(advice, now_s()), RenewalStep::Order(_));
        if !must_order && Instant::now() < advice.ask_again_at {
            return Ok(self.wait(advice, now_s()));
        }
        let conversation = timeout(CONVERSATION_MAX, self.converse(advice, failures, now_s)).await;
        self.challenges.clear();
        let conversation = conversation.context("the certificate authority did not answer in time");
        match conversation.flatten() {
            Err(error) if matches!(self.step(advice, now_s()), RenewalStep::WaitUntil(_)) => {
                tracing::debug!("the certificate authority could not be asked when to renew: {error:#}");
                advice.ask_later();
            }
            outcome => outcome?,
        }
        Ok(self.wait(advice, now_s()))
    }

    /// Asks the authority for the time and its advice first, because both can show that nothing is due. Orders only then.
    async fn converse(
        &self,
        advice: &mut Advice,
        failures: &mut FailureRecord,
        now_s: &impl Fn() -> i64,
    ) -> anyhow::Result<()> {
        let account = self.authority.log_in(&self.folder).await.context("logging in")?;
        self.ask(&account, advice).await;
        let RenewalStep::Order(reason) = self.step(advice, now_s()) else {
            return Ok(());
        };
        let mut ordered = self.order(&account, reason, advice, failures, now_s()).await;
        let may_replace = failures.may_replace_account();
        let is_account_lost =
            |error: &anyhow::Error| is_unknown_account(error) || (may_replace && is_refused_account(error));
        if ordered.as_ref().is_err_and(is_account_lost) {
            self.folder.delete_account();
            failures.account_was_replaced();
            let account = self.authority.log_in(&self.folder).await.context("logging in")?;
            ordered = self.order(&account, reason, advice, failures, now_s()).await;
        }
        ordered?;
        advice.forget();
        Ok(())
    }

    async fn order(
        &self,
        account: &Account,
        reason: OrderReason,
        advice: &Advice,
        failures: &mut FailureRecord,
        now_s: i64,
    ) -> anyhow::Result<()> {
        tracing::info!(?reason, "ordering a certificate for {}", self.identifiers.join(", "));
        let held = self.held();
        let replaced = held.filter(|held| advice.plans && held.facts.directory == self.authority.config.directory);
        let contents = OrderContents {
            identifiers: &self.identifiers,
            replaces: replaced
                .as_ref()
                .and_then(|held| CertificateIdentifier::try_from(&held.leaf).ok()),
            kinds: challenges_after(failures.count()),
        };
        failures.begin(&self.folder, now_s);
        let issued = issue(account, contents, &self.challenges).await?;
        let ordered_at_s = self.authority.skew.corrected_s(now_s);
        let (text, stored) = issued.to_file(&OrderFacts {
            identifiers: &self.identifiers,
            directory: &self.authority.config.directory,
            ordered_at_s,
        })?;
        failures.clear(&self.folder);
        self.take(stored, ordered_at_s);
        // Another order would not help, and authorities give only a few certificates for the same names in a week.
        if let Err(error) = self.folder.write_certificate(&text) {
            tracing::error!("the new certificate is in use but not stored, so a restart orders another one: {error:#}");
            self.served.status.failed(format!("{error:#}"));
        }
        Ok(())
    }

    /// Asks when to renew the certificate that is held, if this authority gave it.
    async fn ask(&self, account: &Account, advice: &mut Advice) {
        advice.ask_later();
        let held = self
            .held()
            .filter(|held| held.facts.directory == self.authority.config.directory);
        if let Some(held) = held {
            advice.ask(account, &held.leaf).await;
        }
    }

    fn step(&self, advice: &Advice, now_s: i64) -> RenewalStep {
        let held = self.held();
        let facts = held.as_ref().map(|held| &held.facts);
        let now_s = self.authority.skew.corrected_s(now_s);
        next_step(
            &self.identifiers,
            &self.authority.config.directory,
            facts,
            advice.window,
            now_s,
        )
    }

    fn wait(&self, advice: &Advice, now_s: i64) -> Duration {
        let until_ask = advice.ask_again_at.saturating_duration_since(Instant::now());
        let until_due = match self.step(advice, now_s) {
            RenewalStep::Order(_) => Duration::ZERO,
            RenewalStep::WaitUntil(at) => {
                let seconds = at.saturating_sub(self.authority.skew.corrected_s(now_s));
                Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
            }
        };
        // A second at least, so that no clock can make this a busy loop.
        until_ask.min(until_due).clamp(Duration::from_secs(1), LOOK_EVERY)
    }

    fn take(&self, stored: StoredCertificate, now_s: i64) {
        let certificate = &stored.certificate;
        self.served.replace(certificate, now_s);
        let leaf = certificate.key.cert[0].clone();
        let facts = HeldCertificate {
            names: stored.ordered_for,
            not_before_s: certificate.not_before_s,
            not_after_s: certificate.not_after_s,
            directory: stored.directory,
            ordered_at_s: stored.ordered_at_s,
            jitter: jitter(&leaf),
        };
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(Held { facts, leaf });
    }

    fn held(&self) -> Option<Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Logs a failure, and returns how long to wait before the next try.
    fn note_failure(&self, error: &anyhow::Error, failures: &mut FailureRecord, now_s: i64) -> Duration {
        failures.fail(&self.folder, is_rate_limited(error), now_s);
        let wait = failures.remaining(now_s, self.spread());
        let (held, names) = (self.held(), self.identifiers.join(", "));
        let meanwhile = match &held {
            Some(held) => format!("The certificate in use is valid until {}", day(held.facts.not_after_s)),
            None => "Browsers can't open this Snug until there is one".to_owned(),
        };
        let reason = format!("{error:#}");
        tracing::error!(
            "no certificate for {names}: {reason}. {meanwhile}. Check that the names lead to this machine and that port 443 or 80 can be \
             reached from the internet. {}",
            next_try(wait)
        );
        self.served.status.failed(reason);
        wait
    }

    /// A random number that spreads the tries of many servers over time.
    fn spread(&self) -> u16 {
        self.held().map_or(0, |held| held.facts.jitter)
    }
}

/// The last bytes of a certificate belong to its signature, so nobody can choose them.
fn jitter(leaf: &CertificateDer<'_>) -> u16 {
    leaf.last_chunk().map_or(0, |last| u16::from_be_bytes(*last))
}
