//! Counts the requests of each endpoint by the status of the answer, and how long the answers took.
//!
//! An endpoint is the pattern of a route, such as `/rooms/{id}`, and never the path of a request: paths contain ids, and strangers can
//! make up any number of them.

use super::voice::counting::{EventCounter, Histogram, HistogramScale};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// The endpoint of requests that match no route: files of the site, and pages that do not exist.
pub const NO_ROUTE: &str = "other";

const MILLISECOND: u64 = 1_000_000;

static DURATIONS: HistogramScale = HistogramScale::of_times(&[
    MILLISECOND / 2,
    MILLISECOND,
    5 * MILLISECOND / 2,
    5 * MILLISECOND,
    10 * MILLISECOND,
    25 * MILLISECOND,
    50 * MILLISECOND,
    100 * MILLISECOND,
    250 * MILLISECOND,
    1_000 * MILLISECOND,
    5_000 * MILLISECOND,
]);

/// The statuses that Snug answers with, in ascending order. All others are counted together.
const STATUSES: [u16; 24] = [
    101, 200, 204, 206, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 408, 409, 410, 413, 415, 422, 426, 429, 500,
    503,
];

/// The counts of all endpoints that were asked so far.
#[derive(Debug, Default)]
pub struct RequestCounts(Mutex<Vec<Arc<EndpointCounts>>>);

/// The counts of one endpoint.
#[derive(Debug)]
pub struct EndpointCounts {
    pub endpoint: Box<str>,
    by_status: [EventCounter; STATUSES.len()],
    others: EventCounter,
    /// The time from the head of a request to the head of its answer.
    pub durations: Histogram,
}

impl RequestCounts {
    /// The counts of an endpoint. Keep them: this takes a lock and compares names.
    pub fn of(&self, endpoint: &str) -> Arc<EndpointCounts> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.iter().find(|one| *one.endpoint == *endpoint) {
            return known.clone();
        }
        let new = Arc::new(EndpointCounts {
            endpoint: endpoint.into(),
            by_status: std::array::from_fn(|_| EventCounter::default()),
            others: EventCounter::default(),
            durations: Histogram::new(&DURATIONS),
        });
        all.push(new.clone());
        new
    }

    /// The endpoints that were asked so far, by name.
    pub fn list(&self) -> Vec<Arc<EndpointCounts>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        all.sort_by(|a, b| a.endpoint.cmp(&b.endpoint));
        all
    }
}

impl EndpointCounts {
    /// Counts one answer.
    pub fn count(&self, status: u16, took: Duration) {
        let place = STATUSES.binary_search(&status);
        place.map_or(&self.others, |place| &self.by_status[place]).add(1);
        self.durations.add_time(took);
    }

    /// How many answers had each status, for the statuses that occurred.
    pub fn list_statuses(&self) -> impl Iterator<Item = (String, u64)> {
        let known = STATUSES.iter().map(u16::to_string).zip(&self.by_status);
        known
            .chain([("other".to_owned(), &self.others)])
            .map(|(status, counter)| (status, counter.get()))
            .filter(|(_, count)| *count > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_by_endpoint_and_status() {
        assert!(STATUSES.is_sorted());
        let counts = RequestCounts::default();
        for status in [200, 503, 200, 500, 418, 511] {
            counts.of("/rooms/{id}").count(status, Duration::from_millis(3));
        }
        counts.of("/").count(101, Duration::ZERO);
        let all = counts.list();
        assert_eq!(
            all.iter().map(|one| &*one.endpoint).collect::<Vec<_>>(),
            ["/", "/rooms/{id}"]
        );
        let statuses: Vec<(String, u64)> = all[1].list_statuses().collect();
        let expected = [("200", 2), ("500", 1), ("503", 1), ("other", 2)];
        assert_eq!(statuses, expected.map(|(status, count)| (status.to_owned(), count)));
        let durations = all[1].durations.read();
        assert_eq!(durations.count(), 6);
        assert!((durations.sum - 0.018).abs() < 1e-9, "{}", durations.sum);
    }
}
