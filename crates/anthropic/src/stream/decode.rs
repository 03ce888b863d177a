//! From an event on the wire to a typed one, with a short way for the deltas that come by the
//! thousand.
//!
//! A text, thinking or input delta that is written as the API or a gateway in Python writes it is
//! read without a parser and without building anything: its text is borrowed from the chunk, or
//! lies in a scratch buffer if it had to be unescaped. Everything else goes through the types' own
//! decoder. Either way the result is the same.

use std::ops::Range;

use anthropic_types::{
    ContentBlockDelta, ContentBlockDeltaEvent, Decoding, InputJsonDelta, StreamEvent, TextDelta,
    ThinkingDelta, repairs,
};
use memchr::memchr2;

use super::accumulator::Piece;
use super::fold::Kind;
use super::frame::{Frame, frame};
use super::halves::{self, Halves};
use crate::Result;
use crate::partial_json::escape::{Escape, Step};
use crate::sse::{Event, RawEvent};

/// A piece, if the event is one that can be read the short way.
pub(super) fn piece<'d>(event: &RawEvent<'d>, scratch: &'d mut String) -> Option<Piece<'d>> {
    if !matches!(event.name(), b"content_block_delta" | b"") {
        return None;
    }
    piece_in(event.data(), scratch)
}

/// The same by the event's data alone.
pub(super) fn piece_in<'d>(data: &'d [u8], scratch: &'d mut String) -> Option<Piece<'d>> {
    let found = written(data, scratch)?;
    let (index, kind) = (found.index, found.kind);
    let text = found.text.unwrap_or(scratch);
    Some(Piece { index, kind, text })
}

/// Any event that is no [`piece`], and the halves of characters at the ends of its text, which is
/// without them.
///
/// A strict reading fails with half of a character. Where the other half may be in another event,
/// and nothing else is amiss, the event is read leniently.
pub(super) fn decode(
    event: Event<'_>,
    decoding: Decoding,
) -> Result<(Frame<StreamEvent>, Option<Halves>)> {
    let mut frame = match (frame(event, decoding), decoding) {
        (Err(error), Decoding::Strict) => {
            let split = split(event);
            return split.ok_or(error);
        }
        (read, _) => read?,
    };
    let halves = match &mut frame {
        Frame::Event(typed) => halves::take(typed, event.data()),
        _ => None,
    };
    Ok((frame, halves))
}

/// Whether an event that a strict reading refuses is an update of the message.
pub(super) fn is_update(event: Event<'_>) -> bool {
    let read = frame(event, Decoding::Lenient);
    matches!(read, Ok(Frame::Event(StreamEvent::MessageDelta(_))))
}

fn split(event: Event<'_>) -> Option<(Frame<StreamEvent>, Option<Halves>)> {
    let Frame::Event(mut typed) = frame(event, Decoding::Lenient).ok()? else {
        return None;
    };
    halves::is_split(&mut typed).then_some(())?;
    let halves = halves::take(&mut typed, event.data());
    repairs(&typed)
        .is_empty()
        .then_some((Frame::Event(typed), halves))
}

/// The event that a piece came in.
pub(super) fn event_of(piece: Piece<'_>) -> StreamEvent {
    event_with(piece.index, piece.kind, piece.text.to_owned())
}

pub(super) fn event_with(index: u64, kind: Kind, text: String) -> StreamEvent {
    let delta: ContentBlockDelta = match kind {
        Kind::Text => TextDelta::new(text).into(),
        Kind::Thinking => ThinkingDelta::new(text).into(),
        Kind::Input => InputJsonDelta::new(text).into(),
    };
    ContentBlockDeltaEvent::new(delta, index).into()
}

/// A piece whose text may lie in the scratch buffer instead.
struct Found<'de> {
    index: u64,
    kind: Kind,
    text: Option<&'de str>,
}

/// Reads a delta that is written in one style: what is before its index, between that and its kind,
/// and between its kind and its text. Literals are compared inline, which a table's are not.
macro_rules! written {
    ($data:ident, $scratch:ident, $head:literal, $middle:literal, $($kind:ident = $before:literal),*) => {
        if let Some(rest) = $data.strip_prefix($head) {
            let (index, rest) = index(rest)?;
            let rest = rest.strip_prefix($middle)?;
            $(
                if let Some(text) = rest.strip_prefix($before) {
                    return found(index, Kind::$kind, text, $scratch);
                }
            )*
            return None;
        }
    };
}

/// Reads a delta that has just the known fields and is written as the API writes it, or with the
/// blanks that Python's `json` puts in, which gateways use. That needs no parser; anything else is
/// not for the short way.
fn written<'de>(data: &'de [u8], scratch: &mut String) -> Option<Found<'de>> {
    written!(
        data,
        scratch,
        br#"{"type":"content_block_delta","index":"#,
        br#","delta":{"type":""#,
        Text = br#"text_delta","text":""#,
        Input = br#"input_json_delta","partial_json":""#,
        Thinking = br#"thinking_delta","thinking":""#
    );
    written!(
        data,
        scratch,
        br#"{"type": "content_block_delta", "index": "#,
        br#", "delta": {"type": ""#,
        Text = br#"text_delta", "text": ""#,
        Input = br#"input_json_delta", "partial_json": ""#,
        Thinking = br#"thinking_delta", "thinking": ""#
    );
    None
}

/// The index that a text begins with, and the rest.
fn index(text: &[u8]) -> Option<(u64, &[u8])> {
    let [first @ b'0'..=b'9', rest @ ..] = text else {
        return None;
    };
    let (mut index, mut rest) = (u64::from(first - b'0'), rest);
    while let [digit @ b'0'..=b'9', after @ ..] = rest {
        // No number has zeros in front.
        if index == 0 {
            return None;
        }
        let ten = index.checked_mul(10)?;
        index = ten.checked_add(u64::from(digit - b'0'))?;
        rest = after;
    }
    Some((index, rest))
}

/// Where in an event's data the text of its piece lies, if the data can be taken, and unless the
/// text had to be unescaped.
pub(super) fn place(event: &RawEvent<'_>, text: &str) -> Option<Range<usize>> {
    if !event.is_loose() {
        return None;
    }
    let data = event.data();
    let start = text.as_ptr().addr().checked_sub(data.as_ptr().addr())?;
    let place = start..start + text.len();
    (place.end <= data.len()).then_some(place)
}

/// The text of a piece, from bytes that have been looked at.
pub(super) fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// A delta of which its text and the end are left. What came before is text, as it is what was
/// looked for; of the event only this is looked at.
fn found<'de>(index: u64, kind: Kind, rest: &'de [u8], scratch: &mut String) -> Option<Found<'de>> {
    let text = rest.strip_suffix(br#""}}"#)?;
    let is_short = text.len() <= SHORT;
    if is_short
        && !text
            .iter()
            .any(|byte| matches!(byte, 0..b' ' | b'"' | b'\\'))
    {
        let text = Some(std::str::from_utf8(text).ok()?);
        return Some(Found { index, kind, text });
    }
    if text.iter().any(|byte| *byte < b' ') {
        return None;
    }
    let text = plain(std::str::from_utf8(text).ok()?, scratch)?;
    Some(Found { index, kind, text })
}

/// A text for which a search that takes many bytes at a time would take longer to begin than one
/// that takes each.
const SHORT: usize = 32;

/// What is between the quotes of a JSON string: as it is, or, where it has escapes, in the scratch
/// buffer. That is used again and again, where serde_json would allocate one for each string.
///
/// `None` is for what serde_json has to judge, such as half of a surrogate pair.
#[expect(clippy::option_option, reason = "the inner one says where the text is")]
fn plain<'de>(text: &'de str, scratch: &mut String) -> Option<Option<&'de str>> {
    if memchr2(b'\\', b'"', text.as_bytes()).is_none() {
        return Some(Some(text));
    }
    unescape(text, scratch).map(|()| None)
}

fn unescape(mut text: &str, scratch: &mut String) -> Option<()> {
    scratch.clear();
    while let Some(at) = memchr2(b'\\', b'"', text.as_bytes()) {
        let (before, from) = text.split_at_checked(at)?;
        if from.starts_with('"') {
            return None;
        }
        scratch.push_str(before);
        let mut escape = Escape::default();
        escape.begin();
        let mut end = 1;
        loop {
            let step = escape.next(*from.as_bytes().get(end)?);
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
        text = from.get(end..)?;
    }
    scratch.push_str(text);
    Some(())
}

#[cfg(test)]
mod tests;
