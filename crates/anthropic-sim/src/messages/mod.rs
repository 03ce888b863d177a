//! Messages: plain, streamed, and counted.

use std::time::Duration;

use axum::{Extension, extract::State};
use serde_json::{Value, json};

use crate::{
    builder::Handler,
    call::{Call, In, Out, json as answer},
    clock,
    errors::ApiError,
    files,
    reply::{Kind, Reply},
    sse,
    state::{App, State as Simulated, lock},
    tokens,
};

mod builtin;
mod cache;
mod citing;
mod compose;
mod events;
mod request;
mod threads;
mod tool_calls;
mod validate;
mod when;

pub use request::MessageRequest;
pub use when::When;

pub(crate) use cache::Cache;
pub(crate) use threads::Threads;
pub(crate) use when::Rule;

pub(crate) async fn create(State(app): State<App>, Extension(call): In) -> Out {
    let body = call.json()?.clone();
    let said = say(&app, body, &call).await?;
    if said.stream {
        Ok(sse::response(events::encode(&said.message), said.pace))
    } else {
        Ok(answer(&said.message))
    }
}

pub(crate) async fn count_tokens(Extension(call): In) -> Out {
    let body = call.json()?;
    validate::count_tokens(body)?;
    Ok(answer(&json!({"input_tokens": tokens::request(body)})))
}

/// A message, and how it is to be sent.
pub(crate) struct Said {
    pub(crate) message: Value,
    stream: bool,
    pace: Duration,
}

/// The one way to a message, whoever asks: a plain request, a stream, a line of a batch.
pub(crate) async fn say(app: &Simulated, mut body: Value, call: &Call) -> Result<Said, ApiError> {
    validate::create(&body)?;
    let turn = app.threads.open(&mut body)?;
    let request = MessageRequest::new(body, call.headers.clone());
    files::check_referred(app, request.messages())?;
    let reply = match scripted(app, &request).await {
        Some(reply) => reply,
        None => builtin::reply(&request),
    };
    if !reply.delay.is_zero() {
        clock::sleep(reply.delay).await;
    }
    let script = match reply.kind {
        Kind::Error(error) => return Err(error),
        Kind::Message(script) => script,
    };
    let pace = script.pace.unwrap_or(app.config.pace);
    let input = app.cache.split(request.body(), app.clock.now());
    let mut message = compose::message(&request, script, input);
    if let Some(turn) = turn {
        // The same turn can be sent to two threads, which are told apart by the ids of their replies.
        if let Some(id) = message.get_mut("id") {
            *id = json!(app.ids.next("msg"));
        }
        turn.close(&message);
    }
    let used = |name: &str| message.pointer(name).and_then(Value::as_u64);
    app.limits.count_tokens(
        used("/usage/input_tokens").unwrap_or_default(),
        used("/usage/output_tokens").unwrap_or_default(),
    );
    Ok(Said {
        message,
        stream: request.is_stream(),
        pace,
    })
}

/// What a test wants to be said: by the queue, by the rules, by the handler.
async fn scripted(app: &Simulated, request: &MessageRequest) -> Option<Reply> {
    if let Some(reply) = lock(&app.config.replies).pop_front() {
        return Some(reply);
    }
    let ruled = lock(&app.config.rules)
        .iter()
        .find_map(|rule| rule.answer(request));
    if ruled.is_some() {
        return ruled;
    }
    match app.config.handler.as_ref()? {
        Handler::Now(handler) => handler(request),
        Handler::Later(handler) => handler(request.clone()).await,
    }
}
