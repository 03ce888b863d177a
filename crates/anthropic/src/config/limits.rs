//! Limits of time and size, as plain data.

use std::time::Duration;

use crate::retry::RetryPolicy;

/// Time limits. `None` is none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timeouts {
    /// Until a connection stands.
    pub(crate) connect: Option<Duration>,
    /// Until an attempt's response headers are there; also between two pieces of a body that is
    /// read whole.
    pub(crate) headers: Option<Duration>,
    /// For an attempt, its body included.
    pub(crate) attempt: Option<Duration>,
    /// For everything: attempts, delays, and the body.
    pub(crate) total: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Some(Duration::from_secs(10)),
            headers: Some(Duration::from_secs(600)),
            attempt: None,
            total: None,
        }
    }
}

/// The limits of a request: its own, else the client's. A request that waits for its response keeps
/// them.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    pub(crate) timeouts: Timeouts,
    pub(crate) retry: RetryPolicy,
}

/// The limits of a stream.
///
/// Streams of sessions and threads, in which nothing may happen for long, have longer ones: 600 s
/// without a byte, and any time without an event, unless the request sets its own limits.
///
/// ```
/// use anthropic::StreamLimits;
///
/// let mut limits = StreamLimits::default();
/// limits.bytes_idle = None;
/// let client = anthropic::Client::builder().api_key("key").stream_limits(limits).build()?;
/// # Ok::<(), anthropic::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamLimits {
    /// The idle timeout of the connection; any byte resets it. 120 s by default.
    pub bytes_idle: Option<Duration>,
    /// The idle timeout of events; pings don't reset it. 300 s by default. Rows of JSON, such as a
    /// batch's results, have no such limit.
    pub events_idle: Option<Duration>,
    /// The largest event or line, in bytes; `None` is any. 64 MiB by default.
    pub max_event_bytes: Option<usize>,
    /// Whether a stream may end after a stop reason without its last event, as some gateways do;
    /// `false` by default.
    pub lenient_eof: bool,
}

/// The idle timeout of the connection of a stream that reports what happens elsewhere: as long as
/// the official clients wait.
const QUIET: Duration = Duration::from_secs(600);

impl StreamLimits {
    /// The limits of a stream in which nothing may happen for long: an idle session is not a broken
    /// one.
    pub(crate) fn quiet(self) -> Self {
        Self {
            bytes_idle: self.bytes_idle.map(|limit| limit.max(QUIET)),
            events_idle: None,
            ..self
        }
    }

    /// The largest event or line, for decoders.
    pub(crate) fn event_bytes(self) -> usize {
        self.max_event_bytes.unwrap_or(usize::MAX)
    }
}

impl Default for StreamLimits {
    fn default() -> Self {
        Self {
            bytes_idle: Some(Duration::from_secs(120)),
            events_idle: Some(Duration::from_secs(300)),
            max_event_bytes: Some(64 << 20),
            lenient_eof: false,
        }
    }
}
