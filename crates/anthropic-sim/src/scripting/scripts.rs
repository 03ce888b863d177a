//! The scripted replies of a running simulator: a queue, rules, and a handler.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

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
    /// How many rules there have ever been. A rule keeps its number; it is given once.
    numbers: AtomicU64,
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
        lock(&self.rules).push(self.numbered(rule));
    }

    fn numbered(&self, rule: ScriptedRule) -> ReplyRule {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed) + 1;
        ReplyRule::new(rule, number)
    }

    /// Adds what a script has.
    pub(crate) fn add(&self, script: Script) {
        lock(&self.queue).extend(script.queue);
        let rules = script.rules.into_iter();
        lock(&self.rules).extend(rules.map(|rule| self.numbered(rule)));
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

    /// The rules with their numbers, how often each was used, and how many replies are queued.
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
    /// A rule's number is passed on.
    pub(crate) async fn reply(
        &self,
        request: &MessageRequest,
        replied_by: impl FnOnce(u64),
    ) -> Option<Reply> {
        if let Some(reply) = lock(&self.queue).pop_front() {
            return Some(reply);
        }
        let ruled = lock(&self.rules)
            .iter()
            .find_map(|rule| Some((rule.number(), rule.reply(request)?)));
        if let Some((number, reply)) = ruled {
            replied_by(number);
            return Some(reply);
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
