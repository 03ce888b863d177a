//! Why a delivery is refused.

use std::fmt;

use anthropic_types::DecodeError;

/// Why a delivery is refused: it is not the API's, or it can't be read.
///
/// Neither keys nor signatures are in it. A response of 400 suits every kind; none is worth more
/// to the sender than that.
#[derive(Debug)]
pub struct VerifyError {
    kind: VerifyErrorKind,
    message: String,
    source: Option<DecodeError>,
}

/// The kinds of a [`VerifyError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VerifyErrorKind {
    /// `webhook-id`, `webhook-timestamp` or `webhook-signature` is missing or empty: nobody signed
    /// this, or something on the way drops the headers.
    MissingHeader,
    /// One of these headers is there twice, or has a value that the scheme does not have.
    InvalidHeader,
    /// No signature is made with one of the keys: the delivery is forged, the key is that of
    /// another endpoint, or the body is not the one that came.
    NoMatchingSignature,
    /// Rightly signed, and longer ago than the tolerance: it is replayed, was on its way for too
    /// long, or this machine's clock is ahead.
    TooOld,
    /// Rightly signed, and further in the future than the tolerance: this machine's clock is
    /// behind.
    TooNew,
    /// Rightly signed, and not an event.
    Payload,
}

impl VerifyError {
    pub(super) fn new(kind: VerifyErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
        }
    }

    pub(super) fn payload(source: DecodeError) -> Self {
        let mut error = Self::new(VerifyErrorKind::Payload, "the payload is not an event");
        error.source = Some(source);
        error
    }

    /// What is wrong, to match on.
    pub fn kind(&self) -> VerifyErrorKind {
        self.kind
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.source {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for VerifyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let source = self.source.as_ref()?;
        Some(source)
    }
}
