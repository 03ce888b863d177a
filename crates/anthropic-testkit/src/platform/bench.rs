//! What checks work with: clients of the platform and of the first-party one, and what they found.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use anthropic::{Client, ClientBuilder, Error};
use bytes::Bytes;
use serde_json::{Value, json};

use super::clock::FastClock;
use super::logs::Logs;
use super::service::{FirstParty, Request, Response, Service};
use super::wire::{Wire, plain};
use crate::report::{Fault, Verdict, ensure, ensure_eq};

type Configure = dyn Fn(ClientBuilder) -> ClientBuilder + Send + Sync;

pub(super) struct Bench {
    configure: Box<Configure>,
    pub(super) service: Arc<dyn Service>,
    pub(super) secrets: Vec<String>,
    pub(super) renews: bool,
    pub(super) logs: Logs,
    noted: Mutex<String>,
}

impl fmt::Debug for Bench {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bench")
            .field("service", &self.service)
            .field("renews", &self.renews)
            .finish_non_exhaustive()
    }
}

impl Bench {
    pub(super) fn new(configure: Box<Configure>) -> Self {
        Self {
            configure,
            service: Arc::new(FirstParty),
            secrets: Vec::new(),
            renews: false,
            logs: Logs::default(),
            noted: Mutex::default(),
        }
    }

    /// A client of the platform, and its server.
    pub(super) fn client(
        &self,
        tune: impl FnOnce(ClientBuilder) -> ClientBuilder,
    ) -> Verdict<(Client, Wire)> {
        self.client_over(tune, |wire| wire)
    }

    pub(super) fn client_over(
        &self,
        tune: impl FnOnce(ClientBuilder) -> ClientBuilder,
        shape: impl FnOnce(Wire) -> Wire,
    ) -> Verdict<(Client, Wire)> {
        let clock = FastClock::new();
        let wire = shape(Wire::new(self.service.clone(), clock));
        let builder = (self.configure)(Client::builder());
        let builder = builder.transport(wire.clone()).clock(clock);
        Ok((tune(builder).build()?, wire))
    }

    /// A client of the first-party platform, to compare with.
    pub(super) fn reference() -> Verdict<(Client, Wire)> {
        Self::reference_with(|client| client)
    }

    pub(super) fn reference_with(
        tune: impl FnOnce(ClientBuilder) -> ClientBuilder,
    ) -> Verdict<(Client, Wire)> {
        let clock = FastClock::new();
        let wire = Wire::new(Arc::new(FirstParty), clock);
        let builder = Client::builder().api_key("reference").max_retries(0);
        let builder = builder.transport(wire.clone()).clock(clock);
        Ok((tune(builder).build()?, wire))
    }

    /// Keeps a text to look for secrets in.
    pub(super) fn note(&self, text: &str) {
        let noted = self.noted.lock();
        noted.unwrap_or_else(PoisonError::into_inner).push_str(text);
    }

    pub(super) fn noted(&self) -> String {
        let noted = self.noted.lock();
        noted.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The error of a result, all of whose texts are kept to look for secrets in.
    pub(super) fn error<T>(&self, result: Result<T, Error>, expected: &str) -> Verdict<Error> {
        let Err(error) = result else {
            return Err(Fault::new(format!("success, expected {expected}")));
        };
        self.note(&format!("{error} {error:?} {error:#?} {}", error.dump()));
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            self.note(&format!("{error} {error:?}"));
            cause = error.source();
        }
        Ok(error)
    }
}

/// What a program can see of an error.
pub(super) fn summary(error: &Error) -> String {
    format!(
        "{:?}, status {:?}, type {:?}, message {:?}, request id {:?}, in stream: {}",
        error.kind(),
        error.status().map(|status| status.as_u16()),
        error.api_type().map(anthropic::types::ErrorType::as_str),
        error.api_message(),
        error.request_id(),
        error.is_in_stream(),
    )
}

/// A canonical response with JSON.
pub(super) fn json_response(status: u16, body: &Value) -> Response {
    typed(status, "application/json", body.to_string())
}

/// A canonical stream.
pub(super) fn event_stream(body: impl Into<Bytes>) -> Response {
    typed(200, "text/event-stream; charset=utf-8", body)
}

/// A canonical error.
pub(super) fn error_response(status: u16, api_type: &str) -> Response {
    let body = json!({
        "type": "error",
        "error": {"type": api_type, "message": format!("this is {api_type}")},
        "request_id": "req_contract",
    });
    json_response(status, &body)
}

pub(super) fn typed(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Response {
    let mut response = plain(status, body.into());
    let headers = response.headers_mut();
    headers.insert("content-type", http::HeaderValue::from_static(content_type));
    headers.insert("request-id", http::HeaderValue::from_static("req_contract"));
    response
}

/// Fails unless a request is the reference's.
pub(super) fn same_request(found: &Request, wanted: &Request) -> Verdict {
    ensure_eq!(found.method(), wanted.method(), "the method");
    let path = |request: &Request| request.uri().path_and_query().map(ToString::to_string);
    ensure_eq!(path(found), path(wanted), "the path and the query");
    let version = |request: &Request| request.headers().get("anthropic-version").cloned();
    ensure_eq!(version(found), version(wanted), "anthropic-version");
    let body = |request: &Request| serde_json::from_slice::<Value>(request.body()).ok();
    match body(wanted) {
        Some(wanted) => ensure_eq!(body(found), Some(wanted), "the body"),
        None => ensure!(
            found.body() == wanted.body(),
            "the body is another one: {} bytes, expected {}",
            found.body().len(),
            wanted.body().len()
        ),
    }
    Ok(())
}
