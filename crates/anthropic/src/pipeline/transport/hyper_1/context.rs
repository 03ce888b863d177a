//! What the parts of the pool have in common: settings, keys, the runtime, and when a connection
//! was last heard of.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::BoxFuture;
use crate::clock::{Clock, TokioClock};
use crate::transport::TransportError;

/// What a pool goes by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    pub(super) idle_timeout: Option<Duration>,
    pub(super) max_idle: usize,
    pub(super) max_http2: usize,
    pub(super) http2_keep_alive: Option<Duration>,
    /// Whether a server over TLS may choose HTTP/2.
    pub(super) offers_http2: bool,
}

/// Scheme, host and port: what a connection is to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) scheme: Scheme,
    pub(super) authority: Authority,
}

impl Key {
    pub(super) fn of(url: &Uri) -> Result<Self, TransportError> {
        match (url.scheme(), url.authority()) {
            (Some(scheme), Some(authority)) => Ok(Self {
                scheme: scheme.clone(),
                authority: authority.clone(),
            }),
            _ => Err(TransportError::other("the URL has no scheme or no host")),
        }
    }

    /// Whether a URL has this scheme, host and port.
    pub(super) fn is_of(&self, url: &Uri) -> bool {
        let is_same = |authority: &Authority| {
            // Most URLs are made of the client's base URL, and share its text.
            std::ptr::eq::<str>(authority.as_str(), self.authority.as_str())
                || *authority == self.authority
        };
        url.scheme() == Some(&self.scheme) && url.authority().is_some_and(is_same)
    }

    /// A URL that has these, and the path and the query of another one.
    pub(super) fn url(&self, path: Option<&PathAndQuery>) -> Result<Uri, http::Error> {
        let slash = PathAndQuery::from_static("/");
        Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(path.cloned().unwrap_or(slash))
            .build()
    }

    pub(super) fn is_secure(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }
}

/// What the hosts of one runtime have in common.
pub(super) struct LocalContext {
    pub(super) runtime: Handle,
    pub(super) settings: Settings,
    pub(super) reaper: Notify,
    /// Whether the reaper waits for something to become idle.
    pub(super) reaper_rests: AtomicBool,
    /// Whether a connection is there that is not used again.
    pub(super) has_unusable: AtomicBool,
}

impl LocalContext {
    /// Runs a future on the runtime; it ends with the runtime, or when the handle aborts it.
    ///
    /// Boxed, since tokio's code for a task is compiled anew for each type of a future.
    pub(super) fn spawn(&self, future: BoxFuture<'static, ()>) -> AbortHandle {
        self.runtime.spawn(future).abort_handle()
    }

    /// Something has become idle.
    pub(super) fn wake_reaper(&self) {
        if self.reaper_rests.swap(false, Ordering::AcqRel) {
            self.reaper.notify_one();
        }
    }
}

/// When something was last read from a connection, in milliseconds of the clock.
#[derive(Debug, Default)]
pub(super) struct Activity(AtomicU64);

impl Activity {
    pub(super) fn note(&self) {
        self.0.store(millis(TokioClock.now()), Ordering::Relaxed);
    }

    pub(super) fn last(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}

pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
