//! How a run ended.

use std::fmt;

use anthropic_types::{Message, Usage};
use serde::de::DeserializeOwned;

use super::transcript::Transcript;
use super::waiting::Waiting;
use crate::error::longer;
use crate::{Error, ErrorKind, Result};

/// How a run ended: a variant for every end.
///
/// [`text`](Self::text) and [`parse`](Self::parse) are for programs that can use nothing else;
/// every other end is an error then.
///
/// ```
/// # async fn run(client: anthropic::Client, params: anthropic::types::MessageCreateParams)
/// # -> anthropic::Result<()> {
/// use anthropic::tools::Outcome;
///
/// match client.messages().run(params).await? {
///     Outcome::Answer(run) => println!("{}", run.text()),
///     Outcome::Limit { limit, .. } => println!("stopped at the limit of {limit}"),
///     other => println!("{}", other.text().unwrap_err()),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a run may have ended without a final message"]
#[non_exhaustive]
pub enum Outcome {
    /// The model finished its turn (`end_turn`, `stop_sequence`).
    Answer(Transcript),
    /// The model refused (`refusal`); the message's `stop_details` has the reason.
    Refusal(Transcript),
    /// The message was cut off (`max_tokens`, `model_context_window_exceeded`). Its calls do
    /// not run, but for those that had [started](super::Runner::eager_tools) before.
    Cut(Transcript),
    /// The model stopped for a reason unknown to this version, or called tools without naming any.
    Other(Transcript),
    /// Calls wait for somebody's decision.
    Waiting(Box<Waiting>),
    /// A limit of the run was reached.
    Limit {
        /// Which.
        limit: Limit,
        /// The conversation. Calls that the limit kept from running have an error as their result.
        transcript: Transcript,
    },
    /// A hook stopped the run.
    Stopped {
        /// The hook's reason.
        reason: String,
        /// The conversation. Calls that did not run have an error as their result.
        transcript: Transcript,
    },
}

/// A limit of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// [`Runner::max_turns`](super::Runner::max_turns).
    Turns,
    /// [`Runner::max_calls`](super::Runner::max_calls).
    Calls,
    /// [`Runner::max_total_tokens`](super::Runner::max_total_tokens).
    Tokens,
    /// [`Runner::max_cost`](super::Runner::max_cost).
    Cost,
    /// [`Runner::time_limit`](super::Runner::time_limit).
    Time,
}

impl Limit {
    /// What sets it.
    const fn setter(self) -> &'static str {
        match self {
            Self::Turns => "max_turns",
            Self::Calls => "max_calls",
            Self::Tokens => "max_total_tokens",
            Self::Cost => "max_cost",
            Self::Time => "time_limit",
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Turns => "turns",
            Self::Calls => "tool calls",
            Self::Tokens => "tokens",
            Self::Cost => "cost",
            Self::Time => "time",
        })
    }
}

impl Outcome {
    /// The text of the model's final message.
    ///
    /// # Errors
    ///
    /// [`NoAnswer`](ErrorKind::NoAnswer) where the run ended without one; the error has the
    /// [`Transcript`] ([`Error::partial`]).
    pub fn text(&self) -> Result<String> {
        match self {
            Self::Answer(transcript) => Ok(transcript.text()),
            _ => Err(self.no_answer()),
        }
    }

    /// The model's final message as a value of a type of yours. The parameters of the run ask for
    /// one by the type's [`output_format`](crate::typed::output_format).
    ///
    /// ```
    /// # #[cfg(feature = "schemars-1")]
    /// # async fn run(client: anthropic::Client, tools: anthropic::tools::Tools) -> anthropic::Result<()> {
    /// use anthropic::typed::output_format;
    /// use anthropic::types::{MessageCreateParams, Model, OutputConfig};
    ///
    /// #[derive(serde::Deserialize, schemars::JsonSchema)]
    /// struct Outfit {
    ///     pieces: Vec<String>,
    /// }
    ///
    /// let format = OutputConfig::new().format(output_format::<Outfit>()?);
    /// let params = MessageCreateParams::new(Model::CLAUDE_OPUS_5_5, 1024).output_config(format);
    /// let outcome = client.messages().run(params.user("What do I put on?")).tools(tools).await?;
    /// let outfit: Outfit = outcome.parse()?;
    /// println!("{}", outfit.pieces.join(", "));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As those of [`text`](Self::text), and [`Decode`](ErrorKind::Decode), with the path and an
    /// excerpt, where the message doesn't fit the type.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T> {
        match self {
            Self::Answer(transcript) => {
                let message = transcript.message().ok_or_else(|| self.no_answer())?;
                let failed = |error| Error::from(error).with_partial(transcript.clone());
                message.json().map_err(failed)
            }
            _ => Err(self.no_answer()),
        }
    }

    /// Why there is no final message.
    fn no_answer(&self) -> Error {
        let ended = match self {
            Self::Answer(_) => "the run has no message of the model's".to_owned(),
            Self::Refusal(transcript) => format!("the model refused{}", explanation(transcript)),
            Self::Cut(transcript) => {
                format!(
                    "the model's message was cut off: stop_reason is `{}`",
                    reason(transcript)
                )
            }
            Self::Other(transcript) => {
                format!("the model stopped: stop_reason is `{}`", reason(transcript))
            }
            Self::Waiting(waiting) => match waiting.calls().count() {
                1 => "a tool call waits for a decision".to_owned(),
                calls => format!("{calls} tool calls wait for a decision"),
            },
            Self::Limit { limit, .. } => format!("the run's limit of {limit} was reached"),
            Self::Stopped { reason, .. } => format!("the run was stopped: {reason}"),
        };
        let error = Error::new(ErrorKind::NoAnswer, ended);
        let error = match self.advice() {
            Some(advice) => error.with_hint(advice),
            None => error,
        };
        error.with_partial(self.transcript().clone())
    }

    /// What to do about an end without a final message.
    fn advice(&self) -> Option<String> {
        match self {
            Self::Cut(_) => {
                let reason = self.message()?.stop_reason.as_ref()?;
                longer(reason).map(str::to_owned)
            }
            Self::Waiting(_) => Some("go on with `resume`".to_owned()),
            Self::Limit { limit, .. } => Some(format!(
                "raise `{}`, or go on with the transcript in another run",
                limit.setter()
            )),
            _ => None,
        }
    }

    /// The conversation, and what it cost.
    pub fn transcript(&self) -> &Transcript {
        match self {
            Self::Answer(transcript)
            | Self::Refusal(transcript)
            | Self::Cut(transcript)
            | Self::Other(transcript)
            | Self::Limit { transcript, .. }
            | Self::Stopped { transcript, .. } => transcript,
            Self::Waiting(waiting) => waiting.transcript(),
        }
    }

    /// The conversation, and what it cost.
    pub fn into_transcript(self) -> Transcript {
        match self {
            Self::Answer(transcript)
            | Self::Refusal(transcript)
            | Self::Cut(transcript)
            | Self::Other(transcript)
            | Self::Limit { transcript, .. }
            | Self::Stopped { transcript, .. } => transcript,
            Self::Waiting(waiting) => waiting.into_transcript(),
        }
    }

    /// The model's last message, as it came.
    pub fn message(&self) -> Option<&Message> {
        self.transcript().message()
    }

    /// What all messages used together: see [`Transcript::usage`].
    pub fn usage(&self) -> &Usage {
        self.transcript().usage()
    }
}

fn reason(transcript: &Transcript) -> &str {
    transcript
        .message()
        .map_or("none", Message::stop_reason_str)
}

fn explanation(transcript: &Transcript) -> String {
    let details = transcript
        .message()
        .and_then(|message| message.stop_details.as_ref());
    match details.and_then(|details| details.explanation.as_deref()) {
        Some(text) if !text.is_empty() => format!(": {text}"),
        _ => String::new(),
    }
}
