//! What was repaired in a message.

use crate::codec::{ReadObject, parts, repairs};
use crate::{Message, Repair, RepairKind};

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

impl crate::ContentBlock {
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
