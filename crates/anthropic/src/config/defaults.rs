//! What a client uses where nothing was set: the transport and the clock, each behind a feature.

use std::sync::Arc;

#[cfg(not(any(
    all(feature = "hyper", feature = "tokio"),
    all(feature = "web", target_arch = "wasm32")
)))]
use crate::Error;
use crate::Result;
use crate::clock::Clock;
use crate::transport::Transport;

#[cfg(all(feature = "web", target_arch = "wasm32"))]
#[expect(
    clippy::unnecessary_wraps,
    reason = "without the feature there is none"
)]
pub(super) fn transport() -> Result<Arc<dyn Transport>> {
    Ok(Arc::new(crate::web::FetchTransport::new()))
}

#[cfg(feature = "hyper")]
pub(super) fn transport() -> Result<Arc<dyn Transport>> {
    let transport = crate::transport::hyper_1::HyperTransport::builder().build()?;
    Ok(Arc::new(transport))
}

#[cfg(not(any(feature = "hyper", all(feature = "web", target_arch = "wasm32"))))]
pub(super) fn transport() -> Result<Arc<dyn Transport>> {
    Err(Error::config(
        "no transport: enable the feature `hyper`, or `web` on wasm32, or set one on the builder",
    ))
}

#[cfg(any(feature = "tokio", all(feature = "web", target_arch = "wasm32")))]
#[expect(
    clippy::unnecessary_wraps,
    reason = "without the feature there is none"
)]
pub(super) fn clock() -> Result<Arc<dyn Clock>> {
    Ok(Arc::new(crate::clock::DefaultClock::default()))
}

#[cfg(not(any(feature = "tokio", all(feature = "web", target_arch = "wasm32"))))]
pub(super) fn clock() -> Result<Arc<dyn Clock>> {
    Err(Error::config(
        "no clock: enable the feature `tokio`, or `web` on wasm32, or set one on the builder",
    ))
}

#[cfg(not(feature = "tokio"))]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::{HttpRequest, HttpResponse, TransportError};
    use crate::{BoxFuture, Client, ErrorKind};

    #[derive(Debug)]
    struct Unreachable;

    impl Transport for Unreachable {
        fn send(
            &self,
            _: HttpRequest,
        ) -> BoxFuture<'static, std::result::Result<HttpResponse, TransportError>> {
            Box::pin(std::future::pending())
        }
    }

    #[test]
    fn without_a_default_clock_one_is_asked_for() {
        let builder = || Client::builder().api_key("key");
        let error = builder().transport(Unreachable).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("no clock"), "{error}");
        // What comes first is reported first.
        let error = builder().build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("no transport"), "{error}");
    }
}
