//! A message request as the rules see it.

use std::fmt;

use http::HeaderMap;
use serde_json::Value;

use crate::base::errors::ApiError;
use crate::models::{self, Model};

pub(super) type Check = Result<(), ApiError>;

pub(super) fn refuse(message: impl Into<String>) -> Check {
    Err(ApiError::invalid(message))
}

/// What comes with the body of a message request.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) headers: &'a HeaderMap,
    /// The input tokens.
    pub(crate) prompt: u64,
    /// Whether tokens are counted and no message is made.
    pub(crate) counting: bool,
    /// Fails unless a file of this id exists.
    pub(crate) file: &'a (dyn Fn(&str) -> Check + Sync),
}

/// Where a content block stands, as messages write it.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) message: usize,
    block: usize,
    /// The index within a tool result.
    inner: Option<usize>,
}

impl Place {
    fn within(self, inner: usize) -> Self {
        Self {
            inner: Some(inner),
            ..self
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "messages.{}.content.{}", self.message, self.block)?;
        match self.inner {
            Some(inner) => write!(f, ".tool_result.content.{inner}"),
            None => Ok(()),
        }
    }
}

#[derive(Clone, Copy)]
pub(super) struct Conversation<'a> {
    pub(super) body: &'a Value,
    pub(super) messages: &'a [Value],
    /// The request's model, if it is known.
    pub(super) model: Option<&'static Model>,
    pub(super) scope: Scope<'a>,
}

impl<'a> Conversation<'a> {
    pub(super) fn new(body: &'a Value, scope: Scope<'a>) -> Self {
        Self {
            body,
            messages: items(body, "messages"),
            model: models::find(text(body, "model")),
            scope,
        }
    }

    /// The name of the model, as the request has it.
    pub(super) fn model_name(self) -> &'a str {
        text(self.body, "model")
    }

    /// Whether something of the model holds; an unknown one takes everything.
    pub(super) fn model_is(self, holds: impl Fn(&Model) -> bool) -> bool {
        self.model.is_none_or(holds)
    }

    pub(super) fn max_tokens(self) -> u64 {
        self.body.get("max_tokens").map_or(0, whole)
    }

    /// The betas that are asked for, as the header has them.
    pub(super) fn betas(self) -> String {
        let headers = self.scope.headers.get_all("anthropic-beta").iter();
        let headers: Vec<&str> = headers.filter_map(|header| header.to_str().ok()).collect();
        headers.join(",")
    }

    /// `enabled`, `adaptive`, `disabled`, or empty.
    pub(super) fn thinking(self) -> &'a str {
        self.body.get("thinking").map_or("", kind)
    }

    /// Whether thinking is on, in whichever way.
    pub(super) fn thinks(self) -> bool {
        matches!(self.thinking(), "enabled" | "adaptive")
    }

    /// Whether the request is a turn of a message thread, which has messages of its own.
    pub(super) fn has_thread(self) -> bool {
        let thread = self.body.get("thread");
        thread.is_some_and(|thread| !thread.is_null())
    }

    /// Every content block with its place, such as `messages.0.content.1`.
    pub(super) fn blocks(self) -> impl Iterator<Item = (usize, usize, &'a Value)> {
        let messages = self.messages.iter().enumerate();
        messages.flat_map(|(message, value)| {
            let blocks = items(value, "content").iter().enumerate();
            blocks.map(move |(block, value)| (message, block, value))
        })
    }

    /// Every content block, also those within tool results, with its place.
    pub(super) fn inner_blocks(self) -> impl Iterator<Item = (Place, &'a Value)> {
        self.blocks().flat_map(|(message, block, value)| {
            let place = Place {
                message,
                block,
                inner: None,
            };
            let results = match kind(value) {
                "tool_result" => items(value, "content"),
                _ => &[],
            };
            let results = results.iter().enumerate();
            let results = results.map(move |(inner, value)| (place.within(inner), value));
            std::iter::once((place, value)).chain(results)
        })
    }

    /// The schemas of structured output, with their places.
    pub(super) fn output_schemas(self) -> impl Iterator<Item = (&'static str, &'a Value)> {
        let format = self.body.get("output_config");
        let format = format.and_then(|config| config.get("format"));
        let places = [
            ("output_config.format.schema", format),
            ("output_format.schema", self.body.get("output_format")),
        ];
        let found = |(place, format): (_, Option<&'a Value>)| Some((place, format?.get("schema")?));
        places.into_iter().filter_map(found)
    }
}

/// A whole number, which JSON may also write as `1e3`; the nearest that there is, where it is
/// negative or too large.
pub(super) fn whole(number: &Value) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the nearest one is wanted"
    )]
    let nearest = || number.as_f64().unwrap_or_default() as u64;
    number.as_u64().unwrap_or_else(nearest)
}

/// The elements of a field that is a list.
pub(super) fn items<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    let list = value.get(name).and_then(Value::as_array);
    list.map_or(&[], Vec::as_slice)
}

/// A field that is a string, or the empty string.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn kind(block: &Value) -> &str {
    text(block, "type")
}

pub(super) fn role(message: &Value) -> &str {
    text(message, "role")
}
