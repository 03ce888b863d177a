//! Why a transport fails.

use std::error::Error as StdError;
use std::fmt;

/// Any error that may cross threads.
pub type BoxError = Box<dyn StdError + Send + Sync + 'static>;

/// Why a transport failed.
///
/// The constructor decides what the pipeline does next: [`connect`](Self::connect),
/// [`timeout`](Self::timeout) and [`io`](Self::io) are retried, [`other`](Self::other) is not.
#[derive(Debug)]
pub struct TransportError {
    pub(crate) kind: TransportErrorKind,
    pub(crate) source: BoxError,
}

/// The four ways in which a transport fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TransportErrorKind {
    Connect,
    Timeout,
    Io,
    Other,
}

impl TransportError {
    /// No connection could be made, so nothing was sent.
    #[cold]
    pub fn connect(source: impl Into<BoxError>) -> Self {
        Self {
            kind: TransportErrorKind::Connect,
            source: source.into(),
        }
    }

    /// The transport's own time limit ran out.
    #[cold]
    pub fn timeout(source: impl Into<BoxError>) -> Self {
        Self {
            kind: TransportErrorKind::Timeout,
            source: source.into(),
        }
    }

    /// The connection broke while the request was being sent or the response was being read.
    #[cold]
    pub fn io(source: impl Into<BoxError>) -> Self {
        Self {
            kind: TransportErrorKind::Io,
            source: source.into(),
        }
    }

    /// Anything that a retry will not help.
    #[cold]
    pub fn other(source: impl Into<BoxError>) -> Self {
        Self {
            kind: TransportErrorKind::Other,
            source: source.into(),
        }
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            TransportErrorKind::Connect => "could not connect",
            TransportErrorKind::Timeout => "the transport's time limit ran out",
            TransportErrorKind::Io => "the connection broke",
            TransportErrorKind::Other => "the transport failed",
        })
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.source.as_ref())
    }
}
