//! Messages: plain, streamed, and counted.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::routing::post;
use axum::{Extension, Router};
use serde_json::{Value, json};

use super::files::Files;
use crate::base::cause::Cause;
use crate::base::clock::{Clock, sleep};
use crate::base::errors::ApiError;
use crate::base::ids::Ids;
use crate::http::call::{Call, CallArg, HandlerResult, REPLY_HEADER, json as answer};
use crate::http::rate_limits::Buckets;
use crate::http::sse;
use crate::scripting::faults::{Due, Rule};
use crate::scripting::reply::{Kind, Reply};
use crate::scripting::request::MessageRequest;
use crate::scripting::script;
use crate::scripting::scripts::Scripts;
use crate::tokens;
use crate::validate::conversation::{Lenient, Scope};

mod builtin;
mod cache;
mod citing;
mod compose;
mod events;
mod threads;
mod tool_calls;

use self::cache::{Cache, Split};
use self::threads::Threads;

/// Message threads and the prompt cache, and what a message is made with.
#[derive(Debug)]
pub(crate) struct Messages {
    clock: Arc<Clock>,
    ids: Arc<Ids>,
    limits: Arc<Buckets>,
    scripts: Arc<Scripts>,
    files: Arc<Files>,
    lenient: Lenient,
    /// The pause after each event of a stream, unless the reply has its own.
    pace: Duration,
    cache: Cache,
    threads: Threads,
}

/// A message, and how it is sent.
pub(crate) struct Made {
    pub(crate) message: Value,
    stream: bool,
    pace: Duration,
    fault: Option<Rule>,
}

impl Messages {
    pub(crate) fn new(
        clock: Arc<Clock>,
        ids: Arc<Ids>,
        limits: Arc<Buckets>,
        scripts: Arc<Scripts>,
        files: Arc<Files>,
        lenient: Lenient,
        pace: Duration,
    ) -> Self {
        Self {
            clock,
            ids,
            limits,
            scripts,
            files,
            lenient,
            pace,
            cache: Cache::default(),
            threads: Threads::default(),
        }
    }

    pub(crate) fn routes(self: Arc<Self>) -> Router {
        Router::new()
            .route("/v1/messages", post(create))
            .route("/v1/messages/count_tokens", post(count_tokens))
            .with_state(self)
    }

    /// Clears threads and what is cached.
    pub(crate) fn forget(&self) {
        self.cache.forget();
        self.threads.forget();
    }

    /// Checks a request by the rules on conversations.
    fn check(
        &self,
        body: &Value,
        prompt: u64,
        call: &Call,
        counting: bool,
    ) -> Result<(), ApiError> {
        let scope = Scope {
            headers: &call.headers,
            prompt,
            counting,
            file: &|id| self.files.media_type(id),
        };
        let refused_by = |name| call.caused(Cause::Check(name));
        self.lenient.check(body, scope, refused_by)
    }

    /// Makes a message, for a plain request, a stream or a request of a batch.
    pub(crate) async fn make(&self, mut body: Value, call: &Call) -> Result<Made, ApiError> {
        // A later turn's tools are those of its thread, so the thread comes first.
        let turn = self.threads.open(&mut body)?;
        let counts = tokens::counts(&body);
        self.check(&body, counts.iter().sum(), call, false)?;
        let request = MessageRequest::new(body, call.headers.clone());
        let reply = self.reply(&request, call).await?;
        let draft = match reply.kind {
            Kind::Error(error) => return Err(error),
            Kind::Message(draft) => draft,
        };
        let pace = draft.pace.unwrap_or(self.pace);
        let now = self.clock.now();
        let input = self.cache.split(request.body(), &counts, now);
        let mut message = compose::message(&request, draft, input);
        if let Some(turn) = turn {
            // The same turn can be sent to two threads, which differ in the ids of their
            // replies.
            if let Some(id) = message.get_mut("id") {
                *id = json!(self.ids.next("msg"));
            }
            turn.close(&message);
        }
        let used = |name: &str| message.pointer(name).and_then(Value::as_u64);
        self.limits.count_tokens(
            used("/usage/input_tokens").unwrap_or_default(),
            used("/usage/output_tokens").unwrap_or_default(),
        );
        Ok(Made {
            message,
            stream: request.is_stream(),
            pace,
            fault: reply.fault,
        })
    }

    /// What an agent writes next in a session, as a message of the assistant's. The request is the
    /// simulator's own, and is not checked.
    pub(crate) async fn speak(&self, body: Value, call: &Call) -> Result<Value, ApiError> {
        let request = MessageRequest::new(body, call.headers.clone());
        match self.reply(&request, call).await?.kind {
            Kind::Error(error) => Err(error),
            Kind::Message(draft) => Ok(compose::message(&request, draft, Split::default())),
        }
    }

    /// The reply to a request, when its delay is over.
    async fn reply(&self, request: &MessageRequest, call: &Call) -> Result<Reply, ApiError> {
        let reply = match self.scripted(request, call).await? {
            Some(reply) => reply,
            None => builtin::reply(request, self.scripts.tool_calls),
        };
        if !reply.delay.is_zero() {
            sleep(reply.delay).await;
        }
        Ok(reply)
    }

    /// The reply of the request's own header, or else of the scripts.
    async fn scripted(
        &self,
        request: &MessageRequest,
        call: &Call,
    ) -> Result<Option<Reply>, ApiError> {
        let Some(text) = call.headers.get(REPLY_HEADER) else {
            let replied_by = |number| call.caused(Cause::Rule(number));
            return Ok(self.scripts.reply(request, replied_by).await);
        };
        let reply = std::str::from_utf8(text.as_bytes());
        let reply = reply.map_err(|_| "the value is not UTF-8".to_owned());
        let reply = reply.and_then(script::reply_from);
        let reply =
            reply.map_err(|problem| ApiError::invalid(format!("{REPLY_HEADER}: {problem}")))?;
        Ok(Some(reply))
    }
}

async fn create(State(messages): State<Arc<Messages>>, Extension(call): CallArg) -> HandlerResult {
    let body = call.json()?.clone();
    let made = messages.make(body, &call).await?;
    let mut response = if made.stream {
        sse::response(events::encode(&made.message), made.pace)
    } else {
        answer(&made.message)
    };
    if let Some(rule) = made.fault {
        // The gate plays it, which has the socket.
        response.extensions_mut().insert(Due::from(rule));
    }
    Ok(response)
}

async fn count_tokens(
    State(messages): State<Arc<Messages>>,
    Extension(call): CallArg,
) -> HandlerResult {
    let body = call.json()?;
    let prompt = tokens::request(body);
    messages.check(body, prompt, &call, true)?;
    Ok(answer(&json!({"input_tokens": prompt})))
}
