//! The one error type: opaque, one word wide, with everything a caller or a bug report needs.
//!
//! Each step of the pipeline adds what it knows (status and body, operation, attempts), so an error
//! that reaches the caller is complete, and its `Display` is one line that a person can act on. It
//! holds the request too, for [`dump`](Error::dump), without the credential; what else is a secret
//! of the client's is taken out of everything that an error shows.

mod api;
mod build;
mod dump;
mod kind;
mod line;
mod masked;

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use anthropic_types::{ErrorCode, ErrorDetails, ErrorType};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};

pub(crate) use api::{is_bare_error, is_error_document};
#[cfg(feature = "tools")]
pub(crate) use build::longer;
pub(crate) use build::{excerpt, short};
pub(crate) use dump::{BodyHead, Sent};
pub use kind::ErrorKind;

use api::ApiError;

use crate::response::meta::ResponseMeta;
use crate::transport::BoxError;

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a request, a stream or a setting failed.
///
/// Match on [`kind`](Self::kind); the kinds' docs state whether the request was sent, whether it is
/// retried, and what to do. `Display` is one line, control characters escaped: the API's type,
/// status and message, the cause, what to do, why it was not retried, the request id and the number
/// of attempts; [`source`](StdError::source) leads down to the [`std::io::Error`] where there is
/// one. [`dump`](Self::dump) is the whole exchange, for a bug report.
///
/// Credentials and other secret headers that the client has sent are masked wherever the server
/// repeats them, except in [`body`](Self::body).
///
/// ```
/// # async fn run(client: anthropic::Client) -> anthropic::Result<()> {
/// use anthropic::ErrorKind;
///
/// match client.get::<serde_json::Value>("/v1/models/no-such-model").await {
///     Ok(model) => println!("{model}"),
///     Err(error) if error.kind() == ErrorKind::NotFound => println!("no such model"),
///     Err(error) => return Err(error),
/// }
/// # Ok(())
/// # }
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    /// The client's message; absent where the API's is enough.
    message: Option<String>,
    source: Option<BoxError>,
    meta: Option<ResponseMeta>,
    api: Option<ApiError>,
    body: Bytes,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    attempts: u32,
    elapsed: Duration,
    operation: Option<&'static str>,
    method: Option<Method>,
    path: Option<String>,
    in_stream: bool,
    retryable: bool,
    partial: Option<Box<dyn Any + Send + Sync>>,
    /// What to do, or where to look.
    hint: Option<String>,
    /// Why the request was not sent again.
    decision: Option<String>,
    /// The request, for a dump.
    sent: Option<Box<Sent>>,
    /// The body as a dump shows it, where it has a secret of the client's.
    body_shown: Option<String>,
}

impl Error {
    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The response's status, if there was a response. For an error inside a stream it is 200.
    pub fn status(&self) -> Option<StatusCode> {
        self.meta().map(ResponseMeta::status)
    }

    /// Status, headers, ids, rate limits, attempts of the response, if there was a response.
    pub fn meta(&self) -> Option<&ResponseMeta> {
        self.0.meta.as_ref()
    }

    /// The API's own name for the error: `error.type` of the response's body.
    pub fn api_type(&self) -> Option<&ErrorType> {
        self.0.api.as_ref()?.error_type.as_ref()
    }

    /// The API's finer name for the error: `error.details.error_code` of the response's body.
    ///
    /// Most errors have none. Branch on it rather than on the message, and treat a code that you
    /// don't know like no code at all: new ones come at any time.
    ///
    /// ```
    /// use anthropic::types::ErrorCode;
    ///
    /// fn is_worth_another_try(error: &anthropic::Error) -> bool {
    ///     match error.error_code() {
    ///         Some(ErrorCode::ScanPending | ErrorCode::ThreadContinueInFlight) => true,
    ///         Some(ErrorCode::ContractSpendLimitReached) => false,
    ///         _ => error.is_retryable(),
    ///     }
    /// }
    /// ```
    pub fn error_code(&self) -> Option<&ErrorCode> {
        self.0.api.as_ref()?.code.as_ref()
    }

    /// What belongs to the [`error_code`](Self::error_code): `error.details` of the response's
    /// body.
    ///
    /// Nothing when there are no details, or when they are not what this version takes them to be;
    /// [`body`](Self::body) has them as they came. They are decoded on each call.
    ///
    /// ```
    /// fn appeal(error: &anthropic::Error) -> Option<String> {
    ///     error.details()?.appeal_url
    /// }
    /// ```
    pub fn details(&self) -> Option<ErrorDetails> {
        self.0.api.as_ref()?;
        api::details(&self.0.body)
    }

    /// The message of the response's body: the API's `error.message`, or where a gateway has put
    /// its own.
    pub fn api_message(&self) -> Option<&str> {
        self.0.api.as_ref().map(|api| api.message.as_str())
    }

    /// The request's id, by which Anthropic's support can find it: the header's, else the one in
    /// the body.
    pub fn request_id(&self) -> Option<&str> {
        let header = self.meta().and_then(ResponseMeta::request_id);
        header.or(self.0.request_id.as_deref())
    }

    /// How long the server asks to wait before the next attempt.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// How many attempts were made; 0 when it was not sent.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The time from the first attempt to this error.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// The response's body, as far as it was read; empty when there was none.
    ///
    /// Of a response whose status is an error, that is at most 64 KiB, and what came within 5 s.
    pub fn body(&self) -> &Bytes {
        &self.0.body
    }

    /// The response's headers; empty when there was no response.
    pub(crate) fn headers(&self) -> &HeaderMap {
        static NONE: std::sync::LazyLock<HeaderMap> = std::sync::LazyLock::new(HeaderMap::new);
        self.meta().map_or(&*NONE, ResponseMeta::headers)
    }

    /// The operation's name, such as `messages.create`.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The request's method.
    pub fn method(&self) -> Option<&Method> {
        self.0.method.as_ref()
    }

    /// The request's path, without its query.
    pub fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }

    /// Whether a retry may help: what the client's own retries depend on.
    ///
    /// Beyond that, a [`MessageStream`](crate::MessageStream) that has returned nothing yet is
    /// resent after [`StreamTruncated`](ErrorKind::StreamTruncated) and
    /// [`StreamStalled`](ErrorKind::StreamStalled), for which this is `false`: once there is
    /// output, the caller decides.
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }

    /// Whether the error came inside a stream, after a response's head with status 200.
    pub fn is_in_stream(&self) -> bool {
        self.0.in_stream
    }

    /// What had arrived before the error, if it is a `T`.
    ///
    /// | an error of | carries |
    /// |---|---|
    /// | a message stream, or a `create()` that is streamed | the [`Message`](crate::types::Message) as far as it was folded |
    /// | a run of tools, or `Outcome::text` | the `tools::Transcript`: the conversation so far, and beside it the message that broke off |
    /// | a run that could not be resumed | the `tools::Waiting` |
    /// | `Parsed::into_output` | the whole [`Message`](crate::types::Message) |
    ///
    /// The page `interrupted` of the module `cookbook` has programs that go on from there.
    pub fn partial<T: Any>(&self) -> Option<&T> {
        self.0.partial.as_ref()?.downcast_ref()
    }

    /// The client's own words, without the kind's.
    pub(crate) fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }
}

/// The same line as `Display`: a `main` that returns the error, and `unwrap`, print it in this
/// form. In full (`{:#?}`) it is what there is, but for the headers, which are in
/// [`meta`](Error::meta) and in [`dump`](Error::dump).
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return fmt::Display::fmt(self, f);
        }
        let inner = &*self.0;
        let mut out = f.debug_struct("Error");
        out.field("kind", &inner.kind);
        out.field("message", &self.to_string());
        let mut known = |name: &str, value: Option<&dyn fmt::Debug>| {
            if let Some(value) = value {
                out.field(name, value);
            }
        };
        let status = self.status();
        known("status", status.as_ref().map(|status| status as _));
        let api_type = self.api_type().map(ErrorType::as_str);
        known("api_type", api_type.as_ref().map(|api_type| api_type as _));
        let code = self.error_code().map(ErrorCode::as_str);
        known("error_code", code.as_ref().map(|code| code as _));
        known("method", inner.method.as_ref().map(|method| method as _));
        known("path", inner.path.as_ref().map(|path| path as _));
        let bytes = inner.body.len();
        known("body_bytes", (bytes > 0).then_some(&bytes));
        let elapsed = inner.elapsed;
        known("elapsed", (!elapsed.is_zero()).then_some(&elapsed));
        known("in_stream", inner.in_stream.then_some(&true));
        known("source", inner.source.as_ref().map(|source| source as _));
        out.finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source: &(dyn StdError + 'static) = self.0.source.as_deref()?;
        Some(source)
    }
}
