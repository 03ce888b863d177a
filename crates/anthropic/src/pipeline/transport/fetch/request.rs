//! A request as `fetch` takes it.
#![expect(
    clippy::future_not_send,
    reason = "JavaScript's values stay where they are"
)]

use std::sync::Arc;

use http::header::{ACCEPT_ENCODING, HeaderMap};
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::JsValue;
use web_sys::{AbortSignal, Blob, Headers};

use super::head::to_latin_1;
use super::stream::Pulled;
use crate::pipeline::upload::Upload;
use crate::transport::{Body, HttpRequest, TransportError};
use crate::web::global::{self, Thrown};
use crate::{Error, Result};

/// The two arguments of `fetch`, and what has to live as long as the body is being sent.
pub(super) struct Outgoing {
    pub(super) url: JsValue,
    pub(super) init: Object,
    pulled: Option<Pulled>,
}

impl Outgoing {
    pub(super) async fn new(
        request: HttpRequest,
        signal: &AbortSignal,
    ) -> Result<Self, TransportError> {
        let (parts, body) = request.into_parts();
        let upload = parts.extensions.get::<Arc<Upload>>();
        let mut pulled = None;
        let body = if body.is_empty() {
            None
        } else if let Some(bytes) = body.as_bytes() {
            if let Some(upload) = upload {
                upload.note(bytes.len());
            }
            Some(Uint8Array::from(&**bytes).into())
        } else if global::is_browser() {
            Some(collected(body).await?)
        } else {
            let stream = Pulled::new(body).map_err(|value| thrown(&value))?;
            let body = stream.stream();
            pulled = Some(stream);
            Some(body)
        };
        let headers = headers(&parts.headers).map_err(|value| thrown(&value))?;
        let url = JsValue::from_str(&parts.uri.to_string());
        let init = init(
            parts.method.as_str(),
            &headers,
            signal,
            body,
            pulled.is_some(),
        );
        let init = init.map_err(|value| thrown(&value))?;
        Ok(Self { url, init, pulled })
    }

    /// Why the body could not be read to its end.
    pub(super) fn failure(&self) -> Option<Error> {
        self.pulled.as_ref()?.failure()
    }
}

fn thrown(value: &JsValue) -> TransportError {
    TransportError::other(Thrown::new(value))
}

/// `fetch` decodes what comes encoded, and asks for that itself.
fn headers(headers: &HeaderMap) -> Result<Headers, JsValue> {
    let all = Headers::new()?;
    for (name, value) in headers {
        if name != ACCEPT_ENCODING {
            all.append(name.as_str(), &to_latin_1(value))?;
        }
    }
    Ok(all)
}

fn init(
    method: &str,
    headers: &Headers,
    signal: &AbortSignal,
    body: Option<JsValue>,
    is_stream: bool,
) -> Result<Object, JsValue> {
    let init = Object::new();
    let set = |name: &str, value: &JsValue| {
        Reflect::set(&init, &JsValue::from_str(name), value).map(|_| ())
    };
    set("method", &JsValue::from_str(method))?;
    set("headers", headers)?;
    set("signal", signal)?;
    if let Some(body) = body {
        set("body", &body)?;
    }
    if is_stream {
        set("duplex", &JsValue::from_str("half"))?;
    }
    // `error` would look like a broken connection, and would be retried.
    set("redirect", &JsValue::from_str("manual"))?;
    for (name, value) in [
        ("cache", "no-store"),
        ("credentials", "omit"),
        ("referrerPolicy", "no-referrer"),
    ] {
        if is_known(name) {
            set(name, &JsValue::from_str(value))?;
        }
    }
    Ok(init)
}

/// Whether requests have such a property. Edge runtimes refuse those that they lack, and have
/// nothing that these would switch off.
fn is_known(name: &str) -> bool {
    global::get("Request")
        .and_then(|request| global::property(&request, "prototype"))
        .is_some_and(|prototype| {
            Reflect::has(&prototype, &JsValue::from_str(name)).unwrap_or_default()
        })
}

/// A body as a `Blob`, which browsers keep outside of the page's memory. They send streams over
/// HTTP/2 alone, and most not even there.
async fn collected(mut body: Body) -> Result<JsValue, TransportError> {
    let pieces = Array::new();
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(TransportError::other)?;
        pieces.push(&Uint8Array::from(&*piece));
    }
    let blob = Blob::new_with_u8_array_sequence(&pieces).map_err(|value| thrown(&value))?;
    Ok(blob.into())
}
