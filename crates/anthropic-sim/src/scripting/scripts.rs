//! The scripted replies of a running simulator: a queue, rules, and a handler.

use std::{collections::VecDeque, fmt, pin::Pin, sync::Mutex};

use super::{
    calling::ToolCalls,
    reply::Reply,
    request::MessageRequest,
    when::{ReplyRule, When},
};
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
    handler: Option<Handler>,
    /// What the built-in answer does when nothing else answers.
    pub(crate) tool_calls: ToolCalls,
}

impl Scripts {
    pub(crate) fn push(&self, reply: Reply) {
        lock(&self.queue).push_back(reply);
    }

    pub(crate) fn add_rule(&self, when: When, reply: Reply) {
        lock(&self.rules).push(ReplyRule::new(when, reply));
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
