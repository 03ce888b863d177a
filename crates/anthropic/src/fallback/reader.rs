//! One stream of the chain: what of it goes to the caller, and whether it ends in a refusal from
//! which the next model goes on.
//!
//! Nothing goes out before the stream has output, so that a model that declines at once leaves no
//! trace. The events of the first stream go out as they came. Those of a later one continue it:
//! their blocks have the next indexes, its `message_start` is left out where the caller has one,
//! and the usage has a step for each model.

use bytes::Bytes;
use serde_json::{Value, json};

use super::blocks::Blocks;
use super::body::Object;
use super::frames::{as_it_came, frame};

/// A refusal that nobody has seen.
pub(super) struct Refusal {
    pub(super) token: Option<String>,
    pub(super) category: Value,
    /// Whether what the model wrote may be continued.
    pub(super) may_continue: bool,
    pub(super) usage: Object,
    /// The event that has it, for the caller if no other model takes over.
    pub(super) event: Object,
    /// What `message_start` had beyond the message that the caller sees.
    pub(super) transformations: Option<Value>,
}

/// What the streams before leave to a later one.
pub(super) struct Before {
    /// The id that the message has for the caller.
    pub(super) id: Option<String>,
    /// The steps of the models that declined.
    pub(super) steps: Vec<Value>,
    /// The model that this stream is of.
    pub(super) model: String,
    /// Whether the caller has a `message_start`.
    pub(super) is_open: bool,
    /// The places of the fallbacks, which come before the output.
    pub(super) seams: Vec<Bytes>,
    pub(super) index: u64,
}

pub(super) struct Reader {
    pub(super) blocks: Blocks,
    /// Whether another model could take over.
    has_next: bool,
    before: Option<Before>,
    /// The event that began the message.
    pub(super) start: Option<Object>,
    held: Vec<Bytes>,
    pub(super) is_open: bool,
    /// The model of the last fallback that the API itself made.
    pub(super) fell_back_to: Option<String>,
    pub(super) refusal: Option<Refusal>,
    /// The error of a later model before any output.
    pub(super) error: Option<String>,
}

impl Reader {
    pub(super) fn new(has_next: bool, before: Option<Before>) -> Self {
        Self {
            blocks: Blocks::new(before.as_ref().map_or(0, |before| before.index)),
            has_next,
            before,
            start: None,
            held: Vec::new(),
            is_open: false,
            fell_back_to: None,
            refusal: None,
            error: None,
        }
    }

    /// Takes in an event, and returns what goes out.
    pub(super) fn take(&mut self, name: &str, data: &str) -> Vec<Bytes> {
        let Ok(Value::Object(mut event)) = serde_json::from_str(data) else {
            return self.pass(as_it_came(name, data));
        };
        let kind = event.get("type").and_then(Value::as_str);
        let kind = kind.unwrap_or_default().to_owned();
        match kind.as_str() {
            "message_start" => {
                if self.before.is_none() {
                    self.held.push(as_it_came(name, data));
                }
                self.start = Some(event);
                Vec::new()
            }
            "content_block_start" | "content_block_delta" | "content_block_stop" => {
                let mut out = self.open();
                self.note_fallback(&event);
                self.blocks.take(&kind, &mut event);
                out.push(match &self.before {
                    Some(_) => frame(name, &event.into()),
                    None => as_it_came(name, data),
                });
                out
            }
            "message_delta" => {
                if self.is_refusal(&event) {
                    return self.blocks.close();
                }
                let mut out = self.open();
                out.push(match &self.before {
                    Some(before) => frame(name, &self.last_delta(before, event).into()),
                    None => as_it_came(name, data),
                });
                out
            }
            "error" if !self.is_open => {
                if self.before.is_some() {
                    // It is the next model's cue.
                    self.error = Some(data.to_owned());
                    return Vec::new();
                }
                let mut out = self.open();
                out.push(as_it_came(name, data));
                out
            }
            _ => self.pass(as_it_came(name, data)),
        }
    }

    /// What has been held, at the end of a stream. A later model that ends without any output is
    /// passed over.
    pub(super) fn finish(&mut self) -> Vec<Bytes> {
        if self.refusal.is_some() || self.before.is_some() {
            Vec::new()
        } else {
            self.open()
        }
    }

    /// What is not about the message goes out with its first output.
    fn pass(&mut self, bytes: Bytes) -> Vec<Bytes> {
        if self.is_open {
            return vec![bytes];
        }
        self.held.push(bytes);
        Vec::new()
    }

    fn open(&mut self) -> Vec<Bytes> {
        if std::mem::replace(&mut self.is_open, true) {
            return Vec::new();
        }
        let mut out = Vec::new();
        if let Some(before) = &mut self.before {
            if !before.is_open {
                out.extend(start_of(self.start.as_ref(), before.id.as_deref()));
            }
            out.append(&mut before.seams);
        }
        out.append(&mut self.held);
        out
    }

    fn note_fallback(&mut self, event: &Object) {
        let block = event.get("content_block");
        if block.is_some_and(|block| block["type"] == "fallback") {
            let to = block.and_then(|block| block["to"]["model"].as_str());
            self.fell_back_to = to.map(str::to_owned);
        }
    }

    /// Whether it is a refusal that another model can take over from: one with a credit token, or
    /// one before any output.
    fn is_refusal(&mut self, event: &Object) -> bool {
        let delta = event.get("delta").and_then(Value::as_object);
        let Some(delta) = delta.filter(|delta| delta.get("stop_reason") == Some(&json!("refusal")))
        else {
            return false;
        };
        let details = delta.get("stop_details").cloned().unwrap_or_default();
        let token = details["fallback_credit_token"].as_str();
        let token = token.filter(|token| !token.is_empty());
        // Before any output is before any block.
        if !self.has_next || (token.is_none() && self.is_open) {
            tracing::warn!(target: "anthropic::fallback", "a refusal goes to the caller: no model can take over");
            return false;
        }
        let mut usage = self.start_usage();
        for (key, value) in event
            .get("usage")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
        {
            if !value.is_null() || !usage.contains_key(key) {
                usage.insert(key.clone(), value.clone());
            }
        }
        self.refusal = Some(Refusal {
            token: token.map(str::to_owned),
            category: details["category"].clone(),
            may_continue: details["fallback_has_prefill_claim"] == true,
            usage,
            event: event.clone(),
            transformations: self.transformations(),
        });
        true
    }

    fn start_usage(&self) -> Object {
        let message = self.start.as_ref().and_then(|start| start.get("message"));
        let usage = message.and_then(|message| message["usage"].as_object());
        usage.cloned().unwrap_or_default()
    }

    /// What the API changed in the input, of a `message_start` that the caller does not see.
    fn transformations(&self) -> Option<Value> {
        self.before.as_ref().filter(|before| before.is_open)?;
        let message = self.start.as_ref()?.get("message")?;
        message.get("input_transformations").cloned()
    }

    /// The end of the message, whose usage has the steps of all models.
    fn last_delta(&self, before: &Before, mut event: Object) -> Object {
        if let Some(details) = event
            .get_mut("delta")
            .and_then(|it| it.get_mut("stop_details"))
        {
            if let Some(details) = details.as_object_mut() {
                details.entry("recommended_model").or_insert(Value::Null);
            }
        }
        let mut usage = event
            .get("usage")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        let mut steps = before.steps.clone();
        let own = usage
            .get("iterations")
            .and_then(Value::as_array)
            .and_then(|it| it.last());
        let last = match own.and_then(Value::as_object) {
            Some(own) => {
                let mut step = own.clone();
                step.insert("type".to_owned(), "fallback_message".into());
                if step.get("model").is_none_or(Value::is_null) {
                    step.insert("model".to_owned(), before.model.clone().into());
                }
                Value::Object(step)
            }
            None => step("fallback_message", &before.model, &usage),
        };
        steps.push(last);
        usage.insert("iterations".to_owned(), Value::Array(steps));
        event.insert("usage".to_owned(), Value::Object(usage));
        if let Some(transformations) = self.transformations() {
            event
                .entry("input_transformations")
                .or_insert(transformations);
        }
        event
    }
}

/// The event that begins the message for the caller, with the id of the first model's.
pub(super) fn start_of(start: Option<&Object>, id: Option<&str>) -> Option<Bytes> {
    let mut start = start?.clone();
    if let (Some(id), Some(Value::Object(message))) = (id, start.get_mut("message")) {
        message.insert("id".to_owned(), id.into());
    }
    Some(frame("message_start", &Value::Object(start)))
}

/// A step of `usage.iterations`.
pub(super) fn step(kind: &str, model: &str, usage: &Object) -> Value {
    let count = |key: &str| {
        usage
            .get(key)
            .filter(|it| it.is_u64())
            .cloned()
            .unwrap_or(json!(0))
    };
    json!({
        "type": kind,
        "model": model,
        "input_tokens": count("input_tokens"),
        "output_tokens": count("output_tokens"),
        "cache_read_input_tokens": count("cache_read_input_tokens"),
        "cache_creation_input_tokens": count("cache_creation_input_tokens"),
        "cache_creation": usage.get("cache_creation").cloned().unwrap_or_default(),
    })
}
