//! From an event on the wire to a typed one, with a short way for the deltas that come by the thousand.
//!
//! The type is the payload's `type`; where there is none, the event's name. A text, thinking or input
//! delta that has just the fields this version knows is read without building anything: its text is
//! borrowed from the chunk, or lies in a scratch buffer if it had to be unescaped. Everything else goes
//! through the types' own decoder. Either way the result is the same.

use std::fmt;

use anthropic_types::{
    ContentBlockDelta, ContentBlockDeltaEvent, InputJSONDelta, StreamEvent, TextDelta,
    ThinkingDelta,
};
use memchr::memchr;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::fold::Kind;
use super::machine::Piece;
use crate::partial_json::escape::{Escape, Step};
use crate::sse::Event;
use crate::{Error, Result};

/// What an event on the wire is.
#[derive(Debug)]
pub(super) enum Frame<'d> {
    Piece(Piece<'d>),
    Event(StreamEvent),
    Ping,
    /// An `error` event; its data tells which.
    Error,
}

pub(super) fn decode<'d>(event: Event<'d>, scratch: &'d mut String) -> Result<Frame<'d>> {
    let (name, data) = (event.name(), event.data());
    // Whatever else it says, JSON or not, it is no event to fold.
    if name == "error" {
        return Ok(Frame::Error);
    }
    if matches!(name, "content_block_delta" | "") {
        if let Some(found) = piece(data, scratch) {
            let text = found.text.unwrap_or(scratch);
            let (index, kind) = (found.index, found.kind);
            return Ok(Frame::Piece(Piece { index, kind, text }));
        }
    }
    let mut typed = read(data);
    let nameless = match &typed {
        Ok(StreamEvent::Unrecognized(unknown)) => unknown.type_name().is_none(),
        Ok(_) => false,
        Err(_) => data.is_empty(),
    };
    if nameless && !name.is_empty() {
        if let Some(named) = named(name, data) {
            typed = read(&named);
        }
    }
    let typed = typed.map_err(|error| {
        let path = error.path().to_owned();
        Error::decode(&path, error, data.as_bytes())
    })?;
    Ok(match typed.type_name() {
        "ping" => Frame::Ping,
        "error" => Frame::Error,
        _ => Frame::Event(typed),
    })
}

fn read(data: &str) -> Result<StreamEvent, anthropic_types::DecodeError> {
    anthropic_types::from_slice(data.as_bytes())
}

/// The payload with the event's name as its type.
fn named(name: &str, data: &str) -> Option<String> {
    let name = serde_json::to_string(name).ok()?;
    if data.is_empty() {
        return Some(format!(r#"{{"type":{name}}}"#));
    }
    let rest = data
        .trim_ascii_start()
        .strip_prefix('{')?
        .trim_ascii_start();
    let comma = if rest.starts_with('}') { "" } else { "," };
    Some(format!(r#"{{"type":{name}{comma}{rest}"#))
}

/// The event that a piece came in.
pub(super) fn event_of(piece: Piece<'_>) -> StreamEvent {
    let delta: ContentBlockDelta = match piece.kind {
        Kind::Text => TextDelta::new(piece.text).into(),
        Kind::Thinking => ThinkingDelta::new(piece.text).into(),
        Kind::Input => InputJSONDelta::new(piece.text).into(),
    };
    ContentBlockDeltaEvent::new(delta, piece.index).into()
}

/// A piece whose text may lie in the scratch buffer instead.
struct Found<'de> {
    index: u64,
    kind: Kind,
    text: Option<&'de str>,
}

/// Reads a delta that has just the known fields; anything else is not for the short way.
fn piece<'de>(data: &'de str, scratch: &mut String) -> Option<Found<'de>> {
    let mut json = serde_json::Deserializer::from_str(data);
    let found = json.deserialize_map(EventVisitor(scratch)).ok()?;
    json.end().ok()?;
    Some(found)
}

struct EventVisitor<'s>(&'s mut String);

impl<'de> Visitor<'de> for EventVisitor<'_> {
    type Value = Found<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a content_block_delta")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Found<'de>, A::Error> {
        let (mut typed, mut index, mut body) = (false, None, None);
        while let Some(key) = map.next_key::<&str>()? {
            match key {
                "type" if !typed => {
                    typed = map.next_value::<&str>()? == "content_block_delta";
                    if !typed {
                        return Err(other());
                    }
                }
                "index" if index.is_none() => index = Some(map.next_value::<u64>()?),
                "delta" if body.is_none() => body = Some(map.next_value_seed(Body(self.0))?),
                _ => return Err(other()),
            }
        }
        match (typed, index, body) {
            (true, Some(index), Some((kind, text))) => Ok(Found { index, kind, text }),
            _ => Err(other()),
        }
    }
}

fn other<E: serde::de::Error>() -> E {
    E::custom("")
}

struct Body<'s>(&'s mut String);

impl<'de> DeserializeSeed<'de> for Body<'_> {
    type Value = (Kind, Option<&'de str>);

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Body<'_> {
    type Value = (Kind, Option<&'de str>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a delta")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut typed, mut body) = (None, None);
        while let Some(key) = map.next_key::<&str>()? {
            let kind = match key {
                "type" if typed.is_none() => {
                    typed = Some(match map.next_value::<&str>()? {
                        "text_delta" => Kind::Text,
                        "thinking_delta" => Kind::Thinking,
                        "input_json_delta" => Kind::Input,
                        _ => return Err(other()),
                    });
                    continue;
                }
                "text" => Kind::Text,
                "thinking" => Kind::Thinking,
                "partial_json" => Kind::Input,
                _ => return Err(other()),
            };
            if body.is_some() {
                return Err(other());
            }
            let raw = map.next_value::<&RawValue>()?.get();
            let inner = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"'));
            let mut text = Some(inner.ok_or_else(other)?);
            if let Some(escaped) = text.filter(|text| memchr(b'\\', text.as_bytes()).is_some()) {
                unescape(escaped, self.0).ok_or_else(other)?;
                text = None;
            }
            body = Some((kind, text));
        }
        body.filter(|(kind, _)| typed == Some(*kind))
            .ok_or_else(|| A::Error::custom(""))
    }
}

/// Puts the text of a JSON string into the scratch buffer, which is used again and again, where serde_json
/// would allocate one for each string with an escape.
///
/// `None` is for what serde_json has to judge, such as half of a surrogate pair.
fn unescape(mut text: &str, scratch: &mut String) -> Option<()> {
    scratch.clear();
    while let Some(at) = memchr(b'\\', text.as_bytes()) {
        scratch.push_str(text.get(..at)?);
        let mut escape = Escape::default();
        escape.begin();
        let mut end = at + 1;
        loop {
            let step = escape.next(*text.as_bytes().get(end)?);
            end += 1;
            match step {
                Step::Open => {}
                Step::Done(character) => {
                    scratch.push(character);
                    break;
                }
                Step::Bad(_) => return None,
            }
        }
        text = text.get(end..)?;
    }
    scratch.push_str(text);
    Some(())
}

#[cfg(test)]
mod tests;
