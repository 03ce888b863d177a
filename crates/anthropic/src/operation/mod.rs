//! Operations: each endpoint of the API as two `static`s, what it is and how its response is
//! opened. Programs that send messages need none of this.
//!
//! An [`OperationInfo`] describes an endpoint and is only data: the client, the tests and the tools
//! read the same table, and listing it links no decoder. An [`Operation`] adds the function that
//! opens the response. Being a `static` with a function pointer, its decoder is compiled here and
//! not in every program.

mod info;

use anthropic_types::codec::Decode;
use http::Method;
use serde::de::DeserializeOwned;

use crate::response::page::{Page, open_page};
use crate::stream::{EventStream, open_quiet_stream};
use crate::{BoxFuture, Result};

pub use crate::response::incoming::{Incoming, Open};
#[allow(unused_imports, reason = "not every area has such parameters")]
pub(crate) use info::Placed;
pub use info::{AnswerKind, BodyKind, OperationInfo, PageShape, Place};

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
    info: Info,
    open: Open<T>,
}

/// An operation of the API's is described by an entry of the table, one of a caller's by itself.
#[derive(Debug)]
enum Info {
    Listed(&'static OperationInfo),
    Own(OperationInfo),
}

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
        let info = OperationInfo::new(id, method, path, AnswerKind::Bytes).accepting(accept);
        Self::own(info, open)
    }

    const fn own(info: OperationInfo, open: Open<T>) -> Self {
        let info = Info::Own(info);
        Self { info, open }
    }

    /// An endpoint of the table, with the function that opens its response.
    pub(crate) const fn listed(info: &'static OperationInfo, open: Open<T>) -> Self {
        let info = Info::Listed(info);
        Self { info, open }
    }

    /// The betas that every request to this endpoint asks for.
    pub const fn betas(mut self, betas: &'static [&'static str]) -> Self {
        if let Info::Own(info) = &mut self.info {
            info.set_betas(betas);
        }
        self
    }

    /// Marks an endpoint of the API's beta side.
    pub const fn beta(mut self) -> Self {
        if let Info::Own(info) = &mut self.info {
            info.set_beta();
        }
        self
    }

    /// The media type to ask for.
    pub const fn accept(mut self, accept: &'static str) -> Self {
        if let Info::Own(info) = &mut self.info {
            info.set_accept(accept);
        }
        self
    }

    /// What there is to know about the operation besides its types.
    pub const fn info(&self) -> &OperationInfo {
        match &self.info {
            Info::Listed(info) => info,
            Info::Own(info) => info,
        }
    }

    pub(crate) const fn open(&self) -> Open<T> {
        self.open
    }
}

impl<T: Decode + Send + 'static> Operation<T> {
    /// An endpoint that returns one JSON document.
    pub const fn json(id: &'static str, method: Method, path: &'static str) -> Self {
        let info = OperationInfo::new(id, method, path, AnswerKind::Json);
        Self::own(info, open_json::<T>)
    }

    /// An endpoint of the table that returns one JSON document.
    pub(crate) const fn listed_json(info: &'static OperationInfo) -> Self {
        Self::listed(info, open_json::<T>)
    }
}

impl<T: DeserializeOwned + Send + 'static> Operation<T> {
    /// An endpoint that returns one JSON document, read by serde.
    pub const fn serde(id: &'static str, method: Method, path: &'static str) -> Self {
        let info = OperationInfo::new(id, method, path, AnswerKind::Json);
        Self::own(info, |incoming| ready(incoming.serde()))
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
        let info = OperationInfo::new(id, method, path, AnswerKind::Page).page(shape);
        Self::own(info, open_page::<T>)
    }

    /// An endpoint of the table that returns a page of a listing.
    pub(crate) const fn listed_page(info: &'static OperationInfo) -> Self {
        Self::listed(info, open_page::<T>)
    }
}

impl<T: Decode + Send + 'static> Operation<EventStream<T>> {
    /// An endpoint that returns a stream of events, each of which reports what has just happened.
    ///
    /// Nothing may happen for long: see [`StreamLimits`](crate::StreamLimits).
    pub const fn events(id: &'static str, method: Method, path: &'static str) -> Self {
        let info = OperationInfo::new(id, method, path, AnswerKind::Events);
        Self::own(info, open_quiet_stream::<T>)
    }

    /// An endpoint of the table that returns a stream of events.
    #[cfg(feature = "agents")]
    pub(crate) const fn listed_events(info: &'static OperationInfo) -> Self {
        Self::listed(info, open_quiet_stream::<T>)
    }
}

impl Operation<()> {
    /// An endpoint whose response has no content.
    pub const fn empty(id: &'static str, method: Method, path: &'static str) -> Self {
        let info = OperationInfo::new(id, method, path, AnswerKind::Empty);
        Self::own(info, |_| ready(Ok(())))
    }
}

impl Operation<crate::transport::Body> {
    /// An endpoint that returns bytes, to be read as they arrive.
    ///
    /// While a reader waits for the next ones, the body may be idle for as long as the request's
    /// [`timeout`](crate::Request::timeout); then it ends with an error of kind
    /// [`Timeout`](crate::ErrorKind::Timeout). A body that breaks isn't resent.
    pub const fn bytes(id: &'static str, method: Method, path: &'static str) -> Self {
        let info = OperationInfo::new(id, method, path, AnswerKind::Bytes);
        Self::own(info.accepting(BINARY), open_bytes)
    }

    /// An endpoint of the table that returns bytes.
    pub(crate) const fn listed_bytes(info: &'static OperationInfo) -> Self {
        Self::listed(info, open_bytes)
    }
}

const BINARY: &str = "application/binary";

fn open_json<T: Decode + Send + 'static>(incoming: Incoming) -> BoxFuture<'static, Result<T>> {
    ready(incoming.json())
}

fn open_bytes(incoming: Incoming) -> BoxFuture<'static, Result<crate::transport::Body>> {
    ready(Ok(incoming.into_body()))
}

fn ready<T: Send + 'static>(result: Result<T>) -> BoxFuture<'static, Result<T>> {
    Box::pin(std::future::ready(result))
}
