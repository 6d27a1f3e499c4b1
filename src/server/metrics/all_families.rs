//! The table of all metrics. It is the source of the documentation in `docs/metrics.md` and in the answers of `/metrics`.

use super::metric_family::{
    MetricFamily,
    MetricKind::{self, Counter, Gauge, Histogram, Info},
    MetricUnit::{self, Bytes, Ratio, Seconds},
};

const fn family(name: &'static str, kind: MetricKind) -> MetricFamily {
    MetricFamily {
        name,
        kind,
        unit: None,
        labels: &[],
        help: "",
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

    const fn help(self, help: &'static str) -> Self {
        Self { help, ..self }
    }
}

/// Defines these metrics, and [`ALL`] with all of them.
macro_rules! families {
    ($($name:ident = $family:expr;)*) => {
        $(pub static $name: MetricFamily = $family;)*

        /// All metrics, in the order of the answer.
        pub static ALL: &[&MetricFamily] = &[$(&$name),*];
    };
}

families! {
    BUILD = family("build", Info).with(&["version", "database"])
        .help("The version of this Snug, and its kind of database.");
    START_TIME = family("start_time", Gauge).in_unit(Seconds).help("When this process started, in unix time.");
    CERTIFICATE_EXPIRY = family("certificate_expiry", Gauge).in_unit(Seconds)
        .help("When the certificate ends, in unix time. Without a value if Snug does not end TLS itself, or has no \
               certificate yet.");

    PEOPLE_IN_ROOMS = family("people_in_rooms", Gauge)
        .help("People in rooms. Somebody who is in two rooms counts twice.");
    PEOPLE_CONNECTED = family("people_connected", Gauge)
        .help("People who have a page with a WebSocket open: a room, the list of rooms or a connection check.");
    WEBSOCKETS = family("websockets", Gauge).with(&["kind"]).help("Open WebSockets of people, by what they are for.");

    ROOMS = family("rooms", Gauge).help("All rooms that have not ended.");
    ROOMS_LIVE = family("rooms_live", Gauge).help("Rooms with somebody inside.");
    ROOMS_LISTED = family("rooms_listed", Gauge).help("Rooms that the list shows: live or permanent.");
    ROOMS_PERMANENT = family("rooms_permanent", Gauge).help("Permanent rooms, live or not.");

    VOICE_THREAD_UP = family("voice_thread_up", Gauge)
        .help("1 if the voice thread has answered within a second, 0 if it has not. Without its answer, the gauges of \
               rooms, of people in rooms and of voice connections are missing.");
    VOICE_CONNECTIONS = family("voice_connections", Gauge).with(&["way"])
        .help("Voice connections by the way of their sound: udp, tcp, relay (through a TURN server of \
               `voice.turn_urls`), or none before the first packet.");
    VOICE_PACKETS_RECEIVED = family("voice_packets_received", Counter).help("Packets of sound from browsers.");
    VOICE_PACKETS_SENT = family("voice_packets_sent", Counter)
        .help("Packets of sound to browsers, one for each listener.");
    VOICE_PACKETS_MISSING = family("voice_packets_missing", Counter)
        .help("Packets of sound from browsers that were missing when a later one came. Those that came late are in \
               this number too.");
    VOICE_PACKETS_LATE = family("voice_packets_late", Counter)
        .help("Packets of sound from browsers that came after a later one.");
    VOICE_PACKETS_RECOVERED = family("voice_packets_recovered", Counter)
        .help("Packets of sound from browsers that were lost, and whose copy came in a later packet.");
    VOICE_LOSS = family("voice_loss", Histogram).in_unit(Ratio)
        .help("The share of our packets of sound that a browser has lost, one value for each report of a browser.");
    VOICE_RECEIVED = family("voice_received", Counter).in_unit(Bytes).with(&["way"])
        .help("Bytes that arrived at the voice port, without the headers of IP, UDP and TCP.");
    VOICE_SENT = family("voice_sent", Counter).in_unit(Bytes).with(&["way"])
        .help("Bytes that were sent from the voice port, without the headers of IP, UDP and TCP.");
    VOICE_DELAY = family("voice_delay", Histogram).in_unit(Seconds)
        .help("How long the datagrams of one pass of the voice thread waited: from when the thread woke, or had read \
               the sockets last, until what they led to was sent.");

    HTTP_REQUESTS = family("http_requests", Counter).with(&["endpoint", "status"])
        .help("Answered requests by the pattern of their route and the status of the answer. Files of the site and \
               addresses that do not exist are in `other`.");
    HTTP_DURATION = family("http_request_duration", Histogram).in_unit(Seconds).with(&["endpoint"])
        .help("The time from the head of a request to the head of its answer, by the pattern of the route.");
    TOKEN_REFRESHES = family("token_refreshes", Counter).with(&["outcome"])
        .help("Refreshes of the sign-in by their outcome: rotated, kept (the token was new), sent_again, ended, reused \
               (a superseded token, so the session was ended), unknown (not our token) or failed.");
    LIMIT_REFUSALS = family("limit_refusals", Counter).with(&["limit"])
        .help("How often a limit has refused somebody, by its setting. For `limits.sockets_per_person`: how often an \
               old page was closed.");

    MAIL_LETTERS = family("mail_letters", Counter).with(&["outcome"])
        .help("Letters by what became of them: sent, failed (given up), or refused (too many waited, or the outbox \
               could not be written).");
    MAIL_ATTEMPTS_FAILED = family("mail_attempts_failed", Counter)
        .help("Attempts to deliver a letter that failed. Snug tries each letter up to four times.");
    MAIL_WAITING = family("mail_waiting", Gauge)
        .help("Letters that wait for the mail server or are being sent. At most 1,000 can wait.");

    DATABASE_WAIT = family("database_wait", Histogram).in_unit(Seconds).with(&["connection"])
        .help("How long a transaction that writes waited until it could begin (writer), and how long a query would \
               have waited for a connection, tried once for each answer of this page (reader).");
    DATABASE_CONNECTIONS = family("database_connections", Gauge).with(&["pool", "state"])
        .help("Connections to the database by pool (PostgreSQL has only one), and whether they are in use.");
}
