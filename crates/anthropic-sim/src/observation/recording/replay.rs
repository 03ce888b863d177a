//! Recorded responses, served to the requests that they were recorded from.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use serde_json::Value;

use super::store;
use super::stored::{Essence, StoredRequest, StoredResponse};
use crate::base::errors::ApiError;
use crate::base::sync::lock;
use crate::http::sse;

/// Where the search for differences between two bodies ends.
const MAX_DIFFERENCES: usize = 100;

/// A recording that is served: the same request gets the same responses in the order in which they
/// were given; the last one repeats.
#[derive(Debug)]
pub(crate) struct Replay {
    folder: PathBuf,
    exchanges: Vec<Exchange>,
    /// Which were served.
    served: Mutex<Vec<bool>>,
}

#[derive(Debug)]
struct Exchange {
    name: String,
    asked: StoredRequest,
    essence: Essence,
    answer: StoredResponse,
}

impl Replay {
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let wrong = |error: io::Error| {
            io::Error::new(error.kind(), format!("{}: {error}", folder.display()))
        };
        let exchanges = store::load(folder).map_err(wrong)?.into_iter();
        let exchanges: Vec<_> = exchanges
            .map(|(name, asked, answer)| Exchange {
                essence: asked.essence(),
                name,
                asked,
                answer,
            })
            .collect();
        Ok(Self {
            folder: folder.to_owned(),
            served: Mutex::new(vec![false; exchanges.len()]),
            exchanges,
        })
    }

    /// Begins with the first response to each request again.
    pub(super) fn restart(&self) {
        lock(&self.served).fill(false);
    }

    pub(super) fn answer(
        &self,
        asked: &StoredRequest,
        pace: Duration,
    ) -> Result<Response, ApiError> {
        let essence = asked.essence();
        let same = |exchange: &&Exchange| exchange.answers(asked) && exchange.essence == essence;
        let found = {
            let mut served = lock(&self.served);
            let mut same = self
                .exchanges
                .iter()
                .zip(served.iter_mut())
                .filter(|(e, _)| same(e));
            let mut last = None;
            let fresh = same.find_map(|(exchange, served)| {
                last = Some(exchange);
                (!std::mem::replace(served, true)).then_some(exchange)
            });
            fresh.or(last)
        };
        match found {
            Some(exchange) => Ok(exchange.answer.response(pace)),
            None => Err(self.missing(asked, &essence)),
        }
    }

    /// Names the nearest exchange, and the difference.
    fn missing(&self, asked: &StoredRequest, essence: &Essence) -> ApiError {
        let (method, target) = (&asked.method, &asked.target);
        let start = format!(
            "no recording in {} matches {method} {target}",
            self.folder.display()
        );
        let near = self
            .exchanges
            .iter()
            .filter(|exchange| exchange.answers(asked));
        let near = near.map(|exchange| (exchange, differences(&exchange.essence, essence)));
        let reason = match near.min_by_key(|(_, differences)| differences.len()) {
            None => "none has this method and path".to_owned(),
            Some((exchange, differences)) => {
                let place = differences.first().map_or("its body", String::as_str);
                format!("the nearest, {}, differs at {place}", exchange.name)
            }
        };
        ApiError::not_found(format!("{start}: {reason}"))
    }
}

impl Exchange {
    fn answers(&self, asked: &StoredRequest) -> bool {
        self.asked.method == asked.method && self.asked.target == asked.target
    }
}

impl StoredResponse {
    fn response(&self, pace: Duration) -> Response {
        let stream = self
            .headers
            .iter()
            .any(|(name, value)| name == "content-type" && value.starts_with("text/event-stream"));
        let body = if stream {
            sse::body(events(&self.body).into(), pace)
        } else {
            Body::from(self.body.clone())
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        let headers = self.headers.iter().filter_map(|(name, value)| {
            Some((
                HeaderName::try_from(name).ok()?,
                HeaderValue::try_from(value).ok()?,
            ))
        });
        response.headers_mut().extend(headers);
        response
    }
}

/// The recorded bytes, cut behind each blank line.
fn events(bytes: &Bytes) -> Vec<Bytes> {
    let mut events = Vec::new();
    let mut start = 0;
    for end in 1..=bytes.len() {
        let event = bytes.get(start..end).unwrap_or_default();
        if BLANK_LINES.iter().any(|blank| event.ends_with(blank)) {
            events.push(bytes.slice(start..end));
            start = end;
        }
    }
    if start < bytes.len() {
        events.push(bytes.slice(start..));
    }
    events
}

/// The end of a line and an empty one.
const BLANK_LINES: [&[u8]; 3] = [b"\n\n", b"\r\n\r\n", b"\r\r"];

/// The paths at which two bodies differ.
fn differences(recorded: &Essence, asked: &Essence) -> Vec<String> {
    let mut found = Vec::new();
    match (recorded, asked) {
        (Essence::Json(recorded), Essence::Json(asked)) => {
            compare(recorded, asked, &mut String::new(), &mut found);
        }
        (recorded, asked) if recorded != asked => found.push("its body".to_owned()),
        _ => {}
    }
    found
}

fn compare(recorded: &Value, asked: &Value, path: &mut String, found: &mut Vec<String>) {
    if found.len() >= MAX_DIFFERENCES {
        return;
    }
    let length = path.len();
    let mut below = |key: &str, one: Option<&Value>, other: Option<&Value>| {
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(key);
        match (one, other) {
            (Some(one), Some(other)) => compare(one, other, path, found),
            _ => found.push(path.clone()),
        }
        path.truncate(length);
    };
    match (recorded, asked) {
        (Value::Object(one), Value::Object(other)) => {
            for (key, value) in one {
                below(key, Some(value), other.get(key));
            }
            for (key, value) in other.iter().filter(|(key, _)| !one.contains_key(*key)) {
                below(key, None, Some(value));
            }
        }
        (Value::Array(one), Value::Array(other)) => {
            for index in 0..one.len().max(other.len()) {
                below(&index.to_string(), one.get(index), other.get(index));
            }
        }
        (one, other) if one != other => found.push(if path.is_empty() {
            "its body".to_owned()
        } else {
            path.clone()
        }),
        _ => {}
    }
}
