//! Fields that known events have beyond their own.
//!
//! Gateways add some, and newer versions of the API may. What the end of a stream has of them is
//! the message's, as far as that has a place for it; of any other event they are nowhere in the
//! message, so the event is kept beside it.

use anthropic_types::{ContentBlockDelta, Extra, Message, StreamEvent};

/// Whether an event of a block, or the first one, has something that is not in the message once it
/// is folded. What is nothing, or what the message has itself, does not count.
pub(super) fn has_more(event: &StreamEvent, message: Option<&Message>) -> bool {
    let (beside, within) = match event {
        StreamEvent::MessageStart(event) => (&event.extra, None),
        StreamEvent::ContentBlockStart(event) => (&event.extra, None),
        StreamEvent::ContentBlockDelta(event) => (&event.extra, of_delta(&event.delta)),
        StreamEvent::ContentBlockStop(event) => (&event.extra, None),
        _ => return false,
    };
    let is_more = |extra: &Extra| {
        let mut fields = extra.iter();
        fields.any(|(key, value)| !message.is_some_and(|it| it.repeats(key, value)))
    };
    is_more(beside) || within.is_some_and(is_more)
}

fn of_delta(delta: &ContentBlockDelta) -> Option<&Extra> {
    match delta {
        ContentBlockDelta::TextDelta(delta) => Some(&delta.extra),
        ContentBlockDelta::ThinkingDelta(delta) => Some(&delta.extra),
        ContentBlockDelta::InputJsonDelta(delta) => Some(&delta.extra),
        ContentBlockDelta::SignatureDelta(delta) => Some(&delta.extra),
        ContentBlockDelta::CitationsDelta(delta) => Some(&delta.extra),
        ContentBlockDelta::CompactionDelta(delta) => Some(&delta.extra),
        _ => None,
    }
}
