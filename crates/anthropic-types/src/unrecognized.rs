//! What a union holds when this version of the crate cannot read it.

use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::Json;
use crate::codec::DecodeError;

/// A value that this version of the crate cannot read, kept whole and written back as it came.
///
/// Either its type is not known here (`reason` is empty), or the type is known and the body did not
/// fit it (`reason` names the place).
#[derive(Clone, Default)]
pub struct Unrecognized(Option<Arc<Inner>>);

struct Inner {
    json: Json,
    type_name: Option<String>,
    reason: Option<String>,
}

impl Unrecognized {
    /// Holds nothing.
    pub(crate) const EMPTY: Self = Self(None);

    pub(crate) fn new(json: Json, type_name: Option<String>, reason: Option<&DecodeError>) -> Self {
        let reason = reason.map(ToString::to_string);
        Self(Some(Arc::new(Inner {
            json,
            type_name,
            reason,
        })))
    }

    /// The value under the tag, usually `type`, if there is one.
    pub fn type_name(&self) -> Option<&str> {
        self.0.as_ref()?.type_name.as_deref()
    }

    /// Why a value of a known type could not be read.
    pub fn reason(&self) -> Option<&str> {
        self.0.as_ref()?.reason.as_deref()
    }

    /// The value as it came.
    pub fn json(&self) -> Json {
        self.0
            .as_ref()
            .map(|inner| inner.json.clone())
            .unwrap_or_default()
    }

    /// Decodes the value into a type of yours.
    ///
    /// # Errors
    ///
    /// When the value does not have that type's shape.
    pub fn get<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        self.json().get()
    }

    pub(crate) fn text(&self) -> &str {
        self.0.as_ref().map_or("null", |inner| inner.json.as_str())
    }
}

impl From<Json> for Unrecognized {
    /// Wraps a value, so that something unknown to this version can be sent.
    fn from(json: Json) -> Self {
        Self::new(json, None, None)
    }
}

impl PartialEq for Unrecognized {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text() || self.json() == other.json()
    }
}

impl fmt::Debug for Unrecognized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Unrecognized");
        if let Some(reason) = self.reason() {
            out.field("reason", &reason);
        }
        out.field("json", &format_args!("{}", self.text())).finish()
    }
}
