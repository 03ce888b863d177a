//! A response's body as a stream reads it: its chunks, under idle timeouts.
//!
//! Below every kind of stream lies one of these. It also knows where the body came from, so that
//! errors are complete, and so that the request can be resent while nothing has been handed out.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use anthropic_types::Decoding;
use bytes::Bytes;
use futures_core::Stream;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};

use super::opening::{Document, Label, Opening, Verdict};
use super::record::Recorder;
use crate::config::StreamLimits;
use crate::error::is_error_document;
use crate::response::exchange::{Broken, ExchangeContext};
use crate::response::idle::{IdleTimer, Stalled};
use crate::response::incoming::Incoming;
use crate::response::meta::ResponseMeta;
use crate::sse::Decoder;
use crate::transport::Body;
use crate::{BoxFuture, Error, ErrorKind, Result};

/// A connection that breaks while a stream is read ends it early, as a clean end does.
fn cut_off(error: Error) -> Error {
    if error.kind() != ErrorKind::Body {
        return error;
    }
    Error::new(ErrorKind::StreamTruncated, "the stream was cut off").caused_by(error)
}

/// How long the end of a body may come after its last event.
const GRACE: Duration = Duration::from_millis(50);
/// How many chunks may come after the last event.
const LAST_CHUNKS: usize = 64;

/// A body with all that belongs to it, laid out as [`Reader`](super::reader::Reader) is.
#[repr(C)]
pub(super) struct Feed {
    body: Body,
    /// The first chunk, until the first event has come that is known: what an error without events
    /// quotes.
    first: Bytes,
    idle: IdleTimer,
    /// In boxes, as no chunk needs what is in them.
    recorder: Option<Box<Recorder>>,
    /// Until the body has shown that it is the event stream that it should be.
    opening: Option<Box<Opening>>,
    /// Where the body came from; a recording has no such place.
    context: Option<Arc<ExchangeContext>>,
    meta: ResponseMeta,
    grace: Option<BoxFuture<'static, ()>>,
}

impl Feed {
    pub(super) fn new(incoming: Incoming) -> Self {
        let context = incoming.context().clone();
        Self {
            meta: context.meta.clone(),
            idle: IdleTimer::of_stream(context.clock().clone(), context.stream_limits()),
            context: Some(context),
            body: incoming.into_bare_body(),
            opening: None,
            first: Bytes::new(),
            recorder: None,
            grace: None,
        }
    }

    /// The same body, which must be an event stream, or a document that becomes one.
    pub(super) fn of_events(self) -> Self {
        self.opened(Document::Event)
    }

    /// The same body, which must be the event stream of a message, or the message.
    pub(super) fn of_message(self) -> Self {
        let decoding = self.decoding();
        self.opened(Document::Message(decoding))
    }

    fn opened(mut self, document: Document) -> Self {
        let media = self.meta.text(&CONTENT_TYPE).unwrap_or_default();
        let label = match &self.context {
            Some(_) => Label::of(media),
            None => Label::Events,
        };
        let opening = Opening::new(self.limits().event_bytes(), label, document);
        self.opening = Some(Box::new(opening));
        self
    }

    /// A body with other idle timeouts than the request's own.
    pub(super) fn with_limits(incoming: Incoming, limits: StreamLimits) -> Self {
        let clock = incoming.context().clock().clone();
        Self {
            idle: IdleTimer::of_stream(clock, limits),
            ..Self::new(incoming)
        }
    }

    /// A body without a request, in which no time passes.
    pub(super) fn of_body(body: Body) -> Self {
        Self {
            context: None,
            meta: ResponseMeta::new(StatusCode::OK, HeaderMap::new(), 0, Duration::ZERO),
            body,
            opening: None,
            first: Bytes::new(),
            idle: IdleTimer::off(),
            recorder: None,
            grace: None,
        }
    }

    pub(super) fn meta(&self) -> &ResponseMeta {
        &self.meta
    }

    pub(super) fn decoding(&self) -> Decoding {
        let context = self.context.as_ref();
        context.map_or(Decoding::Lenient, |context| context.decoding())
    }

    pub(super) fn limits(&self) -> StreamLimits {
        self.context
            .as_ref()
            .map(|context| context.stream_limits())
            .unwrap_or_default()
    }

    /// The most bytes that may be kept of it.
    pub(super) fn max_bytes(&self) -> usize {
        let context = self.context.as_ref();
        context.map_or(usize::MAX, |context| context.whole().max)
    }

    /// The next chunk, or `None` at the end of the body.
    pub(super) fn poll_chunk(&mut self, task: &mut TaskContext<'_>) -> Poll<Result<Option<Bytes>>> {
        match self.opening.take() {
            None => self.poll_body(task),
            Some(opening) => self.poll_opening(opening, task),
        }
    }

    fn poll_opening(
        &mut self,
        mut opening: Box<Opening>,
        task: &mut TaskContext<'_>,
    ) -> Poll<Result<Option<Bytes>>> {
        let chunk = loop {
            let verdict = match self.poll_body(task)? {
                Poll::Ready(Some(chunk)) => opening.push(chunk),
                Poll::Ready(None) => Verdict::Enough,
                Poll::Pending => {
                    self.opening = Some(opening);
                    return Poll::Pending;
                }
            };
            match verdict {
                Verdict::Wait => {}
                Verdict::Stream(chunk) => {
                    self.first = chunk.clone();
                    break Ok(Some(chunk));
                }
                Verdict::Enough => {
                    self.drop_body();
                    break opening.finish();
                }
            }
        };
        Poll::Ready(chunk.map_err(|error| self.complete(error)))
    }

    fn poll_body(&mut self, task: &mut TaskContext<'_>) -> Poll<Result<Option<Bytes>>> {
        let next = match Pin::new(&mut self.body).poll_next(task) {
            Poll::Pending => return self.idle.poll(task).map(|stalled| Err(stall(stalled))),
            Poll::Ready(next) => next,
        };
        self.idle.bytes_came();
        match next {
            Some(Ok(chunk)) => {
                if let Some(recorder) = &mut self.recorder {
                    recorder.take(&chunk)?;
                }
                Poll::Ready(Ok(Some(chunk)))
            }
            Some(Err(error)) => Poll::Ready(Err(self.complete(cut_off(error)))),
            None => Poll::Ready(Ok(None)),
        }
    }

    /// An event came that nobody knows.
    pub(super) fn unknown_came(&mut self) {
        self.idle.event_came();
    }

    /// An event came that was no ping; returns whether it was the first one.
    pub(super) fn event_came(&mut self) -> bool {
        self.idle.event_came();
        let is_first = !self.first.is_empty();
        if is_first {
            self.first = Bytes::new();
        }
        is_first
    }

    /// The beginning of a body of which no known event has been read.
    pub(super) fn first(&self) -> &[u8] {
        &self.first
    }

    pub(super) fn record(&mut self, recorder: Recorder) {
        self.recorder = Some(Box::new(recorder));
    }

    /// What has been read is the first output.
    pub(super) fn output_came(&self) {
        if let Some(context) = &self.context {
            context.end_span();
        }
    }

    /// There won't be another body in place of this one.
    pub(super) fn commit(&mut self) -> Result<()> {
        if let Some(context) = self.context.as_mut().and_then(Arc::get_mut) {
            context.drop_request_body();
        }
        self.recorder
            .as_mut()
            .map_or(Ok(()), |recorder| recorder.commit())
    }

    /// After the last event: waits a moment for the end of the body, which is due, because only
    /// then can the connection be used again. Then drops it. What comes meanwhile is fed to the
    /// decoder.
    pub(super) fn poll_end(
        &mut self,
        task: &mut TaskContext<'_>,
        decoder: &mut Decoder,
    ) -> Poll<()> {
        for _ in 0..LAST_CHUNKS {
            let Poll::Ready(next) = Pin::new(&mut self.body).poll_next(task) else {
                let clock = self.context.as_ref().map(|context| context.clock());
                let grace = clock.map(|clock| self.grace.get_or_insert_with(|| clock.sleep(GRACE)));
                if grace.is_some_and(|grace| grace.as_mut().poll(task).is_pending()) {
                    return Poll::Pending;
                }
                break;
            };
            let Some(Ok(chunk)) = next else {
                break;
            };
            // The message is whole, whatever becomes of its recording's last bytes.
            let _ = self.recorder.as_mut().map(|recorder| recorder.take(&chunk));
            decoder.feed(chunk);
        }
        self.drop_body();
        Poll::Ready(())
    }

    pub(super) fn drop_body(&mut self) {
        self.body = Body::empty();
        self.idle = IdleTimer::off();
    }

    /// Sends the request again, if that is allowed after this error.
    pub(super) fn resend(&mut self, error: Error) -> Result<BoxFuture<'static, Result<Incoming>>> {
        let Some(context) = &self.context else {
            return Err(error);
        };
        let again = match context.resend(Broken::Stream(&error)) {
            Ok(again) => again,
            Err(last) => return Err(last.on(error)),
        };
        self.drop_body();
        if let Some(recorder) = &mut self.recorder {
            recorder.discard();
        }
        Ok(again)
    }

    /// Goes on with the body of another attempt.
    pub(super) fn restart(&mut self, incoming: Incoming) {
        let recorder = self.recorder.take();
        *self = Self::new(incoming).of_message();
        self.recorder = recorder;
    }

    /// The error that an `error` event reports.
    pub(super) fn event_error(&self, data: &str) -> Error {
        let data = Bytes::copy_from_slice(data.as_bytes());
        match &self.context {
            Some(context) => context.event_error(data),
            None => Error::in_stream(self.meta.clone(), data),
        }
    }

    /// The error that lines are which are of no event: what a gateway writes into a stream that it
    /// gives up.
    pub(super) fn stray_error(&self, stray: &[u8]) -> Option<Error> {
        let text = std::str::from_utf8(stray).ok()?;
        is_error_document(text).then(|| self.event_error(text))
    }

    /// The error that these bytes are, where they stand in place of what was expected.
    pub(super) fn error_in(&self, bytes: &[u8]) -> Option<Error> {
        let bytes = Bytes::copy_from_slice(bytes);
        Error::of_success(self.meta.status(), self.meta.headers(), &bytes)
    }

    /// Completes an error that the stream ends with, before its first output or behind it.
    pub(super) fn fail(&self, error: Error) -> Error {
        let error = error.while_streaming();
        match &self.context {
            Some(context) if context.traced.is_over() => context.complete(error),
            Some(context) => context.refused(error),
            None => error,
        }
    }

    /// The same where it has been decided whether to send the request again.
    pub(super) fn fail_at_last(&self, error: Error) -> Error {
        let error = error.while_streaming();
        match &self.context {
            Some(context) => context.fail(error),
            None => error,
        }
    }

    /// Adds to an error where it came from.
    pub(super) fn complete(&self, error: Error) -> Error {
        let error = error.while_streaming();
        match &self.context {
            Some(context) => context.complete(error),
            None => error,
        }
    }
}

fn stall(stalled: Stalled) -> Error {
    Error::new(ErrorKind::StreamStalled, stalled.to_string()).caused_by(stalled)
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed")
            .field("meta", &self.meta)
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}
