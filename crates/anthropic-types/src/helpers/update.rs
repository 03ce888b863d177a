//! What the end of a streamed message changes in it.
//!
//! Its fields are read into the message by the reader that reads a whole one, so what does not fit
//! is repaired and listed alike. Usage is set, never added: the API reports running totals.
//!
//! What an event has beyond its own fields is taken over where it is plain what it means. Whoever
//! folds it is given whether something is left.

use crate::codec::{DecodeError, Layout, ReadObject, Rest, merge, parts, to_copy};
use crate::{
    Extra, Json, Message, MessageDelta, MessageDeltaEvent, MessageDeltaUsage, MessageStopEvent,
    RepairKind, Usage, from_slice,
};

/// What an update of a message has under these keys is not for the message's own fields.
const OTHERS: [&str; 7] = ["id", "type", "role", "content", "model", "delta", "usage"];

impl Message {
    /// Sets what the event has a value for; returns whether the message has all of it now.
    #[doc(hidden)]
    pub fn update(&mut self, event: &MessageDeltaEvent) -> Result<bool, DecodeError> {
        if self.update_usual(event) {
            return Ok(true);
        }
        let named = names(self);
        let is_other = |key: &str| OTHERS.contains(&key) && !named.contains(&key);
        // What the event itself has of them goes before.
        let is_own = |key: &str| match key {
            "context_management" => event.context_management.is_some(),
            "input_transformations" => event.input_transformations.is_some(),
            _ => false,
        };
        merge(self, &to_copy(&event.delta), &|key| {
            is_other(key) || is_own(key)
        })?;
        adopt(self, &event.delta.extra)?;
        let moved = match event.extra.repair("usage") {
            Some(RepairKind::Missing | RepairKind::Null) => usage_in(&event.delta.extra),
            _ => None,
        };
        if let Some(usage) = &moved {
            self.set_usage(usage)?;
        } else if event.extra.repair("usage").is_none() {
            self.set_usage(&event.usage)?;
        }
        let had_usage = self.extra.repair("usage").is_none();
        merge(self, &to_copy(event), &|key| {
            is_other(key) || (has(&event.delta, key) && !is_own(key))
        })?;
        adopt(self, &event.extra)?;
        if moved.is_some() && had_usage {
            self.extra.settle("usage");
        }
        // What is no usage takes away nothing of the one that is there, and is beside it.
        if event.extra.repair("usage") == Some(RepairKind::Mistyped) {
            note_mistyped(self, "usage", event.extra.get("usage"))?;
        }
        let mut of_delta = event.delta.extra.iter();
        let mut beside = event.extra.iter();
        Ok(of_delta.all(|(key, value)| {
            let is_taken = match key {
                "usage" => moved.is_some(),
                _ => !OTHERS.contains(&key) && !is_own(key),
            };
            is_taken || self.repeats(key, value)
        }) && beside.all(|(key, value)| {
            let is_taken = match key {
                "usage" => true,
                _ => !OTHERS.contains(&key) && !has(&event.delta, key),
            };
            is_taken || self.repeats(key, value)
        }))
    }

    /// Takes over what the last event of a stream has although it should have nothing: what the
    /// message lacks, and the usage unless an update has set it. Returns whether the message has
    /// all of it now.
    #[doc(hidden)]
    pub fn end(&mut self, event: &MessageStopEvent, has_usage: bool) -> Result<bool, DecodeError> {
        let extra = &event.extra;
        if extra.is_empty() {
            return Ok(true);
        }
        let named = names(self);
        let mut usage = usage_in(extra);
        usage.take_if(|_| {
            has_usage
                || extra
                    .get("usage")
                    .is_some_and(|it| self.repeats("usage", it))
        });
        let (mut taken, mut is_whole) = (Vec::new(), true);
        for (key, value) in extra {
            let is_for_message = !OTHERS.contains(&key) && self.lacks(key);
            if self.repeats(key, value) || (key == "usage" && usage.is_some()) {
                continue;
            }
            if is_for_message || named.contains(&key) {
                taken.push(key);
            } else {
                is_whole = false;
            }
        }
        if let Some(usage) = usage {
            self.set_usage(&usage)?;
        }
        merge(self, &to_copy(event), &|key| !taken.contains(&key))?;
        Ok(is_whole)
    }

    /// Sets what the same message has a value for when it starts once more; what it lacks then
    /// stays. Returns whether it has the same content, or only once.
    #[doc(hidden)]
    pub fn start_again(&mut self, message: &Self) -> Result<bool, DecodeError> {
        let is_other = |message: &Self| {
            let content = message.extra.repair("content");
            content == Some(RepairKind::Mistyped)
        };
        if is_other(self) || is_other(message) {
            return Ok(false);
        }
        if !message.content.is_empty() && !self.content.is_empty() {
            let mut pairs = self.content.iter().zip(&message.content);
            let is_same = self.content.len() == message.content.len()
                && pairs.all(|(one, other)| to_copy(one) == to_copy(other));
            if !is_same {
                return Ok(false);
            }
        }
        let keeps_content = !self.content.is_empty() || message.content.is_empty();
        merge(self, &to_copy(message), &|key| {
            key == "usage" || (key == "content" && keeps_content)
        })?;
        if message.extra.repair("usage").is_none() {
            merge(&mut self.usage, &to_copy(&message.usage), &|_| false)?;
            self.extra.settle("usage");
        }
        Ok(true)
    }

    fn set_usage(&mut self, usage: &MessageDeltaUsage) -> Result<(), DecodeError> {
        merge(&mut self.usage, &to_copy(usage), &|_| false)?;
        adopt(&mut self.usage, &usage.extra)?;
        if usage.input_tokens.is_some() {
            self.extra.settle("usage");
        }
        Ok(())
    }

    /// Whether the message has nothing under a key.
    fn lacks(&self, key: &str) -> bool {
        let Self {
            id: _,
            container,
            content: _,
            diagnostics,
            model: _,
            stop_details,
            stop_reason,
            stop_sequence,
            usage: _,
            context_management,
            input_transformations,
            extra,
        } = self;
        let has_field = match key {
            "container" => container.is_some(),
            "diagnostics" => diagnostics.is_some(),
            "stop_details" => stop_details.is_some(),
            "stop_reason" => stop_reason.is_some(),
            "stop_sequence" => stop_sequence.is_some(),
            "context_management" => context_management.is_some(),
            "input_transformations" => input_transformations.is_some(),
            _ => false,
        };
        !has_field && extra.get(key).is_none()
    }

    /// Whether a field of an event is nothing, or what the message has under its key. Takes no
    /// longer for a longer message.
    #[doc(hidden)]
    pub fn repeats(&self, key: &str, value: &Json) -> bool {
        let is = |text: &str| value.get::<String>().is_ok_and(|value| value == text);
        if value.is_null() {
            return true;
        }
        match key {
            "id" => is("") || is(&self.id),
            "model" => is("") || is(self.model.as_str()),
            "role" => is("") || is("assistant"),
            "type" => ["", "message", "message_delta", "message_stop"]
                .into_iter()
                .any(is),
            "content" | "content_block" | "delta" | "message" => is_empty(value),
            "usage" => is_empty(value) || self.usage.repeats(value),
            "stop_reason" => self.stop_reason.as_ref().is_some_and(|it| is(it.as_str())),
            "stop_sequence" => self.stop_sequence.as_deref().is_some_and(is),
            _ => {
                let known = self.extra.get(key);
                known.is_some_and(|known| known.as_str() == value.as_str())
            }
        }
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

impl Usage {
    /// Whether these are counts that are the same here.
    fn repeats(&self, counts: &Json) -> bool {
        let serde_json::Value::Object(counts) = counts.to_value() else {
            return false;
        };
        counts.into_iter().all(|(key, count)| {
            let (is_null, count) = (count.is_null(), count.as_u64());
            let own = match key.as_str() {
                "input_tokens" => Some(self.input_tokens),
                "output_tokens" => Some(self.output_tokens),
                "cache_creation_input_tokens" => self.cache_creation_input_tokens,
                "cache_read_input_tokens" => self.cache_read_input_tokens,
                _ => None,
            };
            is_null || (count.is_some() && count == own)
        })
    }
}

/// Those of a message's names that are missing, so that any event may bring them.
fn names(message: &Message) -> Vec<&'static str> {
    let is_missing = |key: &&str| {
        let repair = message.extra.repair(key);
        matches!(repair, Some(RepairKind::Missing | RepairKind::Null))
    };
    ["id", "model"].into_iter().filter(is_missing).collect()
}

/// Whether an update has a value under a key.
fn has(delta: &MessageDelta, key: &str) -> bool {
    let MessageDelta {
        container,
        stop_details,
        stop_reason,
        stop_sequence,
        extra,
    } = delta;
    let has_field = match key {
        "container" => container.is_some(),
        "stop_details" => stop_details.is_some(),
        "stop_reason" => stop_reason.is_some(),
        "stop_sequence" => stop_sequence.is_some(),
        _ => false,
    };
    has_field || extra.get(key).is_some_and(|value| !value.is_null())
}

/// A usage among the fields that an event should not have.
fn usage_in(extra: &Extra) -> Option<MessageDeltaUsage> {
    let json = extra.get("usage")?.as_str();
    json.starts_with('{').then_some(())?;
    from_slice(json.as_bytes()).ok()
}

/// Whether there is nothing in a text, a list or an object.
fn is_empty(json: &Json) -> bool {
    let within = |[open, close]: [char; 2]| {
        let text = json.as_str().strip_prefix(open)?;
        text.strip_suffix(close)
    };
    let mut within = [['[', ']'], ['{', '}']].into_iter().filter_map(within);
    json.as_str() == r#""""# || within.any(|text| text.trim_ascii().is_empty())
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
