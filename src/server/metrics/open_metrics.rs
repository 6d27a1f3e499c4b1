//! Writes readings in the text format of OpenMetrics 1.0, by the library that Prometheus itself has made for Rust.

use super::metric_family::{MetricKind, MetricReading, MetricUnit, MetricValue, PREFIX};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet, text::encode},
    metrics::MetricType,
    registry::{Registry, Unit},
};
use std::fmt;

/// The media type of the text.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The text of all readings.
///
/// # Errors
/// If a value does not fit into the format; none of ours is that large.
pub fn write(readings: Vec<MetricReading>) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix(PREFIX);
    registry.register_collector(Box::new(AllReadings(readings)));
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

#[derive(Debug)]
struct AllReadings(Vec<MetricReading>);

impl Collector for AllReadings {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|reading| write_reading(&mut encoder, reading))
    }
}

fn write_reading(encoder: &mut DescriptorEncoder<'_>, reading: &MetricReading) -> fmt::Result {
    let family = reading.family;
    let unit = family.unit.map(unit_of);
    let mut metric = encoder.encode_descriptor(family.name, family.help, unit.as_ref(), type_of(family.kind))?;
    for (values, value) in &reading.samples {
        let labels: Vec<(&str, &str)> = family
            .labels
            .iter()
            .copied()
            .zip(values.iter().map(String::as_str))
            .collect();
        let labels = labels.as_slice();
        match value {
            MetricValue::Info => metric.encode_info(&labels)?,
            value if labels.is_empty() => write_value(&mut metric, value)?,
            value => write_value(&mut metric.encode_family(&labels)?, value)?,
        }
    }
    Ok(())
}

fn write_value(metric: &mut MetricEncoder<'_>, value: &MetricValue) -> fmt::Result {
    match value {
        MetricValue::Info => Ok(()),
        MetricValue::Count(count) => metric.encode_counter::<NoLabelSet, _, u64>(count, None),
        MetricValue::Gauge(gauge) => metric.encode_gauge(gauge),
        MetricValue::Histogram(histogram) => {
            // The library writes the greatest number as infinity.
            let ends = histogram.ranges.iter().map(|(end, count)| (end.min(f64::MAX), *count));
            let ranges: Vec<(f64, u64)> = ends.collect();
            metric.encode_histogram::<NoLabelSet>(histogram.sum, histogram.count(), &ranges, None)
        }
    }
}

fn type_of(kind: MetricKind) -> MetricType {
    match kind {
        MetricKind::Info => MetricType::Info,
        MetricKind::Counter => MetricType::Counter,
        MetricKind::Gauge => MetricType::Gauge,
        MetricKind::Histogram => MetricType::Histogram,
    }
}

fn unit_of(unit: MetricUnit) -> Unit {
    match unit {
        MetricUnit::Bytes => Unit::Bytes,
        MetricUnit::Seconds => Unit::Seconds,
        // The library calls it "ratios", OpenMetrics does not.
        MetricUnit::Ratio => Unit::Other(unit.as_str().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::{
        metrics::all_families::{BUILD, HTTP_DURATION, ROOMS, VOICE_RECEIVED},
        voice::counting::HistogramReading,
    };

    #[test]
    fn each_kind_is_written_as_open_metrics_wants_it() {
        let histogram = HistogramReading {
            sum: 0.25,
            ranges: vec![(0.005, 2), (f64::INFINITY, 1)],
        };
        let text = write(vec![
            BUILD.each([(vec!["0.1.0".into(), "sqlite".into()], MetricValue::Info)]),
            ROOMS.of(MetricValue::number(3)),
            VOICE_RECEIVED.by([("udp", MetricValue::Count(70))]),
            HTTP_DURATION.by([("/rooms/{id}", MetricValue::Histogram(histogram))]),
        ])
        .expect("written");
        let samples: Vec<&str> = text.lines().filter(|line| !line.starts_with("# HELP")).collect();
        assert_eq!(
            samples,
            [
                "# TYPE snug_build info",
                "snug_build_info{version=\"0.1.0\",database=\"sqlite\"} 1",
                "# TYPE snug_rooms gauge",
                "snug_rooms 3",
                "# TYPE snug_voice_received_bytes counter",
                "# UNIT snug_voice_received_bytes bytes",
                "snug_voice_received_bytes_total{way=\"udp\"} 70",
                "# TYPE snug_http_request_duration_seconds histogram",
                "# UNIT snug_http_request_duration_seconds seconds",
                "snug_http_request_duration_seconds_sum{endpoint=\"/rooms/{id}\"} 0.25",
                "snug_http_request_duration_seconds_count{endpoint=\"/rooms/{id}\"} 3",
                "snug_http_request_duration_seconds_bucket{le=\"0.005\",endpoint=\"/rooms/{id}\"} 2",
                "snug_http_request_duration_seconds_bucket{le=\"+Inf\",endpoint=\"/rooms/{id}\"} 3",
                "# EOF",
            ]
        );
    }
}
