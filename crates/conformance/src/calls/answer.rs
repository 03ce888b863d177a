//! What a call returns, as JSON text again.

use std::fmt::Write as _;

use anthropic::stream::{EventStream, JsonLines, MessageStream};
use anthropic::transport::Body;
use anthropic::types::{Decode, Encode, to_vec};
use anthropic::{Page, Result};

use super::Problem;
use crate::object::{object, string};

/// The result of a call, encoded again.
#[derive(Debug)]
pub(crate) struct Answer(String);

impl Answer {
    /// The line that is written.
    pub(crate) fn to_line(&self) -> String {
        object([("ok", "true"), ("value", &self.0)])
    }

    /// One JSON document.
    pub(crate) fn json<T: Encode>(result: Result<T>) -> Result<Self, Problem> {
        Ok(Self(text(&result?)))
    }

    /// A page of a listing.
    pub(crate) fn page<T: Decode + Encode>(result: Result<Page<T>>) -> Result<Self, Problem> {
        let page = result?;
        let mut entries = vec![("data", text(&page.data))];
        let mut note = |key, value: Option<String>| entries.extend(value.map(|value| (key, value)));
        note("has_more", page.has_more.map(|flag| flag.to_string()));
        note("first_id", page.first_id.as_deref().map(string));
        note("last_id", page.last_id.as_deref().map(string));
        note("next_page", page.next_page.as_deref().map(string));
        note("prev_page", page.prev_page.as_deref().map(string));
        note(
            "data_refreshed_at",
            page.data_refreshed_at.as_ref().map(text),
        );
        let extra = page.extra.iter().map(|(key, value)| (key, value.as_str()));
        let known = entries.iter().map(|(key, value)| (*key, value.as_str()));
        Ok(Self(object(known.chain(extra))))
    }

    /// Rows of JSON.
    pub(crate) async fn lines<T: Decode + Encode>(
        result: Result<JsonLines<T>>,
    ) -> Result<Self, Problem> {
        let mut lines = result?;
        let mut rows = Vec::new();
        while let Some(row) = lines.try_next().await? {
            rows.push(text(&row));
        }
        Ok(Self(list(&rows)))
    }

    /// Bytes: as text where they are text, else in hexadecimal.
    pub(crate) async fn bytes(result: Result<Body>) -> Result<Self, Problem> {
        let mut body = result?;
        let mut bytes = Vec::new();
        while let Some(chunk) = body.try_next().await? {
            bytes.extend_from_slice(&chunk);
        }
        Ok(Self(match std::str::from_utf8(&bytes) {
            Ok(content) => object([("content", string(content).as_str())]),
            Err(_) => object([("hex", string(&hex(&bytes)).as_str())]),
        }))
    }

    /// The events of a stream that is no message: nothing comes of them in the end.
    pub(crate) async fn events<T: Decode + Encode>(
        result: Result<EventStream<T>>,
    ) -> Result<Self, Problem> {
        let mut stream = result?;
        let mut events = Vec::new();
        loop {
            match stream.try_next().await {
                Ok(Some(event)) => events.push(text(&event)),
                Ok(None) => {
                    events.push(object([("final", "null")]));
                    return Ok(Self(list(&events)));
                }
                Err(error) => return Err(Problem::in_stream(error, events)),
            }
        }
    }

    /// The events of a stream, then its message.
    pub(crate) async fn stream(result: Result<MessageStream>) -> Result<Self, Problem> {
        let mut stream = result?;
        let mut events = Vec::new();
        loop {
            match stream.try_next().await {
                Ok(Some(event)) => events.push(text(&event)),
                Ok(None) => break,
                Err(error) => return Err(Problem::in_stream(error, events)),
            }
        }
        match stream.final_message().await {
            Ok(message) => events.push(object([("final", text(&message).as_str())])),
            Err(error) => return Err(Problem::in_stream(error, events)),
        }
        Ok(Self(list(&events)))
    }
}

fn text<T: Encode + ?Sized>(value: &T) -> String {
    String::from_utf8_lossy(&to_vec(value)).into_owned()
}

fn list(items: &[String]) -> String {
    format!("[{}]", items.join(","))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        // Writing to a string can't fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}
