//! The response to a call by name: of the kind that the table has, its content as JSON.

use anthropic_types::Json;

use crate::operation::AnswerKind;
use crate::response::incoming::Incoming;
use crate::response::page::{Page, open_page};
use crate::stream::{
    EventStream, JsonLines, open_event_stream, open_json_lines, open_quiet_stream,
};
use crate::transport::Body;
use crate::{BoxFuture, Result};

/// The response to a [`Call`](super::Call), of the operation's [`AnswerKind`]; JSON is as the API
/// sent it.
#[derive(Debug)]
#[non_exhaustive]
pub enum Answer {
    /// One JSON document.
    Json(Json),
    /// A page of a listing; the next ones can be fetched from it.
    Page(Page<Json>),
    /// A stream of events.
    Events(EventStream<Json>),
    /// Lines of JSON.
    Lines(JsonLines<Json>),
    /// Bytes, to be read as they arrive.
    Bytes(Body),
    /// Nothing but success.
    Empty,
}

/// Opens a response by its operation's description.
pub(super) fn open(incoming: Incoming) -> BoxFuture<'static, Result<Answer>> {
    let info = incoming.context().call.info;
    Box::pin(async move {
        Ok(match info.answer_kind() {
            AnswerKind::Json => Answer::Json(incoming.json()?),
            AnswerKind::Page => Answer::Page(open_page(incoming).await?),
            AnswerKind::Events if info.last_event().is_some() => {
                Answer::Events(open_event_stream(incoming, is_last).await?)
            }
            AnswerKind::Events => Answer::Events(open_quiet_stream(incoming).await?),
            AnswerKind::Lines => Answer::Lines(open_json_lines(incoming).await?),
            AnswerKind::Bytes => Answer::Bytes(incoming.into_body()),
            AnswerKind::Empty => Answer::Empty,
        })
    })
}

/// Whether an event is the last: the end of a message, or the piece of a text completion that has a
/// stop reason. No other stream must end with an event.
fn is_last(event: &Json) -> bool {
    // Most events are deltas of text: what can't be the last one is not parsed.
    let text = event.as_str();
    if !text.contains("message_stop") && !text.contains("\"stop_reason\"") {
        return false;
    }
    let event = event.to_value();
    match event.get("type").and_then(|it| it.as_str()) {
        Some("message_stop") => true,
        Some("completion") => event.get("stop_reason").is_some_and(|it| !it.is_null()),
        _ => false,
    }
}
