//! The table of all metrics. It is the source of the documentation in `docs/metrics.md` and in the answers of `/metrics`.

use super::metric_family::{
    MetricFamily,
    MetricKind::{self, Counter, Gauge, Histogram, Info},
    MetricUnit::{self, Bytes, Ratio, Seconds},
};

const fn family(name: &'static str, kind: MetricKind, help: &'static str) -> MetricFamily {
    MetricFamily {
        name,
        kind,
        unit: None,
        labels: &[],
        help,
    }
}

impl MetricFamily {
    const fn in_unit(self, unit: MetricUnit) -> Self {
        Self {
            unit: Some(unit),
            ..self
        }
    }

    const fn with(self, labels: &'static [&'static str]) -> Self {
        Self { labels, ..self }
    }
}

pub static BUILD: MetricFamily =
    family("build", Info, "The version of this Snug, and its kind of database.").with(&["version", "database"]);
pub static START_TIME: MetricFamily =
    family("start_time", Gauge, "When this process started, in unix time.").in_unit(Seconds);
pub static CERTIFICATE_EXPIRY: MetricFamily = family(
    "certificate_expiry",
    Gauge,
    "When the certificate ends, in unix time. Without a value if Snug does not end TLS itself, or has no certificate yet.",
)
.in_unit(Seconds);

pub static PEOPLE_IN_ROOMS: MetricFamily = family(
    "people_in_rooms",
    Gauge,
    "People in rooms. Somebody who is in two rooms counts twice.",
);
pub static PEOPLE_CONNECTED: MetricFamily = family(
    "people_connected",
    Gauge,
    "People who have a page with a WebSocket open: a room, the list of rooms or a connection check.",
);
pub static WEBSOCKETS: MetricFamily =
    family("websockets", Gauge, "Open WebSockets of people, by what they are for.").with(&["kind"]);

pub static ROOMS: MetricFamily = family("rooms", Gauge, "All rooms that have not ended.");
pub static ROOMS_LIVE: MetricFamily = family("rooms_live", Gauge, "Rooms with somebody inside.");
pub static ROOMS_LISTED: MetricFamily = family("rooms_listed", Gauge, "Rooms that the list shows: live or permanent.");
pub static ROOMS_PERMANENT: MetricFamily = family("rooms_permanent", Gauge, "Permanent rooms, live or not.");

pub static VOICE_THREAD_UP: MetricFamily = family(
    "voice_thread_up",
    Gauge,
    "1 if the voice thread has answered within a second, 0 if it has not. Without its answer, the gauges of rooms, of people in rooms and \
     of voice connections are missing.",
);
pub static VOICE_CONNECTIONS: MetricFamily = family(
    "voice_connections",
    Gauge,
    "Voice connections by the way of their sound: udp, tcp, relay (through a TURN server of `voice.turn_urls`), or none before the first \
     packet.",
)
.with(&["way"]);
pub static VOICE_PACKETS_RECEIVED: MetricFamily =
    family("voice_packets_received", Counter, "Packets of sound from browsers.");
pub static VOICE_PACKETS_SENT: MetricFamily = family(
    "voice_packets_sent",
    Counter,
    "Packets of sound to browsers, one for each listener.",
);
pub static VOICE_PACKETS_MISSING: MetricFamily = family(
    "voice_packets_missing",
    Counter,
    "Packets of sound from browsers that were missing when a later one came. Those that came late are in this number too.",
);
pub static VOICE_PACKETS_LATE: MetricFamily = family(
    "voice_packets_late",
    Counter,
    "Packets of sound from browsers that came after a later one.",
);
pub static VOICE_PACKETS_RECOVERED: MetricFamily = family(
    "voice_packets_recovered",
    Counter,
    "Packets of sound from browsers that were lost, and whose copy came in a later packet.",
);
pub static VOICE_LOSS: MetricFamily = family(
    "voice_loss",
    Histogram,
    "The share of our packets of sound that a browser has lost, one value for each report of a browser.",
)
.in_unit(Ratio);
pub static VOICE_RECEIVED: MetricFamily = family(
    "voice_received",
    Counter,
    "Bytes that arrived at the voice port, without the headers of IP, UDP and TCP.",
)
.in_unit(Bytes)
.with(&["way"]);
pub static VOICE_SENT: MetricFamily = family(
    "voice_sent",
    Counter,
    "Bytes that were sent from the voice port, without the headers of IP, UDP and TCP.",
)
.in_unit(Bytes)
.with(&["way"]);
pub static VOICE_DELAY: MetricFamily = family(
    "voice_delay",
    Histogram,
    "How long the datagrams of one pass of the voice thread waited: from when the thread woke, or had read the sockets last, until what they led to was sent.",
)
.in_unit(Seconds);

pub static HTTP_REQUESTS: MetricFamily = family(
    "http_requests",
    Counter,
    "Answered requests by the pattern of their route and the status of the answer. Files of the site and addresses that do not exist are \
     in `other`.",
)
.with(&["endpoint", "status"]);
pub static HTTP_DURATION: MetricFamily = family(
    "http_request_duration",
    Histogram,
    "The time from the head of a request to the head of its answer, by the pattern of the route.",
)
.in_unit(Seconds)
.with(&["endpoint"]);
pub static TOKEN_REFRESHES: MetricFamily = family(
    "token_refreshes",
    Counter,
    "Refreshes of the sign-in by their outcome: rotated, kept (the token was new), sent_again, ended, reused (a superseded token, so the \
     session was ended), unknown (not our token) or failed.",
)
.with(&["outcome"]);
pub static LIMIT_REFUSALS: MetricFamily = family(
    "limit_refusals",
    Counter,
    "How often a limit has refused somebody, by its setting. For `limits.sockets_per_person`: how often an old page was closed.",
)
.with(&["limit"]);

pub static MAIL_LETTERS: MetricFamily = family(
    "mail_letters",
    Counter,
    "Letters by what became of them: sent, failed (given up), or refused (too many waited, or the outbox could not be written).",
)
.with(&["outcome"]);
pub static MAIL_ATTEMPTS_FAILED: MetricFamily = family(
    "mail_attempts_failed",
    Counter,
    "Attempts to deliver a letter that failed. Snug tries each letter up to four times.",
);
pub static MAIL_WAITING: MetricFamily = family(
    "mail_waiting",
    Gauge,
    "Letters that wait for the mail server or are being sent. At most 1,000 can wait.",
);

pub static DATABASE_WAIT: MetricFamily = family(
    "database_wait",
    Histogram,
    "How long a transaction that writes waited until it could begin (writer), and how long a query would have waited for a connection, \
     tried once for each answer of this page (reader).",
)
.in_unit(Seconds)
.with(&["connection"]);
pub static DATABASE_CONNECTIONS: MetricFamily = family(
    "database_connections",
    Gauge,
    "Connections to the database by pool (PostgreSQL has only one), and whether they are in use.",
)
.with(&["pool", "state"]);

/// All metrics, in the order of the answer.
pub static ALL: [&MetricFamily; 30] = [
    &BUILD,
    &START_TIME,
    &CERTIFICATE_EXPIRY,
    &PEOPLE_IN_ROOMS,
    &PEOPLE_CONNECTED,
    &WEBSOCKETS,
    &ROOMS,
    &ROOMS_LIVE,
    &ROOMS_LISTED,
    &ROOMS_PERMANENT,
    &VOICE_THREAD_UP,
    &VOICE_CONNECTIONS,
    &VOICE_PACKETS_RECEIVED,
    &VOICE_PACKETS_SENT,
    &VOICE_PACKETS_MISSING,
    &VOICE_PACKETS_LATE,
    &VOICE_PACKETS_RECOVERED,
    &VOICE_LOSS,
    &VOICE_RECEIVED,
    &VOICE_SENT,
    &VOICE_DELAY,
    &HTTP_REQUESTS,
    &HTTP_DURATION,
    &TOKEN_REFRESHES,
    &LIMIT_REFUSALS,
    &MAIL_LETTERS,
    &MAIL_ATTEMPTS_FAILED,
    &MAIL_WAITING,
    &DATABASE_WAIT,
    &DATABASE_CONNECTIONS,
];
