//! Messages: plain, streamed, and counted.

use axum::{Extension, extract::State};
use serde_json::{Value, json};

use crate::{
    call::{In, Out, json as answer},
    errors::ApiError,
    reply::Kind,
    sse,
    state::{App, State as Simulated, lock},
    tokens,
};

mod builtin;
mod compose;
mod events;
mod request;
mod validate;

pub use request::MessageRequest;

pub(crate) async fn create(State(app): State<App>, Extension(call): In) -> Out {
    let request = MessageRequest::new(call.json()?.clone(), call.headers.clone());
    let message = say(&app, &request)?;
    if request.is_stream() {
        Ok(sse::response(events::encode(&message), app.config.pace))
    } else {
        Ok(answer(&message))
    }
}

pub(crate) async fn count_tokens(Extension(call): In) -> Out {
    let body = call.json()?;
    validate::count_tokens(body)?;
    Ok(answer(&json!({"input_tokens": tokens::request(body)})))
}

/// The one way to a message, whoever asks: a plain request, a stream, a line of a batch.
pub(crate) fn say(app: &Simulated, request: &MessageRequest) -> Result<Value, ApiError> {
    validate::create(request.body())?;
    let queued = lock(&app.config.replies).pop_front();
    let handled = || {
        app.config
            .handler
            .as_ref()
            .and_then(|handler| handler(request))
    };
    let script = match queued.or_else(handled).map(|reply| reply.0) {
        Some(Kind::Error(error)) => return Err(error),
        Some(Kind::Message(script)) => script,
        None => builtin::script(request),
    };
    let message = compose::message(request, script);
    let used = |name: &str| {
        message
            .pointer(name)
            .and_then(Value::as_u64)
            .unwrap_or_default()
    };
    app.limits
        .count_tokens(used("/usage/input_tokens"), used("/usage/output_tokens"));
    Ok(message)
}
