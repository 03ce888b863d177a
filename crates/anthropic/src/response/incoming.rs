//! A response that has passed every hop but the last: what an operation's opener gets.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use anthropic_types::codec::{Decode, DecodeError};
use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use crate::client::Client;
use crate::clock::{Clock, within};
use crate::config::StreamLimits;
use crate::pipeline::deadline::Patience;
use crate::pipeline::execute::{ERROR_BODY, ERROR_BODY_PATIENCE, policy};
use crate::request::call::{Call, Spent};
use crate::response::Meta;
use crate::retry::{self, Decision, Failure};
use crate::transport::Body;
use crate::{BoxFuture, Error, Result};

/// A successful response, not decoded yet.
pub struct Incoming {
    context: Arc<Context>,
    body: Body,
}

/// Where a response came from: what its errors tell, and what sending it again takes.
pub(crate) struct Context {
    pub(crate) client: Client,
    pub(crate) call: Box<Call>,
    pub(crate) meta: Arc<Meta>,
    /// When the first attempt began.
    pub(crate) started: Duration,
}

impl Context {
    /// Completes an error about the response.
    pub(crate) fn complete(&self, error: Error) -> Error {
        let meta = &self.meta;
        let error = if error.has_response() {
            error
        } else {
            error.with_response(meta.status, meta.headers.clone(), Bytes::new())
        };
        error
            .with_attempts(meta.attempts, self.elapsed())
            .with_call(
                self.call.info.id(),
                self.call.info.method(),
                self.call.display_path(),
            )
    }

    /// The error that an `error` event of a stream tells.
    pub(crate) fn event_error(&self, data: Bytes) -> Error {
        self.complete(Error::in_stream(
            self.meta.status,
            self.meta.headers.clone(),
            data,
        ))
    }

    /// What the response's stream may cost.
    pub(crate) fn stream_limits(&self) -> StreamLimits {
        self.call
            .options
            .stream
            .unwrap_or(self.client.shared().config.stream)
    }

    /// The same for a stream of events, in which nothing may happen for long.
    pub(crate) fn patient_limits(&self) -> StreamLimits {
        let client = self.client.shared().config.stream;
        self.call.options.stream.unwrap_or_else(|| client.patient())
    }

    /// How long the server may be silent before a response that is no stream counts as lost.
    pub(crate) fn patience(&self) -> Patience {
        let client = self.client.shared().config.timeouts.headers;
        Patience::new(self.clock().clone(), self.call.options.timeout.or(client))
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.client.shared().clock
    }

    /// Sends the request once more after its answer broke, if the policy grants it: the attempts made
    /// so far count. `None` when it doesn't, or when the request's body is gone.
    pub(crate) fn resend(&self, error: &Error) -> Option<BoxFuture<'static, Result<Incoming>>> {
        let shared = self.client.shared();
        let mut call = self.call.try_clone()?;
        let attempts = self.meta.attempts;
        let failure = Failure {
            transient: true,
            attempts,
            replayable: true,
            elapsed: self.elapsed(),
            retry_after: retry::retry_after(error.headers(), shared.clock.wall()),
            random: shared.clock.random(),
        };
        let Decision::Retry { after } = policy(&shared.config.retry, &call).decide(&failure) else {
            return None;
        };
        let total = call.options.total_timeout.or(shared.config.timeouts.total);
        if total.is_some_and(|total| failure.elapsed.saturating_add(after) >= total) {
            return None;
        }
        tracing::info!(
            attempt = attempts,
            kind = ?error.kind(),
            request_id = error.request_id(),
            delay = ?after,
            "trying again: the answer broke before its first output",
        );
        call.spent = Some(Spent {
            attempts,
            started: self.started,
        });
        call.last_meta.clone_from(&self.call.last_meta);
        let client = self.client.clone();
        Some(Box::pin(async move {
            client.shared().clock.sleep(after).await;
            client.execute(Box::new(call), None).await
        }))
    }

    /// Lets the request's body go: it won't be sent again. A long prompt would otherwise stay in memory as long
    /// as its answer arrives.
    pub(crate) fn forget_body(&mut self) {
        self.call.body = Body::spent();
    }

    fn elapsed(&self) -> Duration {
        self.clock().now().saturating_sub(self.started)
    }
}

impl Incoming {
    pub(crate) fn new(context: Context, body: Body) -> Self {
        Self {
            context: Arc::new(context),
            body,
        }
    }

    /// The same response with another body, such as its own that has been read.
    pub(crate) fn of_context(context: Arc<Context>, body: Body) -> Self {
        Self { context, body }
    }

    pub(crate) fn context(&self) -> &Arc<Context> {
        &self.context
    }

    pub(crate) fn meta(&self) -> &Arc<Meta> {
        &self.context.meta
    }

    /// The response's status.
    pub fn status(&self) -> StatusCode {
        self.meta().status
    }

    /// The response's headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.meta().headers
    }

    /// The request's id.
    pub fn request_id(&self) -> Option<&str> {
        self.meta().text("request-id")
    }

    /// The body, to be read as it arrives. Its errors tell the request and its attempts.
    ///
    /// While somebody waits for its next chunk it may be silent for as long as the request's
    /// [`timeout`](crate::Request::timeout); then it ends with an error of kind
    /// [`Timeout`](crate::ErrorKind::Timeout).
    pub fn into_body(self) -> Body {
        if self.body.as_bytes().is_some() {
            return self.body;
        }
        let len = self.body.len();
        Body::stream(
            Told {
                body: self.body,
                patience: self.context.patience(),
                context: self.context,
            },
            len,
        )
    }

    /// The body, where it is in memory.
    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        self.body.as_bytes().map(|bytes| &**bytes)
    }

    /// The body alone, for a reader that completes its errors itself.
    pub(crate) fn into_bare_body(self) -> Body {
        self.body
    }

    pub(crate) fn into_http(self) -> http::Response<Body> {
        let mut response = http::Response::new(Body::empty());
        *response.status_mut() = self.status();
        *response.headers_mut() = self.headers().clone();
        *response.body_mut() = self.into_body();
        response
    }

    /// Reads one of the API's types from a body that is in memory.
    pub(crate) fn json<T: Decode>(self) -> Result<T> {
        self.decode(|json| anthropic_types::from_slice(json).map_err(|error| misfit(error, json)))
    }

    /// Reads any type from a body that is in memory, by serde.
    pub(crate) fn serde<T: DeserializeOwned>(self) -> Result<T> {
        self.decode(|json| {
            serde_json::from_slice(json).map_err(|error| Error::decode("", error, json))
        })
    }

    /// Reads a body that is in memory. Only `read` knows as what; the rest is compiled once.
    pub(crate) fn decode<T>(self, read: fn(&[u8]) -> Result<T>) -> Result<T> {
        let json = self.body.as_bytes().cloned().unwrap_or_default();
        if let Some(fault) = self.content_fault(&json) {
            return Err(self.refuse(fault, json));
        }
        read(&json).map_err(|error| {
            let error = self.other_media(error, &json);
            self.refuse(error, json)
        })
    }

    /// Completes the error about a body that can't be read.
    fn refuse(&self, error: Error, body: Bytes) -> Error {
        let meta = self.meta();
        let error = error.with_response(meta.status, meta.headers.clone(), body);
        self.context.complete(error)
    }

    /// What can't be read and doesn't claim to be JSON is not broken JSON.
    fn other_media(&self, error: Error, body: &[u8]) -> Error {
        match self.meta().text(CONTENT_TYPE.as_str()) {
            Some(media) if !media.to_ascii_lowercase().contains("json") => {
                let message = format!("the body is {media}; JSON was expected");
                Error::unexpected_content(message, body).caused_by(error)
            }
            _ => error,
        }
    }

    /// Why a body can't be the JSON that was asked for, where that is plain to see.
    fn content_fault(&self, body: &[u8]) -> Option<Error> {
        let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
        let media = self
            .meta()
            .text(CONTENT_TYPE.as_str())
            .unwrap_or("no content type");
        match first {
            None => Some(Error::unexpected_content(
                "the body is empty; JSON was expected",
                &[],
            )),
            Some(b'<') => Some(Error::unexpected_content(
                format!("the body is {media}; JSON was expected"),
                body,
            )),
            Some(_) => None,
        }
    }

    /// The media type without its parameters; empty when there is none.
    fn media(&self) -> &str {
        let found = self.meta().text(CONTENT_TYPE.as_str()).unwrap_or_default();
        found.split(';').next().unwrap_or_default().trim()
    }

    /// Whether the body is of this media type.
    pub(crate) fn is_media(&self, media: &str) -> bool {
        self.media().eq_ignore_ascii_case(media)
    }

    /// Makes sure that the body is of this media type; otherwise the error quotes its beginning.
    pub(crate) async fn expect_media(mut self, media: &str) -> Result<Self> {
        if self.is_media(media) {
            return Ok(self);
        }
        let message = match self.media() {
            "" => format!("the body has no content type; {media} was expected"),
            found => format!("the body is {found}; {media} was expected"),
        };
        let mut prefix = BytesMut::new();
        let mut reading = Box::pin(self.body.read_prefix(ERROR_BODY, &mut prefix));
        // What came before the patience ended is good enough for an error.
        let _ = within(
            self.context.clock().as_ref(),
            Some(ERROR_BODY_PATIENCE),
            reading.as_mut(),
        )
        .await;
        drop(reading);
        let prefix = prefix.freeze();
        let meta = self.meta();
        let error = Error::unexpected_content(message, &prefix);
        Err(self
            .context
            .complete(error.with_response(meta.status, meta.headers.clone(), prefix)))
    }
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming")
            .field("meta", self.meta())
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

/// The error of a document that does not fit its type.
pub(crate) fn misfit(error: DecodeError, json: &[u8]) -> Error {
    let path = error.path().to_owned();
    Error::decode(&path, error, json)
}

/// A body that may not be silent for long, and whose errors tell where they come from.
struct Told {
    body: Body,
    patience: Patience,
    context: Arc<Context>,
}

impl Stream for Told {
    type Item = Result<Bytes>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        task: &mut TaskContext<'_>,
    ) -> Poll<Option<Result<Bytes>>> {
        let Self {
            body,
            patience,
            context,
        } = &mut *self;
        let chunk = patience.poll_chunk(body, task);
        chunk.map(|chunk| {
            chunk.map(|chunk| chunk.map_err(|error| context.complete(error.while_streaming())))
        })
    }
}
