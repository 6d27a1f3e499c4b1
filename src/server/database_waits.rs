//! How long requests wait for a connection to the database.

use super::voice::counting::{Histogram, HistogramScale};

const MICROSECOND: u64 = 1_000;
const MILLISECOND: u64 = 1_000 * MICROSECOND;

static WAITS: HistogramScale = HistogramScale::of_times(&[
    100 * MICROSECOND,
    500 * MICROSECOND,
    MILLISECOND,
    5 * MILLISECOND,
    10 * MILLISECOND,
    50 * MILLISECOND,
    100 * MILLISECOND,
    500 * MILLISECOND,
    1_000 * MILLISECOND,
    5_000 * MILLISECOND,
]);

/// The waits for both kinds of connections since the start.
#[derive(Debug)]
pub struct DatabaseWaits {
    /// Of each transaction that writes, until it could begin.
    pub writer: Histogram,
    /// Of a query that only tries how long it would wait. All other queries wait inside sqlx, which does not tell for how long.
    pub reader: Histogram,
}

impl Default for DatabaseWaits {
    fn default() -> Self {
        Self {
            writer: Histogram::new(&WAITS),
            reader: Histogram::new(&WAITS),
        }
    }
}

/// How many connections a pool has open, and how many of them are in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolFigures {
    pub open: u32,
    pub in_use: u32,
}
