//! Transports as tower services and tower services as transports.
//!
//! ```
//! use anthropic::transport::Body;
//! use anthropic::transport::tower::ServiceTransport;
//!
//! let service = tower::service_fn(|_: anthropic::transport::HttpRequest| async {
//!     Ok::<_, std::io::Error>(http::Response::new(Body::from("{}")))
//! });
//! let transport = ServiceTransport::new(service);
//! let client = anthropic::Client::builder().api_key("key").transport(transport).build()?;
//! # Ok::<(), anthropic::Error>(())
//! ```

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tower_service::Service;

use super::{BoxError, HttpRequest, HttpResponse, Transport, TransportError};
use crate::BoxFuture;

/// A tower service as a [`Transport`].
///
/// The service is cloned for every request, and made ready before it is called. A
/// [`TransportError`] that it fails with is kept; any other error counts as one that trying again
/// may help.
pub struct ServiceTransport<S> {
    // The mutex makes a service shareable that is only `Send`; it is held for a clone.
    service: Mutex<S>,
}

impl<S> ServiceTransport<S> {
    /// Sends requests through `service`.
    pub fn new(service: S) -> Self {
        Self {
            service: Mutex::new(service),
        }
    }
}

impl<S> fmt::Debug for ServiceTransport<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceTransport").finish_non_exhaustive()
    }
}

impl<S> Transport for ServiceTransport<S>
where
    S: Service<HttpRequest, Response = HttpResponse> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
{
    fn send(
        &self,
        request: HttpRequest,
    ) -> BoxFuture<'static, Result<HttpResponse, TransportError>> {
        let service = self
            .service
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        Box::pin(async move {
            let mut service = service;
            std::future::poll_fn(|context| service.poll_ready(context))
                .await
                .map_err(failed)?;
            service.call(request).await.map_err(failed)
        })
    }
}

fn failed(error: impl Into<BoxError>) -> TransportError {
    match error.into().downcast::<TransportError>() {
        Ok(error) => *error,
        Err(error) => TransportError::io(error),
    }
}

/// A [`Transport`] as a tower service, for layers to be put around it.
#[derive(Debug, Clone)]
pub struct TransportService(Arc<dyn Transport>);

impl TransportService {
    /// Makes a service of `transport`.
    pub fn new(transport: impl Transport) -> Self {
        Self(Arc::new(transport))
    }
}

impl Service<HttpRequest> for TransportService {
    type Response = HttpResponse;
    type Error = TransportError;
    type Future = BoxFuture<'static, Result<HttpResponse, TransportError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: HttpRequest) -> Self::Future {
        self.0.send(request)
    }
}
