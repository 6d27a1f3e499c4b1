//! What a metric is: its name, its kind, its unit, its labels and its documentation; and what was read for it.

use crate::server::voice::counting::HistogramReading;

/// The beginning of all names.
pub const PREFIX: &str = "snug";

/// A metric, and the documentation that Prometheus and `docs/metrics.md` show.
#[derive(Debug)]
pub struct MetricFamily {
    /// The name without [`PREFIX`], without the unit, and without what the kind adds at the end.
    pub name: &'static str,
    pub kind: MetricKind,
    pub unit: Option<MetricUnit>,
    /// The names of the labels. Each has few values, and none comes from a request.
    pub labels: &'static [&'static str],
    /// Sentences without line breaks.
    pub help: &'static str,
}

/// The types of OpenMetrics that Snug uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    Info,
    Counter,
    Gauge,
    Histogram,
}

/// The base units of OpenMetrics that Snug uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricUnit {
    Bytes,
    Ratio,
    Seconds,
}

impl MetricUnit {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Ratio => "ratio",
            Self::Seconds => "seconds",
        }
    }
}

impl MetricFamily {
    /// The name of the family, such as `snug_voice_delay_seconds`.
    pub fn full_name(&self) -> String {
        let unit = self.unit.map(|unit| format!("_{}", unit.as_str()));
        format!("{PREFIX}_{}{}", self.name, unit.unwrap_or_default())
    }

    /// The names under which Prometheus stores the values.
    pub fn sample_names(&self) -> Vec<String> {
        let endings: &[&str] = match self.kind {
            MetricKind::Info => &["_info"],
            MetricKind::Counter => &["_total"],
            MetricKind::Gauge => &[""],
            MetricKind::Histogram => &["_bucket", "_sum", "_count"],
        };
        endings
            .iter()
            .map(|ending| format!("{}{ending}", self.full_name()))
            .collect()
    }

    /// A reading with one value, for a family without labels.
    pub fn of(&'static self, value: MetricValue) -> MetricReading {
        self.each([(vec![], value)])
    }

    /// A reading with a value for each combination of labels, whose values are in the order of [`MetricFamily::labels`].
    pub fn each(&'static self, samples: impl IntoIterator<Item = (Vec<String>, MetricValue)>) -> MetricReading {
        MetricReading {
            family: self,
            samples: samples.into_iter().collect(),
        }
    }

    /// Like [`MetricFamily::each`], for a family with one label.
    pub fn by<L: Into<String>>(&'static self, samples: impl IntoIterator<Item = (L, MetricValue)>) -> MetricReading {
        self.each(samples.into_iter().map(|(label, value)| (vec![label.into()], value)))
    }
}

/// The values of a metric at one moment.
#[derive(Debug)]
pub struct MetricReading {
    pub family: &'static MetricFamily,
    pub samples: Vec<(Vec<String>, MetricValue)>,
}

/// One value. Its variant fits the kind of its family.
#[derive(Debug, Clone, PartialEq)]
pub enum MetricValue {
    /// Everything is in the labels.
    Info,
    Count(u64),
    Gauge(i64),
    Histogram(HistogramReading),
}

impl MetricValue {
    /// The gauge of a number of things.
    pub fn number(things: usize) -> Self {
        Self::Gauge(i64::try_from(things).unwrap_or(i64::MAX))
    }
}
