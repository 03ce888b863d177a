//! A server between pages and the API: it has the key, decides what may be asked, and passes
//! streams on as they come. `worker.mjs` is the JavaScript around it.

mod panics;

use std::cell::RefCell;

use anthropic::transport::Body;
use anthropic::{Client, Error};
use futures_util::future::{AbortHandle, Abortable};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use js_sys::{Array, Uint8Array};
use serde_json::{Value, json};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

/// What pages may ask for.
const MODELS: [&str; 2] = ["claude-opus-5-5", "claude-haiku-4-5"];
const MAX_TOKENS: u64 = 2048;

/// A response on its way to the page.
#[wasm_bindgen]
pub struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    /// Not here while a piece of it is read.
    body: RefCell<Option<Body>>,
    reading: RefCell<Option<AbortHandle>>,
}

#[wasm_bindgen]
impl Answer {
    #[wasm_bindgen(getter)]
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// Pairs of a name and a value.
    #[wasm_bindgen(getter)]
    pub fn headers(&self) -> Array {
        let pairs = self.headers.iter().filter_map(|(name, value)| {
            let value = value.to_str().ok()?;
            Some(Array::of2(&name.as_str().into(), &value.into()))
        });
        pairs.collect()
    }

    /// The next piece of the body; nothing at its end.
    pub async fn next(&self) -> Result<Option<Uint8Array>, JsError> {
        let Some(mut body) = self.body.take() else {
            return Ok(None);
        };
        let (handle, registration) = AbortHandle::new_pair();
        self.reading.replace(Some(handle));
        let piece = Abortable::new(body.try_next(), registration).await;
        // Whoever has stopped it wants nothing more, and with the body its request ends.
        let Ok(piece) = piece else { return Ok(None) };
        self.body.replace(Some(body));
        Ok(piece?.map(|piece| Uint8Array::from(&*piece)))
    }

    /// Aborts the request to the API, also while a piece is read.
    pub fn stop(&self) {
        self.body.take();
        if let Some(reading) = self.reading.take() {
            reading.abort();
        }
    }
}

impl Answer {
    fn new(status: StatusCode, headers: &HeaderMap, body: Body) -> Self {
        let passed = headers.iter().filter(|(name, _)| is_passed_on(name));
        Self {
            status,
            headers: passed
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            body: RefCell::new(Some(body)),
            reading: RefCell::default(),
        }
    }
}

/// What the page's client reads beside the body: whether and when to try again, what is left of its
/// limits, and which request it was.
fn is_passed_on(name: &HeaderName) -> bool {
    let names = [
        "content-type",
        "request-id",
        "retry-after",
        "retry-after-ms",
        "x-should-retry",
    ];
    names.contains(&name.as_str()) || name.as_str().starts_with("anthropic-ratelimit-")
}

/// Passes a request for a message on, with the key.
#[wasm_bindgen]
pub async fn forward(key: String, api: Option<String>, request: String) -> Result<Answer, JsError> {
    let request = match allowed(&request) {
        Ok(request) => request,
        Err(problem) => {
            return Ok(refused(
                StatusCode::BAD_REQUEST,
                "invalid_request_error",
                problem,
            ));
        }
    };
    // The page's client tries again; if this one did, too, there would be nine attempts for three.
    let mut builder = Client::builder().api_key(key).max_retries(0);
    if let Some(api) = api {
        builder = builder.base_url(api);
    }
    let client = builder.build()?;
    match client
        .post::<Value>("/v1/messages")
        .json(&request)
        .raw()
        .await
    {
        Ok(response) => {
            let (parts, body) = response.into_parts();
            Ok(Answer::new(parts.status, &parts.headers, body))
        }
        Err(error) => Ok(failed(&error)),
    }
}

fn allowed(request: &str) -> Result<Value, &'static str> {
    let request: Value = serde_json::from_str(request).map_err(|_| "this is no JSON")?;
    if !MODELS.iter().any(|model| request["model"] == *model) {
        return Err("this model is not for you");
    }
    match request["max_tokens"].as_u64() {
        Some(tokens) if tokens <= MAX_TOKENS => Ok(request),
        _ => Err("max_tokens is too large"),
    }
}

/// The API's own error, or that there is none: what the client knows beside it is not the page's
/// business.
fn failed(error: &Error) -> Answer {
    match error.meta() {
        Some(meta) if !error.body().is_empty() => Answer::new(
            meta.status(),
            meta.headers(),
            Body::from(error.body().clone()),
        ),
        _ => refused(
            StatusCode::BAD_GATEWAY,
            "api_error",
            "the API can't be reached",
        ),
    }
}

fn refused(status: StatusCode, kind: &str, problem: &str) -> Answer {
    let error = json!({"type": "error", "error": {"type": kind, "message": problem}});
    let headers =
        HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    Answer::new(status, &headers, Body::from(error.to_string()))
}
