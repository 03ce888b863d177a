//! What a stream's event carries, without matching through three layers.

use crate::{ContentBlockDelta, StreamEvent};

impl StreamEvent {
    /// The piece of text, if the event is one: a delta, or the start of a block that starts with
    /// text.
    ///
    /// ```
    /// use anthropic_types::{StreamEvent, from_slice};
    ///
    /// let json = br#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}"#;
    /// let event: StreamEvent = from_slice(json)?;
    /// assert_eq!((event.text(), event.index()), (Some("Hi"), Some(0)));
    /// # Ok::<(), anthropic_types::DecodeError>(())
    /// ```
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::ContentBlockDelta(event) => event.delta.as_text_delta().map(|delta| &*delta.text),
            Self::ContentBlockStart(event) => {
                let text = &event.content_block.as_text()?.text;
                (!text.is_empty()).then_some(text)
            }
            _ => None,
        }
    }

    /// The piece of thinking, if the event is one: a delta, or the start of a block that starts
    /// with thinking.
    pub fn thinking(&self) -> Option<&str> {
        match self {
            Self::ContentBlockDelta(event) => event
                .delta
                .as_thinking_delta()
                .map(|delta| &*delta.thinking),
            Self::ContentBlockStart(event) => {
                let thinking = &event.content_block.as_thinking()?.thinking;
                (!thinking.is_empty()).then_some(thinking)
            }
            _ => None,
        }
    }

    /// The piece of a tool's input, if the event is one.
    pub fn partial_json(&self) -> Option<&str> {
        match self.delta()? {
            ContentBlockDelta::InputJsonDelta(delta) => Some(&delta.partial_json),
            _ => None,
        }
    }

    /// The delta, if the event is one for a block.
    pub fn delta(&self) -> Option<&ContentBlockDelta> {
        match self {
            Self::ContentBlockDelta(event) => Some(&event.delta),
            _ => None,
        }
    }

    /// The index of the block that the event is for, if it is for one.
    pub fn index(&self) -> Option<u64> {
        match self {
            Self::ContentBlockStart(event) => Some(event.index),
            Self::ContentBlockDelta(event) => Some(event.index),
            Self::ContentBlockStop(event) => Some(event.index),
            _ => None,
        }
    }
}
