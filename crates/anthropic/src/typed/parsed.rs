//! What became of a message: the value, or why there is none.

use std::fmt;

use anthropic_types::{JsonError, Message, StopReason};
use serde::de::DeserializeOwned;

use crate::{Error, ErrorKind, Result};

/// A message, and the value that was asked for in it.
///
/// ```
/// # #[derive(Debug, serde::Deserialize)]
/// # struct River { name: String }
/// # fn run(parsed: anthropic::typed::Parsed<River>) {
/// use anthropic::typed::Output;
///
/// match parsed.output {
///     Output::Value(river) => println!("{}", river.name),
///     Output::Refused => println!("refused: {:?}", parsed.message.stop_details),
///     Output::Cut(_) => println!("more than {} tokens", parsed.message.usage.output_tokens),
///     Output::Misfit(error) => println!("it does not fit: {error}"),
///     Output::Unfinished => println!("the model calls {} tools", parsed.message.tool_uses().count()),
///     _ => {}
/// }
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
#[must_use = "what came back may be a refusal, or not fit"]
pub struct Parsed<T> {
    /// The message, whatever became of the value.
    pub message: Message,
    /// The value, or why there is none.
    pub output: Output<T>,
}

/// The value in a message, or why there is none.
#[derive(Debug)]
#[non_exhaustive]
pub enum Output<T> {
    /// The value.
    Value(T),
    /// The model refused (`refusal`). Its text, if there is some, need not fit the schema.
    Refused,
    /// The text was cut off, at `max_tokens` or at the end of the context window.
    Cut(JsonError),
    /// The text does not fit the type, which the API's guarantee does not cover: a number out of
    /// the type's range, or a rule of the type's own.
    Misfit(JsonError),
    /// The model has not finished its turn: it calls tools, or it paused.
    Unfinished,
}

impl<T> Parsed<T> {
    /// The value, if there is one.
    pub fn output(&self) -> Option<&T> {
        match &self.output {
            Output::Value(value) => Some(value),
            _ => None,
        }
    }

    /// The value.
    ///
    /// # Errors
    ///
    /// [`Decode`](ErrorKind::Decode), with the path and an excerpt, for a misfit;
    /// [`NoAnswer`](ErrorKind::NoAnswer), with the stop reason, for everything else. The message is
    /// the error's [`partial`](Error::partial).
    pub fn into_output(self) -> Result<T> {
        let error = match self.output {
            Output::Value(value) => return Ok(value),
            Output::Misfit(error) | Output::Cut(error) => Error::from(error),
            Output::Refused => refused(&self.message),
            Output::Unfinished => unfinished(&self.message),
        };
        Err(error.with_partial(self.message))
    }
}

/// Reads any message: one that a run ended with, or a row of a batch.
impl<T: DeserializeOwned> From<Message> for Parsed<T> {
    fn from(message: Message) -> Self {
        let output = match &message.stop_reason {
            Some(StopReason::Refusal) => Output::Refused,
            Some(StopReason::ToolUse | StopReason::PauseTurn | StopReason::Compaction) => {
                Output::Unfinished
            }
            reason => match (message.json(), reason) {
                (Ok(value), _) => Output::Value(value),
                (
                    Err(error),
                    Some(StopReason::MaxTokens | StopReason::ModelContextWindowExceeded),
                ) => Output::Cut(error),
                (Err(error), _) => Output::Misfit(error),
            },
        };
        Self { message, output }
    }
}

fn refused(message: &Message) -> Error {
    let details = message.stop_details.as_ref();
    let explanation = details.and_then(|details| details.explanation.as_deref());
    no_value(match explanation {
        Some(explanation) => format!(
            "the model refused: stop_reason is `refusal`: {}",
            one_line(explanation)
        ),
        None => "the model refused: stop_reason is `refusal`".to_owned(),
    })
}

fn unfinished(message: &Message) -> Error {
    no_value(format!(
        "the model is not done yet: stop_reason is `{}`; send its tools' results, or the \
         message back as it is",
        message.stop_reason_str()
    ))
}

fn no_value(reason: impl fmt::Display) -> Error {
    Error::new(ErrorKind::NoAnswer, reason.to_string())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
