//! Typed calls on behalf of checks that know only official names: what goes in, what comes out.

mod answer;
mod arguments;

pub(crate) use answer::Answer;
pub(crate) use arguments::Arguments;

use crate::object::{object, string};

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Problem {
    /// The line asked for something that there is not.
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

    /// There is no call of that name.
    pub(crate) fn unknown(name: &str) -> Self {
        Self::Usage(format!("there is no call `{name}`"))
    }

    pub(crate) fn in_stream(error: anthropic::Error, events: Vec<String>) -> Self {
        Self::Failed(Box::new(Failed { error, events }))
    }

    /// The answering line.
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
