//! What was repaired in a message, and in the events that it is made of.

use crate::codec::{ReadObject, repairs};
use crate::{Extra, Message, Repair, RepairKind, Usage};

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

    /// Notes the repairs of an event of this message that are of fields which it has too.
    #[doc(hidden)]
    pub fn adopt_repairs(&mut self, from: &Extra) {
        adopt(self, from);
    }
}

impl Usage {
    /// Notes the repairs of an event's usage.
    #[doc(hidden)]
    pub fn adopt_repairs(&mut self, from: &Extra) {
        adopt(self, from);
    }
}

fn adopt(object: &mut dyn ReadObject, from: &Extra) {
    let Some(full) = from.full() else { return };
    let layout = object.layout();
    for (key, repaired) in full.repairs() {
        let Some(number) = layout.position(key) else {
            continue;
        };
        // What came is an unknown field of the event, and is folded with these.
        let (kind, reason) = (repaired.kind, repaired.detail());
        object
            .rest()
            .note_repair(layout, number, kind, None, reason);
    }
}

/// Notes that half of a surrogate pair was replaced in a field.
#[doc(hidden)]
pub(crate) fn note_lone_surrogate(object: &mut dyn ReadObject, key: &str) {
    let layout = object.layout();
    if let Some(number) = layout.position(key) {
        let kind = RepairKind::LoneSurrogate;
        object.rest().forget(layout, number);
        object.rest().note_repair(layout, number, kind, None, None);
    }
}

impl crate::ContentBlock {
    /// Notes that half of a surrogate pair was replaced in the block's text.
    #[doc(hidden)]
    pub fn note_lone_surrogate(&mut self) {
        match self {
            Self::Text(block) => note_lone_surrogate(block, "text"),
            Self::Thinking(block) => note_lone_surrogate(block, "thinking"),
            _ => {}
        }
    }
}
