//! Why a call has no result, as the line that reports it.

use crate::object::{object, string};

/// Why a call has no result.
#[derive(Debug)]
pub(crate) enum Problem {
    /// The request names something that does not exist.
    Usage(String),
    /// The call failed.
    Failed(Box<Failed>),
}

/// A failed call: the error, and the events that came before it.
#[derive(Debug)]
pub(crate) struct Failed {
    error: anthropic::Error,
    /// JSON texts.
    events: Vec<String>,
}

impl Problem {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    pub(crate) fn in_stream(error: anthropic::Error, events: Vec<String>) -> Self {
        Self::Failed(Box::new(Failed { error, events }))
    }

    /// The line that reports it.
    pub(crate) fn to_line(&self) -> String {
        match self {
            Self::Usage(message) => object([("ok", "false"), ("error", &string(message))]),
            Self::Failed(failed) => failed.to_line(),
        }
    }
}

impl From<anthropic::Error> for Problem {
    fn from(error: anthropic::Error) -> Self {
        Self::in_stream(error, Vec::new())
    }
}

impl Failed {
    fn to_line(&self) -> String {
        let error = &self.error;
        let or_null = |text: Option<&str>| text.map_or_else(|| "null".to_owned(), string);
        let error = object([
            ("kind", string(&format!("{:?}", error.kind())).as_str()),
            (
                "status",
                &error
                    .status()
                    .map_or("null".to_owned(), |s| s.as_u16().to_string()),
            ),
            (
                "type",
                &or_null(error.api_type().map(anthropic::types::ErrorType::as_str)),
            ),
            (
                "code",
                &or_null(error.error_code().map(anthropic::types::ErrorCode::as_str)),
            ),
            (
                "message",
                &string(error.api_message().unwrap_or(&error.to_string())),
            ),
        ]);
        let events = format!("[{}]", self.events.join(","));
        let mut entries = vec![("ok", "false"), ("error", error.as_str())];
        if !self.events.is_empty() {
            entries.push(("events", &events));
        }
        object(entries)
    }
}
