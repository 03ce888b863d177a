//! A setting that can't be, kept until there is somebody to return an error to.

use std::error::Error as StdError;
use std::sync::Arc;

use crate::{Error, ErrorKind};

/// Cloned with the builder that keeps it, as an [`Error`] could not be.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    message: String,
    cause: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Fault {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            cause: None,
        }
    }

    pub(crate) fn caused_by(mut self, cause: impl StdError + Send + Sync + 'static) -> Self {
        self.cause = Some(Arc::new(cause));
        self
    }

    pub(crate) fn error(self, kind: ErrorKind) -> Error {
        let error = Error::new(kind, self.message);
        match self.cause {
            Some(cause) => error.caused_by(cause),
            None => error,
        }
    }
}
