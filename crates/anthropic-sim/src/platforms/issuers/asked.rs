//! A request for credentials, and plain responses to it.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value};

use crate::http::call::parse_query;
use crate::platforms::keys::Keys;

/// A request to one of the servers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) parts: &'a Parts,
    pub(crate) body: &'a [u8],
    pub(crate) keys: &'a Keys,
    pub(crate) now: Duration,
}

impl Asked<'_> {
    pub(super) fn path(&self) -> &str {
        self.parts.uri.path()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.parts.headers.get(name)?.to_str().ok()
    }

    /// The parameters of a form.
    pub(super) fn form(&self) -> Form {
        let text = String::from_utf8_lossy(self.body);
        Form(parse_query(Some(&text)))
    }

    /// The parameters of a form, or the texts of a JSON object, which some issuers take, too.
    pub(super) fn form_or_json(&self) -> Form {
        let label = self.header("content-type").unwrap_or_default();
        if !label.starts_with("application/json") {
            return self.form();
        }
        let fields: Map<String, Value> = serde_json::from_slice(self.body).unwrap_or_default();
        let texts = fields.into_iter().filter_map(|(name, value)| match value {
            Value::String(text) => Some((name, text)),
            _ => None,
        });
        Form(texts.collect())
    }
}

/// The parameters of a form.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|it| !it.is_empty())
    }
}

pub(super) fn text(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<String>,
) -> Response {
    let content_type = HeaderValue::from_static(content_type);
    (status, [(header::CONTENT_TYPE, content_type)], body.into()).into_response()
}
