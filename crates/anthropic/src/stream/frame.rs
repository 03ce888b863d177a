//! What an event on the wire is, for every kind of stream alike.
//!
//! The type is the payload's `type`. Where that is missing or can't be read, or is none that
//! anybody knows, the event's name stands in for it.

use std::borrow::Cow;

use anthropic_types::{Decode, DecodeError, Decoding};
use memchr::memchr2;
use serde_json::value::RawValue;

use crate::Result;
use crate::error::{is_bare_error, is_error_document};
use crate::request::query::RawObject;
use crate::response::incoming::misfit;
use crate::sse::Event;

/// What an event on the wire is.
#[derive(Debug)]
pub(super) enum Frame<T> {
    Event(T),
    /// A sign of life.
    Ping,
    /// An `error` event; its data names the error.
    Error,
    /// What some gateways send at the end of a stream.
    Done,
    /// The end of the body cut it off.
    Cut,
}

/// The events that can't pass as unknown: without them a message is not whole.
const KNOWN: [&str; 6] = [
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
];

/// What in an object belongs to a message. A text under `message` is somebody's note.
const CONTENT: [&str; 4] = ["message", "content_block", "delta", "usage"];

/// Reads an event.
pub(super) fn frame<T: Decode>(event: Event<'_>, decoding: Decoding) -> Result<Frame<T>> {
    let payload = match sort(event) {
        Sorted::Ping => return Ok(Frame::Ping),
        Sorted::Error => return Ok(Frame::Error),
        Sorted::Done => return Ok(Frame::Done),
        Sorted::Cut => return Ok(Frame::Cut),
        Sorted::Payload(payload) => payload,
    };
    let read = |json: &str| -> Result<T, DecodeError> {
        anthropic_types::from_slice_with(json.as_bytes(), decoding)
    };
    let error = match read(&payload.json) {
        Ok(event) => return Ok(Frame::Event(event)),
        Err(error) => error,
    };
    match payload.instead.then(|| event.data()) {
        Some("") => Ok(Frame::Ping),
        Some(data) => match read(data).or_else(|_| read(&foreign(event.name(), data))) {
            Ok(event) => Ok(Frame::Event(event)),
            Err(_) => Err(misfit(error, payload.json.as_bytes())),
        },
        None => Err(misfit(error, payload.json.as_bytes())),
    }
}

enum Sorted<'d> {
    Ping,
    Error,
    Done,
    Cut,
    Payload(Payload<'d>),
}

/// What an event is read from.
struct Payload<'d> {
    json: Cow<'d, str>,
    /// Whether something else may be read where this does not fit: the data as it came, or as that
    /// of an event that nobody knows, which need not be JSON.
    instead: bool,
}

fn sort(event: Event<'_>) -> Sorted<'_> {
    let data = event.data();
    // The name that an event without one has.
    let name = match event.name() {
        "message" => "",
        name => name,
    };
    if !event.is_terminated() && is_cut(name, data) {
        return Sorted::Cut;
    }
    match (name, data.trim_ascii()) {
        ("error", _) => return Sorted::Error,
        ("", "" | "null") => return Sorted::Ping,
        (_, "[DONE]") => return Sorted::Done,
        _ => {}
    }
    let is_foreign = !name.is_empty() && !KNOWN.contains(&name);
    let payload = |json, instead| Sorted::Payload(Payload { json, instead });
    match Tag::of(data) {
        Tag::Named(tag) if tag == "ping" => Sorted::Ping,
        Tag::Named(tag) if tag == "error" => Sorted::Error,
        Tag::Named(tag) if KNOWN.contains(&name) && !KNOWN.contains(&&*tag) => {
            payload(named(name, data), false)
        }
        Tag::Named(_) => payload(Cow::Borrowed(data), is_foreign),
        Tag::None(_) if is_bare_error(data) => Sorted::Error,
        Tag::None(_) if name != "ping" && !KNOWN.contains(&name) && is_error_document(data) => {
            Sorted::Error
        }
        // It would be lost as a ping.
        Tag::None(object) if name == "ping" && holds_content(&object).is_some() => {
            payload(Cow::Borrowed(data), false)
        }
        _ if name == "ping" => Sorted::Ping,
        Tag::None(_) if name.is_empty() => payload(Cow::Borrowed(data), false),
        Tag::None(_) => payload(named(name, data), is_foreign),
        Tag::Other if is_bare_error(data) => Sorted::Error,
        Tag::Other if is_foreign => payload(foreign(name, data).into(), true),
        Tag::Other => payload(Cow::Borrowed(data), false),
        Tag::Broken if data.is_empty() => payload(named(name, "{}"), is_foreign),
        Tag::Broken => payload(Cow::Borrowed(data), is_foreign),
    }
}

/// What an event is by its data.
enum Tag<'d> {
    Named(Cow<'d, str>),
    /// An object without a readable type.
    None(RawObject),
    /// JSON that is no object.
    Other,
    /// No JSON.
    Broken,
}

impl<'d> Tag<'d> {
    fn of(data: &'d str) -> Self {
        // The first key, as the API and gateways in Python write it; else wherever it is.
        for head in [r#"{"type":""#, r#"{"type": ""#] {
            let name = data.strip_prefix(head).and_then(quoted);
            if let Some(name) = name {
                return Self::Named(Cow::Borrowed(name));
            }
        }
        match serde_json::from_str::<RawObject>(data) {
            Ok(object) => match tag(&object) {
                Some(name) => Self::Named(Cow::Owned(name)),
                None => Self::None(object),
            },
            Err(_) if is_json(data) => Self::Other,
            Err(_) => Self::Broken,
        }
    }
}

/// What comes before the next quote, if it is a word as it stands.
fn quoted(text: &str) -> Option<&str> {
    let end = memchr2(b'"', b'\\', text.as_bytes())?;
    let (word, rest) = text.split_at_checked(end)?;
    (!word.is_empty() && rest.starts_with('"')).then_some(word)
}

/// The type of an object, if it can be read.
fn tag(object: &RawObject) -> Option<String> {
    let types = object.0.iter().filter(|(key, _)| key == "type");
    let mut names = types.filter_map(|(_, value)| serde_json::from_str(value.get()).ok());
    names.find(|name: &String| !name.is_empty())
}

/// The key under which an object has something that belongs to a message.
pub(super) fn holds_content(object: &RawObject) -> Option<&'static str> {
    CONTENT.into_iter().find(|key| match object.get(key) {
        Some(value) => {
            value.get() != "null" && !(*key == "message" && value.get().starts_with('"'))
        }
        None => false,
    })
}

/// An object with the event's name as its type.
fn named(name: &str, data: &str) -> Cow<'static, str> {
    let Ok(mut object) = serde_json::from_str::<RawObject>(data) else {
        return Cow::Owned(data.to_owned());
    };
    object.0.retain(|(key, _)| key != "type");
    if let Ok(name) = serde_json::value::to_raw_value(name) {
        object.0.insert(0, ("type".to_owned(), name));
    }
    String::from_utf8(object.to_json()).map_or_else(|_| Cow::Owned(data.to_owned()), Cow::Owned)
}

/// An event that nobody knows whose data is no object, as if it were.
fn foreign(name: &str, data: &str) -> String {
    let value = serde_json::from_str::<&RawValue>(data);
    let data = value.map_or_else(
        |_| serde_json::Value::from(data).to_string(),
        |it| it.get().to_owned(),
    );
    let name = serde_json::Value::from(name);
    format!(r#"{{"type":{name},"data":{data}}}"#)
}

/// Whether an event that the end of the body left open is not all there. Plain text of an error is
/// whole however it ends.
fn is_cut(name: &str, data: &str) -> bool {
    if name == "error" && !data.is_empty() && !data.starts_with('{') {
        return false;
    }
    data.is_empty() || !(data == "[DONE]" || is_json(data))
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}
