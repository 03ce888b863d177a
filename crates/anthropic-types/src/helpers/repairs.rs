//! What was repaired in a message.

use crate::codec::{Gap, ReadObject, no_object, parts, repairs};
use crate::{ContentBlockDelta, Message, Repair, RepairKind};

impl Message {
    /// Lists the fields of the message, at any depth, that were filled in or changed while it was
    /// read, because what came was missing, `null` or of another type: see
    /// [`repairs`](crate::repairs). Nobody should bill by a usage that is listed here.
    ///
    /// ```
    /// use anthropic_types::{Message, from_slice};
    ///
    /// let json = br#"{"type":"message","id":"msg_1","model":"m","content":[],"usage":null}"#;
    /// let message: Message = from_slice(json)?;
    /// assert_eq!(message.usage.input_tokens, 0);
    /// assert_eq!(message.repairs()[0].to_string(), "usage: null");
    /// # Ok::<(), anthropic_types::DecodeError>(())
    /// ```
    pub fn repairs(&self) -> Vec<Repair> {
        repairs(self)
    }
}

/// Notes that half of a surrogate pair was replaced in a field.
fn note_lone_surrogate(object: &mut dyn ReadObject, key: &str) {
    // Nothing is read, so nothing fails.
    let _ = object.open(&mut parts(|layout, _, rest| {
        if let Some(number) = layout.position(key) {
            rest.forget(layout, number);
            rest.note_repair(layout, number, RepairKind::LoneSurrogate, None, None);
        }
        Ok(())
    }));
}

/// Notes that the input of a call is no value, as where that is read in a document.
fn note_gap(object: &mut dyn ReadObject, gap: Gap, came: &str) {
    let _ = object.open(&mut parts(|layout, _, rest| {
        let Some(number) = layout.position("input") else {
            return Ok(());
        };
        rest.forget(layout, number);
        if gap == Gap::Null {
            rest.note_null(layout, 1 << number);
            rest.note_repair(layout, number, RepairKind::Null, None, None);
        } else {
            let reason = Some(no_object(gap).to_string());
            rest.note_repair(layout, number, RepairKind::Mistyped, Some(came), reason);
        }
        Ok(())
    }));
}

impl crate::ContentBlock {
    /// Notes that the deltas of a call's input add up to `null` or to an empty text, where that is
    /// all that came; returns whether it is. The input stays as the block started with it, as it is
    /// vacant where the same comes in a document.
    #[doc(hidden)]
    pub fn note_no_input(&mut self, came: &str) -> bool {
        let Some(gap) = Gap::of(came) else {
            return false;
        };
        match self {
            Self::ToolUse(block) => note_gap(&mut **block, gap, came),
            Self::ServerToolUse(block) => note_gap(block, gap, came),
            Self::McpToolUse(block) => note_gap(block, gap, came),
            _ => return false,
        }
        true
    }

    /// Notes that half of a surrogate pair was replaced in a field of the block that grows.
    #[doc(hidden)]
    pub fn note_lone_surrogate(&mut self, key: &str) {
        match self {
            Self::Text(block) => note_lone_surrogate(block, key),
            Self::Thinking(block) => note_lone_surrogate(block, key),
            Self::Compaction(block) => note_lone_surrogate(block, key),
            Self::ToolUse(block) => note_lone_surrogate(&mut **block, key),
            Self::ServerToolUse(block) => note_lone_surrogate(block, key),
            Self::McpToolUse(block) => note_lone_surrogate(block, key),
            _ => {}
        }
    }
}

impl ContentBlockDelta {
    /// Notes that half of a surrogate pair was replaced in what the delta adds.
    #[doc(hidden)]
    pub fn note_lone_surrogate(&mut self) {
        match self {
            Self::TextDelta(delta) => note_lone_surrogate(delta, "text"),
            Self::ThinkingDelta(delta) => note_lone_surrogate(delta, "thinking"),
            Self::InputJsonDelta(delta) => note_lone_surrogate(delta, "partial_json"),
            Self::SignatureDelta(delta) => note_lone_surrogate(delta, "signature"),
            Self::CompactionDelta(delta) => note_lone_surrogate(delta, "content"),
            _ => {}
        }
    }
}
