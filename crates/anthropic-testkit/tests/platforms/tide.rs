//! A platform that nobody has: other paths, another body, signatures over it with a token that is
//! fetched, streams in binary frames, errors of another shape, and no counting of tokens.

use std::fmt;
use std::hash::{DefaultHasher, Hasher as _};
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use anthropic::operation::OperationInfo;
use anthropic::platform::{AttemptContext, MaybeReady, append_beta};
use anthropic::transport::{Body, HttpRequest, HttpResponse};
use anthropic::{Error, ErrorKind, Platform, Result};
use anthropic_testkit::{Received, Request, Response, Service};
use bytes::{Buf as _, Bytes, BytesMut};
use futures_core::Stream;
use http::{HeaderValue, Uri};
use serde_json::{Value, json};

/// In every token.
pub(crate) const SECRET: &str = "tide-canary";
const FRAMES: &str = "application/octet-stream";
const SIGNATURE: &str = "x-tide-signature";
const TOKEN: &str = "x-tide-token";
const SIGNING: Duration = Duration::from_secs(3);

/// What is wrong with the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// No fault: signing takes a while, but less than an attempt may.
    SignsSlowly,
    AdaptsElsewhere,
    ForgetsOperation,
    ReplacesBetas,
    LogsToken,
    KeepsErrors,
    KeepsToken,
    ReadsAll,
}

/// The platform.
pub(crate) struct Tide {
    base_url: Uri,
    fault: Fault,
    token: Arc<Mutex<Option<String>>>,
}

/// The token that an attempt was signed with.
#[derive(Clone)]
struct Used(String);

impl Tide {
    pub(crate) fn new(fault: Fault) -> Self {
        Self {
            base_url: Uri::from_static("https://tide.example"),
            fault,
            token: Arc::default(),
        }
    }
}

impl fmt::Debug for Tide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tide").finish_non_exhaustive()
    }
}

fn bad(error: impl Into<anthropic::transport::BoxError>) -> Error {
    Error::new(ErrorKind::Request, "tide: can't be sent").caused_by(error)
}

/// `/v1/messages` with a model becomes `/t/MODEL/invoke`, anything else goes below `/t/raw`; the
/// version goes into the body.
async fn adapted(request: HttpRequest, fault: Fault) -> Result<HttpRequest> {
    let (mut parts, body) = request.into_parts();
    let body = body.bytes().await?;
    let target = parts.uri.path_and_query().map_or("/", |it| it.as_str());
    let mut path = format!("/t/raw{target}");
    let mut sent = body.clone();
    if let Ok(Value::Object(mut fields)) = serde_json::from_slice::<Value>(&body) {
        if target == "/v1/messages" {
            let model = fields.remove("model");
            let model = model.as_ref().and_then(Value::as_str).unwrap_or_default();
            let verb = match fields.remove("stream") {
                Some(Value::Bool(true)) => "stream",
                _ => "invoke",
            };
            path = format!("/t/{model}/{verb}");
        }
        let version = parts.headers.remove("anthropic-version");
        let version = version.and_then(|it| it.to_str().ok().map(ToOwned::to_owned));
        fields.insert("tide_version".to_owned(), version.into());
        sent = Value::Object(fields).to_string().into();
    }
    if fault == Fault::ReplacesBetas {
        let own = HeaderValue::from_static("tide-2026-01-01");
        parts.headers.insert("anthropic-beta", own);
    } else {
        append_beta(&mut parts.headers, "tide-2026-01-01")?;
    }
    parts.headers.remove("content-length");
    let host = match fault {
        Fault::AdaptsElsewhere => "elsewhere.example",
        _ => "tide.example",
    };
    parts.uri = format!("https://{host}{path}").parse().map_err(bad)?;
    Ok(http::Request::from_parts(parts, sent.into()))
}

/// Covers everything that must not change on the way.
fn signature(token: &str, method: &http::Method, path: &str, body: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    for part in [
        token.as_bytes(),
        method.as_str().as_bytes(),
        path.as_bytes(),
        body,
    ] {
        hasher.write_usize(part.len());
        hasher.write(part);
    }
    format!("{:016x}", hasher.finish())
}

impl Tide {
    async fn token(&self, cx: &AttemptContext) -> Result<String> {
        if let Some(token) = self.token.lock().unwrap().clone() {
            return Ok(token);
        }
        let request = http::Request::post("https://tide.example/token");
        let response = cx.send(request.body(Body::empty()).map_err(bad)?).await?;
        let token = response.into_body().bytes().await?;
        let token = String::from_utf8(token.to_vec()).map_err(bad)?;
        *self.token.lock().unwrap() = Some(token.clone());
        Ok(token)
    }

    async fn signed(&self, request: HttpRequest, cx: &AttemptContext) -> Result<HttpRequest> {
        tokio::task::yield_now().await;
        if self.fault == Fault::SignsSlowly {
            cx.clock().sleep(SIGNING).await;
        }
        let token = self.token(cx).await?;
        let (mut parts, body) = request.into_parts();
        let body = body.bytes().await?;
        let path = parts.uri.path_and_query().map_or("/", |it| it.as_str());
        let signature = signature(&token, &parts.method, path, &body);
        let mut value = HeaderValue::from_str(&token).map_err(bad)?;
        value.set_sensitive(true);
        parts.headers.insert(TOKEN, value);
        parts
            .headers
            .insert(SIGNATURE, signature.parse().map_err(bad)?);
        cx.insert(Used(token));
        Ok(http::Request::from_parts(parts, body.into()))
    }

    /// That a response is framed follows from the operation; its content type says nothing.
    async fn restored(&self, response: HttpResponse, cx: &AttemptContext) -> Result<HttpResponse> {
        let (mut parts, mut body) = response.into_parts();
        let streams = cx.operation().id() == "messages.stream";
        if streams && parts.status.is_success() && self.fault != Fault::ForgetsOperation {
            let events = HeaderValue::from_static("text/event-stream");
            parts.headers.insert("content-type", events);
            if self.fault == Fault::ReadsAll {
                body = body.bytes().await?.into();
            }
            let frames = Frames {
                body,
                read: BytesMut::new(),
            };
            return Ok(http::Response::from_parts(
                parts,
                Body::stream(frames, None),
            ));
        }
        if parts.status.is_success() || self.fault == Fault::KeepsErrors {
            return Ok(http::Response::from_parts(parts, body));
        }
        let body = body.bytes().await?;
        let restored = match serde_json::from_slice::<Value>(&body) {
            Ok(error) => {
                let error = json!({
                    "type": "error",
                    "error": {"type": error["Code"], "message": error["Message"]},
                    "request_id": error["Id"],
                });
                error.to_string().into()
            }
            Err(_) => body,
        };
        Ok(http::Response::from_parts(parts, restored.into()))
    }
}

impl Platform for Tide {
    fn name(&self) -> &'static str {
        "tide"
    }

    fn base_url(&self) -> &Uri {
        &self.base_url
    }

    fn supports(&self, operation: &OperationInfo) -> Result<()> {
        if operation.id().ends_with("count_tokens") || operation.id().starts_with("files.") {
            return Err(Error::unsupported(self.name(), operation));
        }
        Ok(())
    }

    fn adapt<'a>(
        &'a self,
        request: HttpRequest,
        _: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpRequest>> {
        MaybeReady::pending(adapted(request, self.fault))
    }

    fn authorize<'a>(
        &'a self,
        request: HttpRequest,
        cx: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpRequest>> {
        if self.fault == Fault::LogsToken {
            tracing::debug!("authorizing with {SECRET}-0");
        }
        MaybeReady::pending(self.signed(request, cx))
    }

    fn restore<'a>(
        &'a self,
        response: HttpResponse,
        cx: &'a AttemptContext,
    ) -> MaybeReady<'a, Result<HttpResponse>> {
        MaybeReady::pending(self.restored(response, cx))
    }

    fn refused(&self, error: &Error, cx: &AttemptContext) -> bool {
        if error.kind() != ErrorKind::Authentication {
            return false;
        }
        let mut token = self.token.lock().unwrap();
        let used = cx.get().map(|Used(used)| used);
        if self.fault != Fault::KeepsToken && *token == used {
            *token = None;
        }
        true
    }
}

/// Frames of a length in four bytes and an event each, as the events that they hold.
struct Frames {
    body: Body,
    read: BytesMut,
}

impl Stream for Frames {
    type Item = Result<Bytes, anthropic::transport::BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(&[a, b, c, d]) = self.read.first_chunk() {
                let len = u32::from_be_bytes([a, b, c, d]) as usize;
                if self.read.len() >= len + 4 {
                    self.read.advance(4);
                    return Poll::Ready(Some(Ok(self.read.split_to(len).freeze())));
                }
            }
            let next = ready!(Pin::new(&mut self.body).poll_next(context));
            match next {
                Some(Ok(chunk)) => self.read.extend_from_slice(&chunk),
                Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
                None if self.read.is_empty() => return Poll::Ready(None),
                None => return Poll::Ready(Some(Err("half a frame".into()))),
            }
        }
    }
}

/// The platform's servers.
#[derive(Debug, Default)]
pub(crate) struct Servers {
    issued: AtomicU32,
}

impl Servers {
    fn canonical(&self, request: Request) -> Result<Request, String> {
        let (mut parts, body) = request.into_parts();
        let header = |name: &str| {
            let value = parts.headers.get(name).and_then(|it| it.to_str().ok());
            value
                .map(ToOwned::to_owned)
                .ok_or_else(|| format!("no {name}"))
        };
        let token = header(TOKEN)?;
        let number = token
            .strip_prefix(SECRET)
            .and_then(|it| it.strip_prefix('-'));
        let number: u32 = number
            .and_then(|it| it.parse().ok())
            .ok_or("another's token")?;
        if number >= self.issued.load(Ordering::Relaxed) {
            return Err("a token that was not issued".to_owned());
        }
        let path = parts.uri.path_and_query().map_or("/", |it| it.as_str());
        if header(SIGNATURE)? != signature(&token, &parts.method, path, &body) {
            return Err("the signature is wrong".to_owned());
        }
        let path = path
            .strip_prefix("/t/")
            .ok_or("no path of ours")?
            .to_owned();
        let mut fields = serde_json::from_slice::<Value>(&body).ok();
        if let Some(Value::Object(fields)) = &mut fields {
            let version = fields.remove("tide_version");
            if let Some(version) = version.as_ref().and_then(Value::as_str) {
                let version = version.parse().map_err(|_| "a version that is no header")?;
                parts.headers.insert("anthropic-version", version);
            }
        }
        let target = if let Some(target) = path.strip_prefix("raw") {
            target.to_owned()
        } else {
            let (model, verb) = path.split_once('/').ok_or("no verb")?;
            let fields = fields.as_mut().ok_or("no body")?;
            fields["model"] = model.into();
            if verb == "stream" {
                fields["stream"] = true.into();
            }
            "/v1/messages".to_owned()
        };
        parts.uri = target.parse().map_err(|_| "no target")?;
        let body = fields.map_or(body, |fields| fields.to_string().into());
        Ok(http::Request::from_parts(parts, body))
    }
}

impl Service for Servers {
    fn receive(&self, request: Request) -> Received {
        if request.uri().path() == "/token" {
            let number = self.issued.fetch_add(1, Ordering::Relaxed);
            let token = format!("{SECRET}-{number}");
            return Received::Own(http::Response::new(token.into()));
        }
        match self.canonical(request) {
            Ok(canonical) => Received::Api(canonical),
            Err(reason) => Received::Refused(reason),
        }
    }

    fn respond(&self, _: &Request, response: Response) -> Response {
        let (mut parts, body) = response.into_parts();
        let kind = parts.headers.get("content-type").cloned();
        let is = |text: &str| {
            kind.as_ref()
                .is_some_and(|it| it.as_bytes().starts_with(text.as_bytes()))
        };
        let body = if is("text/event-stream") {
            parts
                .headers
                .insert("content-type", HeaderValue::from_static(FRAMES));
            framed(&body)
        } else if is("application/json") && !parts.status.is_success() {
            let error: Value = serde_json::from_slice(&body).unwrap_or_default();
            let (code, message) = (&error["error"]["type"], &error["error"]["message"]);
            let error = json!({"Code": code, "Message": message, "Id": error["request_id"]});
            error.to_string().into()
        } else {
            body
        };
        http::Response::from_parts(parts, body)
    }
}

/// Each event in a frame of its own.
fn framed(events: &[u8]) -> Bytes {
    let text = String::from_utf8_lossy(events);
    let mut frames = Vec::new();
    for event in text.split_inclusive("\n\n") {
        let len = u32::try_from(event.len()).unwrap_or_default();
        frames.extend(len.to_be_bytes());
        frames.extend(event.as_bytes());
    }
    frames.into()
}
