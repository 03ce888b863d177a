//! Operations: each endpoint of the API as one `static`. Programs that send messages need none of
//! this.
//!
//! An [`Operation`] holds everything about an endpoint that isn't in the parameters, and how to
//! read its response. Being data, the same table serves the client, tests and tools; being a
//! `static` with a function pointer, its decoder is compiled here and not in every program.

mod info;

use anthropic_types::codec::Decode;
use http::Method;
use serde::de::DeserializeOwned;

use crate::response::page::{Page, open_page};
use crate::stream::{EventStream, open_quiet_stream};
use crate::{BoxFuture, Result};

pub use crate::response::incoming::{Incoming, Open};
pub use info::{OperationInfo, PageShape};

/// One endpoint of the API, and the type of its response.
///
/// ```
/// use anthropic::operation::Operation;
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
    /// An endpoint that returns one JSON document.
    pub const fn json(id: &'static str, method: Method, path: &'static str) -> Self {
        Self::buffered(id, method, path, |incoming| ready(incoming.json()))
    }
}

impl<T: DeserializeOwned + Send + 'static> Operation<T> {
    /// An endpoint that returns one JSON document, read by serde.
    pub const fn serde(id: &'static str, method: Method, path: &'static str) -> Self {
        Self::buffered(id, method, path, |incoming| ready(incoming.serde()))
    }
}

impl<T: Decode + Send + 'static> Operation<Page<T>> {
    /// An endpoint that returns a page of a listing.
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
    /// An endpoint that returns a stream of events, each of which reports what has just happened.
    ///
    /// Nothing may happen for long: see [`StreamLimits`](crate::StreamLimits).
    pub const fn events(id: &'static str, method: Method, path: &'static str) -> Self {
        Self::custom(id, method, path, JSON, open_quiet_stream::<T>)
    }
}

impl Operation<()> {
    /// An endpoint whose response has no content.
    pub const fn empty(id: &'static str, method: Method, path: &'static str) -> Self {
        Self::buffered(id, method, path, |_| ready(Ok(())))
    }
}

impl Operation<crate::transport::Body> {
    /// An endpoint that returns bytes, to be read as they arrive.
    ///
    /// The request's [`timeout`](crate::Request::timeout) is the body's idle timeout, while
    /// somebody waits for the next bytes; then it ends with an error of kind
    /// [`Timeout`](crate::ErrorKind::Timeout). A body that breaks isn't resent.
    pub const fn bytes(id: &'static str, method: Method, path: &'static str) -> Self {
        Self::custom(id, method, path, "application/binary", |incoming| {
            ready(Ok(incoming.into_body()))
        })
    }
}

fn ready<T: Send + 'static>(result: Result<T>) -> BoxFuture<'static, Result<T>> {
    Box::pin(std::future::ready(result))
}
