//! The span of a request, from its first attempt to the first output of its response.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::Span;
use tracing::field::{Empty, debug};

use super::Secrets;
use crate::Error;
use crate::operation::OperationInfo;
use crate::response::meta::ResponseMeta;

/// The span, until it is over. Where nobody listens, there is none, and no memory for one.
pub(crate) struct Traced(Option<Box<Mutex<Open>>>);

type Open = Option<(Span, Arc<Secrets>)>;

impl Traced {
    pub(crate) fn new(info: &'static OperationInfo, secrets: &Arc<Secrets>) -> Self {
        let span = tracing::info_span!(
            "anthropic.request",
            operation = info.id(),
            method = %info.method(),
            route = info.path(),
            attempts = Empty,
            status = Empty,
            request_id = Empty,
            error = Empty,
        );
        let is_there = !span.is_none();
        Self::of(is_there.then(|| (span, secrets.clone())))
    }

    fn of(open: Open) -> Self {
        Self(open.map(|open| Box::new(Mutex::new(Some(open)))))
    }

    fn open(&self) -> Option<MutexGuard<'_, Open>> {
        let open = self.0.as_ref()?;
        Some(open.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The span, or none.
    pub(crate) fn span(&self) -> Span {
        let open = self.open();
        let span = open.as_deref().and_then(Option::as_ref);
        span.map_or_else(Span::none, |(span, _)| span.clone())
    }

    /// Whether nothing more is recorded.
    pub(crate) fn is_over(&self) -> bool {
        self.open().is_none_or(|open| open.is_none())
    }

    /// Takes the span: it goes on elsewhere, or is over.
    pub(crate) fn take(&self) -> Self {
        Self::of(self.end())
    }

    /// Records that a response has come, which is the end.
    pub(crate) fn responded(&self, meta: &ResponseMeta) {
        if let Some((span, secrets)) = self.end() {
            span.record("attempts", meta.attempts());
            span.record("status", meta.status().as_u16());
            let id = meta.request_id().map(|id| secrets.mask(id));
            span.record("request_id", id.as_deref());
        }
    }

    fn end(&self) -> Open {
        self.open()?.take()
    }

    /// Records that the request has failed, which is the end.
    pub(crate) fn failed(&self, error: &Error) {
        if let Some((span, _)) = self.end() {
            span.record("attempts", error.attempts());
            span.record("status", error.status().map(|status| status.as_u16()));
            span.record("request_id", error.request_id());
            span.record("error", debug(error.kind()));
        }
    }
}

impl fmt::Debug for Traced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Traced")
    }
}
