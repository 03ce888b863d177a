//! The latest exchanges as the inspector shows them, with their responses as they are written.
//!
//! It is limited in exchanges and in bytes, and is cheap while nobody follows it: a response's
//! pieces are shared, not copied; bodies are scrubbed, and parsed for models and tokens, only when
//! the inspector reads them.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use tokio::sync::watch;
use tokio::time::Instant;

use super::scrub::{Scrubbed, Secrets};
use crate::base::cause::Cause;
use crate::base::clock::stopwatch;
use crate::base::sync::lock;

const MAX_EXCHANGES: usize = 500;
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// Of one response.
const MAX_ANSWER: usize = 8 * 1024 * 1024;

#[derive(Debug)]
pub(crate) struct Journal {
    entries: Mutex<VecDeque<Arc<Entry>>>,
    bytes: AtomicUsize,
    /// The number of the newest entry.
    last: AtomicU64,
    /// The number of the newest entry that was cleared.
    cleared: AtomicU64,
    closed: AtomicBool,
    /// What requests have authenticated with.
    secrets: Mutex<Secrets>,
    /// Counts changes, from 1.
    version: watch::Sender<u64>,
}

/// One exchange.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) number: u64,
    pub(crate) request_id: String,
    pub(crate) time: String,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    /// What is not shown of the bodies.
    pub(crate) secrets: Secrets,
    started: Instant,
    kept: AtomicBool,
    changed: AtomicU64,
    content: Mutex<Content>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Phase {
    #[default]
    Open,
    Done,
    /// The client disconnected, or a fault ended it.
    Broken,
}

/// What both sides have sent so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Content {
    pub(crate) asked: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) status: Option<StatusCode>,
    pub(crate) headers: HeaderMap,
    /// With the time since the start of the exchange.
    pub(crate) pieces: Vec<(Duration, Bytes)>,
    pub(crate) bytes: usize,
    /// Bytes kept here, of both sides.
    held: usize,
    /// Whether pieces were left out for their size.
    pub(crate) cut: bool,
    pub(crate) fault: Option<String>,
    /// The rule that decided the response.
    pub(crate) cause: Option<Cause>,
    pub(crate) phase: Phase,
    pub(crate) took: Duration,
}

impl Default for Journal {
    fn default() -> Self {
        Self {
            entries: Mutex::default(),
            bytes: AtomicUsize::new(0),
            last: AtomicU64::new(0),
            cleared: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            secrets: Mutex::default(),
            version: watch::channel(1).0,
        }
    }
}

impl Journal {
    pub(crate) fn begin(&self, request: &Scrubbed, time: String, request_id: &str) -> Arc<Entry> {
        lock(&self.secrets).learn(&request.secrets);
        let mut entries = lock(&self.entries);
        let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let entry = Arc::new(Entry {
            number,
            request_id: request_id.to_owned(),
            time,
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
            secrets: request.secrets.clone(),
            started: stopwatch(),
            kept: AtomicBool::new(true),
            changed: AtomicU64::new(0),
            content: Mutex::default(),
        });
        entries.push_back(Arc::clone(&entry));
        if entries.len() > MAX_EXCHANGES {
            self.drop_oldest(&mut entries);
        }
        entry
    }

    /// Removes all entries. Later ones go on with the numbers.
    pub(crate) fn clear(&self) {
        let mut entries = lock(&self.entries);
        while !entries.is_empty() {
            self.drop_oldest(&mut entries);
        }
        self.cleared
            .store(self.last.load(Ordering::Relaxed), Ordering::Relaxed);
        drop(entries);
        self.version.send_modify(|version| *version += 1);
    }

    /// Ends what follows the journal.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        self.version.send_modify(|version| *version += 1);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// The number of the newest entry that was cleared; 0 if none was.
    pub(crate) fn cleared(&self) -> u64 {
        self.cleared.load(Ordering::Relaxed)
    }

    fn drop_oldest(&self, entries: &mut VecDeque<Arc<Entry>>) {
        if let Some(oldest) = entries.pop_front() {
            oldest.kept.store(false, Ordering::Relaxed);
            let content = lock(&oldest.content);
            self.bytes.fetch_sub(content.held, Ordering::Relaxed);
        }
    }

    /// Changes an entry, keeps the journal within its limits, and wakes its followers.
    pub(crate) fn update(&self, entry: &Entry, change: impl FnOnce(&mut Content, Duration)) {
        {
            let mut content = lock(&entry.content);
            if !entry.kept.load(Ordering::Relaxed) {
                return;
            }
            let before = content.held;
            change(&mut content, entry.started.elapsed());
            self.bytes
                .fetch_add(content.held - before, Ordering::Relaxed);
        }
        while self.bytes.load(Ordering::Relaxed) > MAX_BYTES {
            let mut entries = lock(&self.entries);
            if entries.len() < 2 {
                break;
            }
            self.drop_oldest(&mut entries);
        }
        if self.version.receiver_count() > 0 {
            self.version.send_modify(|version| {
                *version += 1;
                entry.changed.store(*version, Ordering::Relaxed);
            });
        }
    }

    /// The secrets of all requests, for what is shown of more than one.
    pub(crate) fn secrets(&self) -> Secrets {
        lock(&self.secrets).clone()
    }

    pub(crate) fn follow(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    /// The exchanges, oldest first, that have changed after this version; all of them for 0.
    pub(crate) fn since(&self, version: u64) -> Vec<Arc<Entry>> {
        let entries = lock(&self.entries);
        let changed = |entry: &&Arc<Entry>| entry.changed.load(Ordering::Relaxed) > version;
        entries
            .iter()
            .filter(|entry| version == 0 || changed(entry))
            .cloned()
            .collect()
    }

    /// What decided the exchanges, where it was a rule.
    pub(crate) fn causes(&self) -> Vec<Cause> {
        let entries = lock(&self.entries);
        let causes = entries.iter().map(|entry| lock(&entry.content).cause);
        causes.flatten().collect()
    }

    pub(crate) fn find(&self, number: u64) -> Option<Arc<Entry>> {
        let entries = lock(&self.entries);
        entries.iter().find(|entry| entry.number == number).cloned()
    }
}

impl Entry {
    /// What both sides have sent so far. Bodies are shared, not copied.
    pub(crate) fn content(&self) -> Content {
        lock(&self.content).clone()
    }
}

impl Content {
    pub(crate) fn request(&mut self, headers: HeaderMap, body: Bytes) {
        self.held += body.len();
        self.asked = headers;
        self.body = body;
    }

    pub(crate) fn piece(&mut self, at: Duration, bytes: Bytes) {
        self.bytes += bytes.len();
        self.took = at;
        if self.bytes > MAX_ANSWER {
            self.cut = true;
        } else {
            self.held += bytes.len() + size_of::<(Duration, Bytes)>();
            self.pieces.push((at, bytes));
        }
    }

    pub(crate) fn end(&mut self, at: Duration, phase: Phase) {
        if self.phase == Phase::Open {
            self.phase = phase;
            self.took = at;
        }
    }
}
