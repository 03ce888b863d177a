//! A response that is not decoded yet: what an operation's opener gets.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use anthropic_types::codec::{Decode, DecodeError, Decoding};
use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;

use super::deadline::poll_chunk;
use super::exchange::ExchangeContext;
use super::idle::IdleTimer;
use super::meta::ResponseMeta;
use super::whole::is_json;
use crate::clock::within;
use crate::error::short;
use crate::text::read_json;
use crate::transport::{Body, ERROR_BODY, ERROR_BODY_TIMEOUT};
use crate::{BoxFuture, Error, Result};

/// Opens a response: decodes it, or makes a stream of it.
pub type Open<T> = fn(Incoming) -> BoxFuture<'static, Result<T>>;

/// A successful response, not decoded yet.
pub struct Incoming {
    context: Arc<ExchangeContext>,
    body: Body,
}

/// What a body is decoded from.
struct WholeJson {
    json: Bytes,
    decoding: Decoding,
    response: Incoming,
}

impl WholeJson {
    fn unreadable(self, error: Error) -> Error {
        let error = self.response.other_media(error, &self.json);
        self.response.refuse(error, self.json)
    }
}

impl Incoming {
    pub(crate) fn new(context: ExchangeContext, body: Body) -> Self {
        Self {
            context: Arc::new(context),
            body,
        }
    }

    /// The same response with another body, such as its own that has been read.
    pub(crate) fn of_context(context: Arc<ExchangeContext>, body: Body) -> Self {
        Self { context, body }
    }

    pub(crate) fn context(&self) -> &Arc<ExchangeContext> {
        &self.context
    }

    /// Status, headers, ids, rate limits, attempts.
    pub fn meta(&self) -> &ResponseMeta {
        &self.context.meta
    }

    /// The body, to be read as it arrives. Its errors name the request and its attempts.
    ///
    /// The request's [`timeout`](crate::Request::timeout) is its idle timeout, while somebody waits
    /// for the next chunk. Then it ends with an error of kind
    /// [`Timeout`](crate::ErrorKind::Timeout).
    pub fn into_body(self) -> Body {
        let context = self.context.clone();
        context.end_span();
        let body = if self.body.as_bytes().is_some() {
            self.body
        } else {
            let len = self.body.len();
            Body::stream(
                ReportingBody {
                    body: self.body,
                    idle: self.context.idle_timer(),
                    context: self.context,
                },
                len,
            )
        };
        body.owned_by(context)
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
        *response.status_mut() = self.meta().status();
        *response.headers_mut() = self.meta().headers().clone();
        *response.body_mut() = self.into_body();
        response
    }

    /// Reads one of the API's types from a body that is in memory.
    pub(crate) fn json<T: Decode>(self) -> Result<T> {
        self.decode(|json, decoding| {
            let read = anthropic_types::from_slice_with(json, decoding);
            read.map_err(|error| misfit(error, json))
        })
    }

    /// Reads any type from a body that is in memory, with serde.
    pub(crate) fn serde<T: DeserializeOwned>(self) -> Result<T> {
        self.decode(|json, _| read_json(json).map_err(|error| Error::decode("", error, json)))
    }

    /// Reads a body that is in memory. Only `read` knows as what; the rest is compiled once.
    pub(crate) fn decode<T>(self, read: fn(&[u8], Decoding) -> Result<T>) -> Result<T> {
        let whole = self.whole_json()?;
        read(&whole.json, whole.decoding).map_err(|error| whole.unreadable(error))
    }

    /// The body that is in memory, unless it plainly is no JSON.
    fn whole_json(self) -> Result<WholeJson> {
        let json = self.body.as_bytes().cloned().unwrap_or_default();
        if let Some(last) = &self.context.call.last {
            last.set_json(&json);
        }
        match self.content_fault(&json) {
            Some(fault) => Err(self.refuse(fault, json)),
            None => Ok(WholeJson {
                json,
                decoding: self.context.decoding(),
                response: self,
            }),
        }
    }

    /// Whether it is known that there is no body, as with status 204.
    pub(crate) fn is_empty(&self) -> bool {
        self.body.len() == Some(0)
    }

    /// Completes the error about a body that can't be read.
    pub(crate) fn refuse(&self, error: Error, body: Bytes) -> Error {
        let error = error.with_response(self.meta().clone(), body);
        self.context.refused(error)
    }

    /// A body that can't be read and doesn't claim to be JSON is not broken JSON.
    fn other_media(&self, error: Error, body: &[u8]) -> Error {
        match self.meta().text(&CONTENT_TYPE) {
            Some(media) if !media.to_ascii_lowercase().contains("json") => {
                let message = format!("the body is {}; JSON was expected", short(media));
                Error::unexpected_content(message, body).caused_by(error)
            }
            _ => error,
        }
    }

    /// Why a body can't be the JSON that was asked for, where that is plain to see.
    fn content_fault(&self, body: &[u8]) -> Option<Error> {
        let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
        match first {
            None => Some(Error::unexpected_content(
                "the body is empty; JSON was expected",
                &[],
            )),
            Some(b'<') => {
                let found = if is_json(self.meta().headers()) {
                    "a web page"
                } else {
                    self.meta().text(&CONTENT_TYPE).unwrap_or("no content type")
                };
                Some(Error::unexpected_content(
                    format!("the body is {}; JSON was expected", short(found)),
                    body,
                ))
            }
            Some(_) => None,
        }
    }

    /// The media type without its parameters; empty when there is none.
    fn media(&self) -> &str {
        let found = self.meta().text(&CONTENT_TYPE).unwrap_or_default();
        found.split(';').next().unwrap_or_default().trim()
    }

    /// Whether the body is of this media type.
    pub(crate) fn is_media(&self, media: &str) -> bool {
        self.media().eq_ignore_ascii_case(media)
    }

    /// Whether the body's media type begins like this.
    pub(crate) fn is_media_of(&self, beginning: &str) -> bool {
        let found = self.media().get(..beginning.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(beginning))
    }

    /// Makes sure that the body is of this media type; otherwise the error quotes its beginning.
    pub(crate) async fn expect_media(mut self, media: &str) -> Result<Self> {
        if self.is_media(media) {
            return Ok(self);
        }
        let message = match self.media() {
            "" => format!("the body has no content type; {media} was expected"),
            found => format!("the body is {}; {media} was expected", short(found)),
        };
        let mut prefix = BytesMut::new();
        let mut reading = Box::pin(self.body.read_prefix(ERROR_BODY, &mut prefix));
        // What came in time is good enough for an error.
        let _ = within(
            self.context.clock().as_ref(),
            Some(ERROR_BODY_TIMEOUT),
            reading.as_mut(),
        )
        .await;
        drop(reading);
        let prefix = prefix.freeze();
        let error = Error::unexpected_content(message, &prefix);
        Err(self.refuse(error, prefix))
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

/// A body under an idle timeout, whose errors name the request.
struct ReportingBody {
    body: Body,
    idle: IdleTimer,
    context: Arc<ExchangeContext>,
}

impl Stream for ReportingBody {
    type Item = Result<Bytes>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        task: &mut TaskContext<'_>,
    ) -> Poll<Option<Result<Bytes>>> {
        let Self {
            body,
            idle,
            context,
        } = &mut *self;
        poll_chunk(body, idle, task).map(|chunk| {
            chunk.map(|chunk| chunk.map_err(|error| context.complete(error.while_streaming())))
        })
    }
}
