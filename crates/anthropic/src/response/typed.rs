//! A decoded response together with its metadata.

use std::fmt;
use std::ops::{Deref, DerefMut};

use bytes::Bytes;

use super::meta::ResponseMeta;

/// A decoded response with its [metadata](ResponseMeta). Derefs to the value.
#[derive(Clone)]
pub struct Response<T> {
    value: T,
    meta: ResponseMeta,
    json: Option<Bytes>,
}

impl<T> Response<T> {
    pub(crate) fn new(value: T, meta: ResponseMeta, json: Option<Bytes>) -> Self {
        Self { value, meta, json }
    }

    /// Status, headers, ids, rate limits, attempts.
    pub fn meta(&self) -> &ResponseMeta {
        &self.meta
    }

    /// The request's id, by which Anthropic's support can find it.
    pub fn request_id(&self) -> Option<&str> {
        self.meta.request_id()
    }

    /// The JSON text that the value was decoded from, byte for byte, after
    /// [`Request::with_raw_json`](crate::Request::with_raw_json).
    ///
    /// `None` without that, and for what is no JSON document, such as a stream or a download.
    pub fn raw_json(&self) -> Option<&str> {
        std::str::from_utf8(self.json.as_ref()?).ok()
    }

    /// The value alone.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Response<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("value", &self.value)
            .field("meta", &self.meta)
            .finish_non_exhaustive()
    }
}
