//! Typed calls on behalf of checks that know only official names: what goes in, what comes out.

mod answer;
mod arguments;

pub(crate) use answer::Answer;
pub(crate) use arguments::Arguments;

use std::pin::Pin;

use anthropic::Client;

use crate::generated;
use crate::object::{object, string};

/// A typed call behind an official name.
pub(crate) struct Call {
    name: &'static str,
    run: Run,
    streams: bool,
}

/// Makes a call: typed arguments from named ones, and text from the typed answer.
type Run = for<'a> fn(
    &'a Client,
    Arguments,
) -> Pin<Box<dyn Future<Output = Result<Answer, Problem>> + Send + 'a>>;

impl Call {
    /// A call whose answer comes at once.
    pub(crate) const fn new(name: &'static str, run: Run) -> Self {
        let streams = false;
        Self { name, run, streams }
    }

    /// A call whose answer streams, or does so when it is asked to.
    pub(crate) const fn streaming(name: &'static str, run: Run) -> Self {
        let streams = true;
        Self { name, run, streams }
    }

    /// The call of an official name.
    pub(crate) fn find(name: &str) -> Result<&'static Self, Problem> {
        let calls = generated::calls::CALLS.iter().copied().flatten();
        calls
            .into_iter()
            .find(|call| call.name == name)
            .ok_or_else(|| Problem::usage(format!("there is no call `{name}`")))
    }

    /// The call of an official name, if it is one that streams.
    pub(crate) fn find_streaming(name: &str) -> Result<&'static Self, Problem> {
        let call = Self::find(name)?;
        if call.streams {
            Ok(call)
        } else {
            Err(Problem::usage(format!("`{name}` does not stream")))
        }
    }

    /// Makes it.
    pub(crate) async fn make(
        &self,
        client: &Client,
        arguments: Arguments,
    ) -> Result<Answer, Problem> {
        (self.run)(client, arguments).await
    }
}

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
