//! A decoded response together with its metadata.

use std::ops::{Deref, DerefMut};

use super::meta::ResponseMeta;

/// A decoded response with its [metadata](ResponseMeta). Derefs to the value.
#[derive(Debug, Clone)]
pub struct Response<T> {
    value: T,
    meta: ResponseMeta,
}

impl<T> Response<T> {
    pub(crate) fn new(value: T, meta: ResponseMeta) -> Self {
        Self { value, meta }
    }

    /// Status, headers, ids, rate limits, attempts.
    pub fn meta(&self) -> &ResponseMeta {
        &self.meta
    }

    /// The request's id, by which Anthropic's support can find it.
    pub fn request_id(&self) -> Option<&str> {
        self.meta.request_id()
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
