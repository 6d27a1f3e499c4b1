//! The examinations that owners ask for on the page about the health of this Snug. At most one runs at a time, because it opens
//! connections and waits for their answers. Owners who ask meanwhile, or a few seconds afterwards, get the report of that one.

use crate::model::{
    health::{HealthFinding, HealthReport, HealthVerdict},
    health_status::HealthStatus,
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{sync::watch, time::timeout};

/// An examination that takes longer is ended. If nothing answers, its own time limits add up to less.
const ENDS_WITHIN: Duration = Duration::from_secs(90);
/// How long a report is used again, so that pressing "Check again" many times does not burden others.
const KEPT_FOR: Duration = Duration::from_secs(3);

/// The newest examination. Clones share it.
#[derive(Clone, Default)]
pub struct HealthRuns(Arc<watch::Sender<HealthRun>>);

#[derive(Default)]
struct HealthRun {
    is_running: bool,
    ended: Option<(Instant, HealthReport)>,
}

impl HealthRuns {
    /// The report of the examination that runs, or of the last one if it has ended within [`KEPT_FOR`]. Otherwise `examination` runs, in
    /// a task of its own, because it must end also if nobody waits for it any more. If it has not ended `within` this time, the answer
    /// has no report.
    pub async fn ask<E>(&self, within: Duration, examination: E) -> HealthStatus
    where
        E: Future<Output = HealthReport> + Send + 'static,
    {
        if self.begin() {
            let runs = self.clone();
            tokio::spawn(async move {
                let report = end_within(ENDS_WITHIN, examination).await;
                runs.0.send_replace(HealthRun {
                    is_running: false,
                    ended: Some((Instant::now(), report)),
                });
            });
        }
        let mut runs = self.0.subscribe();
        let ended = timeout(within, runs.wait_for(|run| !run.is_running)).await;
        let Ok(Ok(run)) = ended else {
            return HealthStatus { report: None, age_s: 0 };
        };
        HealthStatus {
            age_s: run.ended.as_ref().map_or(0, |(at, _)| at.elapsed().as_secs()),
            report: run.ended.as_ref().map(|(_, report)| report.clone()),
        }
    }

    /// Whether the caller must run the examination.
    fn begin(&self) -> bool {
        self.0.send_if_modified(|run| {
            let is_fresh = run.ended.as_ref().is_some_and(|(at, _)| at.elapsed() < KEPT_FOR);
            let begins = !run.is_running && !is_fresh;
            run.is_running |= begins;
            begins
        })
    }
}

/// The report of the examination. If it does not end or panics, the report says so.
async fn end_within<E>(limit: Duration, examination: E) -> HealthReport
where
    E: Future<Output = HealthReport> + Send + 'static,
{
    let task = tokio::spawn(examination);
    let abort = task.abort_handle();
    match timeout(limit, task).await {
        Ok(Ok(report)) => report,
        Ok(Err(error)) => {
            tracing::error!("the examination of this Snug has ended early: {error}");
            broken("The examination has ended early, because of a fault in Snug.")
        }
        Err(_) => {
            abort.abort();
            broken(&format!(
                "The examination did not end within {} seconds.",
                limit.as_secs()
            ))
        }
    }
}

fn broken(message: &str) -> HealthReport {
    HealthReport::new(vec![HealthFinding {
        check: "examination".to_owned(),
        verdict: HealthVerdict::Bad,
        message: message.to_owned(),
        advice: "Run snug doctor on the machine of this Snug, and look into the log of Snug.".to_owned(),
    }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const LONG: Duration = Duration::from_secs(10);

    /// An examination that counts itself, and ends when `go` says so.
    fn examination(
        count: &Arc<AtomicUsize>,
        go: &watch::Sender<bool>,
    ) -> impl Future<Output = HealthReport> + Send + use<> {
        let (count, mut go) = (count.clone(), go.subscribe());
        async move {
            count.fetch_add(1, Ordering::Relaxed);
            let _ = go.wait_for(|go| *go).await;
            HealthReport::default()
        }
    }

    #[tokio::test]
    async fn a_hundred_owners_at_once_are_one_examination() {
        let (runs, count, go) = (HealthRuns::default(), Arc::default(), watch::Sender::new(true));
        let asked = (0..100).map(|_| runs.ask(LONG, examination(&count, &go)));
        let found = futures::future::join_all(asked).await;
        assert!(found.iter().all(|status| status.report.is_some()));
        runs.ask(LONG, examination(&count, &go)).await;
        assert_eq!(count.load(Ordering::Relaxed), 1, "also a moment later");
    }

    #[tokio::test]
    async fn an_answer_without_a_report_comes_in_time_and_the_examination_goes_on() {
        let (runs, count, go) = (HealthRuns::default(), Arc::default(), watch::Sender::new(false));
        for _ in 0..2 {
            let status = runs.ask(Duration::from_millis(20), examination(&count, &go)).await;
            assert_eq!(status.report, None);
        }
        go.send_replace(true);
        let status = runs.ask(LONG, examination(&count, &go)).await;
        assert!(status.report.is_some());
        assert_eq!(count.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn an_examination_that_does_not_end_is_a_finding() {
        let report = end_within(Duration::from_millis(20), std::future::pending()).await;
        assert!(report.has_bad());
        assert!(report.findings[0].message.contains("did not end"), "{report:?}");
    }

    #[tokio::test]
    async fn an_examination_that_panics_is_a_finding_and_the_next_one_can_begin() {
        async fn panics() -> HealthReport {
            std::future::ready(()).await;
            panic!("a fault of the test");
        }
        let runs = HealthRuns::default();
        let status = runs.ask(LONG, panics()).await;
        assert!(status.report.is_some_and(|report| report.has_bad()));
        assert!(!runs.0.borrow().is_running);
    }
}
