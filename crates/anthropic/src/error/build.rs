//! How errors are made: one constructor per cause, and what each step adds on the way out.

use std::any::Any;
use std::borrow::Cow;
use std::error::Error as StdError;
use std::time::Duration;

use anthropic_types::{DecodeError, ErrorType, JsonError, StopReason};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};

use super::api::{ApiError, Disguised};
use super::{Error, ErrorKind, Inner};
use crate::operation::OperationInfo;
use crate::response::meta::ResponseMeta;
use crate::text::append;
use crate::trace::{beginning, hidden};
use crate::transport::{BoxError, TransportError, TransportErrorKind, Unreachable};

/// How much of a body an error's line quotes.
const EXCERPT: usize = 200;

impl Error {
    /// An error of your own, for a [`Middleware`](crate::Middleware), a
    /// [`Platform`](crate::Platform) or [`Credentials`](crate::Credentials) that refuse a request.
    ///
    /// Whether the request is retried after it depends on the kind, unless
    /// [`retryable`](Self::retryable) sets it: [`Connect`](ErrorKind::Connect) is retried,
    /// [`Middleware`](ErrorKind::Middleware) is not.
    ///
    /// ```
    /// use anthropic::{Error, ErrorKind};
    ///
    /// let error = Error::new(ErrorKind::Middleware, "no quota left");
    /// assert_eq!(error.to_string(), "middleware: no quota left");
    /// assert!(!error.is_retryable());
    /// ```
    #[cold]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: Some(message.into()),
            source: None,
            meta: None,
            api: None,
            body: Bytes::new(),
            request_id: None,
            retry_after: None,
            attempts: 0,
            elapsed: Duration::ZERO,
            operation: None,
            method: None,
            path: None,
            in_stream: false,
            retryable: kind.is_transient(),
            partial: None,
            hint: None,
            decision: None,
            sent: None,
            body_shown: None,
        }))
    }

    /// Sets the error's cause, which [`source`](StdError::source) returns.
    pub fn caused_by(self, source: impl Into<BoxError>) -> Self {
        self.caused_by_boxed(source.into())
    }

    fn caused_by_boxed(mut self, source: BoxError) -> Self {
        self.0.source = Some(source);
        self
    }

    /// Sets whether the pipeline may retry after this error.
    pub fn retryable(mut self, retryable: bool) -> Self {
        self.0.retryable = retryable;
        self
    }

    /// An operation that a [`Platform`](crate::platform::Platform) doesn't serve.
    ///
    /// ```
    /// use anthropic::{Error, ErrorKind};
    ///
    /// let operation = anthropic::operations().iter().find(|it| it.id() == "files.list").unwrap();
    /// let error = Error::unsupported("bedrock", operation);
    /// assert_eq!(error.kind(), ErrorKind::Unsupported);
    /// ```
    pub fn unsupported(platform: &str, operation: &OperationInfo) -> Self {
        let id = operation.id();
        Self::new(
            ErrorKind::Unsupported,
            format!("{platform} does not serve `{id}`"),
        )
    }

    pub(crate) fn config(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Config, message)
    }

    pub(crate) fn request(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Request, message)
    }

    pub(crate) fn timeout(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Timeout, message)
    }

    /// A body could not be read. An error of our own that comes back through a stack is kept.
    pub(crate) fn broken_body(source: BoxError) -> Self {
        match source.downcast::<Self>() {
            Ok(error) => *error,
            Err(source) => Self::without_message(ErrorKind::Body).caused_by(source),
        }
    }

    /// A response whose status is an error.
    pub(crate) fn of_response(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        let api = ApiError::parse(&body);
        let kind = ErrorKind::of_api(type_name(api.as_ref()), Some(status));
        let mut error = Self::without_message(kind);
        if api.is_none() {
            error.0.message = Some(if body.is_empty() {
                "the response has no body".to_owned()
            } else {
                format!("the response is not the API's: {}", excerpt(&body))
            });
        }
        let code = api.as_ref().and_then(|api| api.code.as_ref());
        error.0.retryable = crate::retry::is_retryable(kind, code, Some(status), &headers);
        let meta = ResponseMeta::new(status, headers, 0, Duration::ZERO);
        error.with_api(api).with_response(meta, body)
    }

    /// A response whose body is encoded in a way that was not asked for, and is not read.
    pub(crate) fn encoded(status: StatusCode, headers: HeaderMap, encoding: &str) -> Self {
        let message = format!(
            "the response is encoded with `{encoding}`, though `accept-encoding: identity` was sent; only `raw()` \
             returns such a body"
        );
        if status.is_success() {
            let meta = ResponseMeta::new(status, headers, 0, Duration::ZERO);
            return Self::unexpected_content(message, &[]).with_response(meta, Bytes::new());
        }
        let mut error = Self::of_response(status, headers, Bytes::new());
        error.0.message = Some(message);
        error
    }

    /// The same, retried only on a condition, too.
    pub(crate) fn retryable_if(mut self, condition: bool) -> Self {
        self.0.retryable &= condition;
        self
    }

    /// A response whose status is a success and whose body is an error, as if its status were the
    /// error's.
    pub(crate) fn of_success(
        status: StatusCode,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Option<Self> {
        let Disguised(api) = ApiError::in_success(body)?;
        let meta = ResponseMeta::new(status, headers.clone(), 0, Duration::ZERO);
        Some(Self::reported(api, meta, body.clone()))
    }

    /// An `error` event inside a stream that began with 200.
    pub(crate) fn in_stream(meta: ResponseMeta, data: Bytes) -> Self {
        let mut error = Self::reported(ApiError::parse(&data), meta, data);
        error.0.in_stream = true;
        error
    }

    /// What a response reports whose status does not.
    fn reported(api: Option<ApiError>, meta: ResponseMeta, data: Bytes) -> Self {
        let implied = api.as_ref().and_then(ApiError::implied_status);
        let kind = ErrorKind::of_api(type_name(api.as_ref()), implied);
        let mut error = Self::without_message(kind);
        if api.is_none() {
            error.0.message = Some(format!("the error is not the API's: {}", excerpt(&data)));
        }
        let code = api.as_ref().and_then(|api| api.code.as_ref());
        error.0.retryable = crate::retry::is_retryable(kind, code, implied, meta.headers());
        error.with_api(api).with_response(meta, data)
    }

    /// Whether the response's status is a success.
    pub(crate) fn is_in_success(&self) -> bool {
        self.status().is_some_and(|status| status.is_success())
    }

    /// Whether this is the status of the response, or that of the error in it.
    pub(crate) fn reports(&self, status: StatusCode) -> bool {
        let api = self.0.api.as_ref();
        let implied = || api.and_then(ApiError::implied_status);
        self.status() == Some(status) || implied() == Some(status)
    }

    /// A response of another kind than the operation's.
    pub(crate) fn unexpected_content(message: impl Into<String>, body: &[u8]) -> Self {
        let message = message.into();
        let message = if body.is_empty() {
            message
        } else {
            format!("{message}; it begins {}", excerpt(body))
        };
        Self::new(ErrorKind::UnexpectedContent, message)
    }

    /// A response of the right kind that does not fit its type.
    pub(crate) fn decode(path: &str, source: impl Into<BoxError>, body: &[u8]) -> Self {
        Self::undecoded(path, source.into(), body)
    }

    fn undecoded(path: &str, source: BoxError, body: &[u8]) -> Self {
        // Such an error's own text begins with its path, which is only the end of `path`.
        let message = source.downcast_ref().map_or_else(
            || source.to_string(),
            |error: &DecodeError| error.message().to_owned(),
        );
        let (message, is_whole) = without_value(message, body);
        let place = if path.is_empty() {
            "the document"
        } else {
            path
        };
        let message = format!("at {place}: {message}; in {}", excerpt(body));
        let error = Self::new(ErrorKind::Decode, message);
        // The source has the value in its text, too.
        if is_whole {
            error.caused_by(source)
        } else {
            error
        }
    }

    fn without_message(kind: ErrorKind) -> Self {
        let mut error = Self::new(kind, "");
        error.0.message = None;
        error
    }

    fn with_api(mut self, mut api: Option<ApiError>) -> Self {
        let code = api.as_ref().and_then(|api| api.code.as_ref());
        // Whatever the error's kind is, and wherever it came from.
        if code.is_some_and(crate::retry::may_have_changed) {
            self.0.retryable = false;
        }
        self.0.request_id = api.as_mut().and_then(|api| api.request_id.take());
        self.0.api = api;
        self
    }

    /// Whether it would be retried if its response did not forbid it.
    pub(crate) fn has_forbidden_retries(&self) -> bool {
        let forbids = self.headers().get("x-should-retry");
        let status = self.status().filter(|status| !status.is_success());
        let code = self.0.api.as_ref().and_then(|api| api.code.as_ref());
        forbids.is_some_and(|it| it == "false")
            && crate::retry::is_retryable(self.kind(), code, status, &HeaderMap::new())
    }

    /// Adds the response that the error is about.
    pub(crate) fn with_response(mut self, meta: ResponseMeta, body: Bytes) -> Self {
        self.0.meta = Some(meta);
        self.0.body = body;
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32, elapsed: Duration) -> Self {
        self.0.attempts = attempts;
        self.0.elapsed = elapsed;
        if let Some(meta) = self.0.meta.take() {
            self.0.meta = Some(if meta.attempts() == attempts {
                meta
            } else {
                meta.with_attempts(attempts, elapsed)
            });
        }
        self
    }

    /// Adds what to do, or where to look.
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        if self.0.hint.is_none() {
            self.0.hint = Some(hint.into());
        }
        self
    }

    /// Adds why the request was not sent again.
    pub(crate) fn with_decision(mut self, decision: Option<String>) -> Self {
        self.0.decision = decision;
        self
    }

    pub(crate) fn with_retry_after(mut self, delay: Option<Duration>) -> Self {
        self.0.retry_after = delay;
        self
    }

    pub(crate) fn with_call(
        mut self,
        operation: &'static str,
        method: &Method,
        path: &str,
    ) -> Self {
        self.0.operation.get_or_insert(operation);
        if self.0.method.is_none() {
            self.0.method = Some(method.clone());
        }
        if self.0.path.is_none() {
            self.0.path = Some(path.to_owned());
        }
        self
    }

    /// Adds to the error's line what helps its reader.
    pub(crate) fn with_note(mut self, note: &str) -> Self {
        self.0.message = Some(match self.0.message.take() {
            Some(message) => format!("{message}; {note}"),
            None => note.to_owned(),
        });
        self
    }

    /// Puts where it happened before what did.
    pub(crate) fn at(mut self, place: &str) -> Self {
        self.0.message = Some(match self.0.message.take() {
            Some(message) => format!("{place}: {message}"),
            None => place.to_owned(),
        });
        self
    }

    /// Marks an error that came after the response's head.
    pub(crate) fn while_streaming(mut self) -> Self {
        self.0.in_stream = true;
        self
    }

    /// Adds what had arrived before the error.
    pub(crate) fn with_partial(mut self, partial: impl Any + Send + Sync) -> Self {
        self.0.partial = Some(Box::new(partial));
        self
    }

    pub(crate) fn has_message(&self) -> bool {
        self.0.message.is_some()
    }

    pub(crate) fn has_response(&self) -> bool {
        self.0.meta.is_some()
    }
}

impl Error {
    /// What a [`TransportError`] is to a caller: for a [`Middleware`](crate::Middleware) or a
    /// [`Platform`](crate::Platform) that sends requests of its own over a
    /// [`Transport`](crate::transport::Transport).
    pub fn transport(error: TransportError) -> Self {
        if let Some(own) = request_body_failure(&error) {
            return Self::new(ErrorKind::File, own).caused_by(error);
        }
        let kind = match error.kind {
            TransportErrorKind::Connect => ErrorKind::Connect,
            TransportErrorKind::Timeout => ErrorKind::Timeout,
            TransportErrorKind::Io => ErrorKind::Body,
            TransportErrorKind::Other => ErrorKind::Request,
        };
        let mut result = Self::without_message(kind);
        if let Some(unreachable) = error.source.downcast_ref::<Unreachable>() {
            result.0.retryable &= unreachable.is_retryable();
            result.0.message = Some(unreachable.to_string());
        }
        result.caused_by(error.source)
    }
}

/// Of the kind [`NoAnswer`](ErrorKind::NoAnswer) where by the stop reason the model refused, was
/// cut off, or has not finished its turn. Else [`Decode`](ErrorKind::Decode).
impl From<JsonError> for Error {
    fn from(error: JsonError) -> Self {
        let kind = match error.stop_reason() {
            Some(
                StopReason::Refusal
                | StopReason::MaxTokens
                | StopReason::ModelContextWindowExceeded
                | StopReason::ToolUse
                | StopReason::PauseTurn
                | StopReason::Compaction,
            ) => ErrorKind::NoAnswer,
            _ => ErrorKind::Decode,
        };
        let hint = error.stop_reason().and_then(longer);
        let error = Self::new(kind, error.to_string()).caused_by(error);
        match hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }
}

/// What to do about a message that was cut off.
pub(crate) fn longer(reason: &StopReason) -> Option<&'static str> {
    match reason {
        StopReason::MaxTokens => Some("raise `max_tokens`"),
        StopReason::ModelContextWindowExceeded => Some("shorten the conversation"),
        _ => None,
    }
}

/// A stack reports a request body that could not be read as a broken connection; trying again would
/// not help.
fn request_body_failure(error: &TransportError) -> Option<String> {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error.source.as_ref());
    while let Some(error) = cause {
        if error.is::<Error>() {
            return Some("the request's body could not be read".to_owned());
        }
        cause = error.source();
    }
    None
}

fn type_name(api: Option<&ApiError>) -> Option<&str> {
    api?.error_type.as_ref().map(ErrorType::as_str)
}

/// The most letters that a server's own name for something has in an error's line.
const SHORT: usize = 200;

/// A text that should be short, such as an id or a media type, cut off where it isn't. The mark is
/// where secrets that were cut are looked for.
pub(crate) fn short(text: &str) -> Cow<'_, str> {
    cut(text, SHORT)
}

/// The text with at most so many letters, and a mark where there are more.
pub(super) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

/// A message of serde's without the value that it quotes, where the body has some that are hidden,
/// and whether it is the whole message.
fn without_value(message: String, body: &[u8]) -> (String, bool) {
    let forms = [
        "invalid type: ",
        "invalid value: ",
        "unknown variant ",
        "unknown field ",
    ];
    let Some(form) = forms.iter().find(|form| message.starts_with(**form)) else {
        return (message, true);
    };
    let text = String::from_utf8_lossy(body);
    if hidden(&text) == text {
        return (message, true);
    }
    // The value may have such a text in it; there may be none behind it.
    let message = match message.split(", expected ").skip(1).last() {
        Some(after) => format!("{form}[hidden], expected {after}"),
        None => format!("{form}[hidden]"),
    };
    (message, false)
}

/// The beginning of a body, on one line and in quotes, without what its keys state to be secret.
pub(crate) fn excerpt(body: &[u8]) -> String {
    let cut = beginning(body, EXCERPT);
    let text = hidden(&String::from_utf8_lossy(cut));
    let mut line = String::new();
    for word in text.split_whitespace() {
        append(&mut line, " ", word);
    }
    let more = if cut.len() < body.len() { " …" } else { "" };
    format!("`{line}{more}`")
}
