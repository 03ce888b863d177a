//! Message threads: conversations that the server remembers, so that each turn sends only what is
//! new.
//!
//! A turn is kept under the id of its reply, with a link to the turn before it; a conversation is
//! put together by walking back. A turn can be continued once. While somebody does, others get an
//! error that it is in flight.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

use serde_json::{Map, Value, json};

use crate::base::errors::ApiError;
use crate::base::sync::lock;
use crate::tokens::CACHE_CONTROL;

/// Turns kept; the oldest are dropped first.
const MOST: usize = 10_000;
/// What a conversation has from its first turn on, and a later one may not repeat.
const FIXED: [&str; 2] = ["system", "tools"];

/// All turns of all threads.
#[derive(Debug, Default)]
pub(crate) struct Threads(Mutex<Turns>);

#[derive(Debug, Default)]
struct Turns {
    all: HashMap<String, Turn>,
    order: VecDeque<String>,
}

#[derive(Debug)]
struct Turn {
    parent: Option<String>,
    /// What was asked, and the reply.
    messages: Vec<Value>,
    fixed: Map<String, Value>,
    continued: Continued,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Continued {
    No,
    InFlight,
    Yes,
}

/// A turn in progress. Dropped before its end, it lets others continue where it did.
#[derive(Debug)]
pub(super) struct Open<'a> {
    threads: &'a Threads,
    parent: Option<String>,
    asked: Vec<Value>,
    fixed: Map<String, Value>,
    done: bool,
}

impl Threads {
    /// Removes every turn.
    pub(super) fn forget(&self) {
        *lock(&self.0) = Turns::default();
    }

    /// Begins a turn, if the request is of a thread, and puts the whole conversation into its body.
    pub(super) fn open(&self, body: &mut Value) -> Result<Option<Open<'_>>, ApiError> {
        let thread = body.get("thread").filter(|thread| !thread.is_null());
        let Some(thread) = thread else {
            return Ok(None);
        };
        let kind = thread.get("type").and_then(Value::as_str);
        let previous = thread.get("previous_message_id").and_then(Value::as_str);
        let parent = match (kind, previous) {
            (Some("create"), _) => None,
            (Some("continue"), Some(id)) => Some(id.to_owned()),
            (Some("continue"), None) => {
                return Err(ApiError::invalid(
                    "thread.continue.previous_message_id: Field required",
                ));
            }
            _ => {
                return Err(ApiError::invalid(
                    "thread.type: Input should be 'create' or 'continue'",
                ));
            }
        };
        let asked = body.get("messages").and_then(Value::as_array).cloned();
        let mut open = Open {
            threads: self,
            parent: None,
            asked: asked.unwrap_or_default(),
            fixed: Map::new(),
            done: false,
        };
        match parent {
            None => {
                let fixed = FIXED
                    .iter()
                    .filter_map(|name| Some(((*name).to_owned(), body.get(*name)?.clone())));
                open.fixed = fixed.collect();
            }
            Some(id) => self.resume(&mut open, &id, body)?,
        }
        Ok(Some(open))
    }

    fn resume<'a>(
        &'a self,
        open: &mut Open<'a>,
        id: &str,
        body: &mut Value,
    ) -> Result<(), ApiError> {
        let mut turns = lock(&self.0);
        let turn = turns.all.get_mut(id).ok_or_else(|| not_found(id))?;
        let changed: Vec<&str> = FIXED
            .into_iter()
            .filter(|name| {
                body.get(*name)
                    .is_some_and(|given| turn.fixed.get(*name) != Some(given))
            })
            .collect();
        if !changed.is_empty() {
            let message = format!(
                "{}: must stay the same in every turn of a thread",
                changed.join(", ")
            );
            return Err(ApiError::invalid(message)
                .details(json!({"error_code": "thread_fingerprint_mismatch"})));
        }
        if let Some(name) = FIXED.iter().find(|name| body.get(**name).is_some()) {
            let message = format!("{name}: may not be given when a thread is continued");
            return Err(ApiError::invalid(message));
        }
        match turn.continued {
            Continued::No => turn.continued = Continued::InFlight,
            Continued::InFlight => {
                let message = format!("thread: message {id} is being continued by another request");
                return Err(ApiError::invalid(message)
                    .details(json!({"error_code": "thread_continue_in_flight"})));
            }
            Continued::Yes => {
                let message = format!("thread: message {id} has already been continued");
                return Err(ApiError::invalid(message)
                    .details(json!({"error_code": "thread_already_continued"})));
            }
        }
        open.fixed.clone_from(&turn.fixed);
        open.parent = Some(id.to_owned());
        // From here on a failure, a dropped turn further back, opens the turn again when `open`
        // is dropped.
        let history = turns.history(id);
        drop(turns);
        let mut messages = history.ok_or_else(|| not_found(id))?;
        messages.extend(open.asked.iter().cloned());
        if let Some(body) = body.as_object_mut() {
            body.insert("messages".to_owned(), Value::Array(messages));
            body.extend(open.fixed.clone());
        }
        Ok(())
    }
}

impl Turns {
    /// The conversation up to and with this turn.
    fn history(&self, id: &str) -> Option<Vec<Value>> {
        let mut turns = Vec::new();
        let mut at = Some(id);
        while let Some(id) = at {
            let turn = self.all.get(id)?;
            turns.push(&turn.messages);
            at = turn.parent.as_deref();
        }
        Some(turns.into_iter().rev().flatten().cloned().collect())
    }
}

impl Open<'_> {
    /// Keeps the turn under the reply's id. A refused turn is not kept.
    pub(super) fn close(mut self, message: &Value) {
        let field = |name: &str| message.get(name).cloned().unwrap_or_default();
        if field("stop_reason") == "refusal" {
            return;
        }
        let Value::String(id) = field("id") else {
            return;
        };
        self.done = true;
        let mut messages = std::mem::take(&mut self.asked);
        messages.iter_mut().for_each(without_breakpoints);
        let mut content = field("content");
        if let Some(blocks) = content.as_array_mut() {
            // What it wrote itself is not refused later.
            blocks.retain(|block| !is_blank(block));
        }
        messages.push(json!({"role": "assistant", "content": content}));
        messages.retain(|turn| turn["content"] != json!([]));
        let turn = Turn {
            parent: self.parent.clone(),
            messages,
            fixed: std::mem::take(&mut self.fixed),
            continued: Continued::No,
        };
        let mut turns = lock(&self.threads.0);
        if let Some(parent) = self.parent.as_ref().and_then(|id| turns.all.get_mut(id)) {
            parent.continued = Continued::Yes;
        }
        turns.all.insert(id.clone(), turn);
        turns.order.push_back(id);
        if turns.order.len() > MOST {
            if let Some(oldest) = turns.order.pop_front() {
                turns.all.remove(&oldest);
            }
        }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if let Some(id) = self.parent.as_ref().filter(|_| !self.done) {
            if let Some(turn) = lock(&self.threads.0).all.get_mut(id) {
                turn.continued = Continued::No;
            }
        }
    }
}

/// Takes the cache breakpoints off a message, which are those of the turn that sent it: a request
/// takes only a few, and a thread may have many turns. Data that is free in form stays as it is.
fn without_breakpoints(message: &mut Value) {
    const BLOCKS: [&str; 4] = ["content", "source", "tool", "definition"];
    match message {
        Value::Array(blocks) => blocks.iter_mut().for_each(without_breakpoints),
        Value::Object(fields) => {
            fields.remove(CACHE_CONTROL);
            for name in BLOCKS {
                if let Some(within) = fields.get_mut(name) {
                    without_breakpoints(within);
                }
            }
        }
        _ => {}
    }
}

fn is_blank(block: &Value) -> bool {
    let text = block.get("text").and_then(Value::as_str);
    block["type"] == "text" && text.is_some_and(|text| text.trim().is_empty())
}

fn not_found(id: &str) -> ApiError {
    let error = ApiError::not_found(format!("thread: no thread goes on from message {id}"));
    error.details(json!({"error_code": "thread_not_found"}))
}
