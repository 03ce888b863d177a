//! What all clones of a client share, and what every request of theirs needs.

use std::sync::Arc;

use super::middleware::Middleware;
use super::platform::Platform;
use super::transport::Transport;
use crate::clock::Clock;
use crate::config::{Config, CredentialKind, CredentialSource};
use crate::request::headers::has_credential;
use crate::trace::Secrets;

pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) platform: Arc<dyn Platform>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) middleware: Vec<Arc<dyn Middleware>>,
    /// What no error and no log may show.
    pub(crate) secrets: Arc<Secrets>,
}

impl Shared {
    /// Where the credential comes from: a platform may have been given a header in place of its
    /// own.
    pub(crate) fn credential_source(&self) -> CredentialSource {
        if self.config.source == CredentialKind::Platform && has_credential(&self.config.headers) {
            return CredentialKind::Header.into();
        }
        self.platform.credential_source()
    }
}
