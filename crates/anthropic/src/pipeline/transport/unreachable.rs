//! Why there is no connection, as one line that names the place.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use http::HeaderValue;

use super::BoxError;

/// The [source](StdError::source) of an error about a connection that could not be made, or that
/// broke. Its text is the whole line, and is taken in place of its causes'.
#[derive(Debug)]
pub(crate) struct Unreachable {
    text: String,
    source: Option<BoxError>,
    is_retryable: bool,
    /// Whether it is a proxy that stands in the way.
    proxy: Option<ProxySource>,
}

/// Where a proxy was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "hyper"),
    expect(dead_code, reason = "others have their own proxies")
)]
pub(crate) enum ProxySource {
    /// In this variable of the environment.
    Variable(&'static str),
    /// By the builder, or in the system's settings.
    Other,
}

/// Marks the response to a request that a proxy has read, which is one without TLS.
#[derive(Debug, Clone)]
pub(crate) struct Proxied {
    /// The proxy's host and port, in words.
    pub(crate) place: Arc<str>,
    pub(crate) set: ProxySource,
    /// What the proxy got with the request.
    pub(crate) credentials: Option<HeaderValue>,
}

impl Unreachable {
    /// `place` could not be reached, because of `source`.
    #[cfg(any(feature = "hyper", feature = "reqwest", feature = "web"))]
    #[cfg_attr(
        not(any(feature = "hyper", feature = "reqwest", target_arch = "wasm32")),
        expect(dead_code, reason = "`web` has a transport on wasm32 alone")
    )]
    pub(crate) fn because(place: impl fmt::Display, source: impl Into<BoxError>) -> Self {
        Self::because_of(&place, source.into())
    }

    #[cfg(any(feature = "hyper", feature = "reqwest", feature = "web"))]
    fn because_of(place: &dyn fmt::Display, source: BoxError) -> Self {
        Self {
            text: format!("{place}: {}", deepest(source.as_ref())),
            source: Some(source),
            is_retryable: true,
            proxy: None,
        }
    }

    #[cfg(feature = "hyper")]
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            source: None,
            is_retryable: true,
            proxy: None,
        }
    }

    /// A retry would fail like this, too.
    #[cfg(feature = "hyper")]
    pub(crate) fn for_good(mut self) -> Self {
        self.is_retryable = false;
        self
    }

    /// It is this proxy's fault, or lies behind it.
    #[cfg(feature = "hyper")]
    pub(crate) fn of_proxy(mut self, set: ProxySource) -> Self {
        self.proxy = Some(set);
        self
    }

    pub(crate) fn proxy(&self) -> Option<ProxySource> {
        self.proxy
    }

    pub(crate) fn is_retryable(&self) -> bool {
        self.is_retryable
    }
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl StdError for Unreachable {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source: &(dyn StdError + 'static) = self.source.as_deref()?;
        Some(source)
    }
}

/// The last cause of a chain that has a text, which is the one that names the reason ("connection
/// refused").
pub(crate) fn deepest(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let deeper = cause.to_string();
        if !deeper.trim().is_empty() {
            text = deeper;
        }
        next = cause.source();
    }
    text
}
