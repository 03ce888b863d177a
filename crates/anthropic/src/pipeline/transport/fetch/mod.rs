//! The transport of browsers and the like: the global `fetch`.
//!
//! The request runs in a task of its own, since JavaScript's values stay where they are; what
//! arrives comes over a channel, and dropping that aborts the request, which closes its connection.
//! A chunk is read when the one before it has been taken, so a slow caller slows the server down,
//! except for what a browser reads ahead by itself.
#![expect(
    clippy::future_not_send,
    reason = "JavaScript's values stay where they are"
)]

mod head;
pub(crate) mod page;
mod request;
mod stream;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use js_sys::futures::JsFuture;
use js_sys::{Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    AbortController, ReadableStreamDefaultReader, ReadableStreamReadResult, Response, ResponseType,
};

use super::{Body, HttpRequest, HttpResponse, Transport, TransportError, Unreachable};
use crate::BoxFuture;
use crate::web::global::{self, Thrown};
use crate::web::local::{Sender, spawn};

use self::request::Outgoing;

/// A [`Transport`] on the global `fetch`, in pages, workers, service workers, edge runtimes, Node,
/// Deno and Bun.
///
/// Cookies and caches are not used, nothing is kept alive beyond the page, and no redirect is
/// followed by the browser. Dropping a request aborts it, and the server notices.
///
/// A request with a credential is refused in a page, unless
/// [`dangerous_allow_browser`](crate::ClientBuilder::dangerous_allow_browser) allows it.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct FetchTransport;

impl FetchTransport {
    /// The transport of the global that it is used in.
    pub const fn new() -> Self {
        Self
    }
}

impl fmt::Debug for FetchTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchTransport").finish_non_exhaustive()
    }
}

/// What arrives of a response.
enum Arriving {
    Head(http::response::Parts),
    Chunk(Bytes),
    /// The exchange is over.
    Failed(TransportError),
}

impl Transport for FetchTransport {
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        Box::pin(async move {
            page::check_request(request.headers()).map_err(TransportError::other)?;
            let mut arriving = spawn(async move |sender: Arc<Sender<Arriving>>| {
                if let Err(error) = exchange(request, &sender).await {
                    sender.push(Arriving::Failed(error));
                }
            });
            let parts = match arriving.next().await {
                Some(Arriving::Head(parts)) => parts,
                Some(Arriving::Failed(error)) => return Err(error),
                Some(Arriving::Chunk(_)) | None => {
                    return Err(TransportError::io("the request's task has ended"));
                }
            };
            let len = head::len(&parts.headers);
            let body = if len == Some(0) {
                Body::empty()
            } else {
                Body::stream(Chunks(arriving), len)
            };
            Ok(HttpResponse::from_parts(parts, body))
        })
    }
}

/// The chunks of a body.
struct Chunks(crate::web::local::Receiver<Arriving>);

impl futures_core::Stream for Chunks {
    type Item = Result<Bytes, super::BoxError>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0.poll(context).map(|next| match next? {
            Arriving::Chunk(chunk) => Some(Ok(chunk)),
            Arriving::Failed(error) => Some(Err(error.source)),
            Arriving::Head(_) => None,
        })
    }
}

/// Aborts a request when it is dropped; one that is over doesn't mind.
struct Abort(AbortController);

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Sends a request, and passes on what comes back, until it is over.
async fn exchange(request: HttpRequest, sender: &Sender<Arriving>) -> Result<(), TransportError> {
    let place = Place::of(&request);
    let other = |value: JsValue| TransportError::other(Thrown::new(&value));
    let abort = Abort(AbortController::new().map_err(other)?);
    let outgoing = Outgoing::new(request, &abort.0.signal()).await?;
    let fetch = global::function("fetch").map_err(TransportError::other)?;
    let promise = fetch
        .call2(&JsValue::UNDEFINED, &outgoing.url, &outgoing.init)
        .map_err(other)?;
    let response = match JsFuture::from(Promise::resolve(&promise)).await {
        Ok(response) => response.unchecked_into::<Response>(),
        Err(thrown) => {
            return Err(outgoing
                .failure()
                .map_or_else(|| place.rejected(&thrown), TransportError::io));
        }
    };
    // Some runtimes end the body where it failed, and the server replies to what it got.
    if let Some(error) = outgoing.failure() {
        return Err(TransportError::io(error));
    }
    // A stream that is being sent goes on while the response comes.
    let _outgoing = outgoing;
    if response.type_() == ResponseType::Opaqueredirect {
        return Err(TransportError::other(Thrown(format!(
            "{}: the server redirects; a browser doesn't show where to, so it is not followed",
            place.host,
        ))));
    }
    sender.push(Arriving::Head(head::parts(&response)?));
    let Some(body) = response.body() else {
        return Ok(());
    };
    let broken = |value: JsValue| TransportError::io(Thrown::new(&value));
    let reader = ReadableStreamDefaultReader::new(&body).map_err(broken)?;
    // One read is always under way: what waits in a stream when it breaks is lost.
    let mut reading = reader.read();
    loop {
        let read = JsFuture::from(reading).await.map_err(broken)?;
        let read: ReadableStreamReadResult = read.unchecked_into();
        if read.get_done().unwrap_or_default() {
            return Ok(());
        }
        sender.received().await;
        reading = reader.read();
        let chunk: Uint8Array = read.get_value().unchecked_into();
        sender.push(Arriving::Chunk(chunk.to_vec().into()));
    }
}

/// Where a request goes, for errors, in which the query has no place.
struct Place {
    host: String,
    url: String,
}

/// What Node, Bun and Deno call connections that couldn't be made, by code or in the text.
const UNREACHED: [&str; 9] = [
    "ECONNREFUSED",
    "ENOTFOUND",
    "EAI_AGAIN",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "UND_ERR_CONNECT_TIMEOUT",
    "ConnectionRefused",
    "FailedToOpenSocket",
    "client error (Connect)",
];

impl Place {
    fn of(request: &HttpRequest) -> Self {
        let authority = request.uri().authority();
        Self {
            host: authority.map_or_else(String::new, ToString::to_string),
            url: request.uri().to_string(),
        }
    }

    /// Why `fetch` got no response.
    fn rejected(&self, thrown: &JsValue) -> TransportError {
        let text = Thrown::new(thrown).0.replace(&self.url, &self.host);
        if global::is_offline() {
            let source = Thrown(format!("there is no network ({text})"));
            return TransportError::connect(Unreachable::because(&self.host, source));
        }
        let causes = [Some(thrown.clone()), global::property(thrown, "cause")];
        let code = causes
            .into_iter()
            .flatten()
            .find_map(|cause| global::text(&cause, "code"));
        let is_unreached = |name: &str| code.as_deref() == Some(name) || text.contains(name);
        if UNREACHED.into_iter().any(is_unreached) {
            return TransportError::connect(Unreachable::because(&self.host, Thrown(text)));
        }
        let hint = if global::is_browser() {
            "; the network failed, or the server doesn't allow requests of this page (CORS)"
        } else {
            ""
        };
        TransportError::io(Thrown(format!("{}: {text}{hint}", self.host)))
    }
}
