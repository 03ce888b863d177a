//! A message request as the rules see it.

use std::fmt;

use http::HeaderMap;
use serde_json::Value;

use crate::base::errors::ApiError;
pub(super) use crate::base::wire::whole;
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
    /// The media type of the file of this id, empty where any would do; fails unless it exists.
    pub(crate) file: &'a (dyn Fn(&str) -> Result<String, ApiError> + Sync),
}

/// Where a content block stands, as messages write it.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) message: usize,
    block: usize,
    /// A document can be within a tool's result.
    within: [Option<Within>; 2],
}

/// The index within another block.
#[derive(Clone, Copy)]
enum Within {
    Result(usize),
    Document(usize),
}

impl Place {
    fn within(self, depth: usize, inner: Within) -> Self {
        let mut within = self.within;
        if let Some(place) = within.get_mut(depth) {
            *place = Some(inner);
        }
        Self { within, ..self }
    }

    /// The place as an error's details have it.
    pub(super) fn path(&self) -> String {
        let block = format!("messages.{}.content.{}", self.message, self.block);
        let within = self.within.iter().flatten().map(|within| match within {
            Within::Result(index) => format!(".content.{index}"),
            Within::Document(index) => format!(".source.content.{index}"),
        });
        [block].into_iter().chain(within).collect()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "messages.{}.content.{}", self.message, self.block)?;
        let mut within = self.within.iter().flatten();
        within.try_for_each(|within| match within {
            Within::Result(index) => write!(f, ".tool_result.content.{index}"),
            Within::Document(index) => write!(f, ".document.source.content.content.{index}"),
        })
    }
}

/// The blocks within a block.
fn nested(block: &Value) -> impl Iterator<Item = (Within, &Value)> {
    let (blocks, within): (_, fn(usize) -> Within) = match kind(block) {
        "tool_result" => (items(block, "content"), Within::Result),
        "document" => {
            let source = block.get("source");
            let blocks = source.map_or(&[][..], |source| items(source, "content"));
            (blocks, Within::Document)
        }
        _ => (&[][..], Within::Result),
    };
    let blocks = blocks.iter().enumerate();
    blocks.map(move |(index, block)| (within(index), block))
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

    /// Every content block, also those within tool results and documents, with its place.
    pub(super) fn inner_blocks(self) -> impl Iterator<Item = (Place, &'a Value)> {
        self.blocks().flat_map(|(message, block, value)| {
            let place = Place {
                message,
                block,
                within: [None; 2],
            };
            let inner = nested(value).flat_map(move |(within, value)| {
                let place = place.within(0, within);
                let deeper = nested(value).map(move |(it, value)| (place.within(1, it), value));
                std::iter::once((place, value)).chain(deeper)
            });
            std::iter::once((place, value)).chain(inner)
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
