//! A model that could not be asked, or failed before it had any output.

use http::StatusCode;
use serde_json::Value;

use crate::Error;
use crate::text::read_json;

/// Statuses of a model that is too busy.
pub(super) fn is_busy(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status.as_u16() == 529
}

/// What a model failed with.
pub(super) enum Cause<'a> {
    Status(StatusCode),
    Error(&'a Error),
    /// A stream that broke.
    Broken,
    /// What came in place of a message: an error, if anything.
    Body(&'a [u8]),
}

/// A model that wrote nothing, and did not decline either.
pub(super) struct Failure {
    model: String,
    is_busy: bool,
}

impl Failure {
    pub(super) fn new(model: &str, cause: &Cause<'_>) -> Self {
        let (mut status, mut kind, mut error_type) = (None, None, None);
        match cause {
            Cause::Status(code) => status = Some(*code),
            Cause::Error(error) => kind = Some(error.kind()),
            Cause::Broken => {}
            Cause::Body(body) => error_type = type_of(body),
        }
        tracing::warn!(
            target: "anthropic::fallback",
            model, status = status.map(|status| status.as_u16()), ?kind, error_type,
            "a fallback model could not be asked"
        );
        let is_busy = status.is_some_and(is_busy)
            || matches!(
                error_type.as_deref(),
                Some("overloaded_error" | "rate_limit_error")
            );
        Self {
            model: model.to_owned(),
            is_busy,
        }
    }

    /// The model to try later, if it is only too busy.
    pub(super) fn recommended(&self) -> Value {
        if self.is_busy {
            self.model.as_str().into()
        } else {
            Value::Null
        }
    }
}

/// The type of an error of the API's.
fn type_of(body: &[u8]) -> Option<String> {
    let body: Value = read_json(body).ok()?;
    body["error"]["type"].as_str().map(str::to_owned)
}
