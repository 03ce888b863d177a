//! Events that nobody knows, in errors: what was sent in place of a message.

use anthropic_types::Unrecognized;

use super::protocol::ProtocolError;
use crate::error::excerpt;
use crate::request::query::RawObject;
use crate::{Error, ErrorKind};

/// The first event of a stream that nobody knows.
pub(super) struct Stranger {
    /// Its beginning.
    pub(super) text: String,
    /// Whether it has more in it than a sign of life.
    is_large: bool,
}

impl Stranger {
    pub(super) fn new(unknown: &Unrecognized) -> Self {
        let json = unknown.json();
        let object = serde_json::from_str::<RawObject>(json.as_str());
        let is_large = object.is_ok_and(|object| {
            let mut values = object.0.iter().map(|(_, value)| value.get());
            let is_deep = values.any(|value| value.starts_with(['{', '[']));
            is_deep || (unknown.type_name().is_none() && !object.0.is_empty())
        });
        Self {
            text: excerpt(json.as_str().as_bytes()),
            is_large,
        }
    }

    /// Whether a stream in which no event was known is another protocol's, and not one of which
    /// only the signs of life before the first event came. `done`: it has ended by itself.
    pub(super) fn is_foreign(&self, done: bool) -> bool {
        done || self.is_large
    }

    /// The error of such a stream. Another one would be no better.
    pub(super) fn error(&self, error: ProtocolError) -> Error {
        let text = &self.text;
        let message = format!("the events are not those of a message; the first is {text}");
        Error::new(ErrorKind::UnexpectedContent, message).caused_by(error)
    }
}

/// The error of an event whose type can't be read.
pub(super) fn malformed(error: ProtocolError, event: &Unrecognized) -> Error {
    let excerpt = excerpt(event.json().as_str().as_bytes());
    Error::new(ErrorKind::Decode, format!("{error}; in {excerpt}")).caused_by(error)
}
