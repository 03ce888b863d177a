//! Operations: each endpoint of the API as one `static`.
//!
//! An [`Operation`] says everything about an endpoint that isn't in the parameters, and how to open
//! its response. Being data, the same table serves the client, the tests and the tools; being a
//! `static` with a function pointer, its decoder is compiled here and not in every program.

use anthropic_types::codec::Decode;
use http::Method;
use serde::de::DeserializeOwned;

use crate::response::incoming::Incoming;
use crate::response::page::{Page, open_page};
use crate::stream::{EventStream, open_patient_stream};
use crate::{BoxFuture, Result};

/// Opens a response: hop 6.
pub type Open<T> = fn(Incoming) -> BoxFuture<'static, Result<T>>;

/// One endpoint of the API, and the type of its answer.
///
/// ```
/// use anthropic::Operation;
/// use http::Method;
///
/// static PING: Operation<serde_json::Value> =
///     Operation::serde("ping", Method::GET, "/v1/ping").betas(&["ping-2026-01-01"]);
/// assert_eq!(PING.info().id(), "ping");
/// ```
#[derive(Debug)]
pub struct Operation<T: 'static> {
    info: OperationInfo,
    open: Open<T>,
}

/// What there is to know about an operation besides its types.
#[derive(Debug, Clone)]
pub struct OperationInfo {
    id: &'static str,
    method: Method,
    path: &'static str,
    betas: &'static [&'static str],
    accept: &'static str,
    beta: bool,
    buffered: bool,
    page: Option<PageShape>,
}

/// How an endpoint's pages follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PageShape {
    /// `before_id` and `after_id` take `first_id` and `last_id`; `has_more` ends it.
    Ids,
    /// `page_token` takes `next_page`; `has_more` ends it.
    Token,
    /// `page` takes `next_page`; its absence ends it, an empty page doesn't.
    Cursor,
    /// As [`Cursor`](Self::Cursor), and `page` takes `prev_page` to go back.
    Bidirectional,
    /// As [`Cursor`](Self::Cursor); `has_more` ends it, too, and `data_refreshed_at` dates it.
    Report,
}

const JSON: &str = "application/json";

impl<T: 'static> Operation<T> {
    /// An endpoint with an opener of its own. `accept` is the media type to ask for.
    ///
    /// The response's body is not read before `open` is called.
    pub const fn custom(
        id: &'static str,
        method: Method,
        path: &'static str,
        accept: &'static str,
        open: Open<T>,
    ) -> Self {
        let info = OperationInfo {
            id,
            method,
            path,
            betas: &[],
            accept,
            beta: false,
            buffered: false,
            page: None,
        };
        Self { info, open }
    }

    const fn buffered(id: &'static str, method: Method, path: &'static str, open: Open<T>) -> Self {
        let mut operation = Self::custom(id, method, path, JSON, open);
        operation.info.buffered = true;
        operation
    }

    /// The betas that every request to this endpoint asks for.
    pub const fn betas(mut self, betas: &'static [&'static str]) -> Self {
        self.info.betas = betas;
        self
    }

    /// Marks an endpoint of the API's beta side.
    pub const fn beta(mut self) -> Self {
        self.info.beta = true;
        self
    }

    /// The media type to ask for.
    pub const fn accept(mut self, accept: &'static str) -> Self {
        self.info.accept = accept;
        self
    }

    /// What there is to know about the operation besides its types.
    pub const fn info(&self) -> &OperationInfo {
        &self.info
    }

    pub(crate) const fn open(&self) -> Open<T> {
        self.open
    }
}

impl<T: Decode + Send + 'static> Operation<T> {
    /// An endpoint that answers with one JSON document.
    pub const fn json(id: &'static str, method: Method, path: &'static str) -> Self {
        Self::buffered(id, method, path, |incoming| ready(incoming.json()))
    }
}

impl<T: DeserializeOwned + Send + 'static> Operation<T> {
    /// An endpoint that answers with one JSON document, read by serde.
    pub const fn serde(id: &'static str, method: Method, path: &'static str) -> Self {
        Self::buffered(id, method, path, |incoming| ready(incoming.serde()))
    }
}

impl<T: Decode + Send + 'static> Operation<Page<T>> {
    /// An endpoint that answers with a page of a listing.
    pub const fn page(
        id: &'static str,
        method: Method,
        path: &'static str,
        shape: PageShape,
    ) -> Self {
        let mut operation = Self::buffered(id, method, path, open_page::<T>);
        operation.info.page = Some(shape);
        operation
    }
}

impl<T: Decode + Send + 'static> Operation<EventStream<T>> {
    /// An endpoint that answers with a stream of events, each of which tells what has just happened.
    ///
    /// Nothing may happen for long: see [`StreamLimits`](crate::StreamLimits).
    pub const fn events(id: &'static str, method: Method, path: &'static str) -> Self {
        Self::custom(id, method, path, JSON, open_patient_stream::<T>)
    }
}

impl Operation<()> {
    /// An endpoint whose answer says nothing but that it worked.
    pub const fn empty(id: &'static str, method: Method, path: &'static str) -> Self {
        Self::buffered(id, method, path, |_| ready(Ok(())))
    }
}

impl Operation<crate::transport::Body> {
    /// An endpoint that answers with bytes, to be read as they arrive.
    ///
    /// While somebody waits for the next ones, the body may be silent for as long as the request's
    /// [`timeout`](crate::Request::timeout); then it ends with an error of kind
    /// [`Timeout`](crate::ErrorKind::Timeout). One that breaks isn't asked for again.
    pub const fn bytes(id: &'static str, method: Method, path: &'static str) -> Self {
        Self::custom(id, method, path, "application/binary", |incoming| {
            ready(Ok(incoming.into_body()))
        })
    }
}

fn ready<T: Send + 'static>(result: Result<T>) -> BoxFuture<'static, Result<T>> {
    Box::pin(std::future::ready(result))
}

impl OperationInfo {
    /// The operation's name, such as `messages.create`.
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// The HTTP method.
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// The path, with its parameters in braces.
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// The betas that every request asks for.
    pub const fn betas(&self) -> &'static [&'static str] {
        self.betas
    }

    /// The media type that is asked for.
    pub const fn accept(&self) -> &'static str {
        self.accept
    }

    /// Whether the endpoint is of the API's beta side.
    pub const fn is_beta(&self) -> bool {
        self.beta
    }

    /// How its pages follow each other, if it answers with pages.
    pub const fn page_shape(&self) -> Option<PageShape> {
        self.page
    }

    /// Whether the body is read within the attempt, so that a broken one is retried.
    pub(crate) const fn is_buffered(&self) -> bool {
        self.buffered
    }
}
