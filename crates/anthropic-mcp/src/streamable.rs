//! The streamable HTTP transport of the protocol, over a transport of the SDK's.

use std::borrow::Cow;
use std::collections::HashMap;
use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use anthropic::transport::{
    Body, BoxError, ConnectTimeout, HttpRequest, HttpResponse, Transport, TransportError,
};
use http::header::{
    ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, USER_AGENT, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use rmcp::model::{ClientJsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::streamable_http_client::{
    AuthRequiredError, HttpStatusError, InsufficientScopeError, SseError, StreamableHttpClient,
    StreamableHttpError, StreamableHttpPostResponse, StreamableHttpResponseLimits,
};
use rmcp::transport::worker::WorkerQuitReason;
use sse_stream::Sse;

use crate::sse::events;

pub(crate) const SESSION: &str = "mcp-session-id";
pub(crate) const LAST_EVENT: &str = "last-event-id";
const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);
const AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// rmcp's view of a transport.
#[derive(Clone)]
pub(crate) struct Client {
    transport: Arc<dyn Transport>,
    /// Sent with every request.
    headers: HeaderMap,
}

/// Why an exchange failed.
#[derive(Debug)]
pub(crate) enum Failed {
    Transport(TransportError),
    Body(anthropic::Error),
    Request(http::Error),
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport(error) => error.fmt(f),
            Self::Body(error) => error.fmt(f),
            Self::Request(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Failed {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Transport(error) => error.source(),
            Self::Body(error) => error.source(),
            Self::Request(error) => error.source(),
        }
    }
}

type Outcome<T> = Result<T, StreamableHttpError<Failed>>;
type Events = Pin<Box<dyn futures_core::Stream<Item = Result<Sse, SseError>> + Send>>;

/// What is the same in each request of a session.
struct Target {
    uri: Arc<str>,
    session: Option<Arc<str>>,
    /// Those of rmcp's: the version of the protocol.
    headers: HashMap<HeaderName, HeaderValue>,
}

impl Client {
    /// These headers are sent with every request.
    pub(crate) fn new(transport: Arc<dyn Transport>, headers: HeaderMap) -> Self {
        Self { transport, headers }
    }

    async fn send(
        &self,
        target: Target,
        method: Method,
        more: &[(HeaderName, &str)],
        body: Body,
    ) -> Outcome<HttpResponse> {
        let mut request = http::Request::builder().method(method).uri(&*target.uri);
        let session = target.session.as_deref();
        let session = session.map(|id| (HeaderName::from_static(SESSION), id));
        for (name, value) in more.iter().cloned().chain(session) {
            request = request.header(name, value);
        }
        let failed = |error| StreamableHttpError::Client(Failed::Request(error));
        let mut request: HttpRequest = request.body(body).map_err(failed)?;
        let headers = request.headers_mut();
        headers.extend(target.headers);
        headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        for name in self.headers.keys() {
            headers.remove(name);
        }
        for (name, value) in &self.headers {
            headers.append(name, value.clone());
        }
        if let Some(length) = request.body().len() {
            request.headers_mut().insert(CONTENT_LENGTH, length.into());
        }
        request
            .extensions_mut()
            .insert(ConnectTimeout(Some(CONNECT)));
        let response = self.transport.send(request).await;
        let response =
            response.map_err(|error| StreamableHttpError::Client(Failed::Transport(error)))?;
        authorized(response)
    }
}

/// Why a message failed, where the server itself is why.
pub(crate) enum Refusal {
    /// It responded with this status.
    Status(u16),
    /// It does not know the session any more.
    SessionExpired,
    /// Its response is none of the protocol's. What was asked of it may have happened.
    Unreadable,
}

/// What a failure to send was, if it is one of this transport's.
pub(crate) fn refusal(error: &(dyn StdError + 'static)) -> Option<Refusal> {
    match error.downcast_ref()? {
        StreamableHttpError::<Failed>::HttpStatus(error) => Some(Refusal::Status(error.status)),
        StreamableHttpError::SessionExpired => Some(Refusal::SessionExpired),
        StreamableHttpError::UnexpectedContentType(_)
        | StreamableHttpError::UnexpectedServerResponse(_) => Some(Refusal::Unreadable),
        _ => None,
    }
}

/// What a message could not be sent for, without rmcp's words around it.
pub(crate) fn cause(error: BoxError) -> BoxError {
    let error = match error.downcast::<WorkerQuitReason<StreamableHttpError<Failed>>>() {
        Ok(reason) => match *reason {
            WorkerQuitReason::Fatal { error, .. } => Box::new(error),
            reason => return Box::new(reason),
        },
        Err(error) => match error.downcast::<StreamableHttpError<Failed>>() {
            Ok(error) => error,
            Err(error) => return error,
        },
    };
    match *error {
        StreamableHttpError::Client(failed) => Box::new(failed),
        StreamableHttpError::HttpStatus(error) => {
            format!("the response has the status {}", error.status).into()
        }
        StreamableHttpError::UnexpectedContentType(media) => {
            let media = media.unwrap_or_else(|| "no type".to_owned());
            format!("the response is {media}, and neither JSON nor events").into()
        }
        error => Box::new(error),
    }
}

/// Fails where the server asks for authorization.
fn authorized(response: HttpResponse) -> Outcome<HttpResponse> {
    let challenge = response.headers().get(WWW_AUTHENTICATE);
    let challenge = challenge.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    match response.status() {
        StatusCode::UNAUTHORIZED => Err(StreamableHttpError::AuthRequired(AuthRequiredError::new(
            challenge.unwrap_or_default(),
        ))),
        StatusCode::FORBIDDEN => Err(StreamableHttpError::InsufficientScope(
            InsufficientScopeError::new(challenge.unwrap_or_default(), None),
        )),
        _ => Ok(response),
    }
}

/// Fails where the status is one of an overloaded or broken server.
fn refused(response: &HttpResponse) -> Option<StreamableHttpError<Failed>> {
    let status = response.status();
    if status.is_success() {
        return None;
    }
    let retry_after = response.headers().get(RETRY_AFTER);
    let retry_after = retry_after.and_then(|value| value.to_str().ok());
    let retry_after = retry_after.map(str::to_owned);
    Some(HttpStatusError::new(status.as_u16(), retry_after).into())
}

fn is_media(headers: &HeaderMap, media: &str) -> bool {
    let value = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    let value = String::from_utf8_lossy(value.unwrap_or_default());
    let bare = value.split(';').next().unwrap_or_default();
    bare.trim().eq_ignore_ascii_case(media)
}

/// The whole body, up to a limit.
async fn read(mut body: Body, limit: usize) -> Outcome<Vec<u8>> {
    let mut whole = Vec::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| StreamableHttpError::Client(Failed::Body(error)))?;
        if whole.len() + chunk.len() > limit {
            return Err(StreamableHttpError::ResponseBodyTooLarge { max_size: limit });
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole)
}

/// What came for a message.
async fn posted(
    response: HttpResponse,
    waits: bool,
    in_session: bool,
    limits: StreamableHttpResponseLimits,
) -> Outcome<StreamableHttpPostResponse> {
    let status = response.status();
    if matches!(status, StatusCode::ACCEPTED | StatusCode::NO_CONTENT) {
        return Ok(StreamableHttpPostResponse::Accepted);
    }
    if status == StatusCode::NOT_FOUND && in_session {
        return Err(StreamableHttpError::SessionExpired);
    }
    let failed = refused(&response);
    let session = response.headers().get(SESSION);
    let session = session.and_then(|id| id.to_str().ok()).map(str::to_owned);
    let is_json = is_media(response.headers(), JSON);
    if failed.is_none() && is_media(response.headers(), EVENTS) {
        let stream = events(response.into_body(), limits.max_sse_event_size);
        return Ok(StreamableHttpPostResponse::Sse(stream, session));
    }
    if !is_json {
        let media = response.headers().get(CONTENT_TYPE);
        let media = media.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        return match failed {
            Some(failed) => Err(failed),
            // Nothing is expected, and nothing of it counts.
            None if !waits => Ok(StreamableHttpPostResponse::Accepted),
            None => Err(StreamableHttpError::UnexpectedContentType(media)),
        };
    }
    let body = read(response.into_body(), limits.max_json_response_size).await?;
    match (serde_json::from_slice(&body), failed) {
        (Ok(message @ ServerJsonRpcMessage::Error(_)), _) | (Ok(message), None) => {
            Ok(StreamableHttpPostResponse::Json(message, session))
        }
        (_, Some(failed)) => Err(failed),
        (Err(_), None) if !waits => Ok(StreamableHttpPostResponse::Accepted),
        (Err(error), None) => {
            let message = format!("the response is no JSON-RPC message: {error}");
            Err(StreamableHttpError::UnexpectedServerResponse(Cow::Owned(
                message,
            )))
        }
    }
}

impl StreamableHttpClient for Client {
    type Error = Failed;

    async fn post_message(
        &self,
        uri: Arc<str>,
        message: ClientJsonRpcMessage,
        session: Option<Arc<str>>,
        auth: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
    ) -> Outcome<StreamableHttpPostResponse> {
        let limits = StreamableHttpResponseLimits::default();
        self.post_message_with_response_limits(uri, message, session, auth, headers, limits)
            .await
    }

    async fn post_message_with_response_limits(
        &self,
        uri: Arc<str>,
        message: ClientJsonRpcMessage,
        session: Option<Arc<str>>,
        _: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
        limits: StreamableHttpResponseLimits,
    ) -> Outcome<StreamableHttpPostResponse> {
        let in_session = session.is_some();
        let waits = matches!(message, ClientJsonRpcMessage::Request(_));
        let body = Body::from(serde_json::to_vec(&message)?);
        let more = [
            (ACCEPT, "application/json, text/event-stream"),
            (CONTENT_TYPE, JSON),
        ];
        let target = Target {
            uri,
            session,
            headers,
        };
        let response = self.send(target, Method::POST, &more, body).await?;
        posted(response, waits, in_session, limits).await
    }

    async fn delete_session(
        &self,
        uri: Arc<str>,
        session: Arc<str>,
        _: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
    ) -> Outcome<()> {
        let target = Target {
            uri,
            session: Some(session),
            headers,
        };
        let response = self
            .send(target, Method::DELETE, &[], Body::empty())
            .await?;
        match refused(&response) {
            Some(_) if response.status() == StatusCode::METHOD_NOT_ALLOWED => Ok(()),
            Some(failed) => Err(failed),
            None => Ok(()),
        }
    }

    async fn get_stream(
        &self,
        uri: Arc<str>,
        session: Option<Arc<str>>,
        last: Option<String>,
        auth: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
    ) -> Outcome<Events> {
        let limit = StreamableHttpResponseLimits::default().max_sse_event_size;
        self.get_stream_with_max_sse_event_size(uri, session, last, auth, headers, limit)
            .await
    }

    async fn get_stream_with_max_sse_event_size(
        &self,
        uri: Arc<str>,
        session: Option<Arc<str>>,
        last: Option<String>,
        _: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
        limit: usize,
    ) -> Outcome<Events> {
        let mut more = vec![(ACCEPT, EVENTS)];
        if let Some(last) = &last {
            more.push((HeaderName::from_static(LAST_EVENT), last));
        }
        let target = Target {
            uri,
            session,
            headers,
        };
        let response = self.send(target, Method::GET, &more, Body::empty()).await?;
        if response.status() == StatusCode::METHOD_NOT_ALLOWED {
            return Err(StreamableHttpError::ServerDoesNotSupportSse);
        }
        if let Some(failed) = refused(&response) {
            return Err(failed);
        }
        if !is_media(response.headers(), EVENTS) {
            let media = response.headers().get(CONTENT_TYPE);
            let media = media.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
            return Err(StreamableHttpError::UnexpectedContentType(media));
        }
        Ok(events(response.into_body(), limit))
    }
}
