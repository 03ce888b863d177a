//! The models of one message: who declined, and with what the next one begins.

use bytes::Bytes;
use serde_json::{Value, json};

use super::blocks::Blocks;
use super::body::Object;
use super::failure::Failure;
use super::frames::frame;
use super::reader::{Before, Reader, Refusal, start_of, step};

/// The place where one model declined and another took over, as the API writes it.
pub(super) fn seam(from: &str, to: &str, category: &Value) -> Value {
    json!({
        "type": "fallback",
        "from": {"model": from},
        "to": {"model": to},
        "trigger": {"type": "refusal", "category": category},
    })
}

/// Where a chain is, before a model is read.
pub(super) struct Place {
    index: u64,
    from: String,
    seams: usize,
}

pub(super) struct Chain {
    /// The next index of a block.
    index: u64,
    /// Whether the caller has a `message_start`.
    is_open: bool,
    /// The id of the first model's message.
    id: Option<String>,
    pub(super) token: Option<String>,
    /// What models before the last one wrote, as far as it is continued.
    base: Vec<Value>,
    /// What the last one wrote.
    partial: Vec<Value>,
    from: String,
    refusal: Refusal,
    start: Option<Object>,
    steps: Vec<Value>,
    seams: Vec<Bytes>,
}

impl Chain {
    /// After the refusal of the first model, which was asked for by this name.
    pub(super) fn begin(model: &str, reader: Reader, refusal: Refusal) -> Self {
        let message = reader.start.as_ref().and_then(|start| start.get("message"));
        let id = message.and_then(|message| message["id"].as_str());
        Self {
            index: reader.blocks.next_index(),
            is_open: reader.is_open,
            id: id.map(str::to_owned),
            token: refusal.token.clone(),
            base: Vec::new(),
            partial: continued(&refusal, reader.blocks),
            from: reader.fell_back_to.unwrap_or_else(|| model.to_owned()),
            steps: steps(&refusal, model),
            refusal,
            start: reader.start,
            seams: Vec::new(),
        }
    }

    /// What the next model continues.
    pub(super) fn continuation(&self) -> Vec<Value> {
        self.base.iter().chain(&self.partial).cloned().collect()
    }

    /// What was written before the last model.
    pub(super) fn base(&self) -> Vec<Value> {
        self.base.clone()
    }

    pub(super) fn place(&self) -> Place {
        Place {
            index: self.index,
            from: self.from.clone(),
            seams: self.seams.len(),
        }
    }

    /// Takes back the model that was read last, which failed before it had any output.
    pub(super) fn return_to(&mut self, place: Place) {
        self.index = place.index;
        self.from = place.from;
        self.seams.truncate(place.seams);
    }

    /// The reader of a model that was reached.
    pub(super) fn reader(&mut self, model: &str, has_next: bool) -> Reader {
        let index = self.index;
        self.index = self.index.saturating_add(1);
        let block = seam(&self.from, model, &self.refusal.category);
        let start = json!({"type": "content_block_start", "index": index, "content_block": block});
        let stop = json!({"type": "content_block_stop", "index": index});
        self.seams.push(frame("content_block_start", &start));
        self.seams.push(frame("content_block_stop", &stop));
        model.clone_into(&mut self.from);
        let before = Before {
            id: self.id.clone(),
            steps: self.steps.clone(),
            model: model.to_owned(),
            is_open: self.is_open,
            seams: self.seams.clone(),
            index: self.index,
        };
        Reader::new(has_next, Some(before))
    }

    /// After the refusal of a later model, which continued this.
    pub(super) fn go_on(
        &mut self,
        model: &str,
        reader: Reader,
        refusal: Refusal,
        base: Vec<Value>,
    ) {
        if reader.is_open {
            self.is_open = true;
            self.seams.clear();
        }
        self.index = reader.blocks.next_index();
        self.token.clone_from(&refusal.token);
        self.base = base;
        self.partial = continued(&refusal, reader.blocks);
        self.steps.extend(steps(&refusal, model));
        self.refusal = refusal;
        self.start = reader.start.or_else(|| self.start.take());
    }

    /// The refusal for the caller, since no other model could be asked.
    pub(super) fn refused(self, failure: &Failure) -> Vec<Bytes> {
        let mut out = Vec::new();
        if !self.is_open {
            out.extend(start_of(self.start.as_ref(), self.id.as_deref()));
        }
        out.extend(self.seams);
        let mut event = self.refusal.event;
        let details = event
            .get_mut("delta")
            .and_then(|delta| delta.get_mut("stop_details"));
        if let Some(Value::Object(details)) = details {
            details.insert("recommended_model".to_owned(), failure.recommended());
        }
        let mut usage = event
            .get("usage")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        usage.insert("iterations".to_owned(), self.steps.into());
        event.insert("usage".to_owned(), usage.into());
        if let Some(transformations) = self.refusal.transformations {
            event
                .entry("input_transformations")
                .or_insert(transformations);
        }
        out.push(frame("message_delta", &event.into()));
        out.push(frame("message_stop", &json!({"type": "message_stop"})));
        out
    }
}

fn continued(refusal: &Refusal, blocks: Blocks) -> Vec<Value> {
    if refusal.may_continue {
        blocks.into_turn()
    } else {
        Vec::new()
    }
}

/// The steps of a model that declined: its own, or one of its usage.
fn steps(refusal: &Refusal, model: &str) -> Vec<Value> {
    let own = refusal.usage.get("iterations").and_then(Value::as_array);
    let own = own.into_iter().flatten().filter_map(Value::as_object);
    let mut own: Vec<Object> = own.cloned().collect();
    for step in &mut own {
        step.insert("type".to_owned(), "message".into());
    }
    match own.as_mut_slice() {
        [] => return vec![step("message", model, &refusal.usage)],
        [only] if !only.get("model").is_some_and(Value::is_string) => {
            only.insert("model".to_owned(), model.into());
        }
        _ => {}
    }
    own.into_iter().map(Value::Object).collect()
}
