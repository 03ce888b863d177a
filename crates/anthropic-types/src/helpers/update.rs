//! What the end of a streamed message changes in it.
//!
//! Its fields are read into the message by the reader that reads a whole one, so what does not fit
//! is repaired and listed alike. Usage is set, never added: the API reports running totals.

use crate::codec::{DecodeError, Layout, ReadObject, Rest, merge, parts, to_copy};
use crate::{
    Extra, Json, Message, MessageDelta, MessageDeltaEvent, MessageDeltaUsage, RepairKind, Usage,
};

/// What an update of a message has under these keys is not for the message's own fields.
const OTHERS: [&str; 6] = ["id", "type", "role", "content", "model", "delta"];

impl Message {
    /// Sets what the event has a value for.
    #[doc(hidden)]
    pub fn update(&mut self, event: &MessageDeltaEvent) -> Result<(), DecodeError> {
        if self.update_usual(event) {
            return Ok(());
        }
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

    /// Does the same for an event that has no more than nearly all have: why the message ended, and
    /// counts. It takes a tenth of the instructions. The patterns name every field, so that a new
    /// one is not lost.
    fn update_usual(&mut self, event: &MessageDeltaEvent) -> bool {
        let MessageDeltaEvent {
            delta:
                MessageDelta {
                    container: None,
                    stop_details: None,
                    stop_reason,
                    stop_sequence,
                    extra: of_delta,
                },
            usage:
                MessageDeltaUsage {
                    cache_creation_input_tokens,
                    cache_read_input_tokens,
                    input_tokens,
                    output_tokens,
                    output_tokens_details: None,
                    server_tool_use: None,
                    fallback_credit: None,
                    iterations: None,
                    extra: of_usage,
                },
            context_management: None,
            input_transformations: None,
            extra,
        } = event
        else {
            return false;
        };
        let mut extras = [extra, of_delta, of_usage].into_iter();
        // A count that came as `null` is noted as one that is missing.
        let has_nulls = of_usage.nulls(MessageDeltaUsage::LAYOUT) != 0;
        if has_nulls || extras.any(|extra| extra.full().is_some()) {
            return false;
        }
        if stop_reason.is_some() {
            self.stop_reason.clone_from(stop_reason);
            given(&mut self.extra, Self::LAYOUT, "stop_reason");
        }
        if stop_sequence.is_some() {
            self.stop_sequence.clone_from(stop_sequence);
            given(&mut self.extra, Self::LAYOUT, "stop_sequence");
        }
        if let Some(tokens) = *input_tokens {
            self.usage.input_tokens = tokens;
            given(&mut self.usage.extra, Usage::LAYOUT, "input_tokens");
            self.extra.settle("usage");
        }
        self.usage.output_tokens = *output_tokens;
        given(&mut self.usage.extra, Usage::LAYOUT, "output_tokens");
        if cache_creation_input_tokens.is_some() {
            self.usage.cache_creation_input_tokens = *cache_creation_input_tokens;
            let key = "cache_creation_input_tokens";
            given(&mut self.usage.extra, Usage::LAYOUT, key);
        }
        if cache_read_input_tokens.is_some() {
            self.usage.cache_read_input_tokens = *cache_read_input_tokens;
            let key = "cache_read_input_tokens";
            given(&mut self.usage.extra, Usage::LAYOUT, key);
        }
        true
    }
}

/// Takes back what was noted about a field that has a value now.
fn given(extra: &mut Extra, layout: &'static Layout, key: &str) {
    if let Some(number) = layout.position(key) {
        extra.forget(layout, number);
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
