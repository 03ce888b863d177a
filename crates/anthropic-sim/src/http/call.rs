//! A request as handlers see it: past the gate, with its body read and its id given.

use std::fmt;
use std::sync::{Arc, OnceLock};

use axum::Extension;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::Value;

use super::bounded::bounded;
use crate::base::cause::Cause;
use crate::base::errors::ApiError;
use crate::base::wire;

/// The version that dropped what earlier ones have.
pub(crate) const VERSION: &str = "2026-10-21";

/// The header that asks for a fault.
pub(crate) const FAULT_HEADER: HeaderName = HeaderName::from_static("anthropic-sim-fault");

/// The header that has a reply for its request.
pub(crate) const REPLY_HEADER: HeaderName = HeaderName::from_static("anthropic-sim-reply");

/// The header that has the token for what tests control.
pub(crate) const CONTROL_HEADER: HeaderName = HeaderName::from_static("anthropic-sim-token");

/// How handlers receive the [`Call`].
pub(crate) type CallArg = Extension<Arc<Call>>;
pub(crate) type HandlerResult = Result<Response, ApiError>;

#[derive(Debug, Default)]
pub(crate) struct Call {
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) request_id: String,
    /// Whether any id is one of an object, and any cursor one of a page.
    pub(crate) lenient_ids: bool,
    /// The body as JSON, parsed once, when first asked for.
    pub(crate) parsed: OnceLock<Result<Value, String>>,
    /// The rule that decided the response, the first one where there were several.
    pub(crate) cause: OnceLock<Cause>,
}

impl Call {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether any beta is asked for; clients of other languages do so in the query.
    pub(crate) fn has_betas(&self) -> bool {
        self.headers.contains_key("anthropic-beta") || self.param("beta") == Some("true")
    }

    /// Whether an earlier version is asked for with a beta of this name, whose objects then have
    /// the beta's shapes.
    pub(crate) fn keeps_beta(&self, name: &str) -> bool {
        let mut betas = self.headers.get_all("anthropic-beta").iter();
        self.header("anthropic-version") != Some(VERSION)
            && betas.any(|betas| betas.to_str().is_ok_and(|betas| betas.contains(name)))
    }

    /// Notes which rule decided the response.
    pub(crate) fn caused(&self, cause: Cause) {
        // An earlier one stays.
        let _ = self.cause.set(cause);
    }

    pub(crate) fn json(&self) -> Result<&Value, ApiError> {
        let parse = || {
            bounded(&self.body)?;
            serde_json::from_slice(&self.body).map_err(|error| error.to_string())
        };
        let parsed = self.parsed.get_or_init(parse).as_ref();
        parsed.map_err(not_json)
    }

    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// A list parameter, in the bracket form clients send (`ids[]=a&ids[]=b`) or repeated.
    pub(crate) fn params<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let matches = move |key: &str| key.strip_suffix("[]").unwrap_or(key) == name;
        self.query
            .iter()
            .filter(move |(key, _)| matches(key))
            .map(|(_, value)| value.as_str())
    }

    /// The scheme and the base path of the simulator's own URL with the host the client called
    /// between, so that links it gets back are on the origin it knows. The URL stands where there
    /// is no host.
    pub(crate) fn origin(&self, fallback: &str) -> String {
        let scheme = fallback.split('/').next().unwrap_or_default();
        let base = fallback.splitn(4, '/').nth(3);
        let base = base.map_or(String::new(), |base| format!("/{base}"));
        let host = self
            .header("host")
            .filter(|host| host.parse::<http::uri::Authority>().is_ok());
        host.map_or_else(
            || fallback.to_owned(),
            |host| format!("{scheme}//{host}{base}"),
        )
    }
}

/// The error for a body that can't be read.
pub(crate) fn not_json(problem: impl fmt::Display) -> ApiError {
    ApiError::invalid(format!("The request body is not valid JSON: {problem}"))
}

/// Splits and decodes a query: `%XX`, and `+` for a space.
pub(crate) fn parse_query(query: Option<&str>) -> Vec<(String, String)> {
    query
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decode(key, true), decode(value, true)))
        .collect()
}

/// `%XX` decoded, and in a query `+` too.
pub(crate) fn decode(text: &str, query: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' if query => bytes.push(b' '),
            b'%' => {
                let mut ahead = rest.clone();
                let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
                match (digit(ahead.next()), digit(ahead.next())) {
                    (Some(high), Some(low)) => {
                        bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
                        rest = ahead;
                    }
                    _ => bytes.push(byte),
                }
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

pub(crate) fn json(value: &Value) -> Response {
    json_with(StatusCode::OK, value)
}

pub(crate) fn json_with(status: StatusCode, value: &Value) -> Response {
    typed(status, "application/json", wire::text(value).into())
}

pub(crate) fn typed(status: StatusCode, content_type: &'static str, body: Bytes) -> Response {
    let content_type = HeaderValue::from_static(content_type);
    (status, [(header::CONTENT_TYPE, content_type)], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_decoded() {
        let pairs = parse_query(Some(
            "ids%5B%5D=a%2Fb&ids[]=c+d&limit=3&&odd=%zz%C3%A9&flag",
        ));
        let expected = [
            ("ids[]", "a/b"),
            ("ids[]", "c d"),
            ("limit", "3"),
            ("odd", "%zzé"),
            ("flag", ""),
        ];
        assert_eq!(
            pairs,
            expected.map(|(key, value)| (key.to_owned(), value.to_owned()))
        );
    }
}
