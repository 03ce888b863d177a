//! Events that were repaired while they were read: which of them can still be folded, and where
//! they belong.
//!
//! What is in an event may be incomplete, as in a plain response. What names its place, or what
//! it adds, may not.

use anthropic_types::{
    ContentBlockDelta, ContentBlockDeltaEvent, Extra, RepairKind, StreamEvent, Unrecognized,
    repairs,
};

use super::frame::holds_content;
use super::protocol::ProtocolError;

/// What to do with a delta.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Fits,
    /// It adds nothing: what it should add is missing or `null`.
    Empty,
}

/// Checks that an event can be folded although it was repaired.
pub(super) fn check(event: &StreamEvent) -> Result<Verdict, ProtocolError> {
    let (extra, keys): (&Extra, &[&str]) = match event {
        StreamEvent::MessageStart(event) => (&event.extra, &["message"]),
        StreamEvent::ContentBlockStart(event) => (&event.extra, &["content_block", "index"]),
        StreamEvent::ContentBlockStop(event) => (&event.extra, &["index"]),
        StreamEvent::ContentBlockDelta(event) => return delta(event),
        StreamEvent::MessageDelta(event) => {
            let is_lost = event.extra.repair("delta") == Some(RepairKind::Mistyped);
            (&event.extra, if is_lost { &["delta"] } else { &[] })
        }
        _ => return Ok(Verdict::Fits),
    };
    if keys.iter().any(|key| extra.repair(key).is_some()) {
        return Err(malformed(event));
    }
    Ok(Verdict::Fits)
}

fn delta(event: &ContentBlockDeltaEvent) -> Result<Verdict, ProtocolError> {
    let bad = || malformed(&event.clone().into());
    if event.extra.repair("index").is_some() {
        return Err(bad());
    }
    if let Some(kind) = event.extra.repair("delta") {
        return verdict(kind).ok_or_else(bad);
    }
    let (extra, keys): (&Extra, &[&str]) = match &event.delta {
        ContentBlockDelta::TextDelta(delta) => (&delta.extra, &["text"]),
        ContentBlockDelta::ThinkingDelta(delta) => (&delta.extra, &["thinking"]),
        ContentBlockDelta::InputJsonDelta(delta) => (&delta.extra, &["partial_json"]),
        ContentBlockDelta::SignatureDelta(delta) => (&delta.extra, &["signature"]),
        ContentBlockDelta::CitationsDelta(delta) => (&delta.extra, &["citation"]),
        ContentBlockDelta::CompactionDelta(delta) => {
            (&delta.extra, &["content", "encrypted_content"])
        }
        ContentBlockDelta::Unrecognized(unknown) if unknown.json().is_null() => {
            return Ok(Verdict::Empty);
        }
        ContentBlockDelta::Unrecognized(unknown) if unknown.reason().is_some() => return Err(bad()),
        _ => return Ok(Verdict::Fits),
    };
    match keys.iter().find_map(|key| extra.repair(key)) {
        None => Ok(Verdict::Fits),
        Some(kind) => verdict(kind).ok_or_else(bad),
    }
}

/// What becomes of a delta whose value was repaired; nothing where it was another value.
fn verdict(kind: RepairKind) -> Option<Verdict> {
    match kind {
        RepairKind::Missing | RepairKind::Null => Some(Verdict::Empty),
        RepairKind::LoneSurrogate => Some(Verdict::Fits),
        _ => None,
    }
}

/// Whether an event of a type that nobody knows has something that belongs to a message. Without
/// any type it is one of those that the message is made of, and must not pass as an unknown one.
pub(super) fn is_content(unknown: &Unrecognized) -> Result<bool, ProtocolError> {
    let name = unknown.type_name().filter(|name| !name.is_empty());
    let malformed = |reason: String| ProtocolError::Malformed {
        event: name.unwrap_or("an event without a type").to_owned(),
        reason,
    };
    if let Some(reason) = unknown.reason() {
        return Err(malformed(reason.to_owned()));
    }
    let object = serde_json::from_str(unknown.json().as_str());
    match (object.ok().as_ref().and_then(holds_content), name) {
        (Some(key), None) => Err(malformed(format!("it has a `{key}`"))),
        (found, _) => Ok(found.is_some()),
    }
}

/// The error of an event that does not fit.
pub(super) fn malformed(event: &StreamEvent) -> ProtocolError {
    let reason = match event {
        StreamEvent::ContentBlockDelta(event) => match &event.delta {
            ContentBlockDelta::Unrecognized(unknown) => unknown.reason(),
            _ => None,
        },
        _ => None,
    };
    let found = repairs(event);
    let reason = match (reason, found.first()) {
        (Some(reason), _) => format!("delta: {reason}"),
        (None, Some(repair)) => repair.to_string(),
        (None, None) => "it does not fit".to_owned(),
    };
    ProtocolError::Malformed {
        event: event.type_name().to_owned(),
        reason,
    }
}

/// An event of a block that lacks a readable index, with the index that it can only mean: the one
/// that its text names, the next one for a block that starts, that of the only open block
/// otherwise.
pub(super) fn placed(event: StreamEvent, next: Option<u64>, only_open: Option<u64>) -> StreamEvent {
    fn read(extra: &mut Extra, index: &mut u64, meant: Option<u64>) {
        if extra.repair("index").is_none() {
            return;
        }
        let named = extra.decode::<String>("index");
        let found = match (named, extra.get("index")) {
            (Some(text), _) => text.trim().parse().ok(),
            (None, Some(_)) => None,
            (None, None) => meant,
        };
        if let Some(found) = found {
            *index = found;
            extra.settle("index");
        }
    }
    let mut event = event;
    match &mut event {
        StreamEvent::ContentBlockStart(event) => {
            read(&mut event.extra, &mut event.index, next);
        }
        StreamEvent::ContentBlockDelta(event) => {
            read(&mut event.extra, &mut event.index, only_open);
        }
        StreamEvent::ContentBlockStop(event) => {
            read(&mut event.extra, &mut event.index, only_open);
        }
        _ => {}
    }
    event
}

/// Whether an event lacks a readable index.
pub(super) fn is_misplaced(event: &StreamEvent) -> bool {
    let extra = match event {
        StreamEvent::ContentBlockStart(event) => &event.extra,
        StreamEvent::ContentBlockDelta(event) => &event.extra,
        StreamEvent::ContentBlockStop(event) => &event.extra,
        _ => return false,
    };
    extra.repair("index").is_some()
}
