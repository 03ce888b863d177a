//! What every request passes through, whatever it asks for: id, size limit, recording, authentication, rate limits,
//! faults, and the headers and error body of the answer.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::Response,
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, Version, header, request::Parts};

use crate::{
    body::{collect, read, size_limit},
    call::{Call, json_with, parse_query},
    clock::stopwatch,
    connection::Line,
    errors::ApiError,
    faults::{self, Due, HEADER, Original, Way},
    record::{RecordedRequest, Told},
    recording::Asked,
    scrub,
    sse::Whole,
    state::App,
};

const ORGANIZATION: &str = "00000000-0000-4000-8000-00000000051a";
const WORKSPACE: &str = "wrkspc_01SimulatorDefaultWorkspac";
const VERSIONS: [&str; 3] = ["2023-01-01", "2023-06-01", "2026-10-21"];

pub(crate) async fn gate(
    State(app): State<App>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
    next: Next,
) -> Response {
    let watch = stopwatch();
    line.unmute();
    app.clock.tick();
    let now = app.clock.now();
    let (parts, body) = request.into_parts();
    let visit = Visit {
        app: &app,
        line: &line,
        request_id: app.ids.next("req"),
        workspace: parts.headers.get("anthropic-workspace-id").cloned(),
    };
    let mut told = Told::new(&app, watch, &parts, &visit.request_id);
    let body = read(body, &parts.headers, size_limit(parts.uri.path())).await;
    told.asked(&parts.headers, body.as_ref().cloned().unwrap_or_default());
    let admitted = visit.admit(&parts, body, now).and_then(|call| {
        told.look(&call);
        let due = visit.due(&parts, &call)?;
        Ok((call, due))
    });
    match admitted {
        Err(error) => told.answered(visit.refuse(&error)),
        Ok((call, due)) => {
            let mut request = Request::from_parts(parts, Body::empty());
            request.extensions_mut().insert(Arc::clone(&call));
            let usual = visit.usual(request, next, &call);
            visit.answer(usual, due, &mut told).await
        }
    }
}

/// A request on its way through.
struct Visit<'a> {
    app: &'a App,
    line: &'a Line,
    request_id: String,
    workspace: Option<HeaderValue>,
}

impl Visit<'_> {
    /// Records the request, whatever becomes of it, and checks what is the same for all.
    fn admit(
        &self,
        parts: &Parts,
        body: Result<Bytes, ApiError>,
        now: Duration,
    ) -> Result<Arc<Call>, ApiError> {
        let headers = scrub::headers(&parts.headers);
        self.app.recorder.push(RecordedRequest {
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().map(str::to_owned),
            headers: headers.clone(),
            body: body.as_ref().cloned().unwrap_or_default(),
        });
        if self.app.source.is_simulated() {
            credentials(self.app, &parts.headers)?;
            self.app.limits.count_request(now)?;
        }
        Ok(Arc::new(Call {
            query: parse_query(parts.uri.query()),
            headers,
            body: body?,
            request_id: self.request_id.clone(),
            ..Call::default()
        }))
    }

    /// The fault that is due, if any.
    fn due(&self, parts: &Parts, call: &Call) -> Result<Option<Due>, ApiError> {
        let header = parts.headers.get(HEADER);
        if header.is_none() && self.app.faults.is_empty() {
            return Ok(None);
        }
        let retries = call.header("x-stainless-retry-count");
        let body = call.json().ok();
        let due = self.app.faults.due(
            header,
            faults::Asked {
                method: parts.method.as_str(),
                path: parts.uri.path(),
                model: body.and_then(|body| body.get("model")?.as_str()),
                retries: retries
                    .and_then(|count| count.parse().ok())
                    .unwrap_or_default(),
            },
        )?;
        match due {
            Some(due) if parts.version == Version::HTTP_2 && !due.is_plain() => Err(
                ApiError::invalid(format!("{HEADER}: this fault needs HTTP/1.1")),
            ),
            due => Ok(due),
        }
    }

    /// The answer if nothing goes wrong.
    async fn usual(&self, request: Request, next: Next, call: &Call) -> Response {
        let asked = Asked {
            method: request.method(),
            uri: request.uri(),
            headers: request.headers(),
            call,
        };
        match self.app.source.answer(&asked, self.app.config.pace).await {
            None => self.dress(finish(next.run(request).await, &self.request_id)),
            // With the headers that it came with.
            Some(Ok(response)) => response,
            Some(Err(error)) => self.refuse(&error),
        }
    }

    async fn answer(
        &self,
        usual: impl Future<Output = Response> + Send,
        due: Option<Due>,
        told: &mut Told<'_>,
    ) -> Response {
        let Some(due) = due else {
            return told.answered(usual.await);
        };
        told.fault(&due.name);
        due.wait().await;
        let original = match due.way() {
            Way::Refuse(error) => return told.answered(self.refuse(&error)),
            Way::Play => Original::default(),
            Way::Pass | Way::Remake => {
                let response = usual.await;
                if !due.applies(&response) {
                    return told.answered(response);
                }
                original(response).await
            }
        };
        let mut status = None;
        let mut wrote = |bytes: &[u8]| {
            if status.is_none() {
                status = status_line(bytes);
            }
            told.wrote(bytes);
        };
        let played = due.play(self.line, &original, &self.request_id, &mut wrote);
        let response = played.await;
        told.played(status);
        response
    }

    fn refuse(&self, error: &ApiError) -> Response {
        self.dress(refused(error, &self.request_id))
    }

    fn dress(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        if let Ok(id) = HeaderValue::from_str(&self.request_id) {
            headers.insert("request-id", id);
        }
        headers.insert(
            "anthropic-organization-id",
            HeaderValue::from_static(ORGANIZATION),
        );
        let workspace = self.workspace.clone();
        headers.insert(
            "anthropic-workspace-id",
            workspace.unwrap_or(HeaderValue::from_static(WORKSPACE)),
        );
        self.app.limits.write(headers);
        response
    }
}

/// Credentials first, then the version, as the API does.
fn credentials(app: &App, headers: &HeaderMap) -> Result<(), ApiError> {
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

async fn original(response: Response) -> Original {
    let (parts, body) = response.into_parts();
    let headers = parts.headers.iter().filter_map(|(name, value)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    });
    Original {
        status: parts.status.as_u16(),
        headers: headers
            .filter(|(name, _)| name != "content-length")
            .collect(),
        // A stream's pace is the fault's to keep or to change.
        body: match parts.extensions.get::<Whole>() {
            Some(Whole(events)) => events.concat().into(),
            None => collect(body).await,
        },
    }
}

fn status_line(bytes: &[u8]) -> Option<StatusCode> {
    let code = bytes.strip_prefix(b"HTTP/1.1 ")?.get(..3)?;
    StatusCode::from_bytes(code).ok()
}
