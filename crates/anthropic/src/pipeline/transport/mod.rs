//! The trait that puts a request on the wire.
//!
//! A transport gets a complete [`HttpRequest`] and returns an [`HttpResponse`] as soon as the head
//! has arrived. It neither retries nor follows redirects nor knows the API: all of that happens
//! above it, once. (A pool may take another connection when an idle one turns out to be closed
//! before a byte of the request was sent; the default one does.) The default is [`hyper_1`];
//! writing another one takes one method.
//!
//! ```
//! use anthropic::transport::{Body, HttpRequest, HttpResponse, Transport, TransportError};
//! use anthropic::BoxFuture;
//!
//! #[derive(Debug)]
//! struct Canned(&'static str);
//!
//! impl Transport for Canned {
//!     fn send(&self, _: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
//!         let response = http::Response::builder()
//!             .header("content-type", "application/json")
//!             .body(Body::from(self.0))
//!             .map_err(TransportError::other);
//!         Box::pin(std::future::ready(response))
//!     }
//! }
//!
//! let client = anthropic::Client::builder().api_key("key").transport(Canned("{}")).build()?;
//! # Ok::<(), anthropic::Error>(())
//! ```

mod body;
mod error;
#[cfg(all(feature = "web", any(target_arch = "wasm32", anthropic_docs)))]
pub(crate) mod fetch;
#[cfg(any(feature = "hyper", feature = "reqwest"))]
mod local;
mod pieces;
#[cfg(feature = "tokio")]
mod read;
#[cfg(any(feature = "hyper", feature = "reqwest"))]
mod roots;
#[cfg(feature = "tokio")]
mod save;
#[cfg(any(feature = "hyper", feature = "reqwest"))]
mod shared;
#[cfg(any(feature = "hyper", feature = "reqwest"))]
mod tls;
#[cfg(feature = "tokio")]
#[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
pub mod tokio_1;
#[cfg(feature = "tower")]
#[cfg_attr(docsrs, doc(cfg(feature = "tower")))]
pub mod tower;
mod unreachable;

#[cfg(feature = "hyper")]
#[cfg_attr(docsrs, doc(cfg(feature = "hyper")))]
pub mod hyper_1;
#[cfg(feature = "reqwest")]
#[cfg_attr(docsrs, doc(cfg(feature = "reqwest")))]
pub mod reqwest_0_13;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use body::Body;
pub(crate) use body::Owner;
pub(crate) use error::TransportErrorKind;
pub use error::{BoxError, TransportError};
#[cfg(feature = "tokio")]
#[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
pub use save::Save;
pub(crate) use unreachable::{Proxied, ProxySource, Unreachable, deepest};

use crate::BoxFuture;

/// How much of an error's body is read; the rest is dropped with its connection.
pub(crate) const ERROR_BODY: usize = 64 << 10;
/// How long reading an error's body may take.
pub(crate) const ERROR_BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// A request on its way: a method, an absolute URL, headers and a [`Body`].
pub type HttpRequest = http::Request<Body>;
/// A response whose head has arrived and whose [`Body`] may still be arriving.
pub type HttpResponse = http::Response<Body>;

/// Puts one request on the wire.
///
/// The future must be cancelled by dropping it, and the connection closed or given back by dropping
/// the response's body. A transport doesn't follow redirects, doesn't change headers, and doesn't
/// retry what a server may have seen.
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Sends the request and returns the response's head, its body still to be read.
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>>;
}

impl<T: Transport + ?Sized> Transport for Arc<T> {
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        (**self).send(request)
    }
}

/// How long a connection may take to be made, from a request's extensions; `None` is no limit.
///
/// The default transport obeys it; one of your own may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "it is one value and will stay one"
)]
pub struct ConnectTimeout(pub Option<Duration>);

/// Copies the values of a response's headers out of the buffer that hyper read them into, into one
/// of their size. A stream keeps its headers as long as it lives, and with them would keep 8 KiB
/// for a few hundred bytes.
#[cfg(any(feature = "hyper", feature = "reqwest"))]
fn detach(headers: &mut http::HeaderMap) {
    let len = headers.values().map(http::HeaderValue::len).sum();
    let mut all = bytes::BytesMut::with_capacity(len);
    for value in headers.values_mut() {
        all.extend_from_slice(value.as_bytes());
    }
    let mut all = all.freeze();
    for value in headers.values_mut() {
        let bytes = all.split_to(value.len().min(all.len()));
        if let Ok(mut copy) = http::HeaderValue::from_maybe_shared(bytes) {
            copy.set_sensitive(value.is_sensitive());
            *value = copy;
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(any(feature = "hyper", feature = "reqwest"))]
    #[test]
    fn headers_do_not_keep_the_buffer_that_they_were_read_into() {
        let read = bytes::Bytes::from(vec![b'a'; 8192]);
        let value = |len| http::HeaderValue::from_maybe_shared(read.slice(..len)).unwrap();
        let mut headers = http::HeaderMap::new();
        headers.insert("x-a", value(10));
        headers.append("x-a", value(0));
        headers.insert("x-b", value(3));
        headers.get_mut("x-b").unwrap().set_sensitive(true);
        assert!(!read.is_unique());
        super::detach(&mut headers);
        assert!(read.is_unique());
        let values: Vec<_> = headers.values().map(http::HeaderValue::as_bytes).collect();
        assert_eq!(values, [&b"aaaaaaaaaa"[..], b"", b"aaa"]);
        assert!(headers["x-b"].is_sensitive() && !headers["x-a"].is_sensitive());
    }
}
