//! Renders the page about the metrics, and tests that `docs/metrics.md` is that page, and that the dashboard uses only metrics that exist.

use super::{
    all_families::ALL,
    metric_family::{MetricFamily, MetricKind},
};
use std::collections::BTreeSet;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/metrics.md");
const DASHBOARD: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/grafana.json"));

const INTRODUCTION: &str = "\
# Metrics

`GET /metrics` answers with figures about the running server, as text in the format OpenMetrics 1.0, which Prometheus reads. Who gets an
answer, and how to set Prometheus up, is in [deploy.md](deploy.md#metrics). The dashboard [grafana.json](grafana.json) shows them in Grafana.

Snug has one process, so there is nothing to add up over several machines. All counters begin at 0 when the process starts. No label
contains a name, an address, or the id of a person or a room.

A test generates this page from the code and compares the result with this file. Do not edit the page: change
`src/server/metrics/all_families.rs`, then run `UPDATE_GOLDEN=1 cargo test --release --features ssr --lib metrics`.

| Metric | Kind | Labels | Meaning |
|---|---|---|---|
";

const USES: &str = "
## How to use them

- The share of packets from browsers that never arrived:
  `(rate(snug_voice_packets_missing_total[5m]) - rate(snug_voice_packets_late_total[5m])) / (rate(snug_voice_packets_received_total[5m]) + rate(snug_voice_packets_missing_total[5m]) - rate(snug_voice_packets_late_total[5m]))`
- The time within which 99 % of voices were passed on: `histogram_quantile(0.99, rate(snug_voice_delay_seconds_bucket[5m]))`. If it rises
  above 20 ms, the machine is too slow for its rooms, or does too much else.
- Answers with a fault: `sum(rate(snug_http_requests_total{status=~\"5..\"}[5m]))`. Status 503 means that the database did not answer.
- Stolen or copied sign-ins: `increase(snug_token_refreshes_total{outcome=\"reused\"}[1d])`. A few happen when people restore a browser from
  a backup.
- Mail that does not arrive: `increase(snug_mail_letters_total{outcome=\"failed\"}[1h]) > 0`, or `snug_mail_waiting` that does not fall.
";

fn render() -> String {
    let rows: String = ALL.iter().map(|family| row(family)).collect();
    format!("{INTRODUCTION}{rows}{USES}")
}

fn row(family: &MetricFamily) -> String {
    let kind = match family.kind {
        MetricKind::Info => "info",
        MetricKind::Counter => "counter",
        MetricKind::Gauge => "gauge",
        MetricKind::Histogram => "histogram",
    };
    // A histogram has three names, which only Prometheus sees.
    let name = match family.kind {
        MetricKind::Histogram => family.full_name(),
        _ => family.sample_names().concat(),
    };
    let labels: Vec<String> = family.labels.iter().map(|label| format!("`{label}`")).collect();
    format!("| `{name}` | {kind} | {} | {} |\n", labels.join(", "), family.help)
}

#[test]
fn the_page_about_the_metrics_matches_the_code() {
    let page = render();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(PAGE, &page).expect("docs/metrics.md can be written");
    }
    let written = std::fs::read_to_string(PAGE).unwrap_or_default();
    assert!(
        written == page,
        "docs/metrics.md does not match the code. Run UPDATE_GOLDEN=1 cargo test --release --features ssr --lib metrics, and review the \
         difference."
    );
}

#[test]
fn the_names_of_metrics_follow_the_rules_of_prometheus_and_differ() {
    let names: BTreeSet<String> = ALL.iter().flat_map(|family| family.sample_names()).collect();
    assert_eq!(
        names.len(),
        ALL.iter().map(|family| family.sample_names().len()).sum::<usize>()
    );
    for family in ALL {
        let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        assert!(
            is_plain(family.name) && family.labels.iter().all(|label| is_plain(label)),
            "{family:?}"
        );
        for ending in [
            "_total", "_count", "_sum", "_bucket", "_info", "_seconds", "_bytes", "_ratio",
        ] {
            assert!(
                !family.name.ends_with(ending),
                "the kind and the unit add {ending}: {family:?}"
            );
        }
        assert!(
            family.help.ends_with('.') && !family.help.contains(['\n', '\\', '"']),
            "{family:?}"
        );
        // A cell of the table ends at this character.
        assert!(!family.help.contains('|'), "{family:?}");
    }
}

#[test]
fn the_dashboard_can_be_imported_and_uses_only_metrics_that_exist() {
    let dashboard: serde_json::Value = serde_json::from_str(DASHBOARD).expect("JSON");
    let variables = dashboard["templating"]["list"].as_array().expect("variables");
    let is_source = |one: &serde_json::Value| one["type"] == "datasource" && one["query"] == "prometheus";
    assert!(variables.iter().any(is_source), "people choose their own Prometheus");
    assert!(dashboard["id"].is_null(), "an id would replace another dashboard");

    let known: BTreeSet<String> = ALL.iter().flat_map(|family| family.sample_names()).collect();
    let used = names_in(DASHBOARD);
    assert!(used.len() > 15, "{used:?}");
    let unknown: Vec<&String> = used.difference(&known).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    let unused: Vec<&&MetricFamily> = ALL
        .iter()
        .filter(|family| !family.sample_names().iter().any(|name| used.contains(name)))
        .collect();
    assert!(unused.is_empty(), "the dashboard does not show {unused:?}");
    let on_the_page = names_in(USES);
    assert!(on_the_page.is_subset(&known), "{on_the_page:?}");
}

/// The words that begin as our metrics do.
fn names_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words
        .filter(|word| word.starts_with("snug_"))
        .map(str::to_owned)
        .collect()
}
