//! Reads the metrics of rooms, people and voices.

use super::{
    all_families::{
        PEOPLE_IN_ROOMS, ROOMS, ROOMS_LISTED, ROOMS_LIVE, ROOMS_PERMANENT, VOICE_CONNECTIONS, VOICE_DELAY, VOICE_LOSS,
        VOICE_PACKETS_LATE, VOICE_PACKETS_MISSING, VOICE_PACKETS_RECEIVED, VOICE_PACKETS_RECOVERED, VOICE_PACKETS_SENT,
        VOICE_RECEIVED, VOICE_SENT, VOICE_THREAD_UP,
    },
    metric_family::{MetricFamily, MetricReading, MetricValue},
};
use crate::server::voice::{
    counting::EventCounter,
    figures::{PeersByWay, RoomFigures, VoiceCounts, VoiceFigures},
    way::Way,
};

/// What there is now. Without `figures`, only that the voice thread has not answered.
pub fn read_now(figures: Option<VoiceFigures>) -> Vec<MetricReading> {
    let up = VOICE_THREAD_UP.of(MetricValue::number(usize::from(figures.is_some())));
    let Some(VoiceFigures { rooms, peers }) = figures else {
        return vec![up];
    };
    let mut readings = read_rooms(rooms);
    readings.extend([up, read_connections(peers)]);
    readings
}

/// What has gone through since the start.
pub fn read_counts(counts: &VoiceCounts) -> Vec<MetricReading> {
    let count = |family: &'static MetricFamily, counter: &EventCounter| family.of(MetricValue::Count(counter.get()));
    let ways = [("udp", counts.bytes(Way::Udp)), ("tcp", counts.bytes(Way::Tcp))];
    let received = ways.map(|(way, bytes)| (way, MetricValue::Count(bytes.received.get())));
    let sent = ways.map(|(way, bytes)| (way, MetricValue::Count(bytes.sent.get())));
    vec![
        count(&VOICE_PACKETS_RECEIVED, &counts.packets_received),
        count(&VOICE_PACKETS_SENT, &counts.packets_sent),
        count(&VOICE_PACKETS_MISSING, &counts.packets_missing),
        count(&VOICE_PACKETS_LATE, &counts.packets_late),
        count(&VOICE_PACKETS_RECOVERED, &counts.packets_recovered),
        VOICE_LOSS.of(MetricValue::Histogram(counts.loss_out().read())),
        VOICE_RECEIVED.by(received),
        VOICE_SENT.by(sent),
        VOICE_DELAY.of(MetricValue::Histogram(counts.delay.read())),
    ]
}

fn read_rooms(rooms: RoomFigures) -> Vec<MetricReading> {
    let families: [(&'static MetricFamily, usize); 5] = [
        (&PEOPLE_IN_ROOMS, rooms.people),
        (&ROOMS, rooms.all),
        (&ROOMS_LIVE, rooms.live),
        (&ROOMS_LISTED, rooms.listed),
        (&ROOMS_PERMANENT, rooms.permanent),
    ];
    families
        .map(|(family, count)| family.of(MetricValue::number(count)))
        .into()
}

fn read_connections(peers: PeersByWay) -> MetricReading {
    let ways = [
        ("udp", peers.udp),
        ("tcp", peers.tcp),
        ("relay", peers.relay),
        ("none", peers.connecting),
    ];
    VOICE_CONNECTIONS.by(ways.map(|(way, count)| (way, MetricValue::number(count))))
}
