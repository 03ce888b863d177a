//! The scripted replies of a running simulator: a queue, rules, and a handler.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::Mutex;

use serde_json::{Value, json};

use super::calling::ToolCalls;
use super::reply::Reply;
use super::request::MessageRequest;
use super::script::{Script, ScriptedRule};
use super::when::{ReplyRule, When};
use crate::base::sync::lock;

/// A function of the user's that replies to requests.
enum Handler {
    Sync(Box<SyncHandler>),
    Async(Box<AsyncHandler>),
}

type SyncHandler = dyn Fn(&MessageRequest) -> Option<Reply> + Send + Sync;
type AsyncHandler = dyn Fn(MessageRequest) -> ReplyFuture + Send + Sync;
type ReplyFuture = Pin<Box<dyn Future<Output = Option<Reply>> + Send>>;

#[derive(Default)]
pub(crate) struct Scripts {
    queue: Mutex<VecDeque<Reply>>,
    rules: Mutex<Vec<ReplyRule>>,
    /// What there was at the start.
    initial: Script,
    handler: Option<Handler>,
    /// What the built-in reply does when nothing else matches.
    pub(crate) tool_calls: ToolCalls,
}

impl Scripts {
    pub(crate) fn push(&self, reply: Reply) {
        lock(&self.queue).push_back(reply);
    }

    pub(crate) fn add_rule(&self, when: When, reply: Reply) {
        let rule = ScriptedRule {
            when,
            replies: vec![reply],
            source: Value::Null,
        };
        lock(&self.rules).push(ReplyRule::new(rule));
    }

    /// Adds what a script has.
    pub(crate) fn add(&self, script: Script) {
        lock(&self.queue).extend(script.queue);
        lock(&self.rules).extend(script.rules.into_iter().map(ReplyRule::new));
    }

    /// Remembers what there is for [`reset`](Self::reset).
    pub(crate) fn begin(&mut self) {
        self.initial = Script {
            rules: lock(&self.rules).iter().map(ReplyRule::rule).collect(),
            queue: lock(&self.queue).iter().cloned().collect(),
        };
    }

    /// Removes all rules and what is queued.
    pub(crate) fn clear(&self) {
        lock(&self.queue).clear();
        lock(&self.rules).clear();
    }

    /// Goes back to what there was at the start.
    pub(crate) fn reset(&self) {
        self.clear();
        self.add(self.initial.clone());
    }

    /// The rules, how often each was used, and how many replies are queued.
    pub(crate) fn json(&self) -> Value {
        let rules: Vec<Value> = lock(&self.rules).iter().map(ReplyRule::json).collect();
        json!({"rules": rules, "queued": lock(&self.queue).len()})
    }

    pub(crate) fn set_handler<F>(&mut self, handler: F)
    where
        F: Fn(&MessageRequest) -> Option<Reply> + Send + Sync + 'static,
    {
        self.handler = Some(Handler::Sync(Box::new(handler)));
    }

    pub(crate) fn set_async_handler<F, A>(&mut self, handler: F)
    where
        F: Fn(MessageRequest) -> A + Send + Sync + 'static,
        A: Future<Output = Option<Reply>> + Send + 'static,
    {
        let boxed = move |request| -> ReplyFuture { Box::pin(handler(request)) };
        self.handler = Some(Handler::Async(Box::new(boxed)));
    }

    /// The scripted reply to a request: from the queue, the first rule that holds, or the handler.
    pub(crate) async fn reply(&self, request: &MessageRequest) -> Option<Reply> {
        if let Some(reply) = lock(&self.queue).pop_front() {
            return Some(reply);
        }
        let ruled = lock(&self.rules)
            .iter()
            .find_map(|rule| rule.reply(request));
        if ruled.is_some() {
            return ruled;
        }
        match self.handler.as_ref()? {
            Handler::Sync(handler) => handler(request),
            Handler::Async(handler) => handler(request.clone()).await,
        }
    }
}

impl fmt::Debug for Scripts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scripts")
            .field("rules", &*lock(&self.rules))
            .finish_non_exhaustive()
    }
}
