//! Requests and responses in the form in which they are stored.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Uri, header};
use serde_json::Value;

use crate::http::call::Call;
use crate::observation::scrub::Secrets;

/// The headers of a request that are stored.
const REQUEST_HEADERS: &[&str] = &["anthropic-beta", "anthropic-version", "content-type"];

/// A request whose response comes from a recording or an upstream.
pub(crate) struct RecordingRequest<'a> {
    pub(crate) method: &'a Method,
    pub(crate) uri: &'a Uri,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) call: &'a Call,
}

impl RecordingRequest<'_> {
    /// The request as it is stored and compared: without secrets.
    pub(super) fn stored(&self) -> StoredRequest {
        let secrets = Secrets::of(self.headers);
        let mut target = secrets.path(self.uri.path());
        if let Some(query) = self.uri.query() {
            target.push('?');
            target.push_str(&secrets.query(query));
        }
        StoredRequest {
            method: self.method.to_string(),
            target,
            headers: listed(&secrets.headers(self.headers), REQUEST_HEADERS),
            body: secrets.body(&self.call.body).into(),
        }
    }
}

/// A request without secrets.
#[derive(Debug, Clone)]
pub(super) struct StoredRequest {
    pub(super) method: String,
    /// Path and query.
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Bytes,
}

impl StoredRequest {
    /// The body as far as it matters for being the same: JSON by value, forms without their
    /// boundary.
    pub(super) fn essence(&self) -> Essence {
        if let Ok(value) = serde_json::from_slice(&self.body) {
            return Essence::Json(value);
        }
        let boundary = self.headers.iter().find_map(|(name, value)| {
            let (_, boundary) = value.split_once("boundary=")?;
            (name == header::CONTENT_TYPE.as_str()).then(|| boundary.trim_matches('"'))
        });
        match (boundary, std::str::from_utf8(&self.body)) {
            (Some(boundary), Ok(text)) if !boundary.is_empty() => {
                Essence::Bytes(text.replace(boundary, "boundary").into())
            }
            _ => Essence::Bytes(self.body.clone()),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Essence {
    Json(Value),
    Bytes(Bytes),
}

/// A response as it is stored.
#[derive(Debug, Clone)]
pub(super) struct StoredResponse {
    pub(super) status: StatusCode,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Bytes,
}

/// The headers of this list; `*` at the end of a name stands for any rest.
pub(super) fn listed(headers: &HeaderMap, list: &[&str]) -> Vec<(String, String)> {
    let known = |name: &str| {
        list.iter().any(|known| match known.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => *known == name,
        })
    };
    let listed = headers.iter().filter(|(name, _)| known(name.as_str()));
    listed
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
        .collect()
}
