//! Why there is no token: the token endpoint's error, and a failure that many requests share.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use http::StatusCode;

use super::token::Token;
use crate::trace::escaped;
use crate::{Error, ErrorKind};

/// What a token endpoint refused with: the [`source`](StdError::source) of an [`Error`].
///
/// Nothing else of the response is kept, and what was sent is masked in it.
///
/// ```
/// use anthropic::credentials::TokenError;
///
/// fn has_to_log_in(error: &anthropic::Error) -> bool {
///     let source = std::error::Error::source(error);
///     let refused: Option<&TokenError> = source.and_then(|source| source.downcast_ref());
///     refused.is_some_and(|refused| refused.error() == Some("invalid_grant"))
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenError {
    pub(super) status: StatusCode,
    pub(super) error: Option<String>,
    pub(super) description: Option<String>,
    pub(super) uri: Option<String>,
    pub(super) request_id: Option<String>,
}

impl TokenError {
    /// The response's status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// OAuth's name for the error, such as `invalid_grant`.
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// What the endpoint adds for people; at most 256 characters of it.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// Where the error is described.
    pub fn uri(&self) -> Option<&str> {
        self.uri.as_deref()
    }

    /// The request's id, by which Anthropic's support can find it.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status.as_u16())?;
        if let Some(error) = &self.error {
            write!(f, " {}", escaped(error))?;
        }
        if let Some(description) = &self.description {
            write!(f, ": {}", escaped(description))?;
        }
        if let Some(uri) = &self.uri {
            write!(f, " ({})", escaped(uri))?;
        }
        match &self.request_id {
            Some(id) => write!(f, " [request {}]", escaped(id)),
            None => Ok(()),
        }
    }
}

impl StdError for TokenError {}

/// A failed refresh: it is handed to every request that waited for it, as an error each.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    kind: ErrorKind,
    message: String,
    hint: Option<&'static str>,
    retryable: bool,
    cause: Option<Cause>,
    /// A token that is still good for a while, in place of the one that could not be had.
    fallback: Option<Box<Token>>,
}

#[derive(Debug, Clone)]
enum Cause {
    Endpoint(Box<TokenError>),
    Other(Arc<dyn StdError + Send + Sync>),
}

impl Failure {
    pub(super) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
            retryable: false,
            cause: None,
            fallback: None,
        }
    }

    /// A file, a variable or a profile is not as it has to be.
    pub(super) fn config(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Config, message)
    }

    pub(super) fn caused_by(mut self, cause: impl StdError + Send + Sync + 'static) -> Self {
        self.cause = Some(Cause::Other(Arc::new(cause)));
        self
    }

    /// Another error, for the requests that wait for it.
    pub(super) fn of(message: impl Into<String>, error: Error) -> Self {
        Self {
            retryable: error.is_retryable(),
            ..Self::new(error.kind(), message)
        }
        .caused_by(error)
    }

    /// What the token endpoint refused. A fault of its own is retried as one of the API's.
    pub(super) fn refused(message: impl Into<String>, error: TokenError) -> Self {
        let kind = match error.status.as_u16() {
            429 => ErrorKind::RateLimited,
            529 => ErrorKind::Overloaded,
            500.. => ErrorKind::Internal,
            _ => ErrorKind::Authentication,
        };
        Self {
            retryable: kind != ErrorKind::Authentication,
            cause: Some(Cause::Endpoint(Box::new(error))),
            ..Self::new(kind, message)
        }
    }

    pub(super) fn retryable(mut self) -> Self {
        self.retryable = true;
        self
    }

    /// Adds a token that may be used in place of the one that could not be had.
    pub(super) fn or_use(mut self, fallback: Option<Token>) -> Self {
        self.fallback = fallback.map(Box::new);
        self
    }

    pub(super) fn take_fallback(&mut self) -> Option<Token> {
        self.fallback.take().map(|token| *token)
    }

    pub(super) fn hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }

    /// The status that the token endpoint refused with.
    pub(super) fn status(&self) -> Option<StatusCode> {
        match &self.cause {
            Some(Cause::Endpoint(error)) => Some(error.status),
            _ => None,
        }
    }

    pub(super) fn error(&self) -> Error {
        let error = Error::new(self.kind, self.message.clone()).retryable(self.retryable);
        let error = match self.hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        };
        match &self.cause {
            Some(Cause::Endpoint(cause)) => error.caused_by(TokenError::clone(cause)),
            Some(Cause::Other(cause)) => error.caused_by(cause.clone()),
            None => error,
        }
    }
}
