//! Checks every request against the description, before any handler sees it.
//!
//! What the description cannot tell is let through: values behind headers, sets that are open, limits on numbers and
//! lengths. Parameters of the beta are parameters only of a request with an `anthropic-beta` header; which header a
//! parameter needs is not described, so any will do. What a message needs beyond its shape is in `messages/validate.rs`.

mod place;
#[cfg(test)]
mod tests;
mod text;
pub(crate) mod times;
mod value;

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::Method;
use serde_json::Value;

pub(crate) use self::{place::Place, value::Checker};
use crate::{
    call::Call,
    description::{BodyKind, Matched, Object, Operation, description},
    errors::ApiError,
    multipart,
    state::{App, State as Simulated},
};

type Check = Result<(), ApiError>;

/// The version that dropped parameters which earlier ones have.
const VERSION: &str = "2026-10-21";
/// What a message in a batch is checked as; the batch itself is accepted whatever its messages look like.
const MESSAGES: &str = "/v1/messages";
const BATCHES: &str = "/v1/messages/batches";
/// The field of a batch's request that is looked at later.
const LATER: &str = "params";

/// The step between the gate and the routes.
pub(crate) async fn step(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let Some(call) = request.extensions().get::<Arc<Call>>().cloned() else {
        return next.run(request).await;
    };
    let beta = call.has_betas();
    if let Some(matched) = description().matched(request.method(), request.uri().path(), beta) {
        if let Err(error) = self::request(&app, &call, matched.operation) {
            return error.into_response();
        }
        request
            .extensions_mut()
            .insert(Arc::<Matched>::new(matched));
    }
    next.run(request).await
}

/// What a message in a batch must be, as if it had been sent by itself.
pub(crate) fn batched(app: &Simulated, call: &Call, params: &Value) -> Check {
    let matched = description().matched(&Method::POST, MESSAGES, call.has_betas());
    match matched {
        Some(matched) => json(app, call, matched.operation, params),
        None => Ok(()),
    }
}

fn request(app: &Simulated, call: &Call, operation: &'static Operation) -> Check {
    let extras = app.config.unknown_parameters;
    text::query(&call.query, &operation.query, extras)?;
    match operation.body {
        BodyKind::None => Ok(()),
        BodyKind::Multipart => text::form(&multipart::parts(call)?, &operation.fields, extras),
        BodyKind::Json if call.body.is_empty() && !needs_body(operation) => Ok(()),
        BodyKind::Json => json(app, call, operation, call.json()?),
    }
}

fn needs_body(operation: &Operation) -> bool {
    operation.whole.is_some() || operation.fields.fields.iter().any(|field| field.required)
}

fn json(app: &Simulated, call: &Call, operation: &'static Operation, body: &Value) -> Check {
    let checker = Checker {
        extras: app.config.unknown_parameters,
        later: (operation.path == BATCHES).then_some(LATER),
    };
    if let Some(whole) = operation.whole {
        return checker.value(whole, body, Place::Body);
    }
    let Some(fields) = body.as_object() else {
        return Err(ApiError::invalid(
            "The request body should be a JSON object",
        ));
    };
    let none = Object::default();
    let earlier = if call.header("anthropic-version") == Some(VERSION) {
        &none
    } else {
        &operation.earlier
    };
    checker.fields(&[&operation.fields, earlier], fields, Place::Body)
}
