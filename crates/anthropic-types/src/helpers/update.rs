//! What the end of a streamed message changes in it.
//!
//! Its fields are read into the message by the reader that reads a whole one, so what does not fit
//! is repaired and listed alike. Usage is set, never added: the API reports running totals.

use crate::codec::{DecodeError, ReadObject, merge, parts, to_copy};
use crate::{Extra, Json, Message, MessageDeltaEvent, RepairKind};

/// What an update of a message has under these keys is not for the message's own fields.
const OTHERS: [&str; 6] = ["id", "type", "role", "content", "model", "delta"];

impl Message {
    /// Sets what the event has a value for.
    #[doc(hidden)]
    pub fn update(&mut self, event: &MessageDeltaEvent) -> Result<(), DecodeError> {
        merge(self, &to_copy(&event.delta), &|key| {
            OTHERS.contains(&key) || key == "usage"
        })?;
        adopt(self, &event.delta.extra)?;
        if event.extra.repair("usage").is_none() {
            merge(&mut self.usage, &to_copy(&event.usage), &|_| false)?;
            adopt(&mut self.usage, &event.usage.extra)?;
            if event.usage.input_tokens.is_some() {
                self.extra.settle("usage");
            }
        }
        merge(self, &to_copy(event), &|key| {
            OTHERS.contains(&key) || key == "usage"
        })?;
        adopt(self, &event.extra)?;
        // What is no usage takes away nothing of the one that is there, and is beside it.
        if event.extra.repair("usage") == Some(RepairKind::Mistyped) {
            note_mistyped(self, "usage", event.extra.get("usage"))?;
        }
        Ok(())
    }
}

/// Notes that what came for a field does not fit it.
fn note_mistyped(
    object: &mut dyn ReadObject,
    key: &str,
    came: Option<&Json>,
) -> Result<(), DecodeError> {
    object.open(&mut parts(|layout, _, rest| {
        if let Some(number) = layout.position(key) {
            let came = came.map(Json::as_str);
            rest.note_repair(layout, number, RepairKind::Mistyped, came, None);
        }
        Ok(())
    }))
}

/// Notes the repairs that what came does not show: a field that did not come, and a character of
/// which half came.
fn adopt(object: &mut dyn ReadObject, from: &Extra) -> Result<(), DecodeError> {
    object.open(&mut parts(|layout, _, rest| {
        for (key, kind) in from.repairs() {
            let is_shown = matches!(kind, RepairKind::Mistyped | RepairKind::Rounded);
            if let Some(number) = layout.position(key).filter(|_| !is_shown) {
                rest.note_repair(layout, number, kind, None, None);
            }
        }
        Ok(())
    }))
}
