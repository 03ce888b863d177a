//! Errors of settings.

use anthropic::{Error, ErrorKind};

pub(crate) fn config(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Config, message)
}
