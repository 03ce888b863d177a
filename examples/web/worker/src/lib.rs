//! A server between pages and the API: it has the key, decides what may be asked, and passes
//! streams on as they come. `worker.mjs` is the JavaScript around it.

use std::cell::RefCell;

use anthropic::transport::Body;
use anthropic::{Client, Error};
use futures_util::future::{AbortHandle, Abortable};
use js_sys::Uint8Array;
use serde_json::{Value, json};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

/// What pages may ask for.
const MODELS: [&str; 2] = ["claude-opus-5-5", "claude-haiku-4-5"];
const MAX_TOKENS: u64 = 2048;

/// A response on its way to the page.
#[wasm_bindgen]
pub struct Answer {
    status: u16,
    content_type: String,
    /// Not here while a piece of it is read.
    body: RefCell<Option<Body>>,
    reading: RefCell<Option<AbortHandle>>,
}

#[wasm_bindgen]
impl Answer {
    #[wasm_bindgen(getter)]
    pub fn status(&self) -> u16 {
        self.status
    }

    #[wasm_bindgen(getter)]
    pub fn content_type(&self) -> String {
        self.content_type.clone()
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
    fn new(status: u16, content_type: &str, body: Body) -> Self {
        Self {
            status,
            content_type: content_type.to_owned(),
            body: RefCell::new(Some(body)),
            reading: RefCell::default(),
        }
    }
}

const JSON: &str = "application/json";

/// Passes a request for a message on, with the key.
#[wasm_bindgen]
pub async fn forward(key: String, api: Option<String>, request: String) -> Result<Answer, JsError> {
    let request = match allowed(&request) {
        Ok(request) => request,
        Err(problem) => return Ok(refused(400, "invalid_request_error", problem)),
    };
    let mut builder = Client::builder().api_key(key);
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
            let content_type = response.headers().get("content-type").cloned();
            let content_type = content_type.as_ref().and_then(|it| it.to_str().ok());
            let (status, content_type) = (response.status().as_u16(), content_type.unwrap_or(JSON));
            Ok(Answer::new(status, content_type, response.into_body()))
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
    match error.status() {
        Some(status) if !error.body().is_empty() => {
            Answer::new(status.as_u16(), JSON, Body::from(error.body().clone()))
        }
        _ => refused(502, "api_error", "the API can't be reached"),
    }
}

fn refused(status: u16, kind: &str, problem: &str) -> Answer {
    let error = json!({"type": "error", "error": {"type": kind, "message": problem}});
    Answer::new(status, JSON, Body::from(error.to_string()))
}
