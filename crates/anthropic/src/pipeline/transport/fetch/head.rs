//! The head of a response.

use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Headers, Response, ResponseType};

use crate::transport::TransportError;
use crate::web::global::Thrown;

/// Status and headers.
pub(super) fn parts(response: &Response) -> Result<http::response::Parts, TransportError> {
    let status = StatusCode::from_u16(response.status()).map_err(TransportError::other)?;
    let mut headers =
        read(&response.headers()).map_err(|value| TransportError::other(Thrown::new(&value)))?;
    // `fetch` has decoded the body already, and these are about the bytes before that. From another
    // origin the length is seen always, the encoding only where the server exposes it.
    if headers.remove(CONTENT_ENCODING).is_some() || response.type_() == ResponseType::Cors {
        headers.remove(CONTENT_LENGTH);
    }
    let (mut parts, ()) = http::Response::new(()).into_parts();
    parts.status = status;
    parts.headers = headers;
    Ok(parts)
}

/// The length that the headers give the body.
pub(super) fn len(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The headers that can be seen; in a page those are the ones that the server exposes.
fn read(headers: &Headers) -> Result<HeaderMap, JsValue> {
    let mut all = HeaderMap::new();
    for entry in headers.entries() {
        let entry: Array = entry?.unchecked_into();
        let (name, value) = (entry.get(0).as_string(), entry.get(1).as_string());
        let name = name.and_then(|name| HeaderName::from_bytes(name.as_bytes()).ok());
        let value = value.and_then(|value| from_latin_1(&value));
        if let (Some(name), Some(value)) = (name, value) {
            all.append(name, value);
        }
    }
    Ok(all)
}

/// JavaScript has a header's bytes as the characters of these numbers.
fn from_latin_1(text: &str) -> Option<HeaderValue> {
    let bytes: Option<Vec<u8>> = text.chars().map(|it| u8::try_from(it).ok()).collect();
    HeaderValue::from_bytes(&bytes?).ok()
}

/// A header's bytes as JavaScript has them.
pub(super) fn to_latin_1(value: &HeaderValue) -> String {
    value.as_bytes().iter().copied().map(char::from).collect()
}
