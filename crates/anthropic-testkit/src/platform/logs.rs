//! Everything that is logged while the suite runs.

use std::fmt::{self, Debug, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// The text of all spans and events, at every level, whatever crate they are of: to look for
/// secrets in.
///
/// ```
/// let logs = anthropic_testkit::Logs::watch()?;
/// // … what is tested …
/// assert!(!logs.text().contains("a-key-to-look-for"));
/// # Ok::<(), anthropic::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Logs {
    text: Arc<Mutex<String>>,
}

impl Logs {
    /// Keeps what this process logs from now on.
    ///
    /// # Errors
    ///
    /// [`Config`](anthropic::ErrorKind::Config) if the process has a global subscriber already.
    pub fn watch() -> anthropic::Result<Self> {
        let logs = Self::default();
        let watched = tracing::subscriber::set_global_default(Keeper::of(&logs));
        watched.map_err(|error| {
            let message = "the process has a subscriber of its own";
            anthropic::Error::new(anthropic::ErrorKind::Config, message).caused_by(error)
        })?;
        Ok(logs)
    }

    /// What was logged until now, a line for each field.
    pub fn text(&self) -> String {
        let text = self.text.lock();
        text.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

// The text may have what is looked for.
impl fmt::Debug for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logs").finish_non_exhaustive()
    }
}

/// The subscriber.
pub(super) struct Keeper {
    logs: Logs,
    spans: AtomicU64,
}

impl Keeper {
    pub(super) fn of(logs: &Logs) -> Self {
        Self {
            logs: logs.clone(),
            spans: AtomicU64::new(0),
        }
    }

    fn note(&self, record: impl FnOnce(&mut Line)) {
        let mut line = Line::default();
        record(&mut line);
        let text = self.logs.text.lock();
        text.unwrap_or_else(PoisonError::into_inner)
            .push_str(&line.0);
    }
}

#[derive(Default)]
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // Writing to a string can't fail.
        let _ = writeln!(self.0, "{field}={value:?}");
    }
}

impl Subscriber for Keeper {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.note(|line| span.record(line));
        Id::from_u64(self.spans.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.note(|line| values.record(line));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.note(|line| event.record(line));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
