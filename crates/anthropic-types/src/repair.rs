//! What was filled in where a response did not have the shape that it should have.

use std::fmt;

/// A field of a response that was filled in or changed while it was read, because what came did not
/// fit.
///
/// Gateways and older versions of the API leave fields out, or send other types. The response is
/// read all the same; a value that was filled in means nothing, so nobody should bill by it. See
/// [`repairs`](crate::repairs).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    path: String,
    kind: RepairKind,
    reason: String,
}

/// How a field did not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RepairKind {
    /// A required field did not come. It has a vacant value: zero, an empty string or list.
    Missing,
    /// A required field was `null`. It has a vacant value.
    Null,
    /// The value has another type. The field is vacant, and what came is under its key in `extra`.
    Mistyped,
    /// The number has a fraction where an integer was due. It was rounded, and what came is under
    /// its key in `extra`.
    Rounded,
    /// The string had half of a UTF-16 surrogate pair, which no string can hold. U+FFFD stands in
    /// its place.
    LoneSurrogate,
}

impl Repair {
    pub(crate) fn new(path: String, kind: RepairKind, reason: String) -> Self {
        Self { path, kind, reason }
    }

    /// The path of the field, such as `usage.input_tokens` or `content[2].signature`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// How it did not fit.
    pub fn kind(&self) -> RepairKind {
        self.kind
    }

    /// What was wrong, in words.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.reason)
    }
}

impl RepairKind {
    /// What is wrong, where nothing more is known.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Null => "null",
            Self::Mistyped => "another type",
            Self::Rounded => "not an integer",
            Self::LoneSurrogate => "half of a surrogate pair",
        }
    }
}
