//! The page about the health of this Snug, for its owners: what `snug doctor` finds. Only the server renders it, and it works without
//! scripts.

use super::owner_page_error::OwnerPageError;
use crate::{
    api,
    model::{
        health::{HealthFinding, HealthReport, HealthVerdict},
        health_status::HealthStatus,
    },
    ui::{
        components::{
            icon::Icon,
            page_header::{AccountCorner, PageHeader},
        },
        session::use_session,
    },
};
use leptos::prelude::*;
use leptos_meta::Title;

const PAGE: &str = "/admin/health";
/// While the examination runs, the browser loads the page again after this time.
const LOADED_AGAIN_AFTER_S: u16 = 1;

#[component]
pub fn HealthPage() -> impl IntoView {
    let found = Resource::new(|| (), |()| api::health::find());
    let session = use_session();
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                // The header shows who is signed in. Wait for that answer, because the server renders this page only once.
                let _ = session.me.await;
                match found.await {
                    Ok(status) => view! { <Known status/> }.into_any(),
                    Err(error) => {
                        view! {
                            <OwnerPageError error>
                                <a class="btn" href=PAGE>"Try again"</a>
                            </OwnerPageError>
                        }
                        .into_any()
                    }
                }
            })}
        </Suspense>
    }
}

#[component]
fn Known(status: HealthStatus) -> impl IntoView {
    let session = use_session();
    let HealthStatus { report, age_s } = status;
    let found = match report {
        Some(report) => view! { <Report report age_s/> }.into_any(),
        None => view! { <Checking/> }.into_any(),
    };
    view! {
        <Title text="Health"/>
        <PageHeader corner=Signal::derive(move || AccountCorner::of(session.user()))/>
        <main class="page health" id="main">
            <div class="intro">
                <h1>"Health"</h1>
                <p>"Snug checks whether people can open it and talk, and whether its data is safe. Only owners see this page."</p>
            </div>
            {found}
            <p class="hint">
                "If Snug does not start, run the command " <code>"snug doctor"</code> " on its machine. It makes the same checks."
            </p>
            <p>
                <a href="/people">"Back to the people"</a>
            </p>
        </main>
    }
}

/// The examination still runs.
#[component]
fn Checking() -> impl IntoView {
    crate::load_page_again_after(LOADED_AGAIN_AFTER_S);
    view! {
        <p role="status">"Checking… This takes up to a minute. The page then shows what was found."</p>
        <div class="checks card" aria-hidden="true">
            <span class="skeleton"></span>
            <span class="skeleton"></span>
            <span class="skeleton"></span>
        </div>
        <p>
            <a class="btn" data-kind="quiet" href=PAGE>"Show the findings"</a>
        </p>
    }
}

#[component]
fn Report(report: HealthReport, age_s: u64) -> impl IntoView {
    let words = format!("{} {}", summary(&report), age(age_s));
    view! {
        <p role="status">{words}</p>
        <ol class="checks card" role="list" aria-label="Findings">
            {report.findings.into_iter().map(|finding| view! { <Finding finding/> }).collect_view()}
        </ol>
        // A form and not a link, because it starts something.
        <form method="get" action=PAGE>
            <button class="btn" data-kind="quiet" type="submit">
                <Icon name="refresh"/>
                <span>"Check again"</span>
            </button>
        </form>
    }
}

#[component]
fn Finding(finding: HealthFinding) -> impl IntoView {
    let HealthFinding {
        check,
        verdict,
        message,
        advice,
    } = finding;
    let (name, label) = verdict_words(verdict);
    view! {
        <li class="check-step" data-result=name>
            <div class="check-head">
                <h2>{message}</h2>
                <span class="chip">{label}</span>
            </div>
            {(!advice.is_empty()).then(|| view! { <p>{advice}</p> })}
            <p class="hint">"Check: " <code>{check}</code></p>
        </li>
    }
}

/// The value of `data-result`, and the word on the screen.
fn verdict_words(verdict: HealthVerdict) -> (&'static str, &'static str) {
    match verdict {
        HealthVerdict::Bad => ("bad", "Problem"),
        HealthVerdict::Warning => ("warning", "Warning"),
        HealthVerdict::Skipped => ("skipped", "Not checked"),
        HealthVerdict::Good => ("good", "Good"),
    }
}

/// How many findings need somebody, in words.
fn summary(report: &HealthReport) -> String {
    let count = |verdict: HealthVerdict| report.findings.iter().filter(|one| one.verdict == verdict).count();
    let problems = match count(HealthVerdict::Bad) {
        0 => "No problems".to_owned(),
        1 => "1 problem".to_owned(),
        many => format!("{many} problems"),
    };
    match count(HealthVerdict::Warning) {
        0 => format!("{problems}."),
        1 => format!("{problems}, 1 warning."),
        many => format!("{problems}, {many} warnings."),
    }
}

fn age(age_s: u64) -> String {
    match age_s {
        0 => "Checked just now.".to_owned(),
        1 => "Checked 1 second ago.".to_owned(),
        many => format!("Checked {many} seconds ago."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(verdicts: &[HealthVerdict]) -> HealthReport {
        let finding = |verdict: &HealthVerdict| HealthFinding {
            check: "dns".to_owned(),
            verdict: *verdict,
            message: "It was checked.".to_owned(),
            advice: String::new(),
        };
        HealthReport::new(verdicts.iter().map(finding).collect())
    }

    #[test]
    fn the_summary_counts_what_needs_somebody() {
        use HealthVerdict::{Bad, Good, Skipped, Warning};
        for (verdicts, words) in [
            (vec![], "No problems."),
            (vec![Good, Skipped], "No problems."),
            (vec![Good, Warning], "No problems, 1 warning."),
            (vec![Bad], "1 problem."),
            (vec![Bad, Bad, Warning, Warning], "2 problems, 2 warnings."),
        ] {
            assert_eq!(summary(&report(&verdicts)), words);
        }
    }
}
