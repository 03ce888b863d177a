//! What every request passes through, whatever it asks for: id, size limit, recording, authentication, and the
//! headers and error body of the answer.

use std::{future::poll_fn, pin::Pin, sync::Arc};

use axum::{
    body::{Body, BodyDataStream},
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::{
    call::{Call, json_with, parse_query},
    clock::{rfc3339, stopwatch},
    errors::ApiError,
    record::{Exchange, RecordedRequest, redacted},
    state::App,
};

const MIB: usize = 1024 * 1024;
const ORGANIZATION: &str = "00000000-0000-4000-8000-00000000051a";
const WORKSPACE: &str = "wrkspc_01SimulatorDefaultWorkspac";
const VERSIONS: [&str; 3] = ["2023-01-01", "2023-06-01", "2026-10-21"];

pub(crate) async fn gate(State(app): State<App>, request: Request, next: Next) -> Response {
    let watch = stopwatch();
    app.clock.tick();
    let now = app.clock.now();
    app.limits.count_request(now);
    let request_id = app.ids.next("req");

    let (parts, body) = request.into_parts();
    let (method, path) = (parts.method.clone(), parts.uri.path().to_owned());
    let body = read(body, &parts.headers, size_limit(&path)).await;
    let headers = redacted(&parts.headers);
    app.recorder.push(RecordedRequest {
        method: method.clone(),
        path: path.clone(),
        query: parts.uri.query().map(str::to_owned),
        headers: headers.clone(),
        body: body.as_ref().cloned().unwrap_or_default(),
    });
    let workspace = parts.headers.get("anthropic-workspace-id").cloned();
    let call = admit(&app, &parts.headers).and(body).map(|body| {
        let query = parse_query(parts.uri.query());
        Arc::new(Call {
            query,
            headers,
            body,
            request_id: request_id.clone(),
            ..Call::default()
        })
    });
    let response = match &call {
        Err(error) => refused(error, &request_id),
        Ok(call) => {
            let mut request = Request::from_parts(parts, Body::empty());
            request.extensions_mut().insert(Arc::clone(call));
            finish(next.run(request).await, &request_id)
        }
    };
    let response = dressed(&app, response, &request_id, workspace);
    if let Some(listener) = &app.config.listener {
        let body = call.as_ref().ok().and_then(|call| call.json().ok());
        let field = |name: &str| body.and_then(|body| body.get(name));
        listener(&Exchange {
            time: rfc3339(now),
            method,
            path,
            status: response.status(),
            request_id,
            model: field("model")
                .and_then(|model| model.as_str())
                .map(str::to_owned),
            stream: field("stream").is_some_and(|stream| stream == true),
            duration: watch.elapsed(),
        });
    }
    response
}

/// The API's own limits on a request's size.
fn size_limit(path: &str) -> usize {
    match path {
        "/v1/messages/batches" => 256 * MIB,
        "/v1/files" => 500 * MIB,
        _ => 32 * MIB,
    }
}

/// Reads the body up to the limit. What is over is drained up to the same amount again, since a client that is
/// still writing when the connection closes would see a reset instead of the 413.
async fn read(body: Body, headers: &HeaderMap, limit: usize) -> Result<Bytes, ApiError> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    let mut too_large = announced.is_some_and(|length: usize| length > limit);
    let mut stream = body.into_data_stream();
    let (mut kept, mut seen) = (BytesMut::new(), 0_usize);
    while let Some(chunk) = next_chunk(&mut stream).await {
        let chunk = chunk.map_err(|error| {
            ApiError::invalid(format!("The request body could not be read: {error}"))
        })?;
        seen = seen.saturating_add(chunk.len());
        too_large |= seen > limit;
        if !too_large {
            kept.extend_from_slice(&chunk);
        } else if seen > limit.saturating_mul(2) {
            break;
        }
    }
    if too_large {
        Err(ApiError::too_large(limit))
    } else {
        Ok(kept.freeze())
    }
}

async fn next_chunk(stream: &mut BodyDataStream) -> Option<Result<Bytes, axum::Error>> {
    poll_fn(|context| Pin::new(&mut *stream).poll_next(context)).await
}

/// Credentials first, then the version, as the API does.
fn admit(app: &App, headers: &HeaderMap) -> Result<(), ApiError> {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::trim)
    };
    let bearer =
        text("authorization").map(|value| value.strip_prefix("Bearer ").unwrap_or_default().trim());
    let key = match (bearer, text("x-api-key")) {
        (None, None) => {
            return Err(ApiError::unauthenticated(
                "Credentials are missing: send `Authorization: Bearer` or `x-api-key`",
            ));
        }
        (Some(key), _) | (_, Some(key)) if !key.is_empty() => key,
        _ => {
            return Err(ApiError::unauthenticated(
                "The credentials are empty or malformed",
            ));
        }
    };
    if app
        .config
        .accepted_key
        .as_ref()
        .is_some_and(|accepted| accepted != key)
    {
        return Err(ApiError::unauthenticated("invalid x-api-key"));
    }
    match text("anthropic-version") {
        None => Err(ApiError::invalid("anthropic-version: header is required")),
        Some(version) if VERSIONS.contains(&version) => Ok(()),
        Some(version) => Err(ApiError::invalid(format!(
            "anthropic-version: \"{version}\" is not a valid version"
        ))),
    }
}

/// Gives errors their body: the handlers' own, and those axum made before a handler was reached.
fn finish(mut response: Response, request_id: &str) -> Response {
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        return refused(&error, request_id);
    }
    let kind = response.headers().get(header::CONTENT_TYPE);
    let plain = kind.is_none_or(|kind| kind != "application/json");
    if response.status().is_client_error() && plain {
        let reason = response
            .status()
            .canonical_reason()
            .unwrap_or("Invalid request");
        return refused(
            &ApiError::new(response.status(), "invalid_request_error", reason),
            request_id,
        );
    }
    response
}

fn refused(error: &ApiError, request_id: &str) -> Response {
    let mut response = json_with(error.status, &error.body(request_id));
    response.headers_mut().extend(error.headers.clone());
    if error.status == StatusCode::PAYLOAD_TOO_LARGE {
        response
            .headers_mut()
            .insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

fn dressed(
    app: &App,
    mut response: Response,
    request_id: &str,
    workspace: Option<HeaderValue>,
) -> Response {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("request-id", id);
    }
    headers.insert(
        "anthropic-organization-id",
        HeaderValue::from_static(ORGANIZATION),
    );
    headers.insert(
        "anthropic-workspace-id",
        workspace.unwrap_or(HeaderValue::from_static(WORKSPACE)),
    );
    app.limits.write(headers);
    response
}
