//! Asking the models of a chain one after the other.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use http::request::Parts;
use http::{HeaderMap, StatusCode, response};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::Entry;
use super::body::{Object, Original};
use super::chain::{Chain, seam};
use super::failure::{Cause, Failure, is_busy};
use super::frames::{FrameStream, Frames};
use super::reader::Reader;
use crate::clock::within;
use crate::pipeline::middleware::OwnedNext;
use crate::request::query::RawObject;
use crate::response::meta::Spliced;
use crate::sse::Decoder;
use crate::text::read_json;
use crate::transport::{Body, BoxError, HttpRequest, HttpResponse};
use crate::{Error, ErrorKind, Result};

/// The longest message that is read as a whole.
const MAX_MESSAGE: usize = 64 << 20;
/// How long a body may be idle while it is read as a whole.
const IDLE: Duration = Duration::from_secs(120);

/// What asks the models.
pub(super) struct Asking {
    pub(super) entries: Arc<[Entry]>,
    /// The first model that can take over.
    pub(super) first: usize,
    /// Where the number of the model that took over is kept, from 1.
    pub(super) accepted: Option<Arc<AtomicUsize>>,
    pub(super) original: Original,
    /// The name by which the first model was asked for.
    pub(super) model: String,
    pub(super) parts: Parts,
    pub(super) next: OwnedNext,
}

impl Asking {
    /// Asks a model.
    async fn ask(
        &self,
        entry: &Entry,
        token: Option<&str>,
        continuation: &[Value],
    ) -> Result<HttpResponse> {
        let body = self.original.patched(&entry.patch, token, continuation);
        let response = self.next.run(self.request(body)).await?;
        if !is_busy(response.status()) || !self.original.inherits_fast(&entry.patch) {
            return Ok(response);
        }
        // Fast output has limits of its own.
        let body = self
            .original
            .without_speed(&entry.patch, token, continuation);
        self.next.run(self.request(body)).await
    }

    fn request(&self, body: Vec<u8>) -> HttpRequest {
        HttpRequest::from_parts(self.parts.clone(), body.into())
    }

    fn accept(&self, index: usize) {
        if let Some(accepted) = &self.accepted {
            // Requests at the same time have none begin at a model that has declined.
            accepted.fetch_max(index.saturating_add(1), Ordering::Relaxed);
        }
    }

    /// A message that is read as a whole: that of the first model that does not decline.
    pub(super) async fn whole(self, response: HttpResponse) -> Result<HttpResponse> {
        let mut refused = match self.read(response).await? {
            Read::Other(other) => return Ok(other),
            Read::Message(parts, bytes) => {
                return Ok(HttpResponse::from_parts(*parts, bytes.into()));
            }
            Read::Refused(refused) => refused,
        };
        let (mut from, mut seams) = (self.model.clone(), Vec::new());
        let (mut token, mut failure) = (refused.token(), None);
        for (index, entry) in self.entries.iter().enumerate().skip(self.first) {
            let read = match self.ask_for_whole(entry, token.as_deref()).await {
                Ok(read) => read,
                // Its token was not redeemed: it is the next one's.
                Err(failed) => {
                    failure = Some(failed);
                    continue;
                }
            };
            failure = None;
            seams.push(seam(&from, &entry.model, &refused.detail("category")));
            from.clone_from(&entry.model);
            match read {
                Read::Refused(next) => {
                    token = next.token();
                    refused = next;
                }
                Read::Message(parts, bytes) => {
                    self.accept(index);
                    return Ok(with_seams(*parts, &bytes, &seams));
                }
                Read::Other(other) => return Ok(other),
            }
        }
        Ok(refused.into_response(failure.as_ref()))
    }

    /// Asks a model for a message that is read as a whole.
    async fn ask_for_whole(&self, entry: &Entry, token: Option<&str>) -> Result<Read, Failure> {
        let unasked = |error: &Error| Failure::new(&entry.model, &Cause::Error(error));
        let response = self.ask(entry, token, &[]).await;
        let response = response.map_err(|error| unasked(&error))?;
        if !response.status().is_success() {
            return Err(Failure::new(
                &entry.model,
                &Cause::Status(response.status()),
            ));
        }
        match self.read(response).await.map_err(|error| unasked(&error))? {
            Read::Message(_, bytes) if !is_message(&bytes) => {
                Err(Failure::new(&entry.model, &Cause::Body(&bytes)))
            }
            read => Ok(read),
        }
    }

    /// Reads a message as a whole, of a response with the status of a success.
    async fn read(&self, response: HttpResponse) -> Result<Read> {
        if response.headers().contains_key(CONTENT_ENCODING) {
            return Ok(Read::Other(response));
        }
        let (parts, mut body) = response.into_parts();
        let parts = Box::new(parts);
        let mut bytes = BytesMut::new();
        loop {
            let next = {
                let mut next = pin!(body.try_next());
                let clock = self.next.clock();
                within(&**clock, Some(IDLE), next.as_mut()).await
            };
            let chunk = next.map_err(|_| {
                Error::timeout(format!("no bytes of the message within {IDLE:?}"))
            })??;
            let Some(chunk) = chunk else { break };
            if bytes.len().saturating_add(chunk.len()) > MAX_MESSAGE {
                let fault = format!("the message is longer than {MAX_MESSAGE} bytes");
                return Err(Error::new(ErrorKind::Middleware, fault));
            }
            bytes.extend_from_slice(&chunk);
        }
        let bytes = bytes.freeze();
        if memchr::memmem::find(&bytes, b"refusal").is_some() {
            if let Ok(message) = read_json::<Object>(&bytes) {
                if message.get("stop_reason") == Some(&json!("refusal")) {
                    return Ok(Read::Refused(Box::new(Refused { parts, message })));
                }
            }
        }
        Ok(Read::Message(parts, bytes))
    }

    /// A message that is streamed: the body goes on with the next model's where one declines.
    pub(super) fn spliced(self, response: HttpResponse) -> HttpResponse {
        let (mut parts, body) = response.into_parts();
        without_length(&mut parts.headers);
        parts.extensions.insert(Spliced);
        let frames = Frames::default();
        let future = Box::pin(self.splice(body, frames.clone()));
        let body = Body::stream(FrameStream::new(frames, future), None);
        HttpResponse::from_parts(parts, body)
    }

    async fn splice(self, body: Body, out: Frames) -> Result<(), BoxError> {
        let mut reader = Reader::new(true, None);
        read_events(body, &mut reader, &out, || {}).await?;
        let Some(refusal) = reader.refusal.take() else {
            return Ok(());
        };
        let mut chain = Chain::begin(&self.model, reader, refusal);
        for (index, entry) in self.entries.iter().enumerate().skip(self.first) {
            let is_last = index.saturating_add(1) == self.entries.len();
            let place = chain.place();
            let (response, base) = match self.ask_to_continue(entry, &chain).await {
                Ok(reached) => reached,
                // Its token was not redeemed: it is the next one's.
                Err(_) if !is_last => continue,
                Err(failure) => {
                    out.push(chain.refused(&failure)).await;
                    return Ok(());
                }
            };
            let mut reader = chain.reader(&entry.model, !is_last);
            let body = response.into_body();
            let read = read_events(body, &mut reader, &out, || self.accept(index)).await;
            if !reader.is_open && reader.refusal.is_none() {
                // Nobody has seen anything of it.
                let cause = match (&read, &reader.error) {
                    (Err(_), _) => Cause::Broken,
                    (Ok(()), Some(error)) => Cause::Body(error.as_bytes()),
                    (Ok(()), None) => Cause::Body(&[]),
                };
                let failure = Failure::new(&entry.model, &cause);
                chain.return_to(place);
                if !is_last {
                    continue;
                }
                out.push(chain.refused(&failure)).await;
                return Ok(());
            }
            read?;
            let Some(refusal) = reader.refusal.take() else {
                return Ok(());
            };
            chain.go_on(&entry.model, reader, refusal, base);
        }
        Ok(())
    }

    /// Asks a model to continue what was written, or, where the API refuses that, to begin anew.
    async fn ask_to_continue(
        &self,
        entry: &Entry,
        chain: &Chain,
    ) -> Result<(HttpResponse, Vec<Value>), Failure> {
        let mut continuation = chain.continuation();
        loop {
            let asked = self.ask(entry, chain.token.as_deref(), &continuation).await;
            let response =
                asked.map_err(|error| Failure::new(&entry.model, &Cause::Error(&error)))?;
            let status = response.status();
            if status.is_success() {
                return if is_json(&response) {
                    Err(self.no_stream(entry, response).await)
                } else {
                    Ok((response, continuation))
                };
            }
            let base = chain.base();
            if status != StatusCode::BAD_REQUEST || continuation.len() == base.len() {
                return Err(Failure::new(&entry.model, &Cause::Status(status)));
            }
            continuation = base;
        }
    }

    /// What is no stream is an error, whatever its status.
    async fn no_stream(&self, entry: &Entry, response: HttpResponse) -> Failure {
        match self.read(response).await {
            Ok(Read::Message(_, bytes)) => Failure::new(&entry.model, &Cause::Body(&bytes)),
            Ok(_) => Failure::new(&entry.model, &Cause::Body(&[])),
            Err(error) => Failure::new(&entry.model, &Cause::Error(&error)),
        }
    }
}

/// A response that was read as a whole.
enum Read {
    Refused(Box<Refused>),
    Message(Box<response::Parts>, Bytes),
    /// What can't be read.
    Other(HttpResponse),
}

struct Refused {
    parts: Box<response::Parts>,
    message: Object,
}

impl Refused {
    fn detail(&self, key: &str) -> Value {
        let details = self.message.get("stop_details");
        details
            .and_then(|it| it.get(key))
            .cloned()
            .unwrap_or_default()
    }

    fn token(&self) -> Option<String> {
        let token = self.detail("fallback_credit_token");
        token
            .as_str()
            .filter(|it| !it.is_empty())
            .map(str::to_owned)
    }

    /// The refusal for the caller, with the model that could not be asked last.
    fn into_response(mut self, failure: Option<&Failure>) -> HttpResponse {
        if let (Some(failure), Some(Value::Object(details))) =
            (failure, self.message.get_mut("stop_details"))
        {
            details.insert("recommended_model".to_owned(), failure.recommended());
        }
        let body = Value::Object(self.message).to_string();
        without_length(&mut self.parts.headers);
        HttpResponse::from_parts(*self.parts, body.into())
    }
}

/// Reads the events of a body, as far as they are of one message. `opened` is called when the first
/// output goes out.
async fn read_events(
    mut body: Body,
    reader: &mut Reader,
    out: &Frames,
    opened: impl Fn(),
) -> Result<(), BoxError> {
    let mut decoder = Decoder::new();
    let mut was_open = false;
    while let Some(chunk) = body.try_next().await? {
        decoder.feed(chunk);
        while let Some(event) = decoder.next_event() {
            let frames = {
                let event = event?;
                reader.take(event.name(), event.data())
            };
            if reader.is_open && !std::mem::replace(&mut was_open, true) {
                opened();
            }
            out.push(frames).await;
            if reader.refusal.is_some() || reader.error.is_some() {
                return Ok(());
            }
        }
    }
    let last = match decoder.finish() {
        Some(event) => {
            let event = event?;
            reader.take(event.name(), event.data())
        }
        None => Vec::new(),
    };
    out.push(last).await;
    out.push(reader.finish()).await;
    Ok(())
}

/// A message with the places of fallbacks before its content.
fn with_seams(mut parts: response::Parts, bytes: &Bytes, seams: &[Value]) -> HttpResponse {
    let with = || {
        let mut message: RawObject = read_json(bytes).ok()?;
        let content = message
            .get("content")?
            .get()
            .trim_start()
            .strip_prefix('[')?;
        let seams: Vec<String> = seams.iter().map(Value::to_string).collect();
        let comma = if content.trim_start().starts_with(']') {
            ""
        } else {
            ","
        };
        let content = format!("[{}{comma}{content}", seams.join(","));
        message.set("content".to_owned(), RawValue::from_string(content).ok()?);
        Some(message.to_json())
    };
    let body = with().map_or_else(|| bytes.clone().into(), Body::from);
    without_length(&mut parts.headers);
    HttpResponse::from_parts(parts, body)
}

/// The body has another length than the server's.
fn without_length(headers: &mut HeaderMap) {
    for name in [CONTENT_LENGTH, TRANSFER_ENCODING] {
        headers.remove(name);
    }
}

/// Whether a response is JSON by its content type, and so no stream.
fn is_json(response: &HttpResponse) -> bool {
    let content_type = response.headers().get(CONTENT_TYPE);
    content_type.is_some_and(|it| it.as_bytes().starts_with(b"application/json"))
}

/// Whether it is a message, and not an error with the status of a success.
fn is_message(bytes: &[u8]) -> bool {
    let object = read_json::<RawObject>(bytes);
    object.is_ok_and(|it| {
        it.get("content")
            .is_some_and(|it| it.get().starts_with('['))
    })
}
