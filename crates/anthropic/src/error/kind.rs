//! The kinds of errors, and how the API's words and numbers map to them.

use std::fmt;

use anthropic_types::ErrorResponse;
use http::StatusCode;

/// What went wrong, coarsely enough to match on.
///
/// Where the API sent an error body, its `error.type` decides; otherwise the status does. The docs
/// of each kind state whether the request reached the server, whether the client retries it by
/// itself, and what to do. "Retried" means: within `max_retries`, unless the server decides
/// otherwise through `x-should-retry`, and only when the body can be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The API found a fault in the request (`invalid_request_error`, or else 400 and 431).
    ///
    /// Sent; not retried. Change the request: [`api_message`](crate::Error::api_message) names the
    /// fault.
    InvalidRequest,
    /// The credential is missing, wrong or expired (`authentication_error`, 401).
    ///
    /// Sent; not retried, except once, beside `max_retries`, where
    /// [`Credentials`](crate::platform::Credentials) or a [`Platform`](crate::platform::Platform)
    /// have another credential by then. Check the key and
    /// [`credential_source`](crate::Client::credential_source).
    Authentication,
    /// The account can't pay for the request (`billing_error`, 402).
    ///
    /// Sent; not retried. See the Console's billing page.
    Billing,
    /// The credential is valid but may not do this (`permission_error`, 403).
    ///
    /// Sent; not retried. Check the key's workspace and scopes.
    PermissionDenied,
    /// There is no such thing, or not for this credential (`not_found_error`, 404).
    ///
    /// Sent; not retried. Check the id, the model's name and the base URL.
    NotFound,
    /// The API timed out (`timeout_error`, 408, 504).
    ///
    /// Sent; retried. Stream long responses, or ask for less.
    RequestTimeout,
    /// The request conflicted with another change (`conflict_error`, 409).
    ///
    /// Sent; retried. Read the current state and decide again.
    Conflict,
    /// A condition of the request no longer holds (`memory_precondition_failed_error`, or status
    /// 412).
    ///
    /// Sent; not retried, not even when the status is 409. Read the current state and decide again.
    PreconditionFailed,
    /// The request is larger than the API takes (413).
    ///
    /// Sent; not retried. Send less, or upload a file and refer to it.
    RequestTooLarge,
    /// The request is well-formed but makes no sense (422).
    ///
    /// Sent; not retried. Change the request.
    UnprocessableEntity,
    /// Too many requests or tokens (`rate_limit_error`, 429).
    ///
    /// Sent; retried. Wait for [`retry_after`](crate::Error::retry_after); see the response's rate
    /// limits.
    RateLimited,
    /// The API is overloaded (`overloaded_error`, 529).
    ///
    /// Sent; retried. Try later or fall back to another model.
    Overloaded,
    /// The API failed (`api_error`, 5xx).
    ///
    /// Sent; retried. Try later; give the request id to support if it stays. With the codes
    /// [`WorkspaceCreatedIncomplete`](crate::types::ErrorCode::WorkspaceCreatedIncomplete) and
    /// [`ChangeOutcomeUnknown`](crate::types::ErrorCode::ChangeOutcomeUnknown) the change was or
    /// may have been made: not retried, whatever the server's headers ask for. Read the resource
    /// first.
    Internal,
    /// The API returned an error of an unknown type.
    ///
    /// Sent; retried where the status is 408, 409, 429 or 5xx. Look at
    /// [`api_type`](crate::Error::api_type) and [`status`](crate::Error::status).
    Api,
    /// No connection could be made: DNS, refused, TLS, proxy, or none within `connect_timeout`.
    ///
    /// Not sent; retried, unless every attempt would fail like this one: a proxy refuses the tunnel
    /// with a status of 4xx, speaks another protocol, or is set to what can't be read. The message
    /// names the place and where its URL was set; [`source`](std::error::Error::source) has the
    /// cause.
    Connect,
    /// A time limit of this client was exceeded.
    ///
    /// Possibly sent and possibly executed; retried, except when the total limit ran out, or when a
    /// download or a raw body was idle for too long. Raise the limit, or stream.
    Timeout,
    /// The connection broke while the request was sent or the response was read.
    ///
    /// Possibly sent and possibly executed; retried as long as the caller has nothing of the
    /// response: downloads and raw bodies until they are opened. Not retried is a response with
    /// more headers than are read. A stream that has been opened ends with
    /// [`StreamTruncated`](Self::StreamTruncated) instead.
    Body,
    /// The response does not match the API's description.
    ///
    /// Sent and executed; not retried. The message has the JSON path and an excerpt,
    /// [`body`](crate::Error::body) the whole; for an event of a stream or a row it is empty.
    Decode,
    /// The response is something else altogether: HTML, nothing, another content type or encoding,
    /// another protocol's events; or it is longer than `max_response_bytes`.
    ///
    /// Sent; not retried. Usually a proxy or a wrong base URL; [`body`](crate::Error::body) shows
    /// it.
    UnexpectedContent,
    /// A stream ended before it was complete: its body ended, or the connection broke, which is the
    /// cause then.
    ///
    /// Sent and partly executed; a [`MessageStream`](crate::MessageStream) is retried until its
    /// first output, others are not. [`partial`](crate::Error::partial) has what arrived.
    StreamTruncated,
    /// A stream was idle for longer than its limit.
    ///
    /// Sent and partly executed; a [`MessageStream`](crate::MessageStream) is retried until its
    /// first output, others are not. [`partial`](crate::Error::partial) has what arrived.
    StreamStalled,
    /// One event of a stream, or one line of a file, is larger than `max_event_bytes`.
    ///
    /// Sent and executed; not retried. Raise the limit.
    EventTooLarge,
    /// The recording of a stream can't be written; see [`record`](crate::MessageStream::record).
    ///
    /// Sent and partly executed; not retried. [`partial`](crate::Error::partial) has what arrived.
    Recording,
    /// The client can't be built, or has no credential.
    ///
    /// Not sent. The message names the setting to change.
    Config,
    /// The request can't be made: a bad path parameter, header, query or body.
    ///
    /// Not sent, unless a transport refused to go on; not retried. The message names the part.
    Request,
    /// A local file, or whatever else a request's body is read from, can't be read.
    ///
    /// Not sent, or in part, where reading failed on the way; not retried. The message names the
    /// file, or has the cause.
    File,
    /// The server, or a URL of the caller's, points to somewhere the client won't go.
    ///
    /// After a redirect, sent to the first place and not to the second; a URL of the caller's at
    /// another origin is refused before anything is sent. Not retried. Allow the host if you trust
    /// it with your credential.
    Redirect,
    /// The platform doesn't serve the operation.
    ///
    /// Not sent. The message names the platform and the operation; check it in
    /// advance with [`Client::supports`](crate::Client::supports).
    Unsupported,
    /// A middleware refused or failed.
    ///
    /// Whether it was sent depends on the middleware; not retried.
    Middleware,
    /// There is no final message, as a run of tools ended otherwise; or no value in it, as the
    /// model refused, was cut off, or has not finished.
    ///
    /// Sent and executed; not retried. The message has the reason, and
    /// [`partial`](crate::Error::partial) the conversation, or the message.
    NoAnswer,
    /// A listing can't go on: its cursor came a second time, or there is more and no cursor.
    ///
    /// Not sent; not retried. The pages so far are good.
    Pagination,
}

impl ErrorKind {
    /// The kind for an error of the API: by its error type where there is one, else by its status.
    pub(crate) fn of_api(error_type: Option<&str>, status: Option<StatusCode>) -> Self {
        let by_status = status.map(Self::of_status);
        match error_type {
            // The API uses this type for several statuses that are more precise.
            Some("invalid_request_error") => match by_status {
                Some(
                    kind @ (Self::Conflict
                    | Self::PreconditionFailed
                    | Self::RequestTooLarge
                    | Self::UnprocessableEntity),
                ) => kind,
                _ => Self::InvalidRequest,
            },
            Some("authentication_error") => Self::Authentication,
            Some("billing_error") => Self::Billing,
            Some("permission_error") => Self::PermissionDenied,
            Some("not_found_error") => Self::NotFound,
            Some("request_too_large") => Self::RequestTooLarge,
            Some("rate_limit_error") => Self::RateLimited,
            Some("timeout_error") => Self::RequestTimeout,
            Some("api_error") => Self::Internal,
            Some("overloaded_error") => Self::Overloaded,
            Some("conflict_error" | "memory_path_conflict_error") => Self::Conflict,
            Some("memory_precondition_failed_error") => Self::PreconditionFailed,
            _ => by_status.unwrap_or(Self::Api),
        }
    }

    fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            400 | 431 => Self::InvalidRequest,
            401 => Self::Authentication,
            402 => Self::Billing,
            403 => Self::PermissionDenied,
            404 => Self::NotFound,
            408 | 504 => Self::RequestTimeout,
            409 => Self::Conflict,
            412 => Self::PreconditionFailed,
            413 => Self::RequestTooLarge,
            422 => Self::UnprocessableEntity,
            429 => Self::RateLimited,
            529 => Self::Overloaded,
            500..=599 => Self::Internal,
            _ => Self::Api,
        }
    }

    /// Whether an error of this kind that carries no status may be tried again.
    pub(crate) const fn is_transient(self) -> bool {
        matches!(
            self,
            Self::RequestTimeout
                | Self::Conflict
                | Self::RateLimited
                | Self::Overloaded
                | Self::Internal
                | Self::Connect
                | Self::Timeout
                | Self::Body
        )
    }

    /// What to do, where the kind alone shows it.
    pub(crate) const fn advice(self) -> Option<&'static str> {
        match self {
            Self::RateLimited => Some("try again later, or send fewer requests at a time"),
            Self::Overloaded => Some("try again later, or another model"),
            _ => None,
        }
    }

    /// The words with which an error of this kind begins when the API gave none; `Display` writes
    /// them.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid request",
            Self::Authentication => "authentication failed",
            Self::Billing => "billing problem",
            Self::PermissionDenied => "permission denied",
            Self::NotFound => "not found",
            Self::RequestTimeout => "the API timed out",
            Self::Conflict => "conflict",
            Self::PreconditionFailed => "precondition failed",
            Self::RequestTooLarge => "request too large",
            Self::UnprocessableEntity => "unprocessable request",
            Self::RateLimited => "rate limited",
            Self::Overloaded => "the API is overloaded",
            Self::Internal => "the API failed",
            Self::Api => "the API refused",
            Self::Connect => "could not connect",
            Self::Timeout => "timed out",
            Self::Body => "the connection broke",
            Self::Decode => "unexpected data",
            Self::UnexpectedContent => "unexpected content",
            Self::StreamTruncated => "the stream ended early",
            Self::StreamStalled => "the stream stalled",
            Self::EventTooLarge => "an event is too large",
            Self::Recording => "recording failed",
            Self::Config => "configuration",
            Self::Request => "bad request",
            Self::File => "file",
            Self::Redirect => "redirect refused",
            Self::Unsupported => "unsupported",
            Self::Middleware => "middleware",
            Self::NoAnswer => "no final message",
            Self::Pagination => "pagination",
        }
    }
}

/// The kind of an error that is a value, such as that of a batch's row.
///
/// ```
/// use anthropic::ErrorKind;
/// use anthropic::types::{ErrorResponse, from_slice};
///
/// let json = br#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
/// let error: ErrorResponse = from_slice(json)?;
/// assert_eq!(ErrorKind::from(&error), ErrorKind::Overloaded);
/// # Ok::<(), anthropic::types::DecodeError>(())
/// ```
impl From<&ErrorResponse> for ErrorKind {
    fn from(error: &ErrorResponse) -> Self {
        Self::of_api(Some(error.error.type_name()), None)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.words())
    }
}
