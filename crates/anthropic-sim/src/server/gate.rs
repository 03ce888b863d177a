//! What every request passes through, whatever it asks for: id, size limit, recording,
//! authentication, rate limits, faults, and the headers and error body of the response.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode, Version, header};

use super::access::Allowed;
use super::authentication::Authentication;
use super::play::{allow, play};
use super::socket::RequestSocket;
use crate::base::clock::{Clock, stopwatch};
use crate::base::errors::ApiError;
use crate::base::ids::{Ids, ORGANIZATION, WORKSPACE};
use crate::http::body::{collect, decoded, read, size_limit};
use crate::http::call::{Call, FAULT_HEADER, json_with, parse_query};
use crate::http::event_stream::{self, Binary};
use crate::http::rate_limits::Buckets;
use crate::http::sse::Whole;
use crate::observation::observer::{Observation, Observer};
use crate::observation::recording::source::Source;
use crate::observation::recording::stored::RecordingRequest;
use crate::observation::scrub::Scrubbed;
use crate::platforms::Form;
use crate::scripting::faults::{Due, Faults, Original, RequestFacts, Way};
use crate::validate::BATCHES;

/// The state of the gate.
#[derive(Debug)]
pub(crate) struct Gate {
    pub(crate) clock: Arc<Clock>,
    pub(crate) ids: Arc<Ids>,
    pub(crate) limits: Arc<Buckets>,
    pub(crate) observer: Arc<Observer>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) authentication: Authentication,
    /// Whose responses are given.
    pub(crate) source: Arc<Source>,
    /// Whether any id is one of an object.
    pub(crate) lenient_ids: bool,
    /// The pause after each event of a replayed stream.
    pub(crate) pace: Duration,
}

pub(crate) async fn pass(
    State(gate): State<Arc<Gate>>,
    ConnectInfo(socket): ConnectInfo<RequestSocket>,
    request: Request,
    next: Next,
) -> Response {
    let watch = stopwatch();
    socket.unmute();
    gate.clock.tick();
    let now = gate.clock.now();
    let (parts, body) = request.into_parts();
    let visit = Visit {
        gate: &gate,
        socket: &socket,
        is_plain: parts.version != Version::HTTP_2 && socket.is_plain(),
        request_id: gate.ids.next("req"),
        workspace: parts.headers.get("anthropic-workspace-id").cloned(),
        page: parts.extensions.get().cloned(),
        framed: parts.extensions.get::<Binary>().is_some(),
        form: parts.extensions.get().copied(),
    };
    let shown = Scrubbed::of(&parts);
    let headers = shown.headers.clone();
    let mut observation = gate.observer.begin(watch, &shown, &visit.request_id);
    let limit = size_limit(parts.uri.path());
    let body = read(body, &parts.headers, limit).await;
    let body = body.and_then(|body| decoded(body, &parts.headers, limit));
    observation.request(shown, body.as_ref().cloned().unwrap_or_default());
    let admitted = visit.admit(&parts, headers, body, now).and_then(|call| {
        // A batch has neither a model nor a stream, and would be large as a value.
        if observation.wants_body() && parts.uri.path() != BATCHES {
            if let Ok(json) = call.json() {
                observation.body(json);
            }
        }
        let due = visit.due(&parts, &call)?;
        Ok((call, due))
    });
    match admitted {
        Err(error) => observation.response(visit.refuse(&error)),
        Ok((call, due)) => {
            let mut request = Request::from_parts(parts, Body::empty());
            request.extensions_mut().insert(Arc::clone(&call));
            let usual = visit.usual(request, next, &call);
            let response = visit.answer(usual, due, &mut observation).await;
            if let Some(cause) = call.cause.get() {
                observation.cause(*cause);
            }
            response
        }
    }
}

/// A request on its way through.
struct Visit<'a> {
    gate: &'a Gate,
    socket: &'a RequestSocket,
    /// Whether the connection is plain HTTP/1.1.
    is_plain: bool,
    request_id: String,
    workspace: Option<HeaderValue>,
    /// The page of another origin that asks.
    page: Option<Allowed>,
    /// Whether streams are sent as event streams of AWS's.
    framed: bool,
    /// The form of a cloud's errors.
    form: Option<Form>,
}

impl Visit<'_> {
    /// Checks what is the same for all requests.
    fn admit(
        &self,
        parts: &Parts,
        headers: HeaderMap,
        body: Result<Bytes, ApiError>,
        now: Duration,
    ) -> Result<Arc<Call>, ApiError> {
        if self.gate.source.is_simulated() {
            self.gate.authentication.check(&parts.headers)?;
            self.gate.limits.count_request(now)?;
        }
        Ok(Arc::new(Call {
            query: parse_query(parts.uri.query()),
            headers,
            body: body?,
            request_id: self.request_id.clone(),
            lenient_ids: self.gate.lenient_ids,
            ..Call::default()
        }))
    }

    /// The fault that is due, if any.
    fn due(&self, parts: &Parts, call: &Call) -> Result<Option<Due>, ApiError> {
        let header = parts.headers.get(FAULT_HEADER);
        if header.is_none() && self.gate.faults.is_empty() {
            return Ok(None);
        }
        let retries = call.header("x-stainless-retry-count");
        let body = Some(call).filter(|_| parts.uri.path() != BATCHES);
        let body = body.and_then(|call| call.json().ok());
        let due = self.gate.faults.due(
            header,
            RequestFacts {
                method: parts.method.as_str(),
                path: parts.uri.path(),
                model: body.and_then(|body| body.get("model")?.as_str()),
                retries: retries
                    .and_then(|count| count.parse().ok())
                    .unwrap_or_default(),
            },
        )?;
        match due {
            Some(due) => self.playable(due).map(Some),
            None => Ok(None),
        }
    }

    /// A fault, unless it has to write past the HTTP library on a connection that isn't plain
    /// HTTP/1.1.
    fn playable(&self, due: Due) -> Result<Due, ApiError> {
        if self.is_plain || due.is_plain() {
            return Ok(due);
        }
        let message = format!("{FAULT_HEADER}: this fault needs HTTP/1.1 without TLS");
        Err(ApiError::invalid(message))
    }

    /// The response if nothing goes wrong.
    async fn usual(&self, request: Request, next: Next, call: &Call) -> Response {
        let request_parts = RecordingRequest {
            method: request.method(),
            uri: request.uri(),
            headers: request.headers(),
            call,
        };
        match self
            .gate
            .source
            .answer(&request_parts, self.gate.pace)
            .await
        {
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
        observation: &mut Observation,
    ) -> Response {
        let Some(due) = due else {
            let mut response = usual.await;
            // A scripted reply may have brought one.
            let due = response.extensions_mut().remove::<Due>();
            return match due.map(|due| self.playable(due)) {
                None => observation.response(response),
                Some(Ok(due)) => self.play(due, async { response }, observation).await,
                Some(Err(error)) => observation.response(self.refuse(&error)),
            };
        };
        self.play(due, usual, observation).await
    }

    /// Plays a fault on what would have been the response.
    async fn play(
        &self,
        due: Due,
        usual: impl Future<Output = Response> + Send,
        observation: &mut Observation,
    ) -> Response {
        observation.fault(&due.name);
        due.wait().await;
        let original = match due.way() {
            Way::Refuse(error) => return observation.response(self.refuse(&error)),
            // Written past what puts other responses into the cloud's form.
            Way::Slow(error) => {
                let (parts, body) = self.refuse(&error).into_parts();
                let body = collect(body).await;
                let response = match self.form {
                    Some(form) => form.refused(parts, body),
                    None => Response::from_parts(parts, body.into()),
                };
                original(response, false).await
            }
            Way::Play => Original::default(),
            Way::Pass | Way::Remake => {
                let response = usual.await;
                if !due.applies(&response) {
                    return observation.response(response);
                }
                original(response, self.framed).await
            }
        };
        let mut status = None;
        let mut wrote = |bytes: &[u8]| {
            if status.is_none() {
                status = status_line(bytes);
            }
            observation.wrote(bytes);
        };
        let mut steps = due.steps(&original, &self.request_id);
        if let Some(page) = &self.page {
            allow(&mut steps, page);
        }
        let response = play(&steps, self.socket, &mut wrote).await;
        observation.played(status);
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
        self.gate.limits.write(headers);
        response
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

async fn original(response: Response, framed: bool) -> Original {
    let (mut parts, body) = response.into_parts();
    let kind = parts.headers.get(header::CONTENT_TYPE);
    if framed && kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream")) {
        let kind = HeaderValue::from_static(event_stream::MEDIA_TYPE);
        parts.headers.insert(header::CONTENT_TYPE, kind);
    }
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
        framed,
    }
}

fn status_line(bytes: &[u8]) -> Option<StatusCode> {
    let code = bytes.strip_prefix(b"HTTP/1.1 ")?.get(..3)?;
    StatusCode::from_bytes(code).ok()
}
