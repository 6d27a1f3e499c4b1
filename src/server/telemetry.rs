//! The log: one event on each line, with fields, and with the id of the request to which it belongs. It must never contain an e-mail
//! address, a code, a token or a cookie.

use super::{
    config::{LogConfig, LogFormat, LogLevel},
    request_id,
};
use std::{
    fmt,
    panic::{self, PanicHookInfo},
    sync::OnceLock,
};
use tracing::{Event, Subscriber};
use tracing_subscriber::{
    Layer, Registry,
    filter::{LevelFilter, Targets},
    fmt::{
        FmtContext, FormatEvent, FormatFields, MakeWriter,
        format::{Format, Json, Writer},
        layer,
        time::{FormatTime, SystemTime},
    },
    layer::SubscriberExt,
    registry::LookupSpan,
    reload,
    util::SubscriberInitExt,
};

type FilterHandle = reload::Handle<Targets, Registry>;

/// The filter of the running log. The log is one for the whole process, so this is too.
static FILTER: OnceLock<FilterHandle> = OnceLock::new();

/// Why the level of the log can't be changed.
#[derive(Debug, thiserror::Error)]
pub enum LevelError {
    #[error("{0:?} is no level of the log: use error, warn, info, debug or trace")]
    Unknown(String),
    #[error("the log was not started, so its level can't be changed")]
    NotStarted,
    #[error("the level of the log can't be changed: {0}")]
    Failed(#[from] reload::Error),
}

/// Starts logging to standard error. Call this only once in a process. `RUST_LOG` sets the levels, or else the configuration.
pub fn start(config: &LogConfig) {
    let filter = from_environment().unwrap_or_else(|| filter_of(config.level.as_str()));
    let (filter, handle) = reload::Layer::new(filter);
    let log = tracing_subscriber::registry().with(filter);
    match config.format {
        LogFormat::Text => log.with(text_lines(std::io::stderr)).init(),
        LogFormat::Json => {
            log.with(json_lines(std::io::stderr)).init();
            panic::set_hook(Box::new(log_panic));
        }
    }
    // An error means that there is a handle already, but then `init` has panicked.
    let _ = FILTER.set(handle);
    if let Some(unread) = variable().filter(|text| read_levels(text).is_none()) {
        tracing::warn!(
            RUST_LOG = unread,
            "RUST_LOG is no list of levels, such as warn,snug=debug, so the key log.level counts"
        );
    }
}

/// Logs a panic. Rust's own hook would write several lines of text, which are no JSON.
fn log_panic(panic: &PanicHookInfo<'_>) {
    tracing::error!(%panic, "a thread panicked");
}

/// Changes what Snug itself logs, while it runs: `error`, `warn`, `info`, `debug` or `trace`. If `RUST_LOG` is set, nothing changes,
/// because the variable overrides the configuration.
///
/// # Errors
/// If there is no such level, or if the log was not started.
pub fn set_level(level: &str) -> Result<(), LevelError> {
    if !LogLevel::ALL.iter().any(|known| known.as_str() == level) {
        return Err(LevelError::Unknown(level.to_owned()));
    }
    let handle = FILTER.get().ok_or(LevelError::NotStarted)?;
    if from_environment().is_some() {
        tracing::info!("RUST_LOG is set, so the key log.level has no effect");
        return Ok(());
    }
    Ok(handle.reload(filter_of(level))?)
}

/// The levels that `RUST_LOG` sets.
fn from_environment() -> Option<Targets> {
    read_levels(&variable()?)
}

/// The variable `RUST_LOG`, if it is not empty.
fn variable() -> Option<String> {
    std::env::var("RUST_LOG").ok().filter(|text| !text.trim().is_empty())
}

/// Reads levels such as `warn, snug=debug`. (A filter by fields would bring an engine for regular expressions into the program, which is a
/// megabyte.)
fn read_levels(text: &str) -> Option<Targets> {
    let parts: Vec<&str> = text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    parts.join(",").parse().ok()
}

/// The voice libraries warn about every browser that behaves in a way of its own, so only their errors are logged.
fn filter_of(level: &str) -> Targets {
    Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target("snug", level.parse().unwrap_or(LevelFilter::INFO))
        .with_targets(["is", "str0m", "dimpl"].map(|library| (library, LevelFilter::ERROR)))
}

fn text_lines<S, W>(writer: W) -> impl Layer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    layer()
        .with_writer(writer)
        .with_target(false)
        .with_timer(TimeAndRequest)
        .compact()
}

fn json_lines<S, W>(writer: W) -> impl Layer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    layer()
        .with_writer(writer)
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .map_event_format(JsonWithRequest)
}

/// Writes the time and, if there is one, the id of the request. The id is not in a span, because a span would cost every request some
/// time, and most requests log nothing.
struct TimeAndRequest;

impl FormatTime for TimeAndRequest {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        SystemTime.format_time(writer)?;
        match request_id::current() {
            Some(id) => write!(writer, " request={id}"),
            None => Ok(()),
        }
    }
}

/// Writes a JSON object with the member `request`, if there is a request.
struct JsonWithRequest(Format<Json>);

impl<S, N> FormatEvent<S, N> for JsonWithRequest
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let Some(id) = request_id::current() else {
            return self.0.format_event(context, writer, event);
        };
        let mut line = String::new();
        self.0.format_event(context, Writer::new(&mut line), event)?;
        // The object is not empty: it has a time.
        let members = line.strip_prefix('{').ok_or(fmt::Error)?;
        write!(writer, "{{\"request\":\"{id}\",{members}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::request_id::RequestIds;
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex},
    };
    use tracing::subscriber::with_default;

    #[derive(Clone, Default)]
    struct LogText(Arc<Mutex<Vec<u8>>>);

    impl Write for LogText {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("free").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl LogText {
        fn take(&self) -> String {
            String::from_utf8(std::mem::take(&mut *self.0.lock().expect("free"))).expect("text")
        }
    }

    /// Logs an event within a request. Returns the id of the request.
    fn log_in_request() -> String {
        let id = RequestIds::default().next();
        let logged = id
            .clone()
            .scope(async { tracing::warn!(most = 7, "somebody was \"refused\"") });
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        runtime.block_on(logged);
        id.to_string()
    }

    #[test]
    fn a_line_of_text_has_the_id_of_its_request() {
        let text = LogText::default();
        let writer = text.clone();
        let log = tracing_subscriber::registry().with(text_lines(move || writer.clone()));
        with_default(log, || {
            let id = log_in_request();
            let line = text.take();
            assert!(line.contains(&format!(" request={id}")), "{line}");
            assert!(
                line.contains("WARN") && line.contains("somebody was \"refused\""),
                "{line}"
            );
            tracing::warn!("nobody asked");
            assert!(!text.take().contains("request="));
        });
    }

    #[test]
    fn a_line_of_json_is_one_object_with_the_id_of_its_request() {
        let text = LogText::default();
        let writer = text.clone();
        let log = tracing_subscriber::registry().with(json_lines(move || writer.clone()));
        with_default(log, || {
            let read = || serde_json::from_str::<serde_json::Value>(&text.take()).expect("one object");
            let id = log_in_request();
            let line = read();
            assert_eq!((&line["request"], &line["level"]), (&id.into(), &"WARN".into()));
            assert_eq!(
                (&line["message"], &line["most"]),
                (&"somebody was \"refused\"".into(), &7.into())
            );
            assert!(line["timestamp"].is_string() && line["target"].is_string(), "{line}");
            tracing::warn!("nobody asked");
            assert!(read().get("request").is_none());
        });
    }

    #[test]
    fn a_panic_is_one_line_of_json_too() {
        let text = LogText::default();
        let writer = text.clone();
        let log = tracing_subscriber::registry().with(json_lines(move || writer.clone()));
        let before = panic::take_hook();
        panic::set_hook(Box::new(log_panic));
        let outcome = with_default(log, || {
            panic::catch_unwind(|| {
                panic!("the string snapped");
            })
        });
        panic::set_hook(before);
        assert!(outcome.is_err());
        let lines = text.take();
        // Tests that panic at the same moment write to their own logs.
        assert_eq!(lines.lines().count(), 1, "{lines}");
        let line: serde_json::Value = serde_json::from_str(&lines).expect("one object");
        assert_eq!(
            (&line["level"], &line["message"]),
            (&"ERROR".into(), &"a thread panicked".into())
        );
        assert!(
            line["panic"]
                .as_str()
                .is_some_and(|panic| panic.contains("the string snapped")),
            "{line}"
        );
    }

    #[test]
    fn the_level_can_be_changed_while_the_log_runs() {
        let text = LogText::default();
        let writer = text.clone();
        let (filter, handle) = reload::Layer::new(filter_of("warn"));
        let log = tracing_subscriber::registry()
            .with(filter)
            .with(text_lines(move || writer.clone()));
        with_default(log, || {
            tracing::info!("not yet");
            assert_eq!(text.take(), "");
            handle.reload(filter_of("info")).expect("the log runs");
            tracing::info!("now");
            assert!(text.take().contains("now"));
        });
    }

    #[test]
    fn levels_from_the_environment_may_have_spaces_and_a_comma_at_the_end() {
        let wanted = read_levels("warn,snug=debug").expect("levels");
        assert_eq!(read_levels(" warn, snug=debug,"), Some(wanted));
        assert_eq!(read_levels("snug=loud"), None);
    }

    #[test]
    fn a_level_must_exist_and_the_log_must_run() {
        assert!(matches!(set_level("loud"), Err(LevelError::Unknown(_))));
        assert!(matches!(set_level("debug"), Err(LevelError::NotStarted)));
    }
}
