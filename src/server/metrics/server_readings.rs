//! Reads the metrics of everything but the voices: pages, requests, limits, mail and the database.

use super::{
    all_families::{
        BUILD, CERTIFICATE_EXPIRY, DATABASE_CONNECTIONS, DATABASE_WAIT, HTTP_DURATION, HTTP_REQUESTS, LIMIT_REFUSALS,
        MAIL_ATTEMPTS_FAILED, MAIL_LETTERS, MAIL_WAITING, PEOPLE_CONNECTED, START_TIME, TOKEN_REFRESHES, WEBSOCKETS,
    },
    metric_family::{MetricReading, MetricValue},
};
use crate::server::{
    database::Database,
    mail::MailFigures,
    open_sockets::SocketFigures,
    refresh_outcomes::{RefreshOutcomes, RefreshResult},
    request_counts::RequestCounts,
    state::AppState,
    tls::CertificateStatus,
};

pub fn read_build(state: &AppState) -> Vec<MetricReading> {
    let database = match state.database.has_one_writer() {
        true => "sqlite",
        false => "postgresql",
    };
    let labels = [env!("CARGO_PKG_VERSION"), database].map(str::to_owned);
    let expiry = state.certificates.as_ref().and_then(CertificateStatus::not_after);
    vec![
        BUILD.each([(labels.into(), MetricValue::Info)]),
        START_TIME.of(MetricValue::Gauge(state.started_at_s)),
        CERTIFICATE_EXPIRY.each(expiry.map(|at| (vec![], MetricValue::Gauge(at)))),
    ]
}

pub fn read_sockets(figures: SocketFigures) -> Vec<MetricReading> {
    let kinds = [
        ("room", figures.rooms),
        ("list", figures.lists),
        ("check", figures.checks),
    ];
    vec![
        PEOPLE_CONNECTED.of(MetricValue::number(figures.people)),
        WEBSOCKETS.by(kinds.map(|(kind, count)| (kind, MetricValue::number(count)))),
    ]
}

pub fn read_requests(requests: &RequestCounts) -> Vec<MetricReading> {
    let endpoints = requests.list();
    let counts = endpoints.iter().flat_map(|one| {
        one.list_statuses()
            .map(move |(status, count)| (vec![one.endpoint.to_string(), status], MetricValue::Count(count)))
    });
    let durations = endpoints
        .iter()
        .map(|one| (&*one.endpoint, MetricValue::Histogram(one.durations.read())));
    vec![HTTP_REQUESTS.each(counts), HTTP_DURATION.by(durations)]
}

pub fn read_refreshes(outcomes: &RefreshOutcomes) -> MetricReading {
    let count = |outcome: RefreshResult| (outcome.as_str(), MetricValue::Count(outcomes.get(outcome)));
    TOKEN_REFRESHES.by(RefreshResult::ALL.map(count))
}

pub fn read_refusals(state: &AppState) -> MetricReading {
    let sockets = ("limits.sockets_per_person", state.sockets.made_room.get());
    let all = state.refusals.list().into_iter();
    let all = all.chain(state.voice.counts().list_refusals()).chain([sockets]);
    LIMIT_REFUSALS.by(all.map(|(limit, count)| (limit, MetricValue::Count(count))))
}

pub fn read_mail(figures: MailFigures) -> Vec<MetricReading> {
    let outcomes = [
        ("sent", figures.sent),
        ("failed", figures.failed),
        ("refused", figures.refused),
    ];
    vec![
        MAIL_LETTERS.by(outcomes.map(|(outcome, count)| (outcome, MetricValue::Count(count)))),
        MAIL_ATTEMPTS_FAILED.of(MetricValue::Count(figures.attempts_failed)),
        MAIL_WAITING.of(MetricValue::number(figures.waiting)),
    ]
}

pub fn read_database(database: &Database) -> Vec<MetricReading> {
    let waits = database.waits();
    let waits = [("writer", &waits.writer), ("reader", &waits.reader)];
    let connections = database.list_pools().into_iter().flat_map(|(pool, figures)| {
        let idle = figures.open - figures.in_use;
        [("used", figures.in_use), ("idle", idle)].map(|(state, count)| {
            (
                vec![pool.to_owned(), state.to_owned()],
                MetricValue::Gauge(count.into()),
            )
        })
    });
    vec![
        DATABASE_WAIT.by(waits.map(|(connection, wait)| (connection, MetricValue::Histogram(wait.read())))),
        DATABASE_CONNECTIONS.each(connections),
    ]
}
