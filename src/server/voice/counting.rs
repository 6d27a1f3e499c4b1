//! Counters and histograms that any thread can add to without a lock. They are read only when somebody asks for figures.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

/// A number of events, which only grows.
#[derive(Debug, Default)]
pub struct EventCounter(AtomicU64);

impl EventCounter {
    pub fn add(&self, events: u64) {
        self.0.fetch_add(events, Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// The ranges of a histogram. Values are whole numbers of a small part of the unit, because a sum of whole numbers needs no lock.
#[derive(Debug)]
pub struct HistogramScale {
    /// The upper ends of the ranges, in ascending order. Each belongs to its range. A last range has no end.
    pub ends: &'static [u64],
    /// How many parts are one unit: 1,000,000,000 if the values are nanoseconds and the unit is a second.
    pub per_unit: u64,
}

impl HistogramScale {
    /// The scale of a time, whose values are nanoseconds.
    pub const fn of_times(ends: &'static [u64]) -> Self {
        Self {
            ends,
            per_unit: 1_000_000_000,
        }
    }
}

/// How many values fell into each range, and the sum of all values.
#[derive(Debug)]
pub struct Histogram {
    scale: &'static HistogramScale,
    counts: Box<[EventCounter]>,
    sum: EventCounter,
}

/// What a histogram contains, in units.
#[derive(Debug, Clone, PartialEq)]
pub struct HistogramReading {
    pub sum: f64,
    /// The upper end of each range, and how many values are in this range alone. The last end is infinite.
    pub ranges: Vec<(f64, u64)>,
}

impl Histogram {
    pub fn new(scale: &'static HistogramScale) -> Self {
        Self {
            scale,
            counts: (0..=scale.ends.len()).map(|_| EventCounter::default()).collect(),
            sum: EventCounter::default(),
        }
    }

    /// Adds one value, in parts of the unit.
    pub fn add(&self, parts: u64) {
        let ends = self.scale.ends;
        let range = ends.iter().position(|end| parts <= *end).unwrap_or(ends.len());
        self.counts[range].add(1);
        self.sum.add(parts);
    }

    /// Adds one time. The scale must be one of times.
    pub fn add_time(&self, time: Duration) {
        self.add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
    }

    pub fn read(&self) -> HistogramReading {
        let per_unit = self.scale.per_unit as f64;
        let ends = self.scale.ends.iter().map(|end| *end as f64 / per_unit);
        let counts = self.counts.iter().map(EventCounter::get);
        HistogramReading {
            sum: self.sum.get() as f64 / per_unit,
            ranges: ends.chain([f64::INFINITY]).zip(counts).collect(),
        }
    }
}

impl HistogramReading {
    /// How many values there are in all.
    pub fn count(&self) -> u64 {
        self.ranges.iter().map(|(_, count)| count).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static SCALE: HistogramScale = HistogramScale::of_times(&[1_000_000, 10_000_000]);

    #[test]
    fn a_value_falls_into_the_first_range_that_ends_at_it_or_above() {
        let histogram = Histogram::new(&SCALE);
        for micros in [1, 1_000, 1_001, 10_001, 4_000_000] {
            histogram.add_time(Duration::from_micros(micros));
        }
        let read = histogram.read();
        assert_eq!(read.ranges, [(0.001, 2), (0.01, 1), (f64::INFINITY, 2)]);
        assert_eq!(read.count(), 5);
        assert!((read.sum - 4.012_003).abs() < 1e-9, "{}", read.sum);
    }
}
