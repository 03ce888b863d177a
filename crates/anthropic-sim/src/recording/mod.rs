//! Recording: exchanges with a real API kept as files, and served again without it.
//!
//! An exchange is three files: `0001-post-v1-messages.json` has method, path, status and the headers that matter; beside it are
//! the request's body and the answer's, the latter as the bytes that came over the wire. Headers are stored by a list of what
//! may be, so that no credential can be among them; bodies are scrubbed of keys, of fields that hold secrets, and of whatever
//! the request authenticated with.

use std::{collections::HashSet, path::PathBuf};

use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Uri, header};
use serde_json::Value;

mod replay;
#[cfg(feature = "record")]
mod save;
mod store;

#[cfg(feature = "record")]
mod upstream;

use crate::{call::Call, errors::ApiError, scrub};

/// Who answers.
#[derive(Debug, Default)]
pub(crate) enum Source {
    /// The simulator itself.
    #[default]
    Simulated,
    /// What was recorded.
    Recorded(replay::Replay),
    /// A real API, while it is recorded.
    #[cfg(feature = "record")]
    Upstream(upstream::Upstream),
}

/// What the settings say about it.
#[derive(Debug, Default)]
pub(crate) enum Wanted {
    #[default]
    Nothing,
    Replay(PathBuf),
    #[cfg(feature = "record")]
    Record {
        into: PathBuf,
        upstream: String,
    },
}

impl Wanted {
    pub(crate) fn open(self) -> std::io::Result<Source> {
        Ok(match self {
            Self::Nothing => Source::Simulated,
            Self::Replay(from) => Source::Recorded(replay::Replay::open(&from)?),
            #[cfg(feature = "record")]
            Self::Record { into, upstream } => {
                Source::Upstream(upstream::Upstream::new(into, &upstream)?)
            }
        })
    }
}

/// A request whose answer comes from elsewhere.
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a Method,
    pub(crate) uri: &'a Uri,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) call: &'a Call,
}

impl Source {
    /// The answer, unless it is the simulator's own to give.
    #[cfg_attr(
        not(feature = "record"),
        expect(clippy::unused_async, reason = "only the upstream is waited for")
    )]
    pub(crate) async fn answer(
        &self,
        asked: &Asked<'_>,
        pace: std::time::Duration,
    ) -> Option<Result<Response, ApiError>> {
        match self {
            Self::Simulated => None,
            Self::Recorded(replay) => Some(replay.answer(&asked.kept(), pace)),
            #[cfg(feature = "record")]
            Self::Upstream(upstream) => Some(upstream.answer(asked).await),
        }
    }

    pub(crate) fn is_simulated(&self) -> bool {
        matches!(self, Self::Simulated)
    }
}

impl Asked<'_> {
    /// The request as it is stored and compared: without secrets.
    fn kept(&self) -> Kept {
        let target = self
            .uri
            .path_and_query()
            .map_or("/", |target| target.as_str());
        let none = HashSet::new();
        let target = scrub::body(target.as_bytes(), &none);
        let secrets = scrub::credentials(self.headers);
        Kept {
            method: self.method.to_string(),
            target: String::from_utf8_lossy(&target).into_owned(),
            headers: listed(self.headers, store::ASKED),
            body: scrub::body(&self.call.body, &secrets).into(),
        }
    }
}

/// A request without secrets.
#[derive(Debug, Clone)]
struct Kept {
    method: String,
    /// Path and query.
    target: String,
    headers: Vec<(String, String)>,
    body: Bytes,
}

impl Kept {
    /// The body as far as it matters for being the same: JSON by value, forms without their boundary.
    fn essence(&self) -> Essence {
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
enum Essence {
    Json(Value),
    Bytes(Bytes),
}

/// An answer as it is stored.
#[derive(Debug, Clone)]
struct Answer {
    status: StatusCode,
    headers: Vec<(String, String)>,
    body: Bytes,
}

/// The headers of this list; `*` at the end of a name stands for any rest.
fn listed(headers: &HeaderMap, list: &[&str]) -> Vec<(String, String)> {
    let known = |name: &str| {
        list.iter().any(|known| match known.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => *known == name,
        })
    };
    let kept = headers.iter().filter(|(name, _)| known(name.as_str()));
    kept.filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
        .collect()
}
