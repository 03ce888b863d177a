//! The error of decoding: what did not fit, and where.

use std::fmt;

/// A value did not have the shape that the API's description promises.
///
/// Carries the path of the value (`content[3].input`) and what was wrong with it.
#[derive(Clone, PartialEq, Eq)]
pub struct DecodeError(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    path: String,
    message: String,
}

impl DecodeError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            path: String::new(),
            message: message.into(),
        }))
    }

    /// Puts the error under an object's key; called as the error travels outwards.
    pub(crate) fn under(mut self, key: &str) -> Self {
        let path = &mut self.0.path;
        let separator = if path.is_empty() || path.starts_with('[') {
            ""
        } else {
            "."
        };
        *path = format!("{key}{separator}{path}");
        self
    }

    /// Puts the error under a list's index.
    pub(crate) fn at(mut self, index: usize) -> Self {
        let path = &mut self.0.path;
        let separator = if path.is_empty() || path.starts_with('[') {
            ""
        } else {
            "."
        };
        *path = format!("[{index}]{separator}{path}");
        self
    }

    /// The path of the offending value, such as `content[3].input`; empty for the whole document.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// What was wrong, without the path.
    pub fn message(&self) -> &str {
        &self.0.message
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.path.is_empty() {
            f.write_str(&self.0.message)
        } else {
            write!(f, "{}: {}", self.0.path, self.0.message)
        }
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecodeError")
            .field("path", &self.0.path)
            .field("message", &self.0.message)
            .finish()
    }
}

impl std::error::Error for DecodeError {}
