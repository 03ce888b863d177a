//! The blocks of one stream: their indexes on the wire, and what they hold when a refusal ends it.

use serde_json::{Value, json};

use super::body::Object;
use super::frames::frame;

/// A block that arrives.
struct Block {
    index: u64,
    content: Object,
    /// The text of a tool's input.
    input: Option<String>,
}

pub(super) struct Blocks {
    /// What is added to each index, so that those of several streams go on from each other.
    base: u64,
    next: u64,
    all: Vec<Block>,
    open: Vec<u64>,
}

impl Blocks {
    pub(super) fn new(base: u64) -> Self {
        Self {
            base,
            next: base,
            all: Vec::new(),
            open: Vec::new(),
        }
    }

    /// One past the highest index so far.
    pub(super) fn next_index(&self) -> u64 {
        self.next
    }

    /// Takes in an event of a block, and gives it the index that it has for the caller.
    pub(super) fn take(&mut self, kind: &str, event: &mut Object) {
        let Some(index) = event.get("index").and_then(Value::as_u64) else {
            return;
        };
        let shifted = index.saturating_add(self.base);
        match kind {
            "content_block_start" => {
                let content = event.get("content_block").and_then(Value::as_object);
                self.all.push(Block {
                    index,
                    content: content.cloned().unwrap_or_default(),
                    input: None,
                });
                self.open.push(shifted);
                self.next = self.next.max(shifted.saturating_add(1));
            }
            "content_block_delta" => {
                let block = self.all.iter_mut().rev().find(|it| it.index == index);
                let delta = event.get("delta").and_then(Value::as_object);
                if let (Some(block), Some(delta)) = (block, delta) {
                    block.apply(delta);
                }
            }
            _ => self.open.retain(|open| *open != shifted),
        }
        event.insert("index".to_owned(), shifted.into());
    }

    /// The ends of the blocks that are open.
    pub(super) fn close(&mut self) -> Vec<bytes::Bytes> {
        let open = self.open.drain(..);
        let ends = open.map(|index| json!({"type": "content_block_stop", "index": index}));
        ends.map(|end| frame("content_block_stop", &end)).collect()
    }

    /// The blocks as a turn of the assistant's that another model continues: without the places of
    /// fallbacks, and without thinking at the end, which a turn can't end in.
    pub(super) fn into_turn(self) -> Vec<Value> {
        let blocks = self.all.into_iter().map(Block::into_value);
        let mut turn: Vec<Value> = blocks.filter(|it| it["type"] != "fallback").collect();
        let is_thinking =
            |block: &Value| block["type"] == "thinking" || block["type"] == "redacted_thinking";
        while turn.last().is_some_and(is_thinking) {
            turn.pop();
        }
        turn
    }
}

impl Block {
    fn apply(&mut self, delta: &Object) {
        let text = |key: &str| delta.get(key).and_then(Value::as_str).unwrap_or_default();
        let append = |content: &mut Object, key: &str| match content.get_mut(key) {
            Some(Value::String(old)) => old.push_str(text(key)),
            _ => {
                content.insert(key.to_owned(), text(key).into());
            }
        };
        match delta.get("type").and_then(Value::as_str) {
            Some("text_delta") => append(&mut self.content, "text"),
            Some("thinking_delta") => append(&mut self.content, "thinking"),
            Some("input_json_delta") => self
                .input
                .get_or_insert_default()
                .push_str(text("partial_json")),
            Some("signature_delta") => {
                self.content
                    .insert("signature".to_owned(), text("signature").into());
            }
            Some("citations_delta") => {
                let citation = delta.get("citation").cloned().unwrap_or_default();
                match self
                    .content
                    .get_mut("citations")
                    .and_then(Value::as_array_mut)
                {
                    Some(citations) => citations.push(citation),
                    None => {
                        self.content
                            .insert("citations".to_owned(), json!([citation]));
                    }
                }
            }
            _ => {}
        }
    }

    fn into_value(mut self) -> Value {
        let input = self.input.and_then(|it| serde_json::from_str(&it).ok());
        if let Some(input) = input {
            self.content.insert("input".to_owned(), input);
        }
        Value::Object(self.content)
    }
}
