//! What comes with an answer: status, headers, ids, rate limits, attempts.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderMap, StatusCode};

use crate::pipeline::trace::PublicHeaders;
use crate::response::rate_limits::RateLimits;

/// An answer with what came along with it. Derefs to the answer.
pub struct Response<T> {
    value: T,
    meta: Arc<Meta>,
}

/// What came along with an answer.
#[derive(Clone)]
pub(crate) struct Meta {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) attempts: u32,
    pub(crate) elapsed: Duration,
}

impl Meta {
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Where the last answer to a request leaves what came along with it: one that broke may have been asked for
/// again while it was read.
#[derive(Clone, Debug, Default)]
pub(crate) struct LastMeta(Arc<Mutex<Option<Arc<Meta>>>>);

impl LastMeta {
    pub(crate) fn set(&self, meta: Arc<Meta>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(meta);
    }

    pub(crate) fn get(&self) -> Option<Arc<Meta>> {
        let meta = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        meta.clone()
    }
}

impl fmt::Debug for Meta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meta")
            .field("status", &self.status)
            .field("headers", &PublicHeaders(&self.headers))
            .field("attempts", &self.attempts)
            .field("elapsed", &self.elapsed)
            .finish()
    }
}

impl<T> Response<T> {
    pub(crate) fn new(value: T, meta: Arc<Meta>) -> Self {
        Self { value, meta }
    }

    /// The request's id, by which Anthropic's support can find it.
    pub fn request_id(&self) -> Option<&str> {
        self.meta.text("request-id")
    }

    /// The workspace in which the request ran.
    pub fn workspace_id(&self) -> Option<&str> {
        self.meta.text("anthropic-workspace-id")
    }

    /// The response's status.
    pub fn status(&self) -> StatusCode {
        self.meta.status
    }

    /// The response's headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.meta.headers
    }

    /// What is left of the rate limits.
    pub fn rate_limits(&self) -> RateLimits {
        RateLimits::from_headers(&self.meta.headers)
    }

    /// How many times the request was sent; 1 without retries.
    pub fn attempts(&self) -> u32 {
        self.meta.attempts
    }

    /// The time from the first attempt to the last one's headers.
    pub fn elapsed(&self) -> Duration {
        self.meta.elapsed
    }

    /// The answer alone.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Response<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("value", &self.value)
            .field("meta", &self.meta)
            .finish()
    }
}
