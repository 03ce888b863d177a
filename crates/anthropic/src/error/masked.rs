//! Secrets of the client's own, taken out of an error wherever a server has repeated them.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt::Write as _;

use anthropic_types::{ErrorCode, ErrorType};

use super::Error;
use super::dump::head;
use crate::trace::Secrets;
use crate::transport::BoxError;

impl Error {
    /// The error without the client's secrets, in its message, its ids, its headers and its cause.
    /// The [body](Self::body) stays as it came.
    pub(crate) fn masked(mut self, secrets: &Secrets) -> Self {
        let inner = &mut *self.0;
        let masked = |text: &str| match secrets.mask(text) {
            Cow::Owned(masked) => Some(masked),
            Cow::Borrowed(_) => None,
        };
        let replace = |text: &mut String| {
            if let Some(masked) = masked(text) {
                *text = masked;
            }
        };
        inner.message.as_mut().into_iter().for_each(replace);
        inner.request_id.as_mut().into_iter().for_each(replace);
        inner.path.as_mut().into_iter().for_each(replace);
        if let Some(api) = &mut inner.api {
            replace(&mut api.message);
            if let Some(name) = &mut api.error_type {
                if let Some(masked) = masked(name.as_str()) {
                    *name = ErrorType::from(masked.as_str());
                }
            }
            if let Some(code) = &mut api.code {
                if let Some(masked) = masked(code.as_str()) {
                    *code = ErrorCode::from(masked);
                }
            }
        }
        if let Some(meta) = &mut inner.meta {
            if let Some(headers) = secrets.mask_headers(meta.headers()) {
                *meta = meta.clone().with_headers(headers);
            }
        }
        if let Some(source) = &inner.source {
            if masked(&texts(source.as_ref())).is_some() {
                let text = secrets.mask(&source.to_string()).into_owned();
                inner.source = Some(BoxError::from(text));
            }
        }
        if masked(&String::from_utf8_lossy(&inner.body)).is_some() {
            inner.body_shown = Some(head(&inner.body, secrets));
        }
        self
    }
}

/// Everything that a cause and its causes show.
fn texts(error: &(dyn StdError + 'static)) -> String {
    let mut all = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let _ = write!(all, "{error} {error:?} ");
        next = error.source();
    }
    all
}
