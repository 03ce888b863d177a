//! The project that requests are for.

use std::fmt;
use std::sync::OnceLock;

use anthropic::{BoxFuture, Result};

use crate::error::config;

/// A source of the project that a credential belongs to.
pub(crate) trait ProjectSource: fmt::Debug + Send + Sync {
    fn id(&self) -> BoxFuture<'_, Result<String>>;
}

/// Given, or what the credential belongs to once that was asked for.
#[derive(Debug)]
pub(crate) struct Project {
    known: OnceLock<String>,
    source: Option<Box<dyn ProjectSource>>,
}

impl Project {
    pub(crate) fn new(given: String, source: Option<Box<dyn ProjectSource>>) -> Self {
        let known = OnceLock::new();
        if !given.is_empty() {
            _ = known.set(given);
        }
        Self { known, source }
    }

    /// The project, if nobody has to be asked for it.
    pub(crate) fn known(&self) -> Option<&str> {
        self.known.get().map(String::as_str)
    }

    pub(crate) async fn find(&self) -> Result<&str> {
        if let Some(known) = self.known() {
            return Ok(known);
        }
        let Some(source) = &self.source else {
            return Err(config("there is no project"));
        };
        let found = source.id().await?;
        Ok(self.known.get_or_init(|| found))
    }
}

/// Where the paths of a project are.
pub(crate) struct Place<'a> {
    pub(crate) prefix: &'a str,
    pub(crate) location: &'a str,
    pub(crate) project: &'a str,
}
